"""The plan: a touchpoint's goal, trigger, sample, owner and norms, and what a survey is for.

A channel was named by its number; now by its code, so that a touchpoint can wait for a channel
nobody has met yet. What was in use stays in use and keeps what it meant.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXTS = Path(__file__).parent.parent / "texts" / "touchpoints.json"

CHECKS = {
    "delay": "delay_minutes BETWEEN 0 AND 20160",
    "asking_channel": "asking_channel IN ('mail')",
    "sampling_rate": "sampling_rate BETWEEN 0 AND 1",
    "follow_up": "follow_up IN ('off', 'all', 'answered', 'unanswered')",
    "one_owner": "owner_id IS NULL OR (owner_name = '' AND owner_email = '')",
    "retired_after_living": "retired_at IS NULL OR live_since IS NOT NULL",
}
WORDS = {
    "goal_en": 300,
    "goal_zh": 300,
    "owner_name": 120,
    "owner_email": 254,
    "responsible": 120,
}
# Any of these means that somebody has begun to use this place.
BEGUN = ("organisation", "user_account", "staff_member", "team", "channel", "interaction")

# The tables as they are at this revision: a later model must not change what this one does.
moment = sa.DateTime(timezone=True)
touchpoint = sa.table(
    "touchpoint",
    *(
        sa.column(name)
        for name in (
            "id", "key", "name_en", "name_zh", "channel_id", "channel_code", "team_id", "kind",
            "survey_key", "follow_up_survey_key", "delay_minutes", "seed", "follow_up", "goal_en",
            "goal_zh", "norms_en", "norms_zh",
        )
    ),
    sa.column("live_since", moment),
    sa.column("retired_at", moment),
)  # fmt: skip
channel = sa.table("channel", sa.column("id"), sa.column("code"))
survey = sa.table(
    "survey",
    *map(sa.column, ("key", "purpose_en", "purpose_zh")),
    sa.column("published_at", moment),
)


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else now


def upgrade() -> None:
    with op.batch_alter_table("survey") as batch:
        for name in ("purpose_en", "purpose_zh"):
            batch.add_column(sa.Column(name, sa.String(300), nullable=False, server_default=""))
    with op.batch_alter_table("touchpoint") as batch:
        for name, length in WORDS.items():
            batch.add_column(sa.Column(name, sa.String(length), nullable=False, server_default=""))
        for name in ("norms_en", "norms_zh"):
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("kind", sa.String(200), nullable=True))
        batch.add_column(sa.Column("channel_code", sa.String(60), nullable=True))
        batch.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        batch.add_column(
            sa.Column("delay_minutes", sa.Integer(), nullable=False, server_default="0")
        )
        batch.add_column(
            sa.Column("asking_channel", sa.String(10), nullable=False, server_default="mail")
        )
        batch.add_column(
            sa.Column("sampling_rate", sa.Double(), nullable=False, server_default="1")
        )
        batch.add_column(sa.Column("seed", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(
            sa.Column("follow_up", sa.String(10), nullable=False, server_default="all")
        )
        batch.add_column(sa.Column("live_since", moment, nullable=True))
    _keep_what_it_meant()
    with op.batch_alter_table("touchpoint") as batch:
        batch.drop_constraint(op.f("uq_touchpoint_channel_id"), type_="unique")
        batch.drop_constraint(op.f("fk_touchpoint_channel_id"), type_="foreignkey")
        batch.drop_column("channel_id")
        batch.create_foreign_key(
            op.f("fk_touchpoint_owner_id"), "user_account", ["owner_id"], ["id"]
        )
        batch.create_foreign_key(op.f("fk_touchpoint_team_id"), "team", ["team_id"], ["id"])
        for name, rule in CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_touchpoint_{name}"), rule)
    _add_defaults()


def _keep_what_it_meant() -> None:
    """Say in the new columns what the old ones said; the old ones had no day on which they began."""
    bind = op.get_bind()
    code = sa.select(channel.c.code).where(channel.c.id == touchpoint.c.channel_id)
    began = sa.select(sa.func.min(survey.c.published_at, type_=moment)).scalar_subquery()
    bind.execute(
        touchpoint.update().values(
            channel_code=code.scalar_subquery(),
            seed=touchpoint.c.id,
            live_since=sa.func.coalesce(began, touchpoint.c.retired_at, sa.literal(_now(), moment)),
            follow_up=sa.case((touchpoint.c.follow_up_survey_key.is_(None), "off"), else_="all"),
        )
    )


def _add_defaults() -> None:
    """Add what is missing; in use only where nobody has begun yet, so that nothing changes."""
    bind = op.get_bind()
    texts = json.loads(TEXTS.read_text(encoding="utf-8"))
    begun = [sa.exists(sa.select(sa.literal(1)).select_from(sa.table(name))) for name in BEGUN]
    is_new = not any(bind.execute(sa.select(*begun)).one())
    known = set(bind.execute(sa.select(touchpoint.c.key)).scalars())
    for at, one in enumerate(texts["touchpoints"]):
        words = {name: one[name] for name in ("goal_en", "goal_zh", "norms_en", "norms_zh")}
        if one["key"] in known:
            # A key of somebody's own that happens to be the same keeps its own words.
            bind.execute(
                touchpoint.update()
                .where(touchpoint.c.key == one["key"], touchpoint.c.name_en == one["name_en"])
                .where(touchpoint.c.goal_en == "", touchpoint.c.goal_zh == "")
                .values(**words)
            )
            continue
        bind.execute(
            touchpoint.insert().values(
                key=one["key"],
                name_en=one["name_en"],
                name_zh=one["name_zh"],
                kind=one["kind"],
                channel_code=one["channel"],
                survey_key="after",
                follow_up_survey_key="follow_up",
                delay_minutes=one["delay"],
                seed=1000 + at,
                live_since=_now() if is_new else None,
                **words,
            )
        )
    for key, purpose in texts["purposes"].items():
        bind.execute(
            survey.update()
            .where(survey.c.key == key)
            .values(purpose_en=purpose["en"], purpose_zh=purpose["zh"])
        )


def downgrade() -> None:
    bind = op.get_bind()
    for name in CHECKS:
        # Before the rows change: what was never in use is retired there, which the checks forbid.
        if bind.dialect.name == "postgresql":
            op.drop_constraint(op.f(f"ck_touchpoint_{name}"), "touchpoint", type_="check")
    with op.batch_alter_table("touchpoint") as batch:
        if bind.dialect.name == "sqlite":
            for name in CHECKS:
                batch.drop_constraint(op.f(f"ck_touchpoint_{name}"), type_="check")
        batch.add_column(sa.Column("channel_id", sa.Integer(), nullable=True))
    _say_it_the_old_way()
    with op.batch_alter_table("touchpoint") as batch:
        batch.drop_constraint(op.f("fk_touchpoint_owner_id"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_touchpoint_team_id"), type_="foreignkey")
        for name in (
            *WORDS, "norms_en", "norms_zh", "owner_id", "kind", "channel_code", "team_id",
            "delay_minutes", "asking_channel", "sampling_rate", "seed", "follow_up", "live_since",
        ):  # fmt: skip
            batch.drop_column(name)
        batch.create_foreign_key(
            op.f("fk_touchpoint_channel_id"), "channel", ["channel_id"], ["id"]
        )
        batch.create_unique_constraint(op.f("uq_touchpoint_channel_id"), ["channel_id"])
    with op.batch_alter_table("survey") as batch:
        batch.drop_column("purpose_en")
        batch.drop_column("purpose_zh")


def _say_it_the_old_way() -> None:
    """Leave in use only what the old columns can say; no row goes, since figures hang on them."""
    bind = op.get_bind()
    numbers = dict(bind.execute(sa.select(channel.c.code, channel.c.id)).all())
    rows = bind.execute(
        sa.select(touchpoint).order_by(
            touchpoint.c.retired_at.is_not(None), touchpoint.c.live_since.is_(None), touchpoint.c.id
        )
    ).all()
    taken: set[int] = set()
    for row in rows:
        number = numbers.get(row.channel_code)
        told = row.kind is None and row.team_id is None
        told = told and (row.channel_code is None or number is not None) and number not in taken
        if number in taken:
            number = None
        if number is not None:
            taken.add(number)
        off = not told or row.live_since is None
        bind.execute(
            touchpoint.update()
            .where(touchpoint.c.id == row.id)
            .values(
                channel_id=number,
                retired_at=row.retired_at or (_now() if off else None),
                follow_up_survey_key=(None if row.follow_up == "off" else row.follow_up_survey_key),
            )
        )
