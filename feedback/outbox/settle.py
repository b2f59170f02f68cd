"""Writes down what became of a message that was tried."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.contacts import address_digest
from feedback.outbox.claim import HELD, change_claimed
from feedback.outbox.models import Message
from feedback.outbox.suppress import suppress, suppression_of
from feedback.outbox.verdict import Fate, Verdict

ATTEMPTS = 5
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))

SENT, FAILED, WAITING = "sent", "failed", "waiting"


def mark_dot(session: Session, message: Message, now: datetime) -> None:
    """Note that the final dot goes out next. Without an answer to it, the message is uncertain.

    Which it stays until it is surely taken or refused: the first dot without an answer is kept. The
    repeat of an uncertain message is the last that goes out by itself.

    Raises:
        ClaimLost: the dot must not go out.

    """
    if message.dot_sent_at is None:
        change_claimed(session, message, dot_sent_at=now)
    else:
        change_claimed(session, message, send_after=HELD)


def settle(
    session: Session,
    message: Message,
    outcome: str | Verdict,
    *,
    now: datetime,
    again_at: datetime | None,
    key: str,
) -> str:
    """Write down the server's answer, or its want; return "sent", "failed" or "waiting".

    `again_at` is when to try again a message that had no part in its failure; such a try does not
    count as one of its attempts.

    Raises:
        ClaimLost: somebody else has the message, and the say.

    """
    if isinstance(outcome, str):
        # The server has it now; what it says of the customer need not lie here as well.
        change_claimed(
            session,
            message,
            sent_at=now,
            server_reply=_kept(outcome),
            attempts=message.attempts + 1,
            text="",
            html="",
        )
        return SENT
    if again_at is not None:
        _put_back(session, message, outcome, message.attempts, again_at)
        return WAITING
    attempts = message.attempts + 1
    if outcome.fate is Fate.UNSURE:
        _put_back_unsure(session, message, outcome, attempts, now)
        return WAITING
    if outcome.fate is Fate.LATER and attempts < ATTEMPTS:
        _put_back(session, message, outcome, attempts, now + BACK_OFF[attempts - 1])
        return WAITING
    change_claimed(
        session, message, failed_at=now, server_reply=_kept(outcome.words), attempts=attempts
    )
    if outcome.fate is Fate.NOBODY_THERE:
        digest = address_digest(message.recipient, key)
        # A wish, or an erasure, is not to be lifted by forgiving a server's word one day.
        if suppression_of(session, digest, now) is None:
            suppress(session, digest, "refused", now)
    return FAILED


def _kept(words: str) -> sa.ColumnElement[str | None]:
    """Return the server's words, or nothing where the message was erased while it was on its way.

    They may name the address.
    """
    return sa.case((Message.recipient == "", None), else_=words)


def _put_back(
    session: Session, message: Message, verdict: Verdict, attempts: int, again_at: datetime
) -> None:
    change_claimed(
        session,
        message,
        claimed_at=None,
        send_after=again_at,
        # As it was claimed: an answer clears the dot of this try, and tells nothing of an earlier.
        dot_sent_at=message.dot_sent_at,
        server_reply=_kept(verdict.words),
        attempts=attempts,
    )


def _put_back_unsure(
    session: Session, message: Message, verdict: Verdict, attempts: int, now: datetime
) -> None:
    is_first = message.dot_sent_at is None
    change_claimed(
        session,
        message,
        claimed_at=None,
        send_after=now + BACK_OFF[0] if is_first else HELD,
        server_reply=_kept(verdict.words),
        attempts=attempts,
    )
