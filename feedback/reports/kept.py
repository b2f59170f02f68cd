"""Keeps what takes all answers to work out, until an answer is added or changed."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from feedback.reports.answers_state import answers_state

Found = TypeVar("Found")

# Some dozen pages' worth of days and filters: everybody compared is about a megabyte for thousands.
_MOST = 48

_lock = Lock()
# By the database, for as long as this process holds it: what was worked out of which state of it.
_kept: WeakKeyDictionary[Any, OrderedDict[Hashable, Any]] = WeakKeyDictionary()


def kept(session: Session, what: Hashable, work_out: Callable[[], Found]) -> Found:
    """Return what is kept under this name, worked out anew where any answer has changed since.

    Each process keeps its own; whether it still holds is asked of the database every time.
    """
    key = answers_state(session), what
    with _lock:
        mine = _kept.setdefault(session.get_bind(), OrderedDict())
        if key in mine:
            mine.move_to_end(key)
            return mine[key]  # type: ignore[no-any-return]
    # Not held meanwhile: others need not wait, and two who do the same come to the same.
    found = work_out()
    with _lock:
        mine[key] = found
        while len(mine) > _MOST:
            mine.popitem(last=False)
    return found
