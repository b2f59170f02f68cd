"""Puts beside the figures of people what they are to be read with: compared, asked, shared."""

from collections.abc import Mapping
from typing import Any

from feedback.measures.standing import may_be_compared
from feedback.reports.asking import Asking, Group
from feedback.reports.people import comparison, shared
from feedback.reports.people.asked_json import who_was_asked_json
from feedback.reports.people.comparison import compared_people, group_of, mixes_of, ranks_of
from feedback.reports.people.crews import crews
from feedback.reports.people.person_json import (
    group_json,
    limits_json,
    part_json,
    person_json,
)


def add_people(
    asking: Asking,
    result: dict[str, Any],
    groups: list[Group],
    ids: Mapping[str | None, int],
) -> None:
    """Add to the figures by staff, in place."""
    if asking.request.metric == comparison.METRIC and asking.is_told(group_of(asking.where)):
        _add_compared(asking, result, groups, ids)
    if asking.request.metric == shared.METRIC:
        _add_shared(asking, groups, ids)
    if asking.request.period is None:
        _add_who_was_asked(asking, result, groups, ids)


def _add_compared(
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
            rank = ranks.get(id_) if is_ranked else None
            point["person"] = person_json(one, rank) | limits_json(one, compared)


def _add_who_was_asked(
    asking: Asking,
    result: dict[str, Any],
    groups: list[Group],
    ids: Mapping[str | None, int],
) -> None:
    told = {ids[group["key"]["staff"]] for group in groups if group["points"][0]["n"] is not None}
    result["who_was_asked"] = who_was_asked_json(
        asking.session,
        asking.where,
        asking.request.wave or 1,
        asking.span,
        trouble_words=asking.trouble_words,
        min_group=asking.min_group,
        own=asking.own,
        told=None if asking.sees_all else told,
        locale=asking.locale,
    )


def _add_shared(asking: Asking, groups: list[Group], ids: Mapping[str | None, int]) -> None:
    """Say what shared work adds to people's own, to others only where it gives nobody away."""
    wave, period = asking.request.wave or 1, asking.request.period
    found = shared.shared_answers(asking.session, asking.where, wave, asking.span, period)
    of_crews = None
    if found and not asking.sees_all:
        of_crews = crews(asking.session, wave, asking.min_group, asking.own)
    for group in groups:
        id_ = ids[group["key"]["staff"]]
        for start, point in zip(asking.starts, group["points"], strict=True):
            answers = found.get((id_, start), ())
            # Own answers that are not shown could be worked out from the two together.
            if point["counts"] is None:
                answers = ()
            counts = {int(score): times for score, times in (point["counts"] or {}).items()}
            one = shared.shared_of(counts, answers)
            if one is not None and of_crews is not None and id_ != asking.own:
                days = asking.days_from(start)
                is_hidden = of_crews.hides(id_, asking.of_all, days.first, days.last)
                one = None if is_hidden or not one.is_enough else one
            point["shared"] = None if one is None else one.as_json()
