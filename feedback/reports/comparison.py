"""Compares people: gathers who answered about whom and what work, and keeps what comes of it."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.measures.people import Compared, compare
from feedback.measures.ranks import rank_intervals
from feedback.reports.answers_state import answers_state
from feedback.reports.subjects import COLUMNS, counted
from feedback.responses.models import Answer, Response

# The one metric about the person; NPS asks about the company, and CES has no share to expect.
METRIC = "csat"
# What a person does not choose narrows the group compared. Teams and people only choose from it.
_OF_THE_GROUP = frozenset({"channel", "touchpoint"})
# Some pages' worth of spans and filters; a thousand people take about a megabyte.
_KEPT = 16

Cell = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """Which answers people are compared by: a wave, days, and the ids of channel or touchpoint."""

    wave: int
    first: date
    last: date
    where: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, wave: int, first: date, last: date, where: Mapping[str, int]) -> "Asked":
        """Return the question for a page's filters."""
        return cls(wave, first, last, tuple(sorted(group_of(where).items())))


def group_of(where: Mapping[str, int]) -> dict[str, int]:
    """Return what of the filters narrows the group somebody is compared with.

    Person and team do not: so somebody has one best estimate and one expectation, whoever looks
    and by whichever page.
    """
    return {name: id_ for name, id_ in where.items() if name in _OF_THE_GROUP}


_lock = Lock()
_kept: WeakKeyDictionary[Any, OrderedDict[Any, Any]] = WeakKeyDictionary()


def compared_people(session: Session, asked: Asked) -> Compared[int] | None:
    """Return everybody with answers compared, by the ids of staff; None where nobody has any.

    Work is told apart by channel and kind of interaction, which the person does not choose.
    """
    return _once(session, ("people", asked), lambda: _compare(session, asked))  # type: ignore[no-any-return]


def ranks_of(session: Session, asked: Asked) -> dict[int, tuple[int, int]]:
    """Return between which ranks each person can be meant to stand, among all with answers."""

    def rank() -> dict[int, tuple[int, int]]:
        compared = compared_people(session, asked)
        people = compared.people if compared else {}
        ranks = rank_intervals([(one.good, one.n) for one in people.values()])
        return {id_: r for id_, r in zip(people, ranks, strict=True) if r is not None}

    return _once(session, ("ranks", asked), rank)  # type: ignore[no-any-return]


def _compare(session: Session, asked: Asked) -> Compared[int] | None:
    good = sa.case((Answer.score >= 4, 1), else_=0)
    query = (
        counted()
        .add_columns(
            Interaction.staff_id,
            Interaction.kind,
            Interaction.channel_id,
            sa.func.sum(good),
            sa.func.count(),
        )
        .where(
            Answer.metric == METRIC,
            Response.wave == asked.wave,
            Interaction.staff_id.is_not(None),
            Interaction.day >= asked.first,
            Interaction.day <= asked.last,
            *(COLUMNS[name] == id_ for name, id_ in asked.where),
        )
        .group_by(Interaction.staff_id, Interaction.kind, Interaction.channel_id)
        # Sums of fractions depend on their order in the last digit; this one is always the same.
        .order_by(Interaction.staff_id, Interaction.kind, Interaction.channel_id)
    )
    answers: dict[int, dict[Cell, tuple[int, int]]] = {}
    for staff_id, kind, channel_id, x, n in session.execute(query):
        answers.setdefault(staff_id, {})[kind, channel_id] = (int(x), n)
    return compare(answers)


def _once(session: Session, key: Any, make: Any) -> Any:
    """Return what `make` gives, or gave while the answers were the same as now."""
    state = answers_state(session)
    with _lock:
        kept = _kept.setdefault(session.get_bind(), OrderedDict())
        if (state, key) in kept:
            kept.move_to_end((state, key))
            return kept[state, key]
    found = make()
    with _lock:
        kept[state, key] = found
        while len(kept) > _KEPT:
            kept.popitem(last=False)
    return found
