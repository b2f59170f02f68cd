"""Counts per score, subject and period: from the tallies where they hold, else from the answers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.reports.models import Tally
from feedback.reports.periods import next_start, start_of
from feedback.reports.roll_up import changed_days, counted_until
from feedback.reports.subjects import COLUMNS, counted
from feedback.responses.models import Answer, Response

# (subject's id, wave, first day of the period or None for all of them) → {score: count}
Counted = dict[tuple[int, int, date | None], dict[int, int]]


@dataclass(frozen=True)
class Question:
    """Which scores to count, and how to part them."""

    metric: str
    by: str | None
    period: str | None
    first: date
    last: date
    waves: tuple[int, ...]
    where: Mapping[str, int]


def count(session: Session, question: Question, *, from_tallies: bool = True) -> Counted:
    """Return the counts; both ways give the same, the tallies give it sooner."""
    subjects = {question.by} - {None, "wave"} | set(question.where)
    until = counted_until(session) if from_tallies else None
    if until is None or len(subjects) > 1 or question.period == "day":
        return _live(session, question, [(question.first, question.last)])
    grain = "week" if question.period == "week" else "month"
    stale = {start_of(day, grain) for day in changed_days(session, until)}
    whole, parts = _split(*_reaching(session, question, grain), grain, stale)
    result = _live(session, question, parts) if parts else {}
    _add(result, _tallied(session, question, grain, whole, next(iter(subjects), None)))
    return result


def _reaching(session: Session, question: Question, grain: str) -> tuple[date, date]:
    """Return the days to count, reaching to the ends of periods where there is nothing beyond.

    A month that is not over yet is then one of those the tallies hold, until its next change.
    """
    # Each end by itself is one step in the index; both at once would be a scan on SQLite.
    first = session.scalar(sa.select(sa.func.min(Interaction.day)))
    last = session.scalar(sa.select(sa.func.max(Interaction.day)))
    start, end = question.first, question.last
    if first is not None and first >= start:
        start = start_of(start, grain)
    if last is not None and last <= end:
        end = next_start(start_of(end, grain), grain) - timedelta(days=1)
    return start, end


def _split(
    first: date, last: date, grain: str, stale: set[date]
) -> tuple[list[date], list[tuple[date, date]]]:
    """Return the periods wholly within the range that the tallies hold, and the days besides."""
    whole: list[date] = []
    parts: list[tuple[date, date]] = []
    start = start_of(first, grain)
    while start <= last:
        after = next_start(start, grain)
        days = (max(start, first), min(after - timedelta(days=1), last))
        if start in stale or days != (start, after - timedelta(days=1)):
            parts.append(days)
        else:
            whole.append(start)
        start = after
    return whole, _joined(parts)


def _joined(parts: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Return the same days with neighbours put together: one query rather than many."""
    joined: list[tuple[date, date]] = []
    for first, last in parts:
        if joined and joined[-1][1] + timedelta(days=1) == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


def _tallied(
    session: Session, question: Question, grain: str, whole: list[date], subject: str | None
) -> Counted:
    if not whole:
        return {}
    query = sa.select(
        Tally.subject_id, Tally.wave, Tally.starts_on, Tally.score, sa.func.sum(Tally.count)
    ).where(
        Tally.subject == (subject or "all"),
        Tally.metric == question.metric,
        Tally.grain == grain,
        Tally.starts_on >= whole[0],
        Tally.starts_on <= whole[-1],
        Tally.wave.in_(question.waves),
    )
    if subject is not None and subject in question.where:
        query = query.where(Tally.subject_id == question.where[subject])
    holes = set(whole)
    rows = session.execute(
        query.group_by(Tally.subject_id, Tally.wave, Tally.starts_on, Tally.score)
    )
    parted = question.by == subject and subject is not None
    result: Counted = defaultdict(dict)
    for subject_id, wave, starts_on, score, times in rows:
        if starts_on in holes:
            key = (subject_id if parted else 0, wave, place(question, starts_on))
            result[key][score] = result[key].get(score, 0) + int(times)
    return result


def place(question: Question, day: date) -> date | None:
    """Return the first day of the question's period the day is in, None for no periods."""
    return start_of(day, question.period) if question.period else None


def _live(session: Session, question: Question, parts: list[tuple[date, date]]) -> Counted:
    parted = question.by not in (None, "wave")
    of = sa.func.coalesce(COLUMNS[question.by or ""], 0) if parted else sa.literal(0)
    result: Counted = defaultdict(dict)
    for first, last in parts:
        query = (
            counted()
            .add_columns(of, Response.wave, Interaction.day, Answer.score, sa.func.count())
            .where(
                Answer.metric == question.metric,
                Response.wave.in_(question.waves),
                Interaction.day >= first,
                Interaction.day <= last,
            )
            .group_by(of, Response.wave, Interaction.day, Answer.score)
        )
        for subject, id_ in question.where.items():
            query = query.where(COLUMNS[subject] == id_)
        for subject_id, wave, day, score, times in session.execute(query):
            key = (subject_id, wave, place(question, day))
            result[key][score] = result[key].get(score, 0) + times
    return result


def _add(result: Counted, more: Counted) -> None:
    for key, counts in more.items():
        mine = result.setdefault(key, {})
        for score, times in counts.items():
            mine[score] = mine.get(score, 0) + times
