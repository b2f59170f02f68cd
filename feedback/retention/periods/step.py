"""One kind of work of forgetting: what is too old, and how a few of it at a time are forgotten."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session


@dataclass(frozen=True)
class Limit:
    """What one pass goes by: its moment, what is too old, and the key of the digests."""

    now: datetime
    before: datetime
    key: str


Conditions = Sequence[sa.ColumnElement[bool]]


@dataclass(frozen=True)
class Step:
    """Part of a pass: its count in the run, the class whose length it goes by, and its work."""

    count: str
    kind: str
    # What tells rows apart; a pass goes through them in its order, once.
    number: InstrumentedAttribute[Any]
    which: Callable[[Limit], Conditions]
    # Forgets those of these rows that are still to be forgotten; returns how many that were.
    forget: Callable[[Session, Sequence[Any], Limit], int]
    # What will have to be forgotten once the steps before have done theirs; as `which` if None.
    foreseen: Callable[[Limit], Conditions] | None = None

    def next(self, session: Session, limit: Limit, after: Any, most: int) -> list[Any]:
        """Return the numbers of the next rows that are too old."""
        query = sa.select(self.number).where(*self.which(limit)).distinct()
        if after is not None:
            query = query.where(self.number > after)
        return list(session.scalars(query.order_by(self.number).limit(most)))

    def how_many(self, session: Session, limit: Limit) -> int:
        """Return how many rows a pass that begins now will forget."""
        which = (self.foreseen or self.which)(limit)
        query = sa.select(sa.func.count(sa.distinct(self.number))).where(*which)
        return session.scalar(query) or 0

    def held(self, session: Session, numbers: Sequence[Any], limit: Limit) -> list[Any]:
        """Lock those of the rows that are still too old and nobody else is at; return them."""
        query = (
            sa.select(self.number)
            .where(self.number.in_(numbers), *self.which(limit))
            .order_by(self.number)
            .with_for_update(skip_locked=True, of=self.number.class_)
        )
        return list(session.scalars(query))


def change(
    session: Session, table: type[Any], which: sa.ColumnElement[bool], **values: object
) -> None:
    """Change rows without looking for them in the session."""
    session.execute(
        sa.update(table).where(which).values(**values).execution_options(synchronize_session=False)
    )
