"""Who belonged to which team from when to when; a person's team was one column before."""

import sqlalchemy as sa
from alembic import op

revision = "0006b"
down_revision = "0006"
branch_labels = None
depends_on = None

ONE_TEAM_A_DAY = "somebody belongs to one team a day"
OVERLAPS = """
    EXISTS (SELECT 1 FROM membership AS other
            WHERE other.staff_id = NEW.staff_id AND other.id IS NOT NEW.id
            AND COALESCE(other.from_day, '0001-01-01') <= COALESCE(NEW.to_day, '9999-12-31')
            AND COALESCE(NEW.from_day, '0001-01-01') <= COALESCE(other.to_day, '9999-12-31'))
"""

# The tables as they are at this revision: a later model must not change what this one does.
membership = sa.table("membership", *map(sa.column, ("id", "staff_id", "team_id", "to_day")))
staff_member = sa.table("staff_member", *map(sa.column, ("id", "team_id")))


def upgrade() -> None:
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=True),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.CheckConstraint("to_day >= from_day", name=op.f("ck_membership_days")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_membership_staff_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_membership_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index("ix_membership_staff_id", "membership", ["staff_id"])
    op.create_index("ix_membership_team_id", "membership", ["team_id"])
    op.create_index(
        "uq_membership_today",
        "membership",
        ["staff_id"],
        unique=True,
        sqlite_where=sa.text("to_day IS NULL"),
        postgresql_where=sa.text("to_day IS NULL"),
    )
    bind = op.get_bind()
    bind.execute(
        membership.insert().from_select(
            ["staff_id", "team_id"],
            sa.select(staff_member.c.id, staff_member.c.team_id).where(
                staff_member.c.team_id.is_not(None)
            ),
        )
    )
    with op.batch_alter_table("staff_member") as batch:
        batch.drop_index("ix_staff_member_team_id")
        batch.drop_constraint(op.f("fk_staff_member_team_id"), type_="foreignkey")
        batch.drop_column("team_id")
    with op.batch_alter_table("team") as batch:
        batch.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    # Last, since SQLite drops triggers with the tables that batch mode makes anew.
    if bind.dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE membership ADD CONSTRAINT ex_membership_one_team_a_day EXCLUDE USING gist"
            " (int4range(staff_id, staff_id, '[]') WITH &&,"
            " daterange(from_day, to_day, '[]') WITH &&)"
        )
    else:
        for name, event in (("inserted", "INSERT"), ("updated", "UPDATE")):
            op.execute(
                f"CREATE TRIGGER membership_{name} BEFORE {event} ON membership WHEN {OVERLAPS}"
                f" BEGIN SELECT RAISE(ABORT, '{ONE_TEAM_A_DAY}'); END"
            )


def downgrade() -> None:
    """Keep today's teams; who belonged where before is given up."""
    bind = op.get_bind()
    with op.batch_alter_table("team") as batch:
        batch.drop_column("closed_at")
    with op.batch_alter_table("staff_member") as batch:
        batch.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
    today = sa.select(membership.c.team_id).where(
        membership.c.staff_id == staff_member.c.id, membership.c.to_day.is_(None)
    )
    bind.execute(staff_member.update().values(team_id=today.scalar_subquery()))
    op.drop_table("membership")
    with op.batch_alter_table("staff_member") as batch:
        batch.create_foreign_key(op.f("fk_staff_member_team_id"), "team", ["team_id"], ["id"])
        batch.create_index("ix_staff_member_team_id", ["team_id"])
