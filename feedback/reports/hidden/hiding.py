"""Decides which figures others may not see: too few answers, or giving away who has too few.

A figure is about a cell: everything, or what one or more subjects have in common (李静, on the
phone). Cells that differ in one subject only add up to a total that is shown elsewhere; along each
such line `hidden_groups` hides what could be worked out. Among staff there is a second total, that
of the team.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction, StaffMember
from feedback.reports.hidden.small_groups import hidden_groups
from feedback.reports.subjects import COLUMNS, counted
from feedback.reports.tallies import Counted, Question, count, place
from feedback.responses.models import Answer, Response

# The ids of the cell's subjects, in the order of their names; the wave; the period.
Cell = tuple[tuple[int, ...], int, date | None]
# How much each cell has of something, and how much of it may be shown to others.
Quantity = tuple[Mapping[Cell, int], int]


def hidden_from_others(
    session: Session,
    question: Question,
    *,
    least: int,
    own: int | None = None,
    counted: Counted | None = None,
) -> set[tuple[int, int, date | None]]:
    """Return which of the question's groups others may not see, by the keys `count()` gives them.

    `own` is the staff record of the reader, to whom it is no secret. `counted` spares counting what
    has been counted already.
    """
    parted = question.by if question.by != "wave" else None
    subjects = tuple(sorted({*question.where, *([parted] if parted else [])}))
    if counted is None or question.where:
        found = sizes(session, question, subjects)
    else:
        found = {
            ((id_,) if subjects else (), wave, start): sum(counts.values())
            for (id_, wave, start), counts in counted.items()
        }
    by = subjects.index(parted) if parted else None
    return {
        (0 if by is None else ids[by], wave, start)
        for ids, wave, start in hidden_cells(session, [(found, least)], subjects, own)
        if all(ids[subjects.index(one)] == id_ for one, id_ in question.where.items())
    }


def sizes(session: Session, question: Question, subjects: tuple[str, ...]) -> dict[Cell, int]:
    """Return how many answers each cell of these subjects has, whatever the question's filter."""
    if len(subjects) < 2:
        everywhere = replace(question, by=next(iter(subjects), None), where={})
        return {
            ((id_,) if subjects else (), wave, start): sum(counts.values())
            for (id_, wave, start), counts in count(session, everywhere).items()
        }
    of = [sa.func.coalesce(COLUMNS[subject], 0) for subject in subjects]
    rows = session.execute(
        counted()
        .add_columns(*of, Response.wave, Interaction.day, sa.func.count())
        .where(
            Answer.metric == question.metric,
            Response.wave.in_(question.waves),
            Interaction.day >= question.first,
            Interaction.day <= question.last,
        )
        .group_by(*of, Response.wave, Interaction.day)
    )
    found: dict[Cell, int] = defaultdict(int)
    for *ids, wave, day, times in rows:
        found[tuple(ids), wave, place(question, day)] += times
    return found


def hidden_cells(
    session: Session,
    quantities: Sequence[Quantity],
    subjects: tuple[str, ...],
    own: int | None,
    besides: Collection[Cell] = (),
) -> set[Cell]:
    """Return the cells to hide; none of those about the reader, whose staff record is `own`.

    Where several quantities of a cell are shown together, it is hidden for any one of them that is
    too small, and then along each line what is hidden holds enough of every one of them. Those
    `besides` are to be hidden for another reason.
    """
    if not subjects:
        small = {cell for found, least in quantities for cell in found if 0 < found[cell] < least}
        return small | set(besides)
    cells = list(dict.fromkeys(cell for found, _least in quantities for cell in found))
    lines = [line for axis in range(len(subjects)) for line in _lines(cells, axis)]
    known: set[Cell] = set()
    if "staff" in subjects:
        axis = subjects.index("staff")
        known = {cell for cell in cells if own is not None and cell[0][axis] == own}
        if "team" not in subjects:
            # First, so that whoever covers for a colleague is of the same team.
            lines = [*_by_team(session, cells, axis), *lines]
    hidden = (_within_hidden(session, quantities, subjects, own) | set(besides)) - known
    # What is hidden along one line may leave another with one gap only: until nothing changes.
    while more := _more_hidden(lines, quantities, hidden, known) - hidden:
        hidden |= more
    return hidden


def _within_hidden(
    session: Session,
    quantities: Sequence[Quantity],
    subjects: tuple[str, ...],
    own: int | None,
) -> set[Cell]:
    """Return the cells that are part of a larger one to hide: shown, they would add up to it."""
    hidden: set[Cell] = set()
    for axis in range(len(subjects)) if len(subjects) > 1 else ():
        fewer = subjects[:axis] + subjects[axis + 1 :]
        larger = [(_added_up(found, axis), least) for found, least in quantities]
        too_few = hidden_cells(session, larger, fewer, own)
        cells = (cell for found, _least in quantities for cell in found)
        hidden |= {cell for cell in cells if _without(cell, axis) in too_few}
    return hidden


def _added_up(found: Mapping[Cell, int], axis: int) -> dict[Cell, int]:
    larger: dict[Cell, int] = defaultdict(int)
    for cell, size in found.items():
        larger[_without(cell, axis)] += size
    return larger


def _without(cell: Cell, axis: int) -> Cell:
    ids, wave, start = cell
    return ids[:axis] + ids[axis + 1 :], wave, start


def _lines(found: Iterable[Cell], axis: int) -> Iterable[list[Cell]]:
    lines: dict[object, list[Cell]] = defaultdict(list)
    for ids, wave, start in found:
        lines[ids[:axis], ids[axis + 1 :], wave, start].append((ids, wave, start))
    return lines.values()


def _by_team(session: Session, found: Iterable[Cell], axis: int) -> Iterable[list[Cell]]:
    """Part the line of staff by the team each is in today, since a team's total is shown too."""
    rows = session.execute(sa.select(StaffMember.id, StaffMember.team_id))
    teams = {row.id: row.team_id for row in rows}
    lines: dict[object, list[Cell]] = defaultdict(list)
    for ids, wave, start in found:
        team = teams.get(ids[axis])
        lines[team, ids[:axis], ids[axis + 1 :], wave, start].append((ids, wave, start))
    return lines.values()


def _more_hidden(
    lines: Iterable[list[Cell]],
    quantities: Sequence[Quantity],
    hidden: set[Cell],
    known: set[Cell],
) -> set[Cell]:
    so_far = set(hidden)
    for line in lines:
        for found, least in quantities:
            along = {cell: found.get(cell, 0) for cell in line}
            so_far |= hidden_groups(along, least, besides=so_far, known=known)
    return so_far
