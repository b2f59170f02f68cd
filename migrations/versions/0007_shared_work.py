"""Interactions that several people shared, each with a part agreed on beforehand or with none."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "interaction_share",
        sa.Column("interaction_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Double(), nullable=True),
        sa.CheckConstraint("part > 0 AND part < 1", name=op.f("ck_interaction_share_part")),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interaction.id"], name=op.f("fk_interaction_share_interaction_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_interaction_share_staff_id")
        ),
        sa.PrimaryKeyConstraint("interaction_id", "staff_id", name=op.f("pk_interaction_share")),
    )
    op.create_index(op.f("ix_interaction_share_staff_id"), "interaction_share", ["staff_id"])


def downgrade() -> None:
    op.drop_table("interaction_share")
