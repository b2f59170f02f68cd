"""Gives programs what a control chart shows: each point's limits, and whether it is news."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from feedback.reports.trends.annotations import annotations_for
from feedback.reports.trends.baselines import Controlled, Period, controlled
from feedback.reports.trends.breaks import reworded

_DIGITS = 6


def add_limits(
    session: Session,
    metric: str,
    wave: int,
    where: Mapping[str, int],
    group: dict[str, Any],
    history: Sequence[Mapping[str, Any]],
    starts: Sequence[date],
) -> None:
    """Add limits and mark to the points of a group, in place.

    `where` has the ids of what the group is about. `history` are its points of all periods since
    the first contact, for the baseline is the first twelve, and `starts` their first days. A point
    that was asked for in part is not the whole period's, and has neither.
    """
    notes = annotations_for(session, where, starts[0], date.max)
    breaks = {note.day for note in notes if note.breaks}
    breaks |= {one.day for one in reworded(session, metric, wave, where)}
    held = hold_points(metric, history, starts, breaks)
    by_period = {point["period"]: (one, point) for one, point in zip(held, history, strict=True)}
    for point in group["points"]:
        one, whole = by_period.get(point["period"], (None, None))
        is_whole = one is not None and whole is not None and point["counts"] == whole["counts"]
        has_limits = one is not None and is_whole and one.limits is not None
        point["limits"] = (
            [round(end, _DIGITS) for end in one.limits]
            if one and has_limits and one.limits
            else None
        )
        point["mark"] = one.mark if one and is_whole else None


def hold_points(
    metric: str,
    points: Sequence[Mapping[str, Any]],
    starts: Sequence[date],
    breaks: Collection[date] = (),
) -> list[Controlled]:
    """Return what holds for each point of `scores()`, for programs: its limits and its mark.

    The points must be those of all periods since the first contact, for the baseline is the first
    twelve; `starts` are the first days of these periods. Of the result, keep what was asked for.
    """
    periods = [
        Period({int(k): n for k, n in (one["counts"] or {}).items()}, one["provisional"])
        for one in points
    ]
    return controlled(metric, periods, starts, breaks)
