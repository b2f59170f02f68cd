"""Compares people: gathers who answered about whom and what work, and keeps what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback.interactions.models import Interaction
from feedback.measures.case_mix import CaseMix
from feedback.measures.people import Compared, case_mixes, compare
from feedback.measures.ranks import rank_intervals
from feedback.reports.kept import kept
from feedback.reports.periods import start_of
from feedback.reports.subjects import COLUMNS, counted
from feedback.responses.models import Answer, Response

# The one metric about the person; NPS asks about the company, and CES has no share to expect.
METRIC = "csat"
# What a person does not choose narrows the group compared. Teams and people only choose from it.
OF_THE_GROUP = frozenset({"channel", "touchpoint"})

Cell = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """Which answers people are compared by: a wave, days, and the ids of channel or touchpoint.

    Those `without` are left out, by their ids: what all have in common would tell of them.
    """

    wave: int
    first: date
    last: date
    where: tuple[tuple[str, int], ...]
    without: tuple[int, ...] = ()

    @classmethod
    def of(cls, wave: int, first: date, last: date, where: Mapping[str, int]) -> "Asked":
        """Return the question for a page's filters."""
        return cls(wave, first, last, tuple(sorted(group_of(where).items())))


def group_of(where: Mapping[str, int]) -> dict[str, int]:
    """Return what of the filters narrows the group somebody is compared with.

    Person and team do not: so somebody has one best estimate and one expectation, whoever looks
    and by whichever page.
    """
    return {name: id_ for name, id_ in where.items() if name in OF_THE_GROUP}


def compared_people(session: Session, asked: Asked) -> Compared[int] | None:
    """Return everybody with answers compared, by the ids of staff; None where nobody has any.

    Work is told apart by channel and kind of interaction, which the person does not choose.
    """
    return kept(session, ("people", asked), lambda: _compare(session, asked))


def ranks_of(session: Session, asked: Asked) -> dict[int, tuple[int, int]]:
    """Return between which ranks each person can be meant to stand, among all with answers."""

    def rank() -> dict[int, tuple[int, int]]:
        compared = compared_people(session, asked)
        people = compared.people if compared else {}
        ranks = rank_intervals([(one.good, one.n) for one in people.values()])
        return {id_: r for id_, r in zip(people, ranks, strict=True) if r is not None}

    return kept(session, ("ranks", asked), rank)


def mixes_of(session: Session, asked: Asked, period: str) -> dict[tuple[int, date], CaseMix]:
    """Return what each person's mix of work led one to expect in each period, by its first day."""
    return kept(session, ("mixes", asked, period), lambda: _mixes(session, asked, period))


def _mixes(session: Session, asked: Asked, period: str) -> dict[tuple[int, date], CaseMix]:
    work: dict[date, dict[int, dict[Cell, tuple[int, int]]]] = {}
    for staff_id, kind, channel_id, day, x, n in _answers(session, asked, Interaction.day):
        mine = work.setdefault(start_of(day, period), {}).setdefault(staff_id, {})
        before = mine.get((kind, channel_id), (0, 0))
        mine[kind, channel_id] = before[0] + int(x), before[1] + n
    return {
        (staff_id, start): mix
        for start, people in work.items()
        for staff_id, mix in case_mixes(people).items()
        if mix is not None
    }


def _compare(session: Session, asked: Asked) -> Compared[int] | None:
    answers: dict[int, dict[Cell, tuple[int, int]]] = {}
    for staff_id, kind, channel_id, x, n in _answers(session, asked):
        answers.setdefault(staff_id, {})[kind, channel_id] = (int(x), n)
    return compare(answers)


def _answers(
    session: Session, asked: Asked, *further: InstrumentedAttribute[date]
) -> Sequence[tuple[Any, ...]]:
    """Return (staff, kind, channel, …, good answers, answers), in an order that is always the same.

    Sums of fractions depend on their order in the last digit.
    """
    parts = (Interaction.staff_id, Interaction.kind, Interaction.channel_id, *further)
    good = sa.case((Answer.score >= 4, 1), else_=0)
    query = (
        counted()
        .add_columns(*parts, sa.func.sum(good), sa.func.count())
        .where(
            Answer.metric == METRIC,
            Response.wave == asked.wave,
            Interaction.staff_id.is_not(None),
            Interaction.staff_id.not_in(asked.without),
            Interaction.day >= asked.first,
            Interaction.day <= asked.last,
            *(COLUMNS[name] == id_ for name, id_ in asked.where),
        )
        .group_by(*parts)
        .order_by(*parts)
    )
    return [tuple(row) for row in session.execute(query)]
