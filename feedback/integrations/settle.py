"""Carries a step out and commits it, again from its start where another came in between."""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

T = TypeVar("T")

# Each time round somebody else has got through, so as many callers at once are no trouble.
_TRIES = 20
# The queue of those whom somebody else came before.
_QUEUE = 4_610_017
# PostgreSQL's words for "two transactions wait for each other" and "something changed meanwhile".
_AGAIN = ("40P01", "40001")


def settle(session: Session, step: Callable[[], T]) -> T:
    """Return what the step returns, with all it wrote committed in one transaction.

    Two calls that first name the same customer, or report the same contact, both find it missing;
    the database lets one of them write it. The other then begins anew, and finds it there.
    """
    for left in reversed(range(_TRIES)):
        try:
            if left < _TRIES - 1:
                _queue(session)
            result = step()
            session.commit()
            return result
        except IntegrityError:
            session.rollback()
            if not left:
                raise
        except OperationalError as error:
            session.rollback()
            if not left or getattr(error.orig, "sqlstate", None) not in _AGAIN:
                raise
    raise AssertionError("unreachable")


def _queue(session: Session) -> None:
    """Wait for the others who begin anew: all at once they would only meet again."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_QUEUE)))
