"""Counts first answers by what became of them thirty days later: the ground of `pairs`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.reports.hidden.hiding import Cell, Quantity, hidden_cells
from feedback.reports.spans import Span
from feedback.reports.subjects import COLUMNS, counted
from feedback.responses.models import Answer, Response, that_counts
from feedback.surveys.scales import CSAT

PAIR, YOUNG, SILENT, NOT_ASKED, OTHER = "pair", "young", "silent", "not_asked", "other"
# Good at first and good again, in the order in which `measures.paired` takes them.
KINDS = ((True, True), (True, False), (False, True), (False, False))
# To be shown to others, so many times MIN_GROUP pairs there must be at least.
_TIMES_MIN_GROUP = 2
_WAVE = 2

# (what became of the first answer, it was good, the second was good) → answers
Counts = Mapping[tuple[str, bool, bool], int]


def count_pairs(
    session: Session,
    span: Span,
    ripe: date,
    subjects: tuple[str, ...],
    where: Mapping[str, int],
) -> dict[Cell, Counts]:
    """Count every first CSAT answer that counts by what became of it, for each cell."""
    of = [sa.func.coalesce(COLUMNS[subject], 0) for subject in subjects]
    here = [
        Interaction.day >= span.first,
        Interaction.day <= span.last,
        *(COLUMNS[subject] == id_ for subject, id_ in where.items()),
    ]
    found: dict[Cell, dict[tuple[str, bool, bool], int]] = defaultdict(dict)
    for *ids, fate, was_good, is_good, times in fates(session, ripe, of, here):
        found[tuple(ids), _WAVE, None][fate, bool(was_good), bool(is_good)] = times
    return dict(found)


def fates(
    session: Session,
    ripe: date,
    of: Sequence[Any],
    here: Sequence[sa.ColumnElement[bool]],
) -> Iterable[Any]:
    """Yield what `of` has, what became of the first answers, whether good and again, how many."""
    again, second, asked = aliased(Response), aliased(Answer), aliased(Invitation)
    scheduled = sa.and_(
        asked.id.is_not(None), asked.issued_at.is_(None), asked.withheld_at.is_(None)
    )
    became = sa.case(
        (Interaction.day > ripe, YOUNG),
        (second.score.is_not(None), PAIR),
        (again.id.is_not(None), OTHER),
        # A holiday or a worker at rest can hold a follow-up back for longer.
        (scheduled, YOUNG),
        (asked.issued_at.is_not(None), SILENT),
        else_=NOT_ASKED,
    )
    good = sa.case((Answer.score >= CSAT.high, 1), else_=0)
    good_again = sa.case((second.score >= CSAT.high, 1), else_=0)
    return session.execute(
        counted()
        .add_columns(*of, became, good, good_again, sa.func.count())
        .outerjoin(
            again,
            sa.and_(
                again.interaction_id == Interaction.id,
                again.wave == _WAVE,
                again.excluded_at.is_(None),
                again.suspected_at.is_(None),
            ),
        )
        .outerjoin(
            second,
            sa.and_(
                second.response_id == again.id,
                second.question_key == Answer.question_key,
                second.metric == "csat",
            ),
        )
        .outerjoin(asked, sa.and_(asked.interaction_id == Interaction.id, asked.wave == _WAVE))
        .where(
            Answer.metric == "csat",
            Response.wave == 1,
            *here,
        )
        .group_by(*of, became, good, good_again)
    )


@dataclass(frozen=True)
class Hidden:
    """Of which parts others may see nothing, and of which not all four groups."""

    wholly: Collection[Cell]
    partly: Collection[Cell]


def hidden_pairs(
    session: Session,
    by_cell: Mapping[Cell, Counts],
    second_answers: Mapping[Cell, int],
    subjects: tuple[str, ...],
    *,
    min_group: int,
    own: int | None,
) -> Hidden:
    """Return what others may not see of parts whose first answers became this.

    `second_answers` are all of wave 2, which are told elsewhere: less the pairs they leave those of
    customers who were silent at first. Where there are none of these, the second answers are those
    of the pairs, and give away whatever group is kept back.
    """

    def of(fate: str, *kinds: tuple[bool, bool]) -> dict[Cell, int]:
        return {
            cell: sum(counts.get((fate, *kind), 0) for kind in kinds)
            for cell, counts in by_cell.items()
        }

    pairs = of(PAIR, *KINDS)
    # All first answers are told elsewhere, too; less the pairs and the silent, they leave the rest.
    later = [of(fate, *KINDS) for fate in (YOUNG, NOT_ASKED, OTHER)]
    rest = {cell: sum(part[cell] for part in later) for cell in by_cell}
    late = {cell: times - pairs.get(cell, 0) for cell, times in second_answers.items()}
    some: list[Quantity] = [
        (pairs, _TIMES_MIN_GROUP * min_group),
        (of(PAIR, (True, True)), min_group),
        (of(PAIR, (True, False)), min_group),
        (of(PAIR, (False, True), (False, False)), min_group),
        (of(SILENT, *KINDS), min_group),
        (rest, min_group),
        (late, min_group),
    ]
    both = [(of(PAIR, (False, again)), min_group) for again in (True, False)]
    partly = hidden_cells(session, [*some, *both], subjects, own)
    bare = {cell for cell in partly if not late.get(cell, 0)}
    return Hidden(hidden_cells(session, some, subjects, own, bare), partly)


def turned_bad() -> sa.ColumnElement[bool]:
    """Return the condition for a response of wave 2: its customer was satisfied at first."""
    first, before, now = aliased(Response), aliased(Answer), aliased(Answer)
    there = (
        sa.exists()
        .where(
            first.interaction_id == Response.interaction_id,
            first.wave == 1,
            first.excluded_at.is_(None),
            first.suspected_at.is_(None),
            before.response_id == first.id,
            now.response_id == Response.id,
            now.question_key == before.question_key,
            before.metric == "csat",
            now.metric == "csat",
            before.score >= CSAT.high,
            now.score < CSAT.high,
        )
        .correlate(Response)
    )
    return sa.and_(Response.wave == _WAVE, that_counts(), there)
