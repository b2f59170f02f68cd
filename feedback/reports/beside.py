"""Puts beside each figure of `scores()` what it is to be read with: asked, changed, compared."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from feedback.measures.standing import may_be_compared
from feedback.reports import comparison
from feedback.reports.asked import NOBODY_ASKED, asked_by
from feedback.reports.changes import change_between
from feedback.reports.comparison import compared_people, ranks_of
from feedback.reports.person_json import group_json, person_json
from feedback.reports.repeat_customers import clustered_by, clustered_json
from feedback.reports.request import ScoreRequest
from feedback.reports.subjects import named

Group = dict[str, Any]


def add_beside(
    session: Session,
    request: ScoreRequest,
    result: dict[str, Any],
    where: Mapping[str, int],
    *,
    sees_all: bool,
    compares: bool,
) -> None:
    """Add to the groups of a result, in place; the request names both its days.

    Every point of a period says how it differs from the one before. Without periods, each group
    says how many were asked and answered, and each person what their answers can carry. What
    belongs to a figure that is not shown is not shown either; with `compares` false, what all have
    in common is not to be told, and so nobody is compared with it.
    """
    groups: list[Group] = result["groups"]
    if request.period is not None:
        for group in groups:
            _add_changes(request.metric, group["points"])
        return
    ids = _ids(session, request)
    _add_asked(session, request, groups, where, ids)
    if request.metric == comparison.METRIC:
        _add_by_customer(session, request, groups, where, ids)
    if compares and request.by == "staff" and request.metric == comparison.METRIC:
        _add_people(session, request, result, where, ids, sees_all=sees_all)


def _ids(session: Session, request: ScoreRequest) -> dict[str | None, int]:
    """Return the inner id of each group's public key; zero stands for nobody named."""
    if request.by in (None, "wave"):
        return {}
    return {None: 0} | {key: id_ for id_, (key, _) in named(session, request.by, "").items()}


def _add_changes(metric: str, points: list[dict[str, Any]]) -> None:
    for point in points[:1]:
        point["change"] = None
    for earlier, later in pairwise(points):
        later["change"] = change_between(metric, later, earlier)


def _add_asked(
    session: Session,
    request: ScoreRequest,
    groups: list[Group],
    where: Mapping[str, int],
    ids: Mapping[str | None, int],
) -> None:
    if not ids or request.by is None or request.start is None or request.end is None:
        return
    wave = request.wave or 1
    found = asked_by(session, request.by, where, wave, request.start, request.end)
    for group in groups:
        (point,) = group["points"]
        asked = found.get(ids[group["key"][request.by]], NOBODY_ASKED)
        # How many answered tells as much as how many gave a score.
        is_shown = point["n"] is not None
        point["asked"] = asked.asked if is_shown else None
        point["answered"] = asked.answered if is_shown else None
        point["response_rate"] = asked.rate if is_shown else None


def _add_by_customer(
    session: Session,
    request: ScoreRequest,
    groups: list[Group],
    where: Mapping[str, int],
    ids: Mapping[str | None, int],
) -> None:
    """Say how wide the interval is by customer, where some of them answered more than once."""
    assert request.start is not None  # noqa: S101 — the caller has seen to it.
    assert request.end is not None  # noqa: S101
    days = request.start, request.end
    waves = {int(group["key"].get("wave") or request.wave or 1) for group in groups}
    found = {wave: clustered_by(session, request.by, where, wave, *days) for wave in sorted(waves)}
    for group in groups:
        (point,) = group["points"]
        wave = int(group["key"].get("wave") or request.wave or 1)
        one = found[wave].get(ids[group["key"][request.by]] if ids and request.by else 0)
        is_told = one is not None and point["value"] is not None
        point["by_customer"] = clustered_json(one) if one and is_told else None


def _add_people(
    session: Session,
    request: ScoreRequest,
    result: dict[str, Any],
    where: Mapping[str, int],
    ids: Mapping[str | None, int],
    *,
    sees_all: bool,
) -> None:
    assert request.start is not None  # noqa: S101 — the caller has seen to it.
    assert request.end is not None  # noqa: S101
    asked = comparison.Asked.of(request.wave or 1, request.start, request.end, where)
    compared = compared_people(session, asked)
    ranks = ranks_of(session, asked) if request.rank else {}
    groups = result.pop("groups")
    result |= {"people": None if compared is None else group_json(compared), "groups": groups}
    for group in groups:
        (point,) = group["points"]
        id_ = ids[group["key"]["staff"]]
        one = compared.people.get(id_) if compared else None
        point["person"] = None
        if one is not None and point["value"] is not None:
            # To others a rank is told only of those whose answers could carry a comparison.
            ranked = sees_all or may_be_compared(one.standing)
            point["person"] = person_json(one, ranks.get(id_) if ranked else None)
