"""Remembers, by digest, whom we do not write to."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.outbox.models import Suppression


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


def is_in_force(until: datetime | None, now: datetime) -> bool:
    """Tell whether what ends at `until` still holds; None never ends."""
    return until is None or until > now
