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
    """So many tries at one subject within a while, a quarter of an hour at most."""

    subject: str
    tries: int
    within: timedelta = COUNTS_FOR


def limits_of(email: str, address: str | None, browser: str | None = None) -> tuple[Limit, ...]:
    """Return the limits of a try to sign in: few per account, more per network.

    A browser from which this account was signed in before has a limit of its own instead: whoever
    guesses, also behind the same address, locks nobody out who has been here.
    """
    account = account_limit(email)
    if browser is not None:
        return (Limit(f"{account.subject}:{browser}", account.tries),)
    network = f"sign-in-from:{network_of(address)}"
    return account, Limit(network, 30), Limit(network, 10, timedelta(minutes=1))


def account_limit(email: str) -> Limit:
    """Return the limit of tries at one account."""
    # An attacker may send any text for an address, of any length; its digest always fits.
    return Limit(f"sign-in:{sha256(email.encode()).hexdigest()[:40]}", 5)


def limits_of_forgotten(email: str, address: str | None) -> tuple[Limit, ...]:
    """Return the limits of asking for a link by mail: per address written to, and per network."""
    account = sha256(email.encode()).hexdigest()[:40]
    network = network_of(address)
    return Limit(f"forgotten:{account}", 3), Limit(f"forgotten-from:{network}", 20)


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
    # Limits of one subject over different whiles count the same tries.
    subjects = dict.fromkeys(limit.subject for limit in limits)
    tries = [Attempt(subject=subject, at=now) for subject in subjects]
    session.add_all(tries)
    session.flush()
    return tries


def must_wait(session: Session, limits: tuple[Limit, ...], now: datetime) -> timedelta | None:
    """Return how long to wait where a limit is exceeded, else None."""
    waits = []
    for limit in limits:
        query = sa.select(Attempt.at).where(
            Attempt.subject == limit.subject, Attempt.at > now - limit.within
        )
        moments = session.scalars(query.order_by(Attempt.at.desc())).all()
        if len(moments) > limit.tries:
            # With the oldest of the last so many gone, there is room for one more.
            waits.append(moments[limit.tries] + limit.within - now)
    return max(waits, default=None)


def count(session: Session, limit: Limit, now: datetime) -> int:
    """Return how many tries at this subject count now."""
    query = sa.select(sa.func.count()).where(
        Attempt.subject == limit.subject, Attempt.at > now - limit.within
    )
    return session.scalar(query) or 0


def take_back(session: Session, tries: list[Attempt]) -> None:
    """Uncount these tries: they succeeded, or were refused unheard."""
    ids = [attempt.id for attempt in tries]
    session.execute(sa.delete(Attempt).where(Attempt.id.in_(ids)))


def forget(session: Session, limit: Limit) -> None:
    """Forget the failed tries at this subject, now that one was right."""
    session.execute(sa.delete(Attempt).where(Attempt.subject == limit.subject))
