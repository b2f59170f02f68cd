"""Surveys are drafted, owned and of a promised length; questions of three more kinds, with rules.

How long a survey takes is worked out from its questions now and stands on the page and in the mails
alike. So the sentence that said it in the introductions of the first surveys goes, where it is still
the one that came with them; what was asked stays as it was.
"""

import json
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXTS = Path(__file__).parent.parent / "texts" / "first_surveys.json"

OLD_SCALES = (
    "score IS NULL OR (metric = 'csat' AND score BETWEEN 1 AND 5)"
    " OR (metric = 'nps' AND score BETWEEN 0 AND 10)"
    " OR (metric = 'ces' AND score BETWEEN 1 AND 7)"
)
SCALES = (
    f"{OLD_SCALES} OR (metric = 'expect' AND score BETWEEN -2 AND 2)"
    " OR (metric = 'rating' AND score BETWEEN 1 AND 5)"
)
OLD_KINDS = "kind IN ('csat', 'nps', 'ces', 'choice', 'choices', 'text')"
KINDS = (
    "kind IN ('csat', 'nps', 'ces', 'expect', 'rating', 'resolved', 'choice', 'choices', 'text')"
)
OLD_METRICS = "metric IN ('csat', 'nps', 'ces')"
METRICS = "metric IN ('csat', 'nps', 'ces', 'expect', 'rating')"
QUESTION_CHECKS = {
    "after_side": "after_side IN ('low', 'high')",
    "after_something": "(after_key IS NULL) = (after_side IS NULL)",
    "after_another": "after_key <> key",
}
SURVEY_CHECKS = {
    "retired_after_living": "retired_at IS NULL OR published_at IS NOT NULL",
    "most_questions": "most_questions BETWEEN 1 AND 20",
}

# The tables as they are at this revision: a later model must not change what this one does.
survey = sa.table("survey", *map(sa.column, ("id", "key", "most_questions", "owner_name",
                                             "owner_email")))  # fmt: skip
survey_text = sa.table("survey_text", *map(sa.column, ("survey_id", "locale", "intro")))
question = sa.table("question", *map(sa.column, ("survey_id", "kind", "is_required")))
answer = sa.table("answer", *map(sa.column, ("metric", "score", "choice")))
user = sa.table("user_account", *map(sa.column, ("id", "role", "name", "email", "left_at")))


def upgrade() -> None:
    with op.batch_alter_table("survey") as batch:
        batch.add_column(sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(
            sa.Column("most_questions", sa.Integer(), nullable=False, server_default="3")
        )
        for name, length in (("owner_name", 120), ("owner_email", 254)):
            batch.add_column(sa.Column(name, sa.String(length), nullable=False, server_default=""))
    with op.batch_alter_table("question") as batch:
        batch.add_column(sa.Column("after_key", sa.String(40), nullable=True))
        batch.add_column(sa.Column("after_side", sa.String(4), nullable=True))
        batch.add_column(sa.Column("stays_comparable", sa.Boolean(), nullable=True))
        batch.drop_constraint(op.f("ck_question_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_question_kind"), KINDS)
        for name, rule in QUESTION_CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_question_{name}"), rule)
    _change_answers(METRICS, SCALES)
    _promise_what_is_kept()
    _name_owners()
    with op.batch_alter_table("survey") as batch:
        for name, rule in SURVEY_CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_survey_{name}"), rule)
    unpublished = sa.text("published_at IS NULL")
    op.create_index(
        "uq_survey_draft", "survey", ["key"], unique=True,
        sqlite_where=unpublished, postgresql_where=unpublished,
    )  # fmt: skip
    _move_intros(back=False)


def _change_answers(metrics: str, scales: str) -> None:
    with op.batch_alter_table("answer") as batch:
        for name, rule in (("metric", metrics), ("score_on_scale", scales)):
            batch.drop_constraint(op.f(f"ck_answer_{name}"), type_="check")
            batch.create_check_constraint(op.f(f"ck_answer_{name}"), rule)


def _promise_what_is_kept() -> None:
    """Promise for each survey at least as many questions as it has by now."""
    has = (
        sa.select(sa.func.count())
        .select_from(question)
        .where(question.c.survey_id == survey.c.id)
        .where(sa.or_(question.c.kind != "text", question.c.is_required))
        .scalar_subquery()
    )
    most = sa.case((has > 20, 20), (has > 3, has), else_=3)
    op.get_bind().execute(survey.update().values(most_questions=most))


def _name_owners() -> None:
    """Let whoever has administered the place longest answer for its surveys, where there is one."""
    bind = op.get_bind()
    first = bind.execute(
        sa.select(user.c.name, user.c.email)
        .where(user.c.role == "admin", user.c.left_at.is_(None))
        .order_by(user.c.id)
        .limit(1)
    ).one_or_none()
    if first is not None:
        named = {"owner_name": first.name or first.email[:120], "owner_email": first.email}
        bind.execute(survey.update().values(**named))


def _move_intros(*, back: bool) -> None:
    bind = op.get_bind()
    for key, content in json.loads(TEXTS.read_text(encoding="utf-8")).items():
        numbers = sa.select(survey.c.id).where(survey.c.key == key)
        for locale, texts in content["texts"].items():
            said = texts["intro"]
            bind.execute(
                survey_text.update()
                .where(survey_text.c.survey_id.in_(numbers), survey_text.c.locale == locale)
                .where(survey_text.c.intro == ("" if back else said))
                .values(intro=said if back else "")
            )


def downgrade() -> None:
    bind = op.get_bind()
    _move_intros(back=True)
    op.drop_index("uq_survey_draft", "survey")
    for metric in ("expect", "rating"):
        # No answer goes: what was a score there is a choice of the same value before.
        bind.execute(
            answer.update()
            .where(answer.c.metric == metric)
            .values(choice=sa.cast(answer.c.score, sa.String), score=None, metric=None)
        )
    _change_answers(OLD_METRICS, OLD_SCALES)
    bind.execute(
        question.update()
        .where(question.c.kind.in_(("expect", "rating", "resolved")))
        .values(kind="choice")
    )
    with op.batch_alter_table("question") as batch:
        for name in QUESTION_CHECKS:
            batch.drop_constraint(op.f(f"ck_question_{name}"), type_="check")
        batch.drop_constraint(op.f("ck_question_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_question_kind"), OLD_KINDS)
        for name in ("after_key", "after_side", "stays_comparable"):
            batch.drop_column(name)
    with op.batch_alter_table("survey") as batch:
        for name in SURVEY_CHECKS:
            batch.drop_constraint(op.f(f"ck_survey_{name}"), type_="check")
        for name in ("drafted_at", "revision", "most_questions", "owner_name", "owner_email"):
            batch.drop_column(name)
