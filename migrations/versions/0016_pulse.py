"""What a worker is doing just now, and since when the mail server takes nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker_pulse",
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("alive_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("doing", sa.String(length=20), nullable=False),
        sa.Column("stays", sa.Boolean(), nullable=False),
        sa.CheckConstraint("alive_at >= moved_at", name=op.f("ck_worker_pulse_in_order")),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_worker_pulse")),
    )
    op.create_table(
        "mail_standstill",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("is_sure", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_standstill_one_server")),
        sa.CheckConstraint("last_at >= since", name=op.f("ck_mail_standstill_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_standstill")),
    )


def downgrade() -> None:
    op.drop_table("mail_standstill")
    op.drop_table("worker_pulse")
