"""That somebody or something was forgotten: when, at whose word, how much; nothing says who."""

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


KEPT_COUNTS = (
    "contacts",
    "mails",
    "comments",
    "matters",
    "staff_links",
    "looks",
    "numbers",
    "traces",
    "audit_entries",
)


class AgreedPeriod(Base):
    """How long a class of data is kept at least, as an administrator has agreed to.

    Nothing is deleted by age before, and nothing sooner than this, whatever the settings say.
    """

    __tablename__ = "agreed_period"
    __table_args__ = (
        sa.CheckConstraint(
            "name IN ('contacts', 'words', 'staff_scores', 'answers', 'traces', 'audit')",
            name="name",
        ),
        sa.CheckConstraint("length >= 0", name="length"),
    )

    name: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    # In days or months, as the class is counted; 0 is for ever.
    length: Mapped[int]
    agreed_at: Mapped[datetime] = mapped_column(UtcMoment)
    # Whoever did is in the audit log; None where a command did.
    agreed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))


class RetentionRun(Base):
    """One pass over what is too old to be kept, with the counts of what went."""

    __tablename__ = "retention_run"
    __table_args__ = (
        sa.CheckConstraint("(ended_at IS NULL) = (open_slot IS NOT NULL)", name="open_or_over"),
        sa.CheckConstraint("open_slot = 1", name="one_slot"),
        sa.CheckConstraint("ended_at >= began_at", name="in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UtcMoment)
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # 1 while it has not ended: the unique key lets only one be so, and the next worker goes on.
    open_slot: Mapped[int | None] = mapped_column(unique=True, default=1)
    # How much of its work is wholly done; whoever goes on begins there.
    steps_done: Mapped[int] = mapped_column(default=0)
    # Contacts that no longer say whose they were, and mails without text and address.
    contacts: Mapped[int] = mapped_column(default=0)
    mails: Mapped[int] = mapped_column(default=0)
    # Answers that have lost their words, and contacts that have lost their matter.
    comments: Mapped[int] = mapped_column(default=0)
    matters: Mapped[int] = mapped_column(default=0)
    # Contacts that no longer say who served, and looks at people that are no longer told of.
    staff_links: Mapped[int] = mapped_column(default=0)
    looks: Mapped[int] = mapped_column(default=0)
    # Contacts that no longer carry another system's numbers.
    numbers: Mapped[int] = mapped_column(default=0)
    traces: Mapped[int] = mapped_column(default=0)
    # Entries of the audit log that name nobody any more.
    audit_entries: Mapped[int] = mapped_column(default=0)

    def counts(self) -> dict[str, int]:
        """Return how much went, by name."""
        return {name: getattr(self, name) for name in KEPT_COUNTS}
