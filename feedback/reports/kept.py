"""Keeps what takes all answers to work out, until an answer is added or changed."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from feedback.reports.answers_state import State, answers_state

Found = TypeVar("Found")

# By the database, for as long as this process holds it: the state, and what was worked out of it.
_kept: WeakKeyDictionary[Any, tuple[State, dict[Hashable, Any]]] = WeakKeyDictionary()


def kept(session: Session, what: Hashable, work_out: Callable[[], Found]) -> Found:
    """Return what is kept under this name, worked out anew where any answer has changed since.

    Each process keeps its own; whether it still holds is asked of the database every time.
    """
    state = answers_state(session)
    before, found = _kept.get(session.get_bind(), (None, {}))
    if before != state:
        found = {}
        _kept[session.get_bind()] = state, found
    if what not in found:
        found[what] = work_out()
    return found[what]  # type: ignore[no-any-return]
