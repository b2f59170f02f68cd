"""Whether the mail server takes anything from us, as all processes have learnt it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.outbox.models import MailStandstill
from feedback.outbox.transport import VerifiedConnection
from feedback.outbox.verdict import Fate, Verdict

# The server closes, or wants another sign-in: that is about us, whatever the message.
_FOR_EVERYBODY = (421, 530, 534, 535, 538)


def standstill(session: Session) -> MailStandstill | None:
    """Return since when the server takes nothing, or None where it does as far as we know."""
    return session.get(MailStandstill, 1)


def note_turned_away(session: Session, now: datetime, code: int | None, *, is_sure: bool) -> None:
    """Write down that the server did not take a mail, and not for the mail's sake.

    Where that is not sure, the second one in a row makes it so. The caller commits.
    """
    values = {"last_at": now, "code": code}
    known = sa.update(MailStandstill).where(MailStandstill.since <= now)
    if session.execute(known.values(**values, is_sure=True)).rowcount:  # type: ignore[attr-defined]
        return
    # None is there, or one from a clock that was ahead.
    session.execute(sa.delete(MailStandstill))
    session.add(MailStandstill(id=1, since=now, is_sure=is_sure, **values))


def note_accepted(session: Session) -> None:
    """Write down that the server takes mail again. The caller commits."""
    session.execute(sa.delete(MailStandstill))


def is_about_us(outcome: Verdict | str, connection: VerifiedConnection | None) -> bool | None:
    """Tell whether the server would not have taken any other mail either.

    None says that it took this one, or that this was the message's, its recipient's or its domain's
    own affair; False that it may have been. `connection` is None where we did not come so far as to
    hand a message over.
    """
    if isinstance(outcome, str):
        return None
    if outcome.timed_out or connection is None:
        return True
    if outcome.fate is not Fate.SERVER_WAITS and connection.is_open:
        return None
    # A server that took others in this conversation has only had enough of it.
    return None if connection.carried else outcome.code in _FOR_EVERYBODY
