"""Customers decide: kinds of mails stopped, a language, answers taken back, and everything erased."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)
NUMBERS = (
    "contacts", "answers_kept", "answers_removed", "comments", "mails", "mails_cancelled",
    "invitations_withheld", "addresses",
)  # fmt: skip
WITHDRAWN = "withdrawn_at IS NULL OR (excluded_at IS NOT NULL AND suspected_at IS NULL)"


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    op.create_table(
        "kind_suppression",
        sa.Column("address_digest", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_kind_suppression_channel_id")
        ),
        sa.PrimaryKeyConstraint("address_digest", "channel_id", name=op.f("pk_kind_suppression")),
    )
    op.create_table(
        "mail_language",
        sa.Column("address_digest", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("chosen_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("address_digest", name=op.f("pk_mail_language")),
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("erased_at", moment, nullable=False),
        sa.Column("asked_by", sa.String(20), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NUMBERS),
        _check("erasure", "asked_by", "asked_by IN ('customer', 'administrator')"),
        _check("erasure", "kept_or_removed", "answers_kept = 0 OR answers_removed = 0"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    with op.batch_alter_table("interaction") as batch:
        batch.add_column(sa.Column("erasure_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_interaction_erasure_id"), "erasure", ["erasure_id"], ["id"]
        )
    op.create_index("ix_interaction_erasure_id", "interaction", ["erasure_id"])
    with op.batch_alter_table("response") as batch:
        batch.add_column(sa.Column("withdrawn_at", moment, nullable=True))
        batch.create_check_constraint(op.f("ck_response_withdrawn_is_struck"), WITHDRAWN)


def downgrade() -> None:
    # What was taken back or erased stays so: it is struck, or has nothing left that says whose.
    with op.batch_alter_table("response") as batch:
        batch.drop_constraint(op.f("ck_response_withdrawn_is_struck"), type_="check")
        batch.drop_column("withdrawn_at")
    op.drop_index("ix_interaction_erasure_id", "interaction")
    with op.batch_alter_table("interaction") as batch:
        batch.drop_constraint(op.f("fk_interaction_erasure_id"), type_="foreignkey")
        batch.drop_column("erasure_id")
    op.drop_table("erasure")
    op.drop_table("mail_language")
    # The older version knows no kinds: whoever wanted fewer mails then gets none, and not more.
    op.execute(
        "DELETE FROM suppression WHERE reason = 'paused'"
        " AND address_digest IN (SELECT address_digest FROM kind_suppression)"
    )
    op.execute(
        "INSERT INTO suppression (address_digest, reason, until, created_at)"
        " SELECT address_digest, 'unsubscribed', NULL, min(created_at) FROM kind_suppression"
        " WHERE address_digest NOT IN (SELECT address_digest FROM suppression)"
        " GROUP BY address_digest"
    )
    op.drop_table("kind_suppression")
