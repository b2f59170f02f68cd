"""Brands, their logos and privacy notices, and what each mail and each answer had to do with them."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OWN_CHECKS = {
    "own_name_en": "(id = 1) = (name_en IS NULL)",
    "own_name_zh": "(id = 1) = (name_zh IS NULL)",
    "own_contact": "(id = 1) = (contact IS NULL)",
    "sender_of_its_own": "id = 1 OR sender_address <> ''",
    "accent": "accent = '' OR length(accent) = 7",
}
AGREED = "notice_id IS NOT NULL OR (agreed_at IS NULL AND contact_agreed_at IS NULL)"
REPLIES = "reply_to IS NULL OR sender IS NOT NULL"


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _of(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [parent], name=op.f(f"fk_{table}_{column}"))


def _word(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False)


def upgrade() -> None:
    op.create_table(
        "logo",
        _word("digest", 64),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_logo")),
        _check("logo", "size", "width BETWEEN 1 AND 480 AND height BETWEEN 1 AND 480"),
    )
    brand = op.create_table(
        "brand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=True),
        sa.Column("name_zh", sa.String(120), nullable=True),
        _word("company_en", 200),
        _word("company_zh", 200),
        sa.Column("contact", sa.String(200), nullable=True),
        _word("accent", 7),
        sa.Column("logo_digest", sa.String(64), nullable=True),
        _word("sender_name", 120),
        _word("sender_address", 254),
        _word("reply_to", 254),
        _word("footer_en", 300),
        _word("footer_zh", 300),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand")),
        sa.UniqueConstraint("name_en", name=op.f("uq_brand_name_en")),
        sa.UniqueConstraint("name_zh", name=op.f("uq_brand_name_zh")),
        _of("brand", "logo_digest", "logo.digest"),
        *(_check("brand", name, rule) for name, rule in OWN_CHECKS.items()),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _word("mode", 10),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("brand_id", "version", name=op.f("uq_notice_brand_id_version")),
        _of("notice", "brand_id", "brand.id"),
        _of("notice", "published_by_id", "user_account.id"),
        _check("notice", "version", "version >= 1"),
        _check("notice", "mode", "mode IN ('service', 'consent')"),
    )
    op.create_table(
        "notice_text",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        _word("locale", 20),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "locale", name=op.f("pk_notice_text")),
        _of("notice_text", "notice_id", "notice.id"),
    )
    # The organisation's own. Not with its number, so that the next brand gets the number after it.
    now = datetime.now(UTC)
    blank = dict.fromkeys(
        ("company_en", "company_zh", "accent", "sender_name", "sender_address", "reply_to",
         "footer_en", "footer_zh"),
        "",
    )  # fmt: skip
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.bulk_insert(brand, [{"created_at": now.replace(tzinfo=None) if is_sqlite else now, **blank}])
    with op.batch_alter_table("touchpoint") as batch:
        batch.add_column(sa.Column("brand_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_touchpoint_brand_id"), "brand", ["brand_id"], ["id"])
    with op.batch_alter_table("invitation") as batch:
        batch.add_column(sa.Column("brand_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_invitation_brand_id"), "brand", ["brand_id"], ["id"])
    with op.batch_alter_table("message") as batch:
        batch.add_column(sa.Column("sender", sa.String(400), nullable=True))
        batch.add_column(sa.Column("reply_to", sa.String(254), nullable=True))
        batch.create_check_constraint(op.f("ck_message_reply_to_with_sender"), REPLIES)
    with op.batch_alter_table("response") as batch:
        batch.add_column(sa.Column("notice_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("agreed_at", MOMENT, nullable=True))
        batch.add_column(sa.Column("contact_agreed_at", MOMENT, nullable=True))
        batch.create_foreign_key(op.f("fk_response_notice_id"), "notice", ["notice_id"], ["id"])
        batch.create_check_constraint(op.f("ck_response_agreed_to_a_notice"), AGREED)


def downgrade() -> None:
    # What waits in another brand's name must not leave in ours.
    op.execute(
        "UPDATE message SET cancelled_at = created_at, server_reply = 'brand withdrawn'"
        " WHERE sender IS NOT NULL AND sent_at IS NULL AND failed_at IS NULL"
        " AND cancelled_at IS NULL"
    )
    with op.batch_alter_table("response") as batch:
        batch.drop_constraint(op.f("ck_response_agreed_to_a_notice"), type_="check")
        batch.drop_constraint(op.f("fk_response_notice_id"), type_="foreignkey")
        for name in ("contact_agreed_at", "agreed_at", "notice_id"):
            batch.drop_column(name)
    with op.batch_alter_table("message") as batch:
        batch.drop_constraint(op.f("ck_message_reply_to_with_sender"), type_="check")
        batch.drop_column("reply_to")
        batch.drop_column("sender")
    for table in ("invitation", "touchpoint"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_brand_id"), type_="foreignkey")
            batch.drop_column("brand_id")
    for table in ("notice_text", "notice", "brand", "logo"):
        op.drop_table(table)
