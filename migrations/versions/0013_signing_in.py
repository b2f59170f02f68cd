"""Sessions with limits, two-step sign-in, recovery codes, and links asked for by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)
CHECKS = {
    "two_step_whole": "(two_step_secret IS NULL) = (two_step_since IS NULL)",
    "two_step_used": "two_step_used IS NULL OR two_step_secret IS NOT NULL",
}


def upgrade() -> None:
    with op.batch_alter_table("user_account") as batch:
        batch.add_column(sa.Column("two_step_secret", sa.Text(), nullable=True))
        batch.add_column(sa.Column("two_step_since", moment, nullable=True))
        batch.add_column(sa.Column("two_step_used", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("two_step_wanted_at", moment, nullable=True))
        for name, rule in CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_user_account_{name}"), rule)
    with op.batch_alter_table("sign_in") as batch:
        batch.add_column(
            sa.Column("network", sa.String(length=50), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("last_used_at", moment, nullable=True))
        batch.add_column(sa.Column("proved_at", moment, nullable=True))
    # When somebody signed in, they were there and had shown who they are.
    op.execute("UPDATE sign_in SET last_used_at = created_at, proved_at = created_at")
    with op.batch_alter_table("sign_in") as batch:
        batch.alter_column("network", existing_type=sa.String(length=50), server_default=None)
        batch.alter_column("last_used_at", existing_type=moment, nullable=False)
        batch.alter_column("proved_at", existing_type=moment, nullable=False)
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_recovery_code_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "reset_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_request")),
    )
    op.create_table(
        "identity",
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_identity_user_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "user_id", name=op.f("uq_identity_issuer_user_id")),
    )


def downgrade() -> None:
    op.drop_table("identity")
    op.drop_table("reset_request")
    op.drop_table("recovery_code")
    with op.batch_alter_table("sign_in") as batch:
        for column in ("proved_at", "last_used_at", "network"):
            batch.drop_column(column)
    with op.batch_alter_table("user_account") as batch:
        for name in CHECKS:
            batch.drop_constraint(op.f(f"ck_user_account_{name}"), type_="check")
        for column in ("two_step_wanted_at", "two_step_used", "two_step_since", "two_step_secret"):
            batch.drop_column(column)
