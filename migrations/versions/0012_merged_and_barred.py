"""One mail for contacts close together, tags, and rules of whom not to ask."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CHECKS = {
    "merged_with_reason": "merged_into_id IS NULL OR coalesce(withheld_because, '') = 'merged'",
    "merged_into_one": (
        "withheld_because IS NULL OR withheld_because <> 'merged' OR merged_into_id IS NOT NULL"
    ),
    "merged_into_another": "merged_into_id <> id",
}
LIVE = sa.text("ended_at IS NULL")


def _check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_do_not_ask_{name}"))


def _somebody(column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["user_account.id"], name=op.f(f"fk_do_not_ask_{column}")
    )


def upgrade() -> None:
    with op.batch_alter_table("interaction") as batch:
        batch.add_column(sa.Column("tags", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("invitation") as batch:
        batch.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_invitation_merged_into_id"), "invitation", ["merged_into_id"], ["id"]
        )
        for name, rule in CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_invitation_{name}"), rule)
    op.create_index("ix_invitation_merged_into_id", "invitation", ["merged_into_id"])
    op.create_table(
        "do_not_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        _check("what", "what IN ('kind', 'segment', 'tag')"),
        _check("value", "value <> ''"),
        _check("ended_by_somebody", "(ended_at IS NULL) = (ended_by_id IS NULL)"),
        _somebody("made_by_id"),
        _somebody("ended_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_do_not_ask")),
    )
    op.create_index(
        "uq_do_not_ask_live",
        "do_not_ask",
        ["what", "value"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def downgrade() -> None:
    op.drop_index("uq_do_not_ask_live", table_name="do_not_ask")
    op.drop_table("do_not_ask")
    # The reason would be one nobody knew then; what it says is nearest to this.
    op.execute(
        "UPDATE invitation SET withheld_because = 'recontact', merged_into_id = NULL"
        " WHERE withheld_because = 'merged'"
    )
    op.execute(
        "UPDATE invitation SET withheld_because = 'suppressed' WHERE withheld_because = 'do_not_ask'"
    )
    op.drop_index("ix_invitation_merged_into_id", table_name="invitation")
    with op.batch_alter_table("invitation") as batch:
        for name in CHECKS:
            batch.drop_constraint(op.f(f"ck_invitation_{name}"), type_="check")
        batch.drop_constraint(op.f("fk_invitation_merged_into_id"), type_="foreignkey")
        batch.drop_column("merged_into_id")
    with op.batch_alter_table("interaction") as batch:
        batch.drop_column("tags")
