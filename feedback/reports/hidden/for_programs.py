"""What is kept from programs that may see figures and nothing else.

Whoever reads the pages may read single answers, with their days; to a program that only sees
figures, the days are one more way to subtract. So here what `hiding` hides is hidden, and what any
two or more stretches of days would give away as well.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.reports.hidden.secret_people import part_of
from feedback.reports.hidden.veil import Part, Veil
from feedback.reports.subjects import COLUMNS, counted
from feedback.responses.models import Answer, Response


class Days:
    """Which days of which parts of a metric's answers may be told apart."""

    def __init__(self, session: Session, metric: str, waves: tuple[int, ...], least: int) -> None:
        """Count every answer there is: what a figure gives away depends on all the others."""
        self._veils = {wave: Veil(_answers(session, metric, wave), least) for wave in waves}

    def hides(self, subjects: Mapping[str, int], wave: int, first: date, last: date) -> bool:
        """Tell whether the figures about these subjects on these days are to be kept back."""
        return self._veils[wave].hides(part_of(subjects), first, last + timedelta(days=1))


def _answers(session: Session, metric: str, wave: int) -> dict[Part, dict[date, int]]:
    """Return how many answers each combination of subjects has on each day; nobody named is 0."""
    subjects = [sa.func.coalesce(column, 0) for column in COLUMNS.values()]
    rows = session.execute(
        counted()
        .add_columns(*subjects, Interaction.day, sa.func.count())
        .where(Answer.metric == metric, Response.wave == wave)
        .group_by(*subjects, Interaction.day)
    )
    answers: dict[Part, dict[date, int]] = {}
    for *part, day, times in rows:
        answers.setdefault(tuple(part), {})[day] = times
    return answers
