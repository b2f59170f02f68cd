"""Annotations and targets, and indexes from which the mails that have ended are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SUBJECTS = "subject IN ('all', 'channel', 'team', 'touchpoint')"
ON_SCALE = (
    "value IS NULL OR (metric = 'csat' AND value BETWEEN 0 AND 1)"
    " OR (metric = 'nps' AND value BETWEEN -1 AND 1)"
    " OR (metric = 'ces' AND value BETWEEN 1 AND 7)"
)
INDEXES = {
    "ix_message_sent": ("sent_at", "sent_at IS NOT NULL"),
    "ix_message_failed": ("failed_at", "failed_at IS NOT NULL"),
    "ix_message_cancelled": ("cancelled_at", "cancelled_at IS NOT NULL"),
    "ix_message_repeated": ("id", "sent_at IS NOT NULL AND dot_sent_at < claimed_at"),
}


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _somebody(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["user_account.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "annotation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("breaks", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        _check("annotation", "subject", SUBJECTS),
        _check("annotation", "about_one", "(subject = 'all') = (subject_id = 0)"),
        _check("annotation", "text", "length(text) BETWEEN 1 AND 200"),
        _check(
            "annotation",
            "withdrawn_by_somebody",
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
        ),
        _somebody("annotation", "made_by_id"),
        _somebody("annotation", "withdrawn_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation")),
    )
    op.create_index("ix_annotation_day", "annotation", ["day"])
    op.create_table(
        "target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("metric", sa.String(length=10), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_by_id", sa.Integer(), nullable=True),
        _check("target", "metric", "metric IN ('csat', 'nps', 'ces')"),
        _check("target", "wave", "wave IN (1, 2)"),
        _check("target", "subject", SUBJECTS),
        _check("target", "about_one", "(subject = 'all') = (subject_id = 0)"),
        _check("target", "value_on_scale", ON_SCALE),
        _check("target", "days", "to_day IS NULL OR to_day >= from_day"),
        _check("target", "late_with_reason", "from_day > set_on OR reason <> ''"),
        _check("target", "two_people", "confirmed_by_id <> set_by_id"),
        _check(
            "target",
            "confirmed_by_somebody",
            "(confirmed_at IS NULL) = (confirmed_by_id IS NULL)",
        ),
        _check(
            "target", "declined_by_somebody", "(declined_at IS NULL) = (declined_by_id IS NULL)"
        ),
        _check(
            "target", "one_decision", "NOT (confirmed_at IS NOT NULL AND declined_at IS NOT NULL)"
        ),
        _check(
            "target",
            "only_late_ones_are_decided",
            "from_day <= set_on OR (confirmed_at IS NULL AND declined_at IS NULL)",
        ),
        _somebody("target", "set_by_id"),
        _somebody("target", "confirmed_by_id"),
        _somebody("target", "declined_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
    )
    for name, (column, condition) in INDEXES.items():
        where = sa.text(condition)
        op.create_index(name, "message", [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="message")
    op.drop_table("target")
    op.drop_table("annotation")
