"""The answers a figure was counted from, so that whoever may read them can count again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.reports.answers import Which
from feedback.reports.board import where_ids
from feedback.reports.figures import Figure, figure_of
from feedback.reports.filters import Filters
from feedback.reports.hidden.listable import Listable, listable
from feedback.reports.reader import Reader
from feedback.responses.models import Answer, Response

# More than these no spreadsheet opens with pleasure.
MOST_ANSWERS = 100_000


class TooMany(Exception):
    """More answers than a file takes."""


@dataclass(frozen=True)
class Counted:
    """One score; `day` is None where it is about somebody whose answers are not listed.

    `struck_because` is None where it counts.
    """

    day: date | None
    score: int
    reference: str = ""
    struck_because: str | None = None


@dataclass(frozen=True)
class Recomputable:
    """A figure as it is shown, and every answer that counts in it, or was struck."""

    figure: Figure
    filters: Filters
    answers: Sequence[Counted]
    # Struck answers about somebody whose answers are not listed are told to nobody.
    leaves_struck_out: bool
    seen_staff: frozenset[int]

    @property
    def has_struck(self) -> bool:
        """Tell whether any answers were struck that may be told."""
        return any(one.struck_because is not None for one in self.answers)


def recomputable(reader: Reader, filters: Filters, *, with_reference: bool) -> Recomputable | None:
    """Return the figure of the filters' metric and wave with its answers; None where not shown.

    What is listed is what the list of answers shows. Those about somebody with too few are not, but
    count: their scores stand at the end without day or number, which is what the figure less the
    list says of them already. Raises TooMany.
    """
    metric, wave = filters.metric or "csat", filters.wave or 1
    point = reader.ask(metric, filters.span, filters.where, wave=wave)
    found = point[0]["points"][0] if point else None
    if not found or not found["n"]:
        return None
    which = Which(filters.span, (wave,), where_ids(reader, filters), metric=metric)
    may = listable(reader, which)
    if wave not in may.waves:
        return None
    rows = _rows(reader.session, which)
    listed = [row for row in rows if may.shows(metric, (row.staff_id or 0, wave))]
    return Recomputable(
        figure=figure_of(
            metric, wave, found, "", person="staff" in filters.where, own=reader.sees_all
        ),
        filters=filters,
        answers=[*_listed(listed, with_reference=with_reference), *_unlisted(rows, may, which)],
        leaves_struck_out=len([row for row in listed if row.because])
        < len([row for row in rows if row.because]),
        seen_staff=frozenset(row.staff_id for row in listed if row.staff_id is not None),
    )


def _rows(session: Session, which: Which) -> Sequence[sa.Row[tuple[date, int, str, str, int]]]:
    rows = session.execute(
        sa.select(
            Interaction.day,
            Answer.score,
            Interaction.external_id.label("reference"),
            Response.excluded_because.label("because"),
            Interaction.staff_id,
        )
        .select_from(Answer)
        .join(Response, Response.id == Answer.response_id)
        .join(Interaction, Interaction.id == Response.interaction_id)
        # What is held for a machine's was said by nobody, so nobody has struck it.
        .where(Answer.metric == which.metric, Response.suspected_at.is_(None))
        .where(*which.conditions())
        .order_by(Interaction.day, Response.id, Answer.question_key)
        .limit(MOST_ANSWERS + 1)
    ).all()
    if len(rows) > MOST_ANSWERS:
        raise TooMany
    return rows  # type: ignore[return-value]


def _listed(
    rows: Sequence[sa.Row[tuple[date, int, str, str, int]]], *, with_reference: bool
) -> list[Counted]:
    return [
        Counted(row.day, row.score, row.reference if with_reference else "", row.because)
        for row in rows
    ]


def _unlisted(
    rows: Sequence[sa.Row[tuple[date, int, str, str, int]]], may: Listable, which: Which
) -> list[Counted]:
    """Return the scores that count but are not listed, in the order of scores: no order of time."""
    metric, (wave,) = which.metric or "", which.waves
    scores = sorted(
        row.score
        for row in rows
        if row.because is None and not may.shows(metric, (row.staff_id or 0, wave))
    )
    return [Counted(None, score) for score in scores]
