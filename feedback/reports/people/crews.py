"""Which figures of shared work others may not see: those a few answers could be worked out from.

One answer to a shared contact is in the figures of all who shared it. What somebody's figure adds
to their own answers is a sum over crews: the same people with the same parts. So a figure is shown
where the answers of each crew in it may be known by themselves. That is the rule programs are held
to (`hidden/veil.py`), with crews in the place of people. The whole they are part of is what counts
for nobody: contacts that several shared, and those closed by nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction, InteractionShare
from feedback.reports.hidden.veil import Part, Veil
from feedback.reports.kept import kept
from feedback.reports.people.shared import METRIC
from feedback.reports.subjects import COLUMNS, counted
from feedback.responses.models import Answer, Response

# Who, and with which parts.
_Crew = frozenset[tuple[int, float]]
_NOBODY: _Crew = frozenset()
_SUBJECTS = tuple(subject for subject in COLUMNS if subject != "staff")


@dataclass(frozen=True)
class Crews:
    """The crews of everybody who shared work, by person, and what may be known of each."""

    of_person: Mapping[int, tuple[int, ...]]
    veil: Veil
    # The days on which each part has answers.
    days: Mapping[Part, frozenset[date]]

    def hides(self, staff_id: int, where: Mapping[str, int], first: date, last: date) -> bool:
        """Tell whether the figure of somebody's shared work on these days is kept from others."""
        after = last + timedelta(days=1)
        for crew in self.of_person.get(staff_id, ()):
            part = (crew, *(where.get(subject) for subject in _SUBJECTS))
            has_some = any(first <= day <= last for day in self._days_of(part))
            if has_some and self.veil.hides(part, first, after):
                return True
        return False

    def _days_of(self, part: Part) -> set[date]:
        return {
            day
            for finest, days in self.days.items()
            if all(asked in (None, id_) for asked, id_ in zip(part, finest, strict=True))
            for day in days
        }


def crews(session: Session, wave: int, least: int, own: int | None) -> Crews:
    """Return what may be known of each crew; `own` is the reader's staff record.

    What the reader shared is no secret to them, and covers for nobody.
    """
    return kept(session, ("crews", wave, least, own), lambda: _crews(session, wave, least, own))


def _crews(session: Session, wave: int, least: int, own: int | None) -> Crews:
    members: dict[int, set[tuple[int, float]]] = {}
    shares = sa.select(
        InteractionShare.interaction_id, InteractionShare.staff_id, InteractionShare.part
    ).where(InteractionShare.part.is_not(None))
    for interaction_id, staff_id, part in session.execute(shares):
        members.setdefault(interaction_id, set()).add((staff_id, part or 0.0))
    numbers: dict[_Crew, int] = {_NOBODY: 0}
    answers: dict[Part, dict[date, int]] = {}
    for interaction_id, day, times, *place in _answers(session, wave):
        crew = frozenset(members.get(interaction_id, _NOBODY))
        if any(staff_id == own for staff_id, _part in crew):
            continue
        number = numbers.setdefault(crew, len(numbers))
        days = answers.setdefault((number, *place), {})
        days[day] = days.get(day, 0) + times
    of_person: dict[int, list[int]] = {}
    for crew, number in numbers.items():
        for staff_id, _part in crew:
            of_person.setdefault(staff_id, []).append(number)
    return Crews(
        {staff_id: tuple(found) for staff_id, found in of_person.items()},
        Veil(answers, least),
        {part: frozenset(days) for part, days in answers.items()},
    )


def _answers(session: Session, wave: int) -> list[tuple[Any, ...]]:
    """Return the answers that count for nobody alone, by contact and day, and what it was about."""
    subjects = [sa.func.coalesce(COLUMNS[subject], 0) for subject in _SUBJECTS]
    rows = session.execute(
        counted()
        .add_columns(Interaction.id, Interaction.day, sa.func.count(), *subjects)
        .where(Answer.metric == METRIC, Response.wave == wave, Interaction.staff_id.is_(None))
        .group_by(Interaction.id, Interaction.day, *subjects)
    )
    return [tuple(row) for row in rows]
