"""An administrator's first hour: chosen settings, pauses, milestones, and files to be imported."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    op.create_table(
        "chosen_setting",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("set_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chosen_setting")),
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paused_at", moment, nullable=False),
        sa.Column("paused_by", sa.String(254), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("resumed_at", moment, nullable=True),
        sa.Column("resumed_by", sa.String(254), nullable=True),
        sa.Column("open_slot", sa.Integer(), nullable=True),
        _check("pause", "open_or_over", "(resumed_at IS NULL) = (open_slot IS NOT NULL)"),
        _check("pause", "one_slot", "open_slot = 1"),
        _check("pause", "resumed_by", "(resumed_at IS NULL) = (resumed_by IS NULL)"),
        _check("pause", "in_order", "resumed_at >= paused_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
        sa.UniqueConstraint("open_slot", name=op.f("uq_pause_open_slot")),
    )
    op.create_table(
        "milestone",
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("first_at", moment, nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.Column("detail", sa.String(300), nullable=False),
        _check("milestone", "in_order", "last_at >= first_at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_milestone")),
    )
    op.create_table(
        "upload",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_upload_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_upload")),
    )


def downgrade() -> None:
    for table in ("upload", "milestone", "pause", "chosen_setting"):
        op.drop_table(table)
