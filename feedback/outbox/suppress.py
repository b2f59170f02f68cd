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
    if known is None or (known.until is not None and known.until <= now):
        return None
    return known
