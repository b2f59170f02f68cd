"""Remembers what a call with an `Idempotency-Key` was answered, for a day, and says it again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.integrations.models import IdempotentCall

KEPT = timedelta(hours=24)
LONGEST_KEY = 200
# So many old rows leave with each new one, so the table shrinks faster than it grows.
_SWEPT = 50


class KeyReused(Exception):
    """The same key came with another body."""


@dataclass(frozen=True)
class Call:
    """A call that may come again: whose it is, its key, and the digest of what it sent."""

    api_key_id: int
    key: str
    digest: str

    @classmethod
    def of(cls, api_key_id: int, key: str, body: bytes) -> "Call":
        """Make the call from what was sent, byte for byte."""
        return cls(api_key_id, key, sha256(body).hexdigest())


@dataclass(frozen=True)
class Answer:
    """What a call is answered; `is_repeat` where it was carried out before."""

    status: int
    text: str
    is_repeat: bool = False


def answer_once(
    session: Session, call: Call, now: datetime, carry_out: Callable[[], Answer]
) -> Answer:
    """Return the answer this call had, or carry it out and keep the answer in its transaction.

    Where the same call is under way elsewhere, the unique key makes this one wait for it and then
    fail with IntegrityError: begun anew, it finds the answer.

    Raises:
        KeyReused: the key stands for a call with another body.

    """
    same = (IdempotentCall.api_key_id == call.api_key_id, IdempotentCall.key == call.key)
    known = session.scalar(sa.select(IdempotentCall).where(*same))
    if known is not None and now - known.created_at < KEPT:
        if known.request_digest != call.digest:
            raise KeyReused
        return Answer(known.status, known.body, is_repeat=True)
    _sweep(session, now)
    session.execute(sa.delete(IdempotentCall).where(*same))
    # The row goes in first: it is what a second call of the same kind waits at.
    row = IdempotentCall(
        api_key_id=call.api_key_id,
        key=call.key,
        request_digest=call.digest,
        status=0,
        body="",
        created_at=now,
    )
    session.add(row)
    session.flush()
    answer = carry_out()
    row.status, row.body = answer.status, answer.text
    return answer


def _sweep(session: Session, now: datetime) -> None:
    """Forget some of the oldest calls, if they are old enough; whom others hold is left to them."""
    old = (
        sa.select(IdempotentCall.id, IdempotentCall.created_at)
        .order_by(IdempotentCall.id)
        .limit(_SWEPT)
        .with_for_update(skip_locked=True)
    )
    ids = [id_ for id_, created_at in session.execute(old) if now - created_at >= KEPT]
    if ids:
        session.execute(sa.delete(IdempotentCall).where(IdempotentCall.id.in_(ids)))
