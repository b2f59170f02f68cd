"""Codes for when the phone is lost: ten, each good once, shown once and kept as digests."""

import hmac
import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import RecoveryCode, User
from feedback.links import keys_for

COUNT = 10
# Without the letters and digits that are taken for one another on paper.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 12
_PURPOSE = "recovery code"


def new_codes(session: Session, user: User) -> list[str]:
    """Give somebody ten new codes and return them; those they had are good no more."""
    forget_codes(session, user)
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(COUNT)]
    key = keys_for(_PURPOSE)[0]
    session.add_all(RecoveryCode(user_id=user.id, digest=_digest(one, key)) for one in codes)
    session.flush()
    return [f"{one[:4]}-{one[4:8]}-{one[8:]}" for one in codes]


def forget_codes(session: Session, user: User) -> None:
    """Forget all the codes somebody has."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def use_code(session: Session, user: User, text: str, now: datetime) -> bool:
    """Use a code up; return whether it was one that had not been used."""
    code = "".join(character for character in text.lower() if character.isalnum())
    if len(code) != _LENGTH:
        return False
    used = session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.digest.in_([_digest(code, key) for key in keys_for(_PURPOSE)]),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return used.rowcount == 1  # type: ignore[attr-defined,no-any-return]


def codes_left(session: Session, user: User) -> int:
    """Return how many codes somebody has not used."""
    left = sa.select(sa.func.count()).where(
        RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(left) or 0


def _digest(code: str, key: bytes) -> str:
    return hmac.digest(key, code.encode(), "sha256").hex()
