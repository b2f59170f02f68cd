"""One survey offered once, for one interaction and one wave."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback.accounts.models import User
from feedback.database import Base, UtcMoment
from feedback.interactions.models import Interaction
from feedback.outbox.models import Message
from feedback.surveys.models import Survey

_WAITING = "issued_at IS NULL AND withheld_at IS NULL"
_SILENT = "issued_at IS NOT NULL AND answered_at IS NULL AND reminded_at IS NULL"


class Invitation(Base):
    """The fate of one interaction in one wave, told by its moments."""

    __tablename__ = "invitation"
    __table_args__ = (
        sa.UniqueConstraint("interaction_id", "wave"),
        sa.CheckConstraint("wave IN (1, 2)", name="wave"),
        sa.CheckConstraint(
            "(withheld_at IS NULL) = (withheld_because IS NULL)", name="withheld_with_reason"
        ),
        sa.CheckConstraint(
            "NOT (issued_at IS NOT NULL AND withheld_at IS NOT NULL)", name="one_fate"
        ),
        sa.CheckConstraint(
            "merged_into_id IS NULL OR coalesce(withheld_because, '') = 'merged'",
            name="merged_with_reason",
        ),
        sa.CheckConstraint(
            "withheld_because IS NULL OR withheld_because <> 'merged'"
            " OR merged_into_id IS NOT NULL",
            name="merged_into_one",
        ),
        sa.CheckConstraint("merged_into_id <> id", name="merged_into_another"),
        sa.CheckConstraint("issued_at IS NULL OR message_id IS NOT NULL", name="issued_by_message"),
        sa.Index(
            "ix_invitation_due",
            "due_at",
            sqlite_where=sa.text(_WAITING),
            postgresql_where=sa.text(_WAITING),
        ),
        sa.Index(
            "ix_invitation_silent",
            "issued_at",
            sqlite_where=sa.text(_SILENT),
            postgresql_where=sa.text(_SILENT),
        ),
        sa.Index("ix_invitation_address", "address_digest", "issued_at"),
        sa.Index("ix_invitation_customer", "customer_id", "issued_at"),
        # A link names its invitation by the number; one given twice would open another's page.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    interaction_id: Mapped[int] = mapped_column(sa.ForeignKey("interaction.id"))
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("customer.id"))
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id"))
    wave: Mapped[int]
    # As whom the mail asked, so that its link shows the same; None before it is written.
    brand_id: Mapped[int | None] = mapped_column(sa.ForeignKey("brand.id"))
    # HMAC of the normalised address; None where there is no address to write to.
    address_digest: Mapped[str | None] = mapped_column(sa.String(64))
    planned_at: Mapped[datetime] = mapped_column(UtcMoment)
    due_at: Mapped[datetime] = mapped_column(UtcMoment)
    expires_at: Mapped[datetime] = mapped_column(UtcMoment)
    issued_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    answered_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # The customer asked not to be written to; the link then says so.
    stopped_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    withheld_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    withheld_because: Mapped[str | None] = mapped_column(sa.String(30))
    # The invitation whose mail stands for this one too.
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"), unique=True)
    reminder_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"), unique=True)

    interaction: Mapped[Interaction] = relationship()
    merged_into: Mapped["Invitation | None"] = relationship(remote_side=[id])
    survey: Mapped[Survey] = relationship()
    message: Mapped[Message | None] = relationship(foreign_keys=[message_id])


class DoNotAsk(Base):
    """A rule: contacts of this kind, of this segment or with this tag are not asked about."""

    __tablename__ = "do_not_ask"
    __table_args__ = (
        sa.CheckConstraint("what IN ('kind', 'segment', 'tag')", name="what"),
        sa.CheckConstraint("value <> ''", name="value"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        sa.Index(
            "uq_do_not_ask_live",
            "what",
            "value",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(sa.String(10))
    # As it is compared: small letters, single spaces, half width.
    value: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime] = mapped_column(UtcMoment)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    made_by: Mapped[User] = relationship(foreign_keys=[made_by_id])


class Holiday(Base):
    """A day the organisation's own calendar decides; it goes before every package's opinion."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    is_working: Mapped[bool]
    name: Mapped[str] = mapped_column(sa.String(120), default="")
