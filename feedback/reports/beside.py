"""Puts beside the figures of `scores()` what they are to be read with: asked, changed, compared."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from feedback.measures.secondary import secondary
from feedback.reports.aims.point_targets import add_targets, days_of
from feedback.reports.asked import NOBODY_ASKED, asked_by
from feedback.reports.asking import Asking, Group
from feedback.reports.bounds import bounds_of
from feedback.reports.changes import change_between
from feedback.reports.named_rates import named_rates
from feedback.reports.people import comparison
from feedback.reports.people.beside_people import add_people
from feedback.reports.repeat_customers import clustered_by, clustered_json
from feedback.reports.struck_figures import struck_by, struck_json, struck_of
from feedback.reports.trends.point_limits import add_limits
from feedback.reports.twice.follow_up_rate import follow_up_rate, matured_json
from feedback.reports.twice.pairs import pairs_of
from feedback.touchpoints.targets import lines_of

_DIGITS = 6
# A day has too few answers for a chart, and one person too few in a month.
_CHARTED_BY = (None, "wave", "channel", "team", "touchpoint")


def add_beside(asking: Asking, result: dict[str, Any]) -> None:
    """Add to a result and its groups, in place.

    What belongs to a figure that is not shown is not shown either.
    """
    groups: list[Group] = result.pop("groups")
    ids = asking.ids
    _add_secondary(asking, groups)
    _add_asked(asking, groups, ids)
    if asking.request.by == "staff":
        add_people(asking, result, groups, ids)
    _add_targets(asking, groups, ids)
    if asking.request.period is None and asking.sees_all:
        _add_struck(asking, groups, ids)
    if asking.request.period is None:
        if asking.request.metric == comparison.METRIC:
            _add_by_customer(asking, groups, ids)
            _add_whole(asking, result)
    else:
        for group in groups:
            _add_changes(asking.request.metric, group["points"])
        if asking.sees_all and asking.request.period != "day" and asking.request.by in _CHARTED_BY:
            _add_limits(asking, groups, ids)
    result["groups"] = groups


def _add_targets(asking: Asking, groups: list[Group], ids: Mapping[str | None, int]) -> None:
    lines = lines_of(asking.session, asking.span.first, asking.span.last)
    days = days_of(asking.span, asking.request.period)
    for group in groups:
        add_targets(
            asking.session,
            asking.request.metric,
            asking.wave(group),
            asking.about(group, ids),
            group["points"],
            days,
            lines,
        )


def _add_struck(asking: Asking, groups: list[Group], ids: Mapping[str | None, int]) -> None:
    """Say what was struck, and what the figure would be with it; not to others than see all."""
    request, span = asking.request, asking.span
    found = {
        wave: struck_by(
            asking.session, request.metric, request.by, asking.where, wave, span.first, span.last
        )
        for wave in sorted({asking.wave(group) for group in groups})
    }
    for group in groups:
        id_ = ids[group["key"][request.by]] if ids else 0
        (point,) = group["points"]
        counts = {int(score): times for score, times in (point["counts"] or {}).items()}
        removed = found[asking.wave(group)].get(id_, {})
        point["struck"] = struck_json(struck_of(request.metric, counts, removed))


def _add_secondary(asking: Asking, groups: list[Group]) -> None:
    for point in (point for group in groups for point in group["points"]):
        counts = {int(score): times for score, times in (point["counts"] or {}).items()}
        for name, one in secondary(asking.request.metric, counts).items():
            ends = {"value": one.value, "low": one.low, "high": one.high}
            point[name] = {end: round(number, _DIGITS) for end, number in ends.items()}


def _add_changes(metric: str, points: list[dict[str, Any]]) -> None:
    for point in points[:1]:
        point["change"] = None
    for earlier, later in pairwise(points):
        later["change"] = change_between(metric, later, earlier)


def _add_limits(asking: Asking, groups: list[Group], ids: Mapping[str | None, int]) -> None:
    history, starts = asking.history()
    points = {str(group["key"]): group["points"] for group in history}
    for group in groups:
        add_limits(
            asking.session,
            asking.request.metric,
            asking.wave(group),
            asking.about(group, ids),
            group,
            points[str(group["key"])],
            starts,
        )


def _add_asked(asking: Asking, groups: list[Group], ids: Mapping[str | None, int]) -> None:
    request, span = asking.request, asking.span
    found = {
        wave: asked_by(
            asking.session, request.by, asking.where, wave, span.first, span.last, request.period
        )
        for wave in sorted({asking.wave(group) for group in groups})
    }
    for group in groups:
        id_ = ids[group["key"][request.by]] if ids else 0
        for start, point in zip(asking.starts, group["points"], strict=True):
            asked = found[asking.wave(group)].get((id_, start), NOBODY_ASKED)
            # How many answered tells as much as how many gave a score.
            is_shown = point["n"] is not None
            point["asked"] = asked.asked if is_shown else None
            point["answered"] = asked.answered if is_shown else None
            point["response_rate"] = asked.rate if is_shown else None


def _add_by_customer(asking: Asking, groups: list[Group], ids: Mapping[str | None, int]) -> None:
    """Say how wide the interval is by customer, where some of them answered more than once."""
    by, span = asking.request.by, asking.span
    found = {
        wave: clustered_by(asking.session, by, asking.where, wave, span.first, span.last)
        for wave in sorted({asking.wave(group) for group in groups})
    }
    for group in groups:
        (point,) = group["points"]
        one = found[asking.wave(group)].get(ids[group["key"][by]] if ids else 0)
        is_told = one is not None and point["value"] is not None
        point["by_customer"] = clustered_json(one) if one and is_told else None


def _add_whole(asking: Asking, result: dict[str, Any]) -> None:
    """Say of everything that was asked about what cannot be said of a group alone."""
    session, where, span = asking.session, asking.where, asking.span
    by, wave = asking.request.by, asking.request.wave or 1
    seen: dict[str, Any] = {
        "min_group": asking.min_group,
        "sees_all": asking.sees_all,
        "own": asking.own,
        "guards_days": asking.guards_days,
    }
    if by == "wave":
        follow_up: dict[str, Any] = {
            "today": asking.today,
            "follow_up_days": asking.follow_up_days,
        }
        result["paired"] = pairs_of(session, where, span, **follow_up, **seen).as_json()
        if asking.is_told(where):
            matured = follow_up_rate(session, where, span, **follow_up)
            result["matured"] = matured_json(matured)
    if by is None and asking.is_told(where):
        bounds = bounds_of(session, where, wave, span, **seen)
        result["bounds"] = None if bounds is None else bounds.as_json()
        if result["asked"]:
            result["response_rates"] = named_rates(session, where, wave, span).as_json()
