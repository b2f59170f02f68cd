"""A brand, its logo, and the versions of what it says of privacy."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.database import Base, UtcMoment

# The organisation's own, which is there from the start.
OWN = 1
MODES = ("service", "consent")


class Logo(Base):
    """A picture by the name its content gives it; kept, since mails that have gone show it."""

    __tablename__ = "logo"
    __table_args__ = (
        sa.CheckConstraint("width BETWEEN 1 AND 480 AND height BETWEEN 1 AND 480", name="size"),
    )

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    width: Mapped[int]
    height: Mapped[int]
    # Read by nobody but who sends it.
    png: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)


class Brand(Base):
    """What customers take us for. The first is the organisation's own and bears its name."""

    __tablename__ = "brand"
    __table_args__ = (
        # The organisation says its name and contact itself; said twice, they would come to differ.
        sa.CheckConstraint("(id = 1) = (name_en IS NULL)", name="own_name_en"),
        sa.CheckConstraint("(id = 1) = (name_zh IS NULL)", name="own_name_zh"),
        sa.CheckConstraint("(id = 1) = (contact IS NULL)", name="own_contact"),
        # Written from the organisation's address, another brand's mail would tell whose it is.
        sa.CheckConstraint("id = 1 OR sender_address <> ''", name="sender_of_its_own"),
        sa.CheckConstraint("accent = '' OR length(accent) = 7", name="accent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name_en: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    name_zh: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    # The company in whose hands the answers are, where its name is not the brand's.
    company_en: Mapped[str] = mapped_column(sa.String(200), default="")
    company_zh: Mapped[str] = mapped_column(sa.String(200), default="")
    contact: Mapped[str | None] = mapped_column(sa.String(200))
    # As #rrggbb; empty: the house's.
    accent: Mapped[str] = mapped_column(sa.String(7), default="")
    logo_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("logo.digest"))
    # Empty: the brand's name in the language of the mail; the own brand's, as MAIL_SENDER says.
    sender_name: Mapped[str] = mapped_column(sa.String(120), default="")
    sender_address: Mapped[str] = mapped_column(sa.String(254), default="")
    # Empty: the contact, if that is an address.
    reply_to: Mapped[str] = mapped_column(sa.String(254), default="")
    # An address and a telephone number, say; lines may stand in it.
    footer_en: Mapped[str] = mapped_column(sa.String(300), default="")
    footer_zh: Mapped[str] = mapped_column(sa.String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcMoment)

    logo: Mapped[Logo | None] = relationship()


class Notice(Base):
    """One version of what a brand says of privacy. Never changed; the next one supersedes it."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("brand_id", "version"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.CheckConstraint("mode IN ('service', 'consent')", name="mode"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(sa.ForeignKey("brand.id"))
    version: Mapped[int]
    # "service": a line that says so; "consent": nothing is taken without a tick.
    mode: Mapped[str] = mapped_column(sa.String(10))
    published_at: Mapped[datetime] = mapped_column(UtcMoment)
    # None for the first, which comes with the house.
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    texts: Mapped[list["NoticeText"]] = relationship(lazy="selectin")


class NoticeText(Base):
    """A version's words in one language: as they were written, and as they read when published."""

    __tablename__ = "notice_text"

    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notice.id"), primary_key=True)
    locale: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    # With places for names, from which the next version is written.
    template: Mapped[str] = mapped_column(sa.Text)
    # What stood there, whatever the brand is called since.
    text: Mapped[str] = mapped_column(sa.Text)
