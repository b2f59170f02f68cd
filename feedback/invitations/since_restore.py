"""Keeps what may have gone out since a backup was made from going out again after a restore.

A restored backup knows nothing of what was sent after it was made. Whatever it says is still to
be sent may have been sent; so all of it is held as uncertain, for a person to decide.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.milestones import RESTORED, Milestone, note_milestone
from feedback.outbox.claim import HELD
from feedback.outbox.models import Message


def hold_waiting(session: Session, now: datetime, made_at: str) -> int:
    """Hold every message that waits in a backup just restored; return how many. No commit."""
    held = session.execute(
        sa.update(Message)
        .where(
            Message.sent_at.is_(None), Message.failed_at.is_(None), Message.cancelled_at.is_(None)
        )
        .values(
            send_after=HELD,
            claimed_at=None,
            dot_sent_at=sa.func.coalesce(
                Message.dot_sent_at, sa.literal(now, Message.sent_at.type)
            ),
        )
        .execution_options(synchronize_session=False)
    )
    note_milestone(session, RESTORED, now, made_at)
    return int(held.rowcount)  # type: ignore[attr-defined]


def restored_at(session: Session) -> datetime | None:
    """Return when a backup was last put back, or None."""
    found = session.get(Milestone, RESTORED)
    return found.last_at if found else None


def hold_if_unknown(
    message: Message, restored: datetime | None, *, known_at: datetime, due_at: datetime
) -> None:
    """Hold a message just made that, for all the backup knows, was made and sent before."""
    if restored is not None and known_at < restored and due_at <= restored:
        message.send_after, message.dot_sent_at = HELD, restored
