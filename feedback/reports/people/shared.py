"""What somebody's shared work adds to their own: each answer weighs as the part agreed on before.

An interaction that several people shared is in nobody's `n` and counts. Beside them stands the
share satisfied of own and shared answers together (docs/definitions.md, "Shared work"). NPS asks
about the company and CES has no share, so it is CSAT only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction, InteractionShare
from feedback.measures.shared_work import weighted_share
from feedback.measures.standing import RATED_FROM
from feedback.reports.periods import start_of
from feedback.reports.spans import Span
from feedback.reports.subjects import COLUMNS, counted
from feedback.responses.models import Answer, Response

# As `comparison.METRIC`: the one metric about the person.
METRIC = "csat"
_DIGITS = 6
_SATISFIED = 4

# A staff member's id, and the first day of a period, None for no periods.
Place = tuple[int, date | None]


@dataclass(frozen=True)
class Answers:
    """So many answers to shared contacts that weigh alike, and whether they were satisfied."""

    part: float
    is_good: bool
    times: int


@dataclass(frozen=True)
class Shared:
    """Own and shared answers together: `n` of them shared, all of them worth `effective_n`."""

    n: int
    whole: int
    weight: float
    effective_n: float
    value: float
    low: float
    high: float

    @property
    def is_enough(self) -> bool:
        """Tell whether so many different answers can be judged by, whatever they weigh."""
        return self.n + self.whole >= RATED_FROM

    def as_json(self) -> dict[str, Any]:
        """Return it as the API would write it."""
        numbers = {
            name: round(getattr(self, name), _DIGITS)
            for name in ("weight", "effective_n", "value", "low", "high")
        }
        return {"n": self.n, **numbers}


def shared_answers(
    session: Session, where: Mapping[str, int], wave: int, span: Span, period: str | None = None
) -> dict[Place, list[Answers]]:
    """Return the answers to contacts people had a part of, by person and period.

    `where` has the ids of a person, a channel, a touchpoint, a team.
    """
    if not _is_any(session):
        return {}
    good = sa.case((Answer.score >= _SATISFIED, 1), else_=0)
    days = (Interaction.day,) if period else ()
    parts = (InteractionShare.staff_id, InteractionShare.part, good, *days)
    rows = session.execute(
        _with_shares()
        .add_columns(*parts, sa.func.count())
        .where(*_here(where, wave, span))
        .group_by(*parts)
        # Sums of fractions depend on their order in the last digit.
        .order_by(*parts)
    )
    found: dict[Place, list[Answers]] = {}
    for staff_id, part, is_good, *rest in rows:
        *day, times = rest
        start = start_of(day[0], period) if period else None
        found.setdefault((staff_id, start), []).append(Answers(part, bool(is_good), times))
    return found


def people_who_shared(
    session: Session, where: Mapping[str, int], wave: int, span: Span
) -> Collection[int]:
    """Return the ids of those with answers to contacts they had a part of."""
    if not _is_any(session):
        return set()
    query = _with_shares().add_columns(InteractionShare.staff_id).distinct()
    return set(session.scalars(query.where(*_here(where, wave, span))))


def shared_of(counts: Mapping[int, int], answers: Sequence[Answers]) -> Shared | None:
    """Return the figure of own answers, counted by score, and shared ones; None without shared."""
    if not answers:
        return None
    own = [(score >= _SATISFIED, 1.0) for score, times in counts.items() for _ in range(times)]
    others = [(one.is_good, one.part) for one in answers for _ in range(one.times)]
    good, weights = zip(*own, *others, strict=True)
    weighted = weighted_share(good, weights)
    if weighted is None:
        return None
    return Shared(
        n=len(others),
        whole=len(own),
        weight=sum(weights),
        effective_n=weighted.effective_n,
        value=weighted.value,
        low=weighted.low,
        high=weighted.high,
    )


def _is_any(session: Session) -> bool:
    """Tell whether any contact has agreed parts; most organisations have none, and pay nothing."""
    return bool(session.scalar(sa.select(sa.exists().where(InteractionShare.part.is_not(None)))))


def _with_shares() -> sa.Select[tuple[()]]:
    """Return a query over every score that counts of a contact with agreed parts, by person."""
    return (
        counted()
        .join(InteractionShare, InteractionShare.interaction_id == Interaction.id)
        .where(InteractionShare.part.is_not(None), Answer.metric == METRIC)
    )


def _here(where: Mapping[str, int], wave: int, span: Span) -> list[sa.ColumnElement[bool]]:
    columns = {**COLUMNS, "staff": InteractionShare.staff_id.expression}
    return [
        Response.wave == wave,
        Interaction.day >= span.first,
        Interaction.day <= span.last,
        *(columns[subject] == id_ for subject, id_ in where.items()),
    ]
