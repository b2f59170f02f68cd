"""Brings the tallies up to date: recounts every week and month that a change has touched."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.reports.models import RollUp, Tally
from feedback.reports.periods import next_start, start_of
from feedback.reports.subjects import COLUMNS, counted
from feedback.responses.models import Answer, Response

GRAINS = ("week", "month")
# A transaction may commit a little after the moment it wrote down; none takes this long.
OVERLAP = timedelta(minutes=10)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def changed_days(session: Session, since: datetime | None) -> list[date]:
    """Return the days whose answers have changed since a moment, or all that have any."""
    query = (
        sa.select(Interaction.day)
        .join(Response, Response.interaction_id == Interaction.id)
        .distinct()
        .order_by(Interaction.day)
    )
    if since is not None:
        query = query.where(Response.changed_at >= since)
    return list(session.scalars(query))


def counted_until(session: Session) -> datetime | None:
    """Return the moment before which every change is in the tallies, or None before any roll-up."""
    return session.scalar(sa.select(RollUp.counted_until).where(RollUp.id == 1))


def roll_up(session: Session, now: datetime, between: Callable[[], object] = lambda: None) -> int:
    """Recount what has changed since the last roll-up; return how many days that touched.

    `between` is called after each week and month, and may commit, so that nobody has to wait for a
    long one: each piece is right by itself, and all of them are counted again if this is cut short.
    """
    mark = _mark(session)
    days = changed_days(session, mark.counted_until)
    newest = session.scalar(sa.select(sa.func.max(Response.changed_at)))
    for grain in GRAINS:
        for start in sorted({start_of(day, grain) for day in days}):
            mark = _mark(session)
            _recount(session, grain, start)
            between()
    # Never beyond what has been seen: `flask work --now` may stand for a clock far ahead, and what
    # people answer meanwhile is still to be counted.
    seen = _BEGINNING if newest is None else newest + timedelta(microseconds=1)
    if days:
        mark = _mark(session)
    mark.counted_until = min(now - OVERLAP, seen)
    session.flush()
    return len(days)


def _mark(session: Session) -> RollUp:
    """Return the one row that says how far was counted, held until this roll-up is kept."""
    if session.get(RollUp, 1) is None:
        try:
            with session.begin_nested():
                session.add(RollUp(id=1, counted_until=_BEGINNING))
        except IntegrityError:
            # Another worker's first roll-up came first, and has been waited for.
            pass
    return session.scalars(
        sa.select(RollUp).with_for_update().execution_options(populate_existing=True)
    ).one()


def _recount(session: Session, grain: str, start: date) -> None:
    end = next_start(start, grain)
    session.execute(sa.delete(Tally).where(Tally.grain == grain, Tally.starts_on == start))
    zero = sa.literal(0)
    for subject, column in {"all": zero, **COLUMNS}.items():
        of = sa.func.coalesce(column, 0)
        rows = (
            counted()
            .add_columns(
                sa.literal(subject),
                of,
                Answer.metric,
                sa.literal(grain),
                sa.literal(start, sa.Date),
                Response.wave,
                Answer.score,
                sa.func.count(),
            )
            .where(Interaction.day >= start, Interaction.day < end)
            .group_by(of, Answer.metric, Response.wave, Answer.score)
        )
        names = ["subject", "subject_id", "metric", "grain", "starts_on", "wave", "score", "count"]
        session.execute(sa.insert(Tally).from_select(names, rows))
