"""Turns the second step on and off for somebody, and takes their codes, each once."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.throttle import Limit
from feedback.accounts.two_step import recovery, totp
from feedback.accounts.two_step.sealing import opened, seal


def is_on(user: User) -> bool:
    """Tell whether somebody signs in in two steps."""
    return user.two_step_secret is not None


def is_obliged(user: User, roles: Collection[str]) -> bool:
    """Tell whether somebody must sign in in two steps, by their own person or by their role."""
    return user.two_step_wanted_at is not None or user.role in roles


def must_set_up(user: User, roles: Collection[str]) -> bool:
    """Tell whether somebody who must sign in in two steps cannot yet."""
    return is_obliged(user, roles) and not is_on(user)


def limit_of(user: User) -> Limit:
    """Return the limit of tries at somebody's codes."""
    return Limit(f"two-step:{user.id}", 5)


def turn_on(session: Session, user: User, secret: bytes, step: int, now: datetime) -> list[str]:
    """Let somebody sign in in two steps from now on; return their recovery codes, to be shown once.

    `step` is that of the code with which they showed that their phone has the secret.
    """
    user.two_step_secret, user.two_step_since, user.two_step_used = seal(secret), now, step
    return recovery.new_codes(session, user)


def turn_off(session: Session, user: User) -> bool:
    """Let a password do again for somebody; return whether it did not."""
    was_on = is_on(user)
    user.two_step_secret = user.two_step_since = user.two_step_used = None
    recovery.forget_codes(session, user)
    return was_on


def take_code(session: Session, user: User, text: str, now: datetime) -> str | None:
    """Take a code and return which kind it was, "phone" or "recovery"; None where it does not do.

    Of two who send the same code at once, one is too late.
    """
    code = "".join(text.split())
    if len(code) == totp.DIGITS and code.isascii() and code.isdigit():
        return "phone" if _take_phones(session, user, code, now) else None
    return "recovery" if recovery.use_code(session, user, text, now) else None


def _take_phones(session: Session, user: User, code: str, now: datetime) -> bool:
    secret = opened(user.two_step_secret or "")
    step = totp.fitting_step(secret, code, now, user.two_step_used) if secret else None
    if step is None:
        return False
    taken = session.execute(
        sa.update(User)
        .where(
            User.id == user.id,
            User.two_step_secret == user.two_step_secret,
            sa.or_(User.two_step_used.is_(None), User.two_step_used < step),
        )
        .values(two_step_used=step)
    )
    return taken.rowcount == 1  # type: ignore[attr-defined,no-any-return]
