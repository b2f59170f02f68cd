"""Remembers, by digest, whom we do not write to."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.outbox.models import KindSuppression, Suppression

# What the owner of an address asked for; the rest is the mail system's, or the law's, to lift.
OWN_WISHES = ("unsubscribed", "paused")


def suppress(
    session: Session, digest: str, reason: str, now: datetime, until: datetime | None = None
) -> None:
    """Stop writing to an address; a pause ends at `until`, everything else stays."""
    # Not as an object that must be there: somebody else may just have deleted it.
    unsuppress(session, digest)
    session.add(Suppression(address_digest=digest, reason=reason, until=until, created_at=now))
    session.flush()


def unsuppress(session: Session, digest: str) -> None:
    """Write to an address again, as its owner asked."""
    session.execute(sa.delete(Suppression).where(Suppression.address_digest == digest))


def suppression_of(session: Session, digest: str, now: datetime) -> Suppression | None:
    """Return what keeps us from writing to an address now, or None."""
    known = session.get(Suppression, digest)
    return known if known is not None and is_in_force(known.until, now) else None


def is_own_wish(suppression: Suppression | None) -> bool:
    """Tell whether the owner of the address asked for it, and so may take it back."""
    return suppression is not None and suppression.reason in OWN_WISHES


def suppress_kind(session: Session, digest: str, channel_id: int, now: datetime) -> None:
    """Ask an address no more about contacts on one channel; done twice, it is done."""
    if session.get(KindSuppression, (digest, channel_id)) is None:
        session.add(KindSuppression(address_digest=digest, channel_id=channel_id, created_at=now))
        session.flush()


def unsuppress_kind(session: Session, digest: str, channel_id: int) -> None:
    """Ask an address about contacts on one channel again, as its owner asked."""
    session.execute(
        sa.delete(KindSuppression).where(
            KindSuppression.address_digest == digest, KindSuppression.channel_id == channel_id
        )
    )


def is_kind_suppressed(session: Session, digest: str, channel_id: int) -> bool:
    """Tell whether the owner of an address wants no mails about contacts on this channel."""
    return session.get(KindSuppression, (digest, channel_id)) is not None


def is_in_force(until: datetime | None, now: datetime) -> bool:
    """Tell whether what ends at `until` still holds; None never ends."""
    return until is None or until > now
