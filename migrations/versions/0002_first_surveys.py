"""First surveys: what is asked right after and 30 days later, and the touchpoint that asks it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXTS = Path(__file__).parent.parent / "texts" / "first_surveys.json"
LOCALES = ("en", "zh-Hans")

# The tables as they are at this revision: a later model must not change what this one does.
survey = sa.table(
    "survey",
    sa.column("id"),
    sa.column("key"),
    sa.column("version"),
    sa.column("published_at", sa.DateTime(timezone=True)),
)
survey_text = sa.table("survey_text", *map(sa.column, ("survey_id", "locale", "title", "intro")))
question = sa.table(
    "question", *map(sa.column, ("id", "survey_id", "position", "key", "kind", "is_required"))
)
question_text = sa.table(
    "question_text",
    *map(sa.column, ("question_id", "locale", "prompt", "low_label", "high_label", "hint")),
)
option = sa.table("option", *map(sa.column, ("id", "question_id", "position", "value", "side")))
option_text = sa.table("option_text", *map(sa.column, ("option_id", "locale", "label")))
touchpoint = sa.table(
    "touchpoint",
    *map(sa.column, ("key", "name_en", "name_zh", "survey_key", "follow_up_survey_key")),
)


def _insert(table: sa.TableClause, **values: object) -> int:
    return op.get_bind().execute(table.insert().values(**values).returning(table.c.id)).scalar_one()


def upgrade() -> None:
    now = datetime.now(UTC)
    if op.get_bind().dialect.name == "sqlite":
        now = now.replace(tzinfo=None)
    for key, content in json.loads(TEXTS.read_text(encoding="utf-8")).items():
        survey_id = _insert(survey, key=key, version=1, published_at=now)
        for locale in LOCALES:
            op.get_bind().execute(
                survey_text.insert().values(
                    survey_id=survey_id, locale=locale, **content["texts"][locale]
                )
            )
        for position, item in enumerate(content["questions"], start=1):
            _add_question(survey_id, position, item)
    op.bulk_insert(
        touchpoint,
        [
            {
                "key": "service",
                "name_en": "Service contact",
                "name_zh": "服务接触",
                "survey_key": "after",
                "follow_up_survey_key": "follow_up",
            }
        ],
    )


def _add_question(survey_id: int, position: int, item: dict) -> None:
    question_id = _insert(
        question,
        survey_id=survey_id,
        position=position,
        key=item["key"],
        kind=item["kind"],
        is_required=item["required"],
    )
    blank = {"low_label": "", "high_label": "", "hint": ""}
    for locale in LOCALES:
        op.get_bind().execute(
            question_text.insert().values(
                question_id=question_id, locale=locale, **blank | item["texts"][locale]
            )
        )
    for place, choice in enumerate(item.get("options", ()), start=1):
        option_id = _insert(
            option,
            question_id=question_id,
            position=place,
            value=choice["value"],
            side=choice.get("side"),
        )
        for locale in LOCALES:
            op.get_bind().execute(
                option_text.insert().values(
                    option_id=option_id, locale=locale, label=choice[locale]
                )
            )


def downgrade() -> None:
    for table in (touchpoint, option_text, option, question_text, question, survey_text, survey):
        op.get_bind().execute(table.delete())
