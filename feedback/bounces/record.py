"""Writes down what came back, and stops writing to where nothing arrives."""

import re
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.bounces.report import COMPLAINT, HARD, SOFT, Returned
from feedback.interactions.contacts import address_digest, mask_address, normalise_address
from feedback.outbox.models import Bounce, Message, Suppression
from feedback.outbox.return_path import read_return_path
from feedback.outbox.suppress import suppress, suppression_of

# So many messages that did not arrive, within so long: then the address is taken for dead.
SOFT_LIMIT, SOFT_SPAN = 3, timedelta(days=365)

# What a service reports comes within days of the mail it is about.
_LATELY = timedelta(days=14)


def message_of(session: Session, returned: Returned) -> Message | None:
    """Return which message of ours came back: by its return path, else by its Message-ID.

    Both are known only to who got the message, or had it in hand on its way.
    """
    number = read_return_path(returned.addresses)
    if number is not None:
        return session.get(Message, number)
    if returned.original_id is None:
        return None
    named = sa.select(Message).where(Message.message_id == returned.original_id)
    return session.scalars(named).first()


def message_to(session: Session, recipient: str, now: datetime) -> Message | None:
    """Return the last mail sent to an address lately, for services that name no other sign."""
    named = (
        sa.select(Message)
        .where(
            Message.sent_at > now - _LATELY,
            sa.func.lower(Message.recipient) == normalise_address(recipient),
        )
        .order_by(Message.sent_at.desc(), Message.id.desc())
        .limit(1)
    )
    return session.scalars(named).first() if recipient else None


def record_return(
    session: Session, message: Message, returned: Returned, *, now: datetime, key: str
) -> bool:
    """Note what came back; return whether that was news.

    A hard return ends writing to the address at once, a complaint too; of soft ones the third
    within a year does. What is about us and not about the address is noted and has no effect on it.
    """
    if not message.recipient:
        # The person behind it is erased, and nothing more is kept of them.
        return False
    digest = address_digest(message.recipient, key)
    known = sa.select(Bounce.id).where(
        Bounce.message_id == message.id, Bounce.kind == returned.kind
    )
    # Two workers may read the same report; the second waits here and then finds it known.
    session.execute(sa.select(Message.id).where(Message.id == message.id).with_for_update())
    if session.scalars(known).first() is not None:
        return False
    session.add(
        Bounce(
            message_id=message.id,
            kind=returned.kind,
            address_digest=digest,
            status=returned.status,
            words=_without(message.recipient, returned.words),
            told_at=now,
        )
    )
    if returned.kind != COMPLAINT:
        _mark_returned(session, message.id, now)
    session.flush()
    reason = _reason(session, returned.kind, digest, now)
    # A wish, or an erasure, is not to be lifted by forgiving a mail system's word one day.
    if reason is not None and suppression_of(session, digest, now) is None:
        suppress(session, digest, reason, now)
    return True


def forgive(session: Session, message: Message, now: datetime, key: str) -> bool:
    """Write again to an address taken for dead, since somebody knows better; return whether so.

    Its earlier returns no longer count, and nobody's own wish is touched.
    """
    digest = address_digest(message.recipient, key)
    lifted = session.execute(
        sa.delete(Suppression).where(
            Suppression.address_digest == digest, Suppression.reason == "hard_bounce"
        )
    )
    if not lifted.rowcount:  # type: ignore[attr-defined]
        return False
    session.execute(
        sa.update(Bounce)
        .where(Bounce.address_digest == digest, Bounce.forgiven_at.is_(None))
        .values(forgiven_at=now)
    )
    return True


def _mark_returned(session: Session, message_id: int, now: datetime) -> None:
    session.execute(
        sa.update(Message)
        .where(
            Message.id == message_id, Message.sent_at.is_not(None), Message.returned_at.is_(None)
        )
        .values(returned_at=now)
        .execution_options(synchronize_session=False)
    )


def _reason(session: Session, kind: str, digest: str, now: datetime) -> str | None:
    if kind == COMPLAINT:
        return "complaint"
    if kind == HARD:
        return "hard_bounce"
    if kind != SOFT:
        return None
    soft = session.scalar(
        sa.select(sa.func.count())
        .select_from(Bounce)
        .where(
            Bounce.address_digest == digest,
            Bounce.kind == SOFT,
            Bounce.told_at > now - SOFT_SPAN,
            Bounce.forgiven_at.is_(None),
        )
    )
    return "hard_bounce" if (soft or 0) >= SOFT_LIMIT else None


def _without(address: str, words: str) -> str:
    return re.sub(
        re.escape(address), lambda found: mask_address(found[0]), words, flags=re.IGNORECASE
    )
