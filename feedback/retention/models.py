"""That somebody was forgotten: when, at whose word, and how much; nothing that says who."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from feedback.database import Base, UtcMoment

COUNTS = (
    "contacts",
    "answers_kept",
    "answers_removed",
    "comments",
    "mails",
    "mails_cancelled",
    "invitations_withheld",
    "addresses",
)


class Erasure(Base):
    """One person's data erased, with the counts of what went: the certificate of it."""

    __tablename__ = "erasure"
    __table_args__ = (
        sa.CheckConstraint("asked_by IN ('customer', 'administrator')", name="asked_by"),
        sa.CheckConstraint("answers_kept = 0 OR answers_removed = 0", name="kept_or_removed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(UtcMoment)
    asked_by: Mapped[str] = mapped_column(sa.String(20))
    # Contacts that no longer say whose they were.
    contacts: Mapped[int]
    # Responses whose scores stay as anonymous numbers, and responses whose scores went.
    answers_kept: Mapped[int]
    answers_removed: Mapped[int]
    # What was written in words, earlier versions included.
    comments: Mapped[int]
    # Mails blanked, and how many of those had not gone out yet and now never will.
    mails: Mapped[int]
    mails_cancelled: Mapped[int]
    # Invitations that were planned, and will not go out.
    invitations_withheld: Mapped[int]
    # Addresses that are never written to again.
    addresses: Mapped[int]

    def counts(self) -> dict[str, int]:
        """Return how much went, by name; nothing that says whose it was."""
        return {name: getattr(self, name) for name in COUNTS}
