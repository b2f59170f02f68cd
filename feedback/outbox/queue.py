"""What is in the outbox: each message's state at a moment, counts of them, and lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from feedback.outbox.claim import LEASE, is_at
from feedback.outbox.models import Bounce, Message, Suppression

WAITING, SENDING, UNCERTAIN = "waiting", "sending", "uncertain"
SENT, RETURNED, FAILED, CANCELLED = "sent", "returned", "failed", "cancelled"
STATES = (WAITING, SENDING, UNCERTAIN, FAILED, RETURNED, SENT, CANCELLED)
KINDS = ("invitation", "follow_up", "reminder", "account")
PAGE = 50

_OPEN = (Message.sent_at.is_(None), Message.failed_at.is_(None), Message.cancelled_at.is_(None))


@dataclass(frozen=True)
class Which:
    """Which messages to list; None asks for all."""

    state: str | None = None
    kind: str | None = None
    domain: str | None = None
    # Only those that may have arrived twice.
    repeated: bool = False


@dataclass(frozen=True)
class Counts:
    """How many messages are in which state."""

    waiting: int
    due: int
    sending: int
    uncertain: int
    sent_today: int
    repeated: int
    returned: int
    failed: int
    cancelled: int
    oldest_due: Message | None


def state_of(message: Message, now: datetime) -> str:
    """Return a message's state at a moment; it follows from its moments and is never stored."""
    if message.returned_at is not None:
        return RETURNED
    if message.sent_at is not None:
        return SENT
    if message.failed_at is not None:
        return FAILED
    if message.cancelled_at is not None:
        return CANCELLED
    if message.claimed_at is not None and message.claimed_at > now - LEASE:
        return SENDING
    return WAITING if message.dot_sent_at is None else UNCERTAIN


def in_state(state: str, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a message is in a state, the same as `state_of` finds."""
    held = sa.and_(Message.claimed_at.is_not(None), Message.claimed_at > now - LEASE)
    return {
        RETURNED: Message.returned_at.is_not(None),
        SENT: _is_sent(),
        FAILED: Message.failed_at.is_not(None),
        CANCELLED: sa.and_(
            Message.cancelled_at.is_not(None),
            Message.sent_at.is_(None),
            Message.failed_at.is_(None),
        ),
        SENDING: sa.and_(*_OPEN, held),
        UNCERTAIN: sa.and_(*_OPEN, ~held, Message.dot_sent_at.is_not(None)),
        WAITING: sa.and_(*_OPEN, ~held, Message.dot_sent_at.is_(None)),
    }[state]


def _is_sent() -> sa.ColumnElement[bool]:
    return sa.and_(Message.sent_at.is_not(None), Message.returned_at.is_(None))


def may_have_come_twice(message: Message) -> bool:
    """Tell whether a message that was sent had gone out once before without an answer."""
    return (
        message.sent_at is not None
        and message.dot_sent_at is not None
        and message.claimed_at is not None
        and message.dot_sent_at < message.claimed_at
    )


def _repeated() -> sa.ColumnElement[bool]:
    return sa.and_(Message.sent_at.is_not(None), Message.dot_sent_at < Message.claimed_at)


def counts(session: Session, now: datetime, today: datetime) -> Counts:
    """Return how many messages are in which state; `today` is when the reader's day began."""
    waiting = in_state(WAITING, now)
    due = sa.and_(waiting, Message.send_after <= now)
    # A statement for each index: one for all would read every message there ever was.
    still_open = session.execute(
        sa.select(
            sa.func.count().filter(waiting),
            sa.func.count().filter(due),
            sa.func.count().filter(in_state(SENDING, now)),
            sa.func.count().filter(in_state(UNCERTAIN, now)),
        ).where(*_OPEN)
    ).one()
    ended = (
        _how_many(session, Message.sent_at >= today),
        _how_many(session, _repeated()),
        _how_many(session, in_state(RETURNED, now)),
        _how_many(session, in_state(FAILED, now)),
        _how_many(session, in_state(CANCELLED, now)),
    )
    oldest = session.scalars(
        _light().where(due).order_by(Message.send_after, Message.id).limit(1)
    ).first()
    return Counts(*still_open, *ended, oldest_due=oldest)


def _how_many(session: Session, which: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Message).where(which)) or 0


def by_end(session: Session) -> Mapping[str, int]:
    """Return how many messages are in which end, or have none; all of them add up."""
    return {
        WAITING: _how_many(session, sa.and_(*_OPEN)),
        SENT: _how_many(session, _is_sent()),
        RETURNED: _how_many(session, Message.returned_at.is_not(None)),
        FAILED: _how_many(session, Message.failed_at.is_not(None)),
        CANCELLED: _how_many(
            session,
            sa.and_(
                Message.cancelled_at.is_not(None),
                Message.sent_at.is_(None),
                Message.failed_at.is_(None),
            ),
        ),
    }


def how_many_uncertain(session: Session, now: datetime) -> int:
    """Return of how many open messages nobody knows whether they went."""
    return _how_many(session, in_state(UNCERTAIN, now))


def listed(
    session: Session, which: Which, now: datetime, before: int | None = None
) -> tuple[list[Message], int | None]:
    """Return a page of messages, newest first, and where the next page begins."""
    query = _light().order_by(Message.id.desc()).limit(PAGE + 1)
    if which.state in (WAITING, SENDING, UNCERTAIN):
        # Looked up first, in the index of what is open; SQLite would go through all that ended.
        still_open = sa.select(Message.id).where(in_state(which.state, now)).correlate(None)
        query = query.where(Message.id.in_(still_open))
    elif which.state is not None:
        query = query.where(in_state(which.state, now))
    if which.kind is not None:
        query = query.where(Message.kind == which.kind)
    if which.domain is not None:
        query = query.where(is_at(which.domain))
    if which.repeated:
        query = query.where(_repeated())
    if before is not None:
        query = query.where(Message.id < before)
    found = list(session.scalars(query))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def returns(session: Session, messages: Sequence[Message]) -> Mapping[int, list[Bounce]]:
    """Return what came back of these messages, by message."""
    found: dict[int, list[Bounce]] = {}
    which = Bounce.message_id.in_([message.id for message in messages])
    for bounce in session.scalars(sa.select(Bounce).where(which).order_by(Bounce.id)):
        found.setdefault(bounce.message_id, []).append(bounce)
    return found


def taken_for_dead(session: Session, returned: Mapping[int, list[Bounce]]) -> frozenset[int]:
    """Return those of the returned messages whose address is not written to because of that."""
    digests = {bounce.address_digest for found in returned.values() for bounce in found}
    dead = set(
        session.scalars(
            sa.select(Suppression.address_digest).where(
                Suppression.address_digest.in_(digests), Suppression.reason == "hard_bounce"
            )
        )
    )
    return frozenset(
        message_id
        for message_id, found in returned.items()
        if any(bounce.address_digest in dead for bounce in found)
    )


def suppressions(session: Session, now: datetime) -> Mapping[str, int]:
    """Return how many addresses we do not write to now, by reason, the commonest first."""
    number = sa.func.count().label("number")
    rows = session.execute(
        sa.select(Suppression.reason, number)
        .where(sa.or_(Suppression.until.is_(None), Suppression.until > now))
        .group_by(Suppression.reason)
        .order_by(number.desc(), Suppression.reason)
    )
    return dict(rows.all())


def _light() -> sa.Select[Message]:
    # Nobody reads here what is said to a customer, and bodies are most of a message's weight.
    return sa.select(Message).options(
        defer(Message.text, raiseload=True), defer(Message.html, raiseload=True)
    )
