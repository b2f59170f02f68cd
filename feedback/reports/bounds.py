"""What CSAT could be if those had answered who did not: the worst case, and the best.

It concerns those we asked; what another system collected has no silent ones that we know of.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.measures.non_response import worst_case_bounds
from feedback.reports.asked import count_asked
from feedback.reports.figures import value_words
from feedback.reports.hidden.hiding import Cell, hidden_cells, hidden_from_others
from feedback.reports.hidden.secret_people import secrets_of
from feedback.reports.spans import Span
from feedback.reports.subjects import COLUMNS, counted
from feedback.reports.tallies import Question
from feedback.responses.models import Answer, Response
from feedback.surveys.scales import CSAT

# From this response rate on, the bounds say little that the interval does not.
SHOWN_BELOW = 0.6
_DIGITS = 6


@dataclass(frozen=True)
class Bounds:
    """CSAT if everybody silent were dissatisfied, and if everybody were satisfied; in 0 … 1.

    `good` of the `answered` with a CSAT score are satisfied; `asked` were invited by us.
    """

    good: int
    answered: int
    asked: int
    low: float
    high: float

    def as_json(self) -> dict[str, Any]:
        """Return it as the API writes it."""
        return {
            "good": self.good,
            "answered": self.answered,
            "asked": self.asked,
            "low": round(self.low, _DIGITS),
            "high": round(self.high, _DIGITS),
        }


def bounds_of(
    session: Session,
    where: Mapping[str, int],
    wave: int,
    span: Span,
    *,
    min_group: int,
    sees_all: bool,
    own: int | None = None,
    guards_days: bool = False,
) -> Bounds | None:
    """Return the bounds of one wave; None where nobody was asked, or where they are to be hidden.

    To others they are shown where the figure is, and where it less them does not tell the scores
    of a few imported answers. For a program that may subtract days (`guards_days`) there must be
    none of these, nor where anybody's answers are guarded from subtracting days; and whether the
    figure of these days may be shown is asked by whoever calls.
    """
    subjects = () if sees_all else tuple(sorted(where))
    cell: Cell = (tuple(where[subject] for subject in subjects), wave, None)
    invited, imported = _count(session, span, wave, subjects, where if sees_all else {})
    if not sees_all:
        figure = Question("csat", None, None, span.first, span.last, (wave,), where)
        if hidden_from_others(session, figure, least=min_group, own=own):
            return None
        if imported.get(cell, 0):
            secrets = secrets_of(session, "csat", least=min_group, own=own)
            if guards_days or secrets.has_any(where, wave, span.first, span.last):
                return None
        if cell in hidden_cells(session, [(imported, min_group)], subjects, own):
            return None
    good, answered = invited.get(cell, (0, 0))
    asked = count_asked(session, where, (wave,), span.first, span.last).asked
    found = worst_case_bounds(good, answered, asked)
    return None if found is None else Bounds(good, answered, asked, *found)


def bounds_words(bounds: Bounds) -> str:
    """Return both cases in one sentence."""
    return str(
        _(
            "If everybody who did not answer had been dissatisfied, it would be %(low)s; if"
            " satisfied, %(high)s.",
            low=value_words("csat", bounds.low),
            high=value_words("csat", bounds.high),
        )
    )


def _count(
    session: Session, span: Span, wave: int, subjects: tuple[str, ...], where: Mapping[str, int]
) -> tuple[dict[Cell, tuple[int, int]], dict[Cell, int]]:
    """Return (good, answered) of those we asked, and how many others answered, for each cell."""
    of = [sa.func.coalesce(COLUMNS[subject], 0).label(subject) for subject in subjects]
    # One customer is one answer here, whose worst score decides where a survey asks twice.
    each = (
        counted()
        .add_columns(*of, Invitation.id.label("asked"), sa.func.min(Answer.score).label("score"))
        .outerjoin(
            Invitation,
            sa.and_(
                Invitation.interaction_id == Response.interaction_id,
                Invitation.wave == Response.wave,
                Invitation.issued_at.is_not(None),
            ),
        )
        .where(
            Answer.metric == "csat",
            Response.wave == wave,
            Interaction.day >= span.first,
            Interaction.day <= span.last,
            *(COLUMNS[subject] == id_ for subject, id_ in where.items()),
        )
        .group_by(Response.id, Invitation.id, *of)
        .subquery()
    )
    ids = [each.c[subject] for subject in subjects]
    rows = session.execute(
        sa.select(
            *ids,
            sa.func.count(each.c.asked),
            sa.func.count(each.c.asked).filter(each.c.score >= CSAT.high),
            sa.func.count(),
        ).group_by(*ids)
    )
    invited: dict[Cell, tuple[int, int]] = {}
    imported: dict[Cell, int] = defaultdict(int)
    for *found, answered, good, times in rows:
        cell = (tuple(found), wave, None)
        invited[cell] = (good, answered)
        imported[cell] = times - answered
    return invited, imported
