"""Messages waiting to go, what came back of them, and addresses we do not write to."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from feedback.database import Base, UtcMoment

# The mails that ask a customer; others are about an account, or were asked for by the customer.
ASKING = ("invitation", "follow_up", "reminder")
# The mail that leads to everything held about its reader, sent because they asked for it.
OWN_LINK = "own_link"
TO_CUSTOMERS = (*ASKING, OWN_LINK)
# The mail with a link for a password, to somebody who signs in and has asked for it.
PASSWORD_LINK = "password_link"  # noqa: S105 — a kind of mail.

_WAITING = "sent_at IS NULL AND failed_at IS NULL AND cancelled_at IS NULL"
_REPEATED = "sent_at IS NOT NULL AND dot_sent_at < claimed_at"


def _only(name: str, column: str, condition: str) -> sa.Index:
    """Return an index of the rows that fulfil the condition."""
    where = sa.text(condition)
    return sa.Index(name, column, sqlite_where=where, postgresql_where=where)


class Message(Base):
    """One mail to one address. Bodies hold a marker where the link's token goes in at sending."""

    __tablename__ = "message"
    __table_args__ = (
        _only("ix_message_waiting", "send_after", _WAITING),
        # What ended is counted from these: the messages themselves are long, and kept for years.
        _only("ix_message_sent", "sent_at", "sent_at IS NOT NULL"),
        _only("ix_message_failed", "failed_at", "failed_at IS NOT NULL"),
        _only("ix_message_cancelled", "cancelled_at", "cancelled_at IS NOT NULL"),
        _only("ix_message_repeated", "id", _REPEATED),
        _only("ix_message_returned", "returned_at", "returned_at IS NOT NULL"),
        sa.CheckConstraint("NOT (sent_at IS NOT NULL AND failed_at IS NOT NULL)", name="one_end"),
        sa.CheckConstraint("returned_at IS NULL OR sent_at IS NOT NULL", name="returned_was_sent"),
        sa.CheckConstraint("reply_to IS NULL OR sender IS NOT NULL", name="reply_to_with_sender"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # "invitation", "follow_up", "reminder", "own_link", "password_link", "account"
    kind: Mapped[str] = mapped_column(sa.String(20))
    recipient: Mapped[str] = mapped_column(sa.String(400))
    locale: Mapped[str] = mapped_column(sa.String(20))
    # None: MAIL_SENDER, and answers go to the organisation's contact if that is an address.
    sender: Mapped[str | None] = mapped_column(sa.String(400))
    reply_to: Mapped[str | None] = mapped_column(sa.String(254))
    subject: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str] = mapped_column(sa.Text)
    # The invitation whose token replaces the marker; no clear token rests in the database.
    token_for: Mapped[int | None]
    # Stable, so that a repeat is recognised as one.
    message_id: Mapped[str] = mapped_column(sa.String(200), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    send_after: Mapped[datetime] = mapped_column(UtcMoment)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    claimed_by: Mapped[str | None] = mapped_column(sa.String(60))
    # Committed just before the final dot: a claim that stops after it is uncertain, not unsent. An
    # earlier moment than the last claim's says that the message may have arrived twice.
    dot_sent_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    sent_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    failed_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # When we learnt that what the server took did not arrive after all.
    returned_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    # How often the server answered about this very message; one that is away answers about none.
    attempts: Mapped[int] = mapped_column(default=0)
    # The server's own words, of the last failure or of the acceptance; a cancelled one's reason.
    server_reply: Mapped[str | None] = mapped_column(sa.Text)


class Bounce(Base):
    """One thing the mail system told us of a message after it had taken it."""

    __tablename__ = "bounce"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('hard', 'soft', 'blocked', 'complaint')", name="kind"),
        # Whoever is told the same twice, by two reports or two workers, knows it once.
        sa.UniqueConstraint("message_id", "kind"),
        sa.Index("ix_bounce_address_digest", "address_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(sa.ForeignKey("message.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    # The address itself stands in the message, until it is erased.
    address_digest: Mapped[str] = mapped_column(sa.String(64))
    # RFC 3463, such as "5.1.1"; None where nobody gave one.
    status: Mapped[str | None] = mapped_column(sa.String(12))
    # The mail system's own words, without the address in them.
    words: Mapped[str] = mapped_column(sa.Text)
    told_at: Mapped[datetime] = mapped_column(UtcMoment)
    # Somebody knew that the address is alive; what came back before no longer counts against it.
    forgiven_at: Mapped[datetime | None] = mapped_column(UtcMoment)


class Suppression(Base):
    """An address we do not write to, kept as a digest so that a forgotten person stays unmailed."""

    __tablename__ = "suppression"
    __table_args__ = (
        sa.CheckConstraint(
            "reason IN ('unsubscribed', 'paused', 'hard_bounce', 'complaint', 'refused', 'erased')",
            name="reason",
        ),
        sa.CheckConstraint("(reason = 'paused') = (until IS NOT NULL)", name="only_pauses_end"),
    )

    address_digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(sa.String(20))
    until: Mapped[datetime | None] = mapped_column(UtcMoment)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)


class KindSuppression(Base):
    """An address we do not ask about contacts on one channel, as its owner wishes."""

    __tablename__ = "kind_suppression"

    address_digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    channel_id: Mapped[int] = mapped_column(
        sa.ForeignKey("channel.id"), primary_key=True, autoincrement=False
    )
    created_at: Mapped[datetime] = mapped_column(UtcMoment)


class MailLanguage(Base):
    """The language in which the owner of an address wants our mails and pages."""

    __tablename__ = "mail_language"

    address_digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    # A tag under which survey texts are kept: "zh-Hans" or "en".
    locale: Mapped[str] = mapped_column(sa.String(20))
    chosen_at: Mapped[datetime] = mapped_column(UtcMoment)


class WorkerBeat(Base):
    """When a worker last said that it lives."""

    __tablename__ = "worker_beat"

    worker: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcMoment)


class WorkerPulse(Base):
    """What a worker is doing, told every few seconds by a thread beside its work."""

    __tablename__ = "worker_pulse"
    __table_args__ = (sa.CheckConstraint("alive_at >= moved_at", name="in_order"),)

    worker: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    # When its process last lived, and when its work had last gone on by then.
    alive_at: Mapped[datetime] = mapped_column(UtcMoment)
    moved_at: Mapped[datetime] = mapped_column(UtcMoment)
    # One of the steps in `outbox/pulse.py`.
    doing: Mapped[str] = mapped_column(sa.String(20))
    # One that cron starts ends by itself, and nobody misses it before its next time.
    stays: Mapped[bool]


class MailStandstill(Base):
    """Since when the mail server takes nothing from us; there is no row while it does."""

    __tablename__ = "mail_standstill"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one_server"),
        sa.CheckConstraint("last_at >= since", name="in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(UtcMoment)
    last_at: Mapped[datetime] = mapped_column(UtcMoment)
    # What it answered, or None where it answered nothing. Its words may name a customer.
    code: Mapped[int | None]
    # Whether that was about everybody's mail; the first refusal may have been about that one mail.
    is_sure: Mapped[bool]
