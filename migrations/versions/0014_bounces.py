"""What came back of the mail that was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

RETURNED = sa.text("returned_at IS NOT NULL")
SCOPES = (
    "'interactions:write', 'interactions:read', 'responses:read', 'scores:read', 'scores:read-all',"
    " 'metrics:write'"
)


def _scopes(among: str) -> None:
    with op.batch_alter_table("api_key_scope") as batch:
        batch.drop_constraint(op.f("ck_api_key_scope_scope"), type_="check")
        batch.create_check_constraint(op.f("ck_api_key_scope_scope"), f"scope IN ({among})")


def upgrade() -> None:
    _scopes(f"{SCOPES}, 'bounces:write'")
    with op.batch_alter_table("message") as batch:
        batch.add_column(sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_check_constraint(
            op.f("ck_message_returned_was_sent"), "returned_at IS NULL OR sent_at IS NOT NULL"
        )
    op.create_index(
        "ix_message_returned",
        "message",
        ["returned_at"],
        sqlite_where=RETURNED,
        postgresql_where=RETURNED,
    )
    op.create_table(
        "bounce",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forgiven_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('hard', 'soft', 'blocked', 'complaint')", name=op.f("ck_bounce_kind")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_bounce_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounce")),
        sa.UniqueConstraint("message_id", "kind", name=op.f("uq_bounce_message_id_kind")),
    )
    op.create_index("ix_bounce_address_digest", "bounce", ["address_digest"])


def downgrade() -> None:
    op.execute("DELETE FROM api_key_scope WHERE scope = 'bounces:write'")
    _scopes(SCOPES)
    op.drop_index("ix_bounce_address_digest", table_name="bounce")
    op.drop_table("bounce")
    op.drop_index("ix_message_returned", table_name="message")
    with op.batch_alter_table("message") as batch:
        batch.drop_constraint(op.f("ck_message_returned_was_sent"), type_="check")
        batch.drop_column("returned_at")
