"""Signed-in browsers: each is a row that can be ended, found by the digest of a random value."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.accounts.models import SignIn, User

# A working day with its overtime; nobody stays signed in overnight.
LASTS = timedelta(hours=12)
# A browser nobody has used for so long is signed out; `install_sign_in` takes it from the settings.
IDLE = timedelta(minutes=60)
# How long somebody who has shown who they are need not do so again.
RECENT = timedelta(minutes=10)
# How long it is kept with which browser, and from which network, somebody was signed in.
PLACES_KEPT = timedelta(days=30)
# When a browser was last used is kept no finer than this, so that few pages cost a write.
_NOTED_EVERY = timedelta(minutes=2)


def digest_of(value: str) -> str:
    """Return the key under which a browser's random value is kept."""
    return sha256(value.encode()).hexdigest()


def begin(session: Session, user: User, agent: str, now: datetime, network: str = "") -> str:
    """Sign a browser in and return the value its cookie carries; nothing here can be read back."""
    value = secrets.token_urlsafe(32)
    # PostgreSQL keeps no NUL in text, and a browser may name itself as it likes.
    agent = "".join(character for character in agent if character.isprintable())[:200]
    session.add(
        SignIn(
            digest=digest_of(value),
            user_id=user.id,
            agent=agent,
            network=network,
            created_at=now,
            last_used_at=now,
            proved_at=now,
        )
    )
    session.flush()
    return value


def find(session: Session, value: str, now: datetime, idle: timedelta = IDLE) -> SignIn | None:
    """Return the sign-in this value stands for while it counts.

    That is until it is ended, is twelve hours old or has been idle for too long, or its holder
    has left.
    """
    query = sa.select(SignIn).where(SignIn.digest == digest_of(value))
    found = session.scalar(query.options(joinedload(SignIn.user).joinedload(User.staff)))
    if found is None or found.ended_at is not None or found.user.left_at is not None:
        return None
    ends = min(found.created_at + LASTS, found.last_used_at + idle)
    return found if now < ends else None


def is_worth_noting(found: SignIn, now: datetime) -> bool:
    """Tell whether the last use that is kept is too old to stand for this one."""
    return now - found.last_used_at >= _NOTED_EVERY


def note_use(session: Session, digest: str, now: datetime) -> None:
    """Keep that a browser was used just now."""
    session.execute(sa.update(SignIn).where(_open(digest)).values(last_used_at=now))


def note_proof(session: Session, digest: str, now: datetime) -> None:
    """Keep that whoever sits there has just shown who they are."""
    session.execute(sa.update(SignIn).where(_open(digest)).values(proved_at=now, last_used_at=now))


def _open(digest: str) -> sa.ColumnElement[bool]:
    return sa.and_(SignIn.digest == digest, SignIn.ended_at.is_(None))


def still_open(session: Session, user: User, now: datetime, idle: timedelta = IDLE) -> list[SignIn]:
    """Return the browsers this person is signed in with, the one used last first."""
    query = sa.select(SignIn).where(
        SignIn.user_id == user.id,
        SignIn.ended_at.is_(None),
        SignIn.created_at > now - LASTS,
        SignIn.last_used_at > now - idle,
    )
    return list(session.scalars(query.order_by(SignIn.last_used_at.desc(), SignIn.digest)))


def end(session: Session, user: User, digest: str, now: datetime) -> bool:
    """Sign one of the person's browsers out; return whether it was signed in."""
    done = session.execute(
        sa.update(SignIn)
        .where(SignIn.user_id == user.id, SignIn.digest == digest, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def end_all(session: Session, user: User, now: datetime, but: str = "") -> int:
    """Sign all the person's browsers out, but for the one with this digest; return how many."""
    done = session.execute(
        sa.update(SignIn)
        .where(SignIn.user_id == user.id, SignIn.digest != but, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def has_old_places(session: Session, now: datetime) -> bool:
    """Tell whether there are browsers and networks to forget."""
    return session.scalar(sa.select(SignIn.digest).where(_old_place(now)).limit(1)) is not None


def forget_old_places(session: Session, now: datetime) -> None:
    """Forget with what and from where people were signed in a while ago; that they were stays."""
    session.execute(sa.update(SignIn).where(_old_place(now)).values(agent="", network=""))


def _old_place(now: datetime) -> sa.ColumnElement[bool]:
    named = sa.or_(SignIn.agent != "", SignIn.network != "")
    return sa.and_(SignIn.created_at < now - PLACES_KEPT, named)
