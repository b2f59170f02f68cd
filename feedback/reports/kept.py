"""Keeps what takes all answers to work out, until an answer is added or changed."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.responses.models import Response

Found = TypeVar("Found")

# By the database, for as long as this process holds it: the mark, and what was worked out under it.
_kept: WeakKeyDictionary[Any, tuple[tuple[Any, ...], dict[Hashable, Any]]] = WeakKeyDictionary()


def kept(session: Session, what: Hashable, work_out: Callable[[], Found]) -> Found:
    """Return what is kept under this name, worked out anew where any answer has changed since.

    Each process keeps its own; whether it still holds is asked of the database every time.
    """
    # Each by itself is one step in an index; both at once would be a scan on SQLite.
    newest = (sa.func.max(Response.changed_at), sa.func.max(Response.id))
    mark = tuple(session.scalar(sa.select(one)) for one in newest)
    before, found = _kept.get(session.get_bind(), ((), {}))
    if before != mark:
        found = {}
        _kept[session.get_bind()] = mark, found
    if what not in found:
        found[what] = work_out()
    return found[what]  # type: ignore[no-any-return]
