"""What is too old is forgotten, staff who left are erased, and the audit log can lose names."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)
FORGOTTEN = sa.text("number_forgotten_at IS NOT NULL")
REFUSAL = "the audit log is only added to"
COUNTS = (
    "contacts", "mails", "comments", "matters", "staff_links", "looks", "numbers", "traces",
    "audit_entries",
)  # fmt: skip

# What an entry is told apart by never changes. A name may become a dash and details nothing, under
# a seal; a change to anything else, or to any other value, is refused as before.
KEPT = ("number", "at", "actor_kind", "actor_id", "action", "about_kind", "about_id", "previous",
        "hash", "seal")  # fmt: skip
BLANKS = {"actor_name": "–", "about_name": "", "details": "{}"}


def _is_other(different: str) -> str:
    """Return the condition for an update that is no redaction."""
    kept = [f"NEW.{name} {different} OLD.{name}" for name in KEPT]
    blanked = [
        f"(NEW.{name} <> OLD.{name} AND NEW.{name} <> '{blank}')" for name, blank in BLANKS.items()
    ]
    return " OR ".join([*kept, *blanked, "NEW.redaction_seal IS NULL"])


RAISE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
SQLITE_OLD = f"CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry {RAISE}"
SQLITE_NEW = (
    "CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry"
    f" WHEN {_is_other('IS NOT')} {RAISE}"
)
# Batch mode makes SQLite's table anew, and with the old one its triggers go.
SQLITE_OTHERS = (
    f"CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry {RAISE}",
    "CREATE TRIGGER audit_entry_not_replaced BEFORE INSERT ON audit_entry"
    f" WHEN EXISTS (SELECT 1 FROM audit_entry WHERE number = NEW.number) {RAISE}",
)
POSTGRESQL_NEW = (
    "DROP TRIGGER audit_entry_stays ON audit_entry",
    """
    CREATE TRIGGER audit_entry_stays BEFORE DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()
    """,
    f"""
    CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
    FOR EACH ROW WHEN ({_is_other("IS DISTINCT FROM")}) EXECUTE FUNCTION audit_only_grows()
    """,
)
POSTGRESQL_OLD = (
    "DROP TRIGGER audit_entry_unchanged ON audit_entry",
    "DROP TRIGGER audit_entry_stays ON audit_entry",
    """
    CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()
    """,
)


def upgrade() -> None:
    op.create_table(
        "agreed_period",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("agreed_at", moment, nullable=False),
        sa.Column("agreed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "name IN ('contacts', 'words', 'staff_scores', 'answers', 'traces', 'audit')",
            name=op.f("ck_agreed_period_name"),
        ),
        sa.CheckConstraint("length >= 0", name=op.f("ck_agreed_period_length")),
        sa.ForeignKeyConstraint(
            ["agreed_by_id"], ["user_account.id"], name=op.f("fk_agreed_period_agreed_by_id")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_agreed_period")),
    )
    op.create_table(
        "retention_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("open_slot", sa.Integer(), nullable=True),
        sa.Column("steps_done", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (open_slot IS NOT NULL)",
            name=op.f("ck_retention_run_open_or_over"),
        ),
        sa.CheckConstraint("open_slot = 1", name=op.f("ck_retention_run_one_slot")),
        sa.CheckConstraint("ended_at >= began_at", name=op.f("ck_retention_run_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
        sa.UniqueConstraint("open_slot", name=op.f("uq_retention_run_open_slot")),
    )
    with op.batch_alter_table("interaction") as batch:
        batch.add_column(sa.Column("contact_forgotten_at", moment, nullable=True))
        batch.add_column(sa.Column("number_forgotten_at", moment, nullable=True))
        batch.create_check_constraint(
            op.f("ck_interaction_forgotten_in_order"),
            "number_forgotten_at IS NULL OR contact_forgotten_at IS NOT NULL",
        )
    op.execute(
        "UPDATE interaction SET contact_forgotten_at = (SELECT erased_at FROM erasure"
        " WHERE erasure.id = interaction.erasure_id), number_forgotten_at = (SELECT erased_at FROM"
        " erasure WHERE erasure.id = interaction.erasure_id) WHERE erasure_id IS NOT NULL"
    )
    op.create_index(
        "ix_interaction_forgotten_number",
        "interaction",
        ["number_forgotten_at"],
        sqlite_where=FORGOTTEN,
        postgresql_where=FORGOTTEN,
    )
    with op.batch_alter_table("response") as batch:
        batch.add_column(sa.Column("words_forgotten_at", moment, nullable=True))
    with op.batch_alter_table("staff_member") as batch:
        batch.add_column(sa.Column("erased_at", moment, nullable=True))
        batch.create_check_constraint(
            op.f("ck_staff_member_erased_has_left"), "erased_at IS NULL OR left_at IS NOT NULL"
        )
    with op.batch_alter_table("user_account") as batch:
        batch.add_column(sa.Column("erased_at", moment, nullable=True))
        batch.create_check_constraint(
            op.f("ck_user_account_erased_is_gone"),
            "erased_at IS NULL OR (left_at IS NOT NULL AND password_hash IS NULL"
            " AND two_step_secret IS NULL AND staff_id IS NULL)",
        )
    with op.batch_alter_table("audit_entry") as batch:
        batch.add_column(sa.Column("redacted_at", moment, nullable=True))
        batch.add_column(sa.Column("redaction_seal", sa.String(64), nullable=True))
        batch.create_check_constraint(
            op.f("ck_audit_entry_redacted_under_seal"),
            "(redacted_at IS NULL) = (redaction_seal IS NULL)",
        )
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL_NEW:
            op.execute(statement)
    else:
        for statement in (SQLITE_NEW, *SQLITE_OTHERS):
            op.execute(statement)


def downgrade() -> None:
    """Give up what was noted of forgetting; what is forgotten stays so.

    An older version finds redacted entries of the audit log changed, which they are.
    """
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        for statement in POSTGRESQL_OLD:
            op.execute(statement)
    with op.batch_alter_table("audit_entry") as batch:
        batch.drop_constraint(op.f("ck_audit_entry_redacted_under_seal"), type_="check")
        batch.drop_column("redaction_seal")
        batch.drop_column("redacted_at")
    if not is_postgresql:
        for statement in (SQLITE_OLD, *SQLITE_OTHERS):
            op.execute(statement)
    with op.batch_alter_table("user_account") as batch:
        batch.drop_constraint(op.f("ck_user_account_erased_is_gone"), type_="check")
        batch.drop_column("erased_at")
    with op.batch_alter_table("staff_member") as batch:
        batch.drop_constraint(op.f("ck_staff_member_erased_has_left"), type_="check")
        batch.drop_column("erased_at")
    with op.batch_alter_table("response") as batch:
        batch.drop_column("words_forgotten_at")
    op.drop_index("ix_interaction_forgotten_number", table_name="interaction")
    with op.batch_alter_table("interaction") as batch:
        batch.drop_constraint(op.f("ck_interaction_forgotten_in_order"), type_="check")
        batch.drop_column("number_forgotten_at")
        batch.drop_column("contact_forgotten_at")
    op.drop_table("retention_run")
    op.drop_table("agreed_period")
