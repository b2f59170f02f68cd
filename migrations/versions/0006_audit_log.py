"""The log of what was done: only added to, each entry carrying the hash of the one before it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)
GENESIS = "0" * 64
REFUSAL = "the audit log is only added to"

POSTGRESQL = (
    f"""
    CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()
    """,
    """
    CREATE TRIGGER audit_head_stays BEFORE DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()
    """,
    """
    CREATE TRIGGER audit_head_advances BEFORE UPDATE ON audit_head
    FOR EACH ROW WHEN (NEW.number <> OLD.number + 1) EXECUTE FUNCTION audit_only_grows()
    """,
)
RAISE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
SQLITE = (
    f"CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry {RAISE}",
    f"CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry {RAISE}",
    # INSERT OR REPLACE takes the old row away without asking the triggers of DELETE.
    "CREATE TRIGGER audit_entry_not_replaced BEFORE INSERT ON audit_entry"
    f" WHEN EXISTS (SELECT 1 FROM audit_entry WHERE number = NEW.number) {RAISE}",
    f"CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head {RAISE}",
    "CREATE TRIGGER audit_head_not_replaced BEFORE INSERT ON audit_head"
    f" WHEN EXISTS (SELECT 1 FROM audit_head WHERE id = NEW.id) {RAISE}",
    "CREATE TRIGGER audit_head_advances BEFORE UPDATE ON audit_head"
    f" WHEN NEW.number <> OLD.number + 1 {RAISE}",
)


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("actor_kind", sa.String(10), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(254), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("about_kind", sa.String(40), nullable=False),
        sa.Column("about_id", sa.String(200), nullable=False),
        sa.Column("about_name", sa.String(254), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_audit_entry_number")),
        sa.CheckConstraint(
            "actor_kind IN ('user', 'key', 'command', 'worker', 'nobody')",
            name=op.f("ck_audit_entry_actor_kind"),
        ),
        sa.CheckConstraint("actor_name <> ''", name=op.f("ck_audit_entry_actor_name")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_entry_previous")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entry_hash")),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_about", "audit_entry", ["about_kind", "about_id"])
    op.create_index("ix_audit_entry_action", "audit_entry", ["action"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_only_one")),
        sa.CheckConstraint("number >= 0", name=op.f("ck_audit_head_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.execute(f"INSERT INTO audit_head (id, number, hash) VALUES (1, 0, '{GENESIS}')")
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Give the log up: an older version could neither read nor continue it."""
    op.drop_table("audit_head")
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_only_grows()")
