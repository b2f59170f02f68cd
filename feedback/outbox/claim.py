"""Takes rows that are due, so that no two processes take the same one."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.outbox.models import Message

# Longer than any mail server is waited for; a claim older than this belongs to nobody any more.
LEASE = timedelta(minutes=15)


def claim_message(session: Session, *, now: datetime, worker: str) -> Message | None:
    """Take the message that has waited longest, or return None; the caller commits at once."""
    # MATERIALIZED: PostgreSQL may run an inner SELECT again for each row, and take more than one.
    pick = (
        sa.select(Message.id)
        .where(
            Message.sent_at.is_(None),
            Message.failed_at.is_(None),
            Message.cancelled_at.is_(None),
            Message.send_after <= now,
            sa.or_(Message.claimed_at.is_(None), Message.claimed_at <= now - LEASE),
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
        .values(claimed_at=now, claimed_by=worker, attempts=Message.attempts + 1)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    return session.get(Message, taken, populate_existing=True) if taken else None
