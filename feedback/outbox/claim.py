"""Takes messages that are due, so that no two processes take the same one."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.outbox.models import Message

# Longer than any mail server is waited for; a claim older than this belongs to nobody any more.
LEASE = timedelta(minutes=15)

# When a message that waits for somebody's decision is due.
HELD = datetime(9000, 1, 1, tzinfo=UTC)


class ClaimLost(Exception):
    """The lease has ended and somebody else has, or had, the message."""


def claim_message(
    session: Session,
    *,
    now: datetime,
    worker: str,
    resting: Iterable[str] = (),
    kinds: Collection[str] = (),
) -> Message | None:
    """Take the message that has waited longest, or return None; the caller commits at once.

    Messages to the `resting` domains are passed over, and where `kinds` are named, all others.
    """
    named = (Message.kind.in_(kinds),) if kinds else ()
    # MATERIALIZED: PostgreSQL may run an inner SELECT again for each row, and take more than one.
    pick = (
        sa.select(Message.id)
        .where(
            Message.sent_at.is_(None),
            Message.failed_at.is_(None),
            Message.cancelled_at.is_(None),
            Message.send_after <= now,
            sa.or_(Message.claimed_at.is_(None), Message.claimed_at <= now - LEASE),
            *(~is_at(domain) for domain in resting),
            *named,
        )
        .order_by(Message.send_after, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("pick")
        .prefix_with("MATERIALIZED")
    )
    taken = session.execute(
        sa.update(Message)
        .where(Message.id.in_(sa.select(pick.c.id)))
        .values(claimed_at=now, claimed_by=worker)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    return session.get(Message, taken, populate_existing=True) if taken else None


def change_claimed(session: Session, message: Message, **values: Any) -> None:
    """Change a message as whoever holds it, and nobody else, may.

    Raises:
        ClaimLost: it is no longer held by the claim that `message` was loaded under.

    """
    changed = session.execute(
        sa.update(Message)
        .where(
            Message.id == message.id,
            Message.claimed_by == message.claimed_by,
            Message.claimed_at == message.claimed_at,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise ClaimLost(f"message {message.id} is no longer held by {message.claimed_by}")


def domain_of(address: str) -> str:
    """Return what stands behind the @, in lower case."""
    return address.rpartition("@")[2].strip().lower()


def is_at(domain: str) -> sa.ColumnElement[bool]:
    """Return the condition that a message goes to a domain."""
    return sa.func.lower(Message.recipient).endswith(f"@{domain}", autoescape=True)
