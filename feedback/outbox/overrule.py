"""Decides by hand about a message: try it again now, or let it be."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.contacts import address_digest
from feedback.outbox.models import Message, Suppression
from feedback.outbox.queue import FAILED, UNCERTAIN, WAITING, in_state

BY_HAND = "by hand"


def try_again(session: Session, message_id: int, now: datetime, key: str) -> bool:
    """Let a message go with the next round, its attempts forgotten; return whether it may.

    An uncertain one goes as a repeat of itself. An address is forgiven that a server refused, since
    whoever asks for this knows better, but nobody's own wish not to be written to.
    """
    changed = _change(
        session,
        message_id,
        now,
        (WAITING, UNCERTAIN, FAILED),
        send_after=now,
        attempts=0,
        failed_at=None,
        claimed_at=None,
    )
    if changed:
        recipient = session.scalars(
            sa.select(Message.recipient).where(Message.id == message_id)
        ).one()
        session.execute(
            sa.delete(Suppression).where(
                Suppression.address_digest == address_digest(recipient, key),
                Suppression.reason == "refused",
            )
        )
    return changed


def cancel(session: Session, message_id: int, now: datetime) -> bool:
    """Let a message go no more; return whether that was still possible."""
    return _change(
        session,
        message_id,
        now,
        (WAITING, UNCERTAIN),
        cancelled_at=now,
        claimed_at=None,
        server_reply=BY_HAND,
    )


def _change(
    session: Session, message_id: int, now: datetime, states: tuple[str, ...], **values: object
) -> bool:
    """Change a message if it is in one of these states, and not in a worker's hands."""
    changed = session.execute(
        sa.update(Message)
        .where(Message.id == message_id, sa.or_(*(in_state(state, now) for state in states)))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]
