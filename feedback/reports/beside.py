"""Puts beside the figures of `scores()` what they are to be read with: asked, changed, compared."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from feedback.measures.secondary import secondary
from feedback.measures.standing import may_be_compared
from feedback.reports.aims.point_targets import add_targets, days_of
from feedback.reports.asked import NOBODY_ASKED, asked_by
from feedback.reports.bounds import bounds_of
from feedback.reports.changes import change_between
from feedback.reports.named_rates import named_rates
from feedback.reports.people import comparison
from feedback.reports.people.comparison import compared_people, group_of, mixes_of, ranks_of
from feedback.reports.people.person_json import group_json, part_json, person_json
from feedback.reports.periods import between
from feedback.reports.repeat_customers import clustered_by, clustered_json
from feedback.reports.request import ScoreRequest
from feedback.reports.spans import Span
from feedback.reports.subjects import named
from feedback.reports.trends.point_limits import add_limits
from feedback.reports.twice.follow_up_rate import follow_up_rate, matured_json
from feedback.reports.twice.pairs import pairs_of
from feedback.touchpoints.targets import lines_of

Group = dict[str, Any]
_DIGITS = 6
# A day has too few answers for a chart, and one person too few in a month.
_CHARTED_BY = (None, "wave", "channel", "team", "touchpoint")


@dataclass(frozen=True)
class Asking:
    """Who asks for what: a request with both its days, what it filters by, and how much is seen.

    `is_told` says of a part whether the whole of it may be known; `history` gives the groups of all
    periods since the first contact, and the first days of these; `everybody` those of all people
    who are compared, over all days where it is given no period.
    """

    session: Session
    request: ScoreRequest
    span: Span
    where: Mapping[str, int]
    today: date
    follow_up_days: int
    min_group: int
    sees_all: bool
    own: int | None
    guards_days: bool
    is_told: Callable[[Mapping[str, int]], bool]
    history: Callable[[], tuple[list[Group], Sequence[date]]]
    everybody: Callable[[str | None], list[Group]]

    def wave(self, group: Group) -> int:
        """Return the wave a group's figures are of."""
        return int(group["key"].get("wave") or self.request.wave or 1)

    @property
    def ids(self) -> dict[str | None, int]:
        """Return the inner id of each group's public key; zero stands for nobody named."""
        if self.request.by in (None, "wave"):
            return {}
        found = named(self.session, self.request.by, "")
        return {None: 0} | {key: id_ for id_, (key, _name) in found.items()}

    @property
    def starts(self) -> list[date | None]:
        """Return the first day of each point's period; None is the one point of no periods."""
        return self._starts(self.request.period)

    def _starts(self, period: str | None) -> list[date | None]:
        return [None] if period is None else [*between(self.span.first, self.span.last, period)]

    def gives_away(self, period: str | None) -> set[date | None]:
        """Return the periods in which what people have in common tells about some of them.

        How much they scatter and what is expected of them are computed from everybody's answers.
        Where fewer than `min_group` people are hidden, it can be tried out which answers of theirs
        give just these digits.
        """
        hidden: Counter[date | None] = Counter()
        for group in () if self.sees_all else self.everybody(period):
            if group["key"]["staff"] is not None:
                points = zip(self._starts(period), group["points"], strict=True)
                hidden.update(start for start, point in points if point["n"] is None)
        return {start for start, people in hidden.items() if people < self.min_group}

    def about(self, group: Group, ids: Mapping[str | None, int]) -> dict[str, int]:
        """Return the ids of what a group is about."""
        by = self.request.by
        return dict(self.where) | ({str(by): ids[group["key"][by]]} if ids else {})


def add_beside(asking: Asking, result: dict[str, Any]) -> None:
    """Add to a result and its groups, in place.

    What belongs to a figure that is not shown is not shown either.
    """
    groups: list[Group] = result.pop("groups")
    ids = asking.ids
    _add_secondary(asking, groups)
    _add_asked(asking, groups, ids)
    is_of_people = (asking.request.by, asking.request.metric) == ("staff", comparison.METRIC)
    if is_of_people and asking.is_told(group_of(asking.where)):
        _add_people(asking, result, groups, ids)
    _add_targets(asking, groups, ids)
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


def _add_people(
    asking: Asking,
    result: dict[str, Any],
    groups: list[Group],
    ids: Mapping[str | None, int],
) -> None:
    request, span = asking.request, asking.span
    asked = comparison.Asked.of(request.wave or 1, span.first, span.last, asking.where)
    compared = None if asking.gives_away(None) else compared_people(asking.session, asked)
    ranks = ranks_of(asking.session, asked) if request.rank and compared else {}
    result["people"] = None if compared is None else group_json(compared)
    mixes = mixes_of(asking.session, asked, request.period) if request.period else {}
    kept_back = asking.gives_away(request.period) if request.period and compared else set()
    for group in groups:
        id_ = ids[group["key"]["staff"]]
        one = compared.people.get(id_) if compared else None
        for start, point in zip(asking.starts, group["points"], strict=True):
            point["person"] = None
            if compared is None or one is None or point["value"] is None or start in kept_back:
                continue
            if start is not None:
                weight = compared.spread.weight
                point["person"] = part_json(point["n"], weight, mixes.get((id_, start)))
                continue
            # To others a rank is told only of those whose answers could carry a comparison.
            is_ranked = asking.sees_all or may_be_compared(one.standing)
            point["person"] = person_json(one, ranks.get(id_) if is_ranked else None)


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
