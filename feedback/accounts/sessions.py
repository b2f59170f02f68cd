"""Signed-in browsers: each is a row that can be ended, found by the digest of a random value."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.accounts.models import SignIn, User

# A working day with its overtime; nobody stays signed in overnight.
LASTS = timedelta(hours=12)


def digest_of(value: str) -> str:
    """Return the key under which a browser's random value is kept."""
    return sha256(value.encode()).hexdigest()


def begin(session: Session, user: User, agent: str, now: datetime) -> str:
    """Sign a browser in and return the value its cookie carries; nothing here can be read back."""
    value = secrets.token_urlsafe(32)
    # PostgreSQL keeps no NUL in text, and a browser may name itself as it likes.
    agent = "".join(character for character in agent if character.isprintable())[:200]
    session.add(SignIn(digest=digest_of(value), user_id=user.id, agent=agent, created_at=now))
    session.flush()
    return value


def find(session: Session, value: str, now: datetime) -> SignIn | None:
    """Return the sign-in this value stands for while it counts: not ended, not old, not left."""
    query = sa.select(SignIn).where(SignIn.digest == digest_of(value))
    found = session.scalar(query.options(joinedload(SignIn.user).joinedload(User.staff)))
    if found is None or found.ended_at is not None or found.user.left_at is not None:
        return None
    return found if now < found.created_at + LASTS else None


def still_open(session: Session, user: User, now: datetime) -> list[SignIn]:
    """Return the browsers this person is signed in with, newest first."""
    query = sa.select(SignIn).where(
        SignIn.user_id == user.id, SignIn.ended_at.is_(None), SignIn.created_at > now - LASTS
    )
    return list(session.scalars(query.order_by(SignIn.created_at.desc(), SignIn.digest)))


def end(session: Session, user: User, digest: str, now: datetime) -> bool:
    """Sign one of the person's browsers out; return whether it was signed in."""
    done = session.execute(
        sa.update(SignIn)
        .where(SignIn.user_id == user.id, SignIn.digest == digest, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def end_all(session: Session, user: User, now: datetime, but: str = "") -> None:
    """Sign all the person's browsers out, but for the one with this digest."""
    session.execute(
        sa.update(SignIn)
        .where(SignIn.user_id == user.id, SignIn.digest != but, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )
