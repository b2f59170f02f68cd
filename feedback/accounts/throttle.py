"""Slows guessing down: failed tries are counted per account and per network."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import Attempt

COUNTS_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Limit:
    """So many tries at one subject within a quarter of an hour."""

    subject: str
    tries: int


def limits_of(email: str, address: str | None) -> tuple[Limit, Limit]:
    """Return the limits of a try to sign in: few per account, more per network."""
    # An attacker may send any text for an address, of any length; its digest always fits.
    account = sha256(email.encode()).hexdigest()[:40]
    return Limit(f"sign-in:{account}", 5), Limit(f"sign-in-from:{network_of(address)}", 30)


def network_of(address: str | None) -> str:
    """Return the /24 or /56 an address belongs to: what one attacker is usually given."""
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    mapped = getattr(parsed, "ipv4_mapped", None)
    parsed = mapped or parsed
    return str(ip_network(f"{parsed}/{24 if parsed.version == 4 else 56}", strict=False))


def note_try(session: Session, limits: tuple[Limit, ...], now: datetime) -> list[Attempt]:
    """Count a try before it is known to fail, so that many at once are all counted."""
    session.execute(sa.delete(Attempt).where(Attempt.at <= now - COUNTS_FOR))
    tries = [Attempt(subject=limit.subject, at=now) for limit in limits]
    session.add_all(tries)
    session.flush()
    return tries


def must_wait(session: Session, limits: tuple[Limit, ...], now: datetime) -> timedelta | None:
    """Return how long to wait where a limit is exceeded, else None."""
    waits = []
    for limit in limits:
        query = sa.select(Attempt.at).where(
            Attempt.subject == limit.subject, Attempt.at > now - COUNTS_FOR
        )
        moments = session.scalars(query.order_by(Attempt.at.desc())).all()
        if len(moments) > limit.tries:
            # With the oldest of the last so many gone, there is room for one more.
            waits.append(moments[limit.tries] + COUNTS_FOR - now)
    return max(waits, default=None)


def count(session: Session, limit: Limit, now: datetime) -> int:
    """Return how many tries at this subject count now."""
    query = sa.select(sa.func.count()).where(
        Attempt.subject == limit.subject, Attempt.at > now - COUNTS_FOR
    )
    return session.scalar(query) or 0


def take_back(session: Session, tries: list[Attempt]) -> None:
    """Uncount these tries: they succeeded, or were refused unheard."""
    ids = [attempt.id for attempt in tries]
    session.execute(sa.delete(Attempt).where(Attempt.id.in_(ids)))


def forget(session: Session, limit: Limit) -> None:
    """Forget the failed tries at this subject, now that one was right."""
    session.execute(sa.delete(Attempt).where(Attempt.subject == limit.subject))
