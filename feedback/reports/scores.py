"""The one place that computes figures: pages, charts, commands, files and the API all ask here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.measures.estimate import DEFINITIONS, LEVEL, Counts, Estimate
from feedback.reports.asked import count_asked
from feedback.reports.for_others import Others
from feedback.reports.periods import between, label, next_start
from feedback.reports.request import BadRequest, ScoreRequest
from feedback.reports.subjects import COLUMNS, id_of, named
from feedback.reports.tallies import Counted, Question, count

# Late answers differ from early ones, so a period settles only a while after its end.
SETTLES_AFTER = timedelta(days=5)
# Two years of weeks for two thousand people; more is a slip, and would only fill the memory.
MOST_POINTS = 200_000
_DIGITS = 6


@dataclass(frozen=True)
class _Group:
    """One part of the figures: as the counts know it, and as everybody else does."""

    id: int
    wave: int
    key: dict[str, Any]
    label: str


@dataclass(frozen=True)
class _Span:
    """The days of a point, and the last day of its period; `start` is what it is counted under."""

    name: str
    start: date | None
    first: date
    last: date
    end: date


def scores(
    session: Session,
    request: ScoreRequest,
    *,
    zone: ZoneInfo,
    min_group: int,
    sees_all: bool,
    locale: str,
    now: datetime,
    as_others_see: bool = True,
) -> dict[str, Any]:
    """Return the figures in the form every surface shows (docs/api.md, "Responses and scores").

    Where no wave is asked for, wave 1 is counted, and both apart with `by="wave"`. With `sees_all`
    false, small groups carry neither value nor counts, nor do those from which they could be
    worked out by subtraction. Who sees all is told by the status what others would see. That needs
    every answer counted, so a page for those who see all may do without: with `as_others_see`
    false, only groups that are small themselves are marked.
    """
    definition = DEFINITIONS[request.metric]
    where, waves = _where(session, request), _waves(request)
    first, last = _range(session, request)
    asked = count_asked(session, where, waves, first, last)
    result: dict[str, Any] = {
        "metric": request.metric,
        "definition": definition.name,
        "date_basis": "interaction",
        "level": LEVEL,
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
        "wave": waves[0] if len(waves) == 1 else None,
        "asked": asked.asked,
        "answered": asked.answered,
        "response_rate": asked.rate,
        "groups": [],
    }
    if first is None or last is None:
        return result
    question = Question(request.metric, request.by, request.period, first, last, waves, where)
    counted = count(session, question)
    groups, spans = _groups(session, request, counted, locale), list(_spans(request, first, last))
    if request.period and len(spans) * len(groups) > MOST_POINTS:
        rule = _("asks for more than %(most)s points at once", most=f"{MOST_POINTS:,}")
        raise BadRequest("period", request.period, rule)
    others = None
    if as_others_see or not sees_all:
        others = Others(session, request.metric, waves, min_group)
        kept = any(others.are_kept_from(where, wave, first, last) for wave in waves)
        if kept and asked.answered and not sees_all:
            # How many answered tells as much as how many gave a score.
            result |= {"asked": None, "answered": None, "response_rate": None}
    settled = now.astimezone(zone).date() - SETTLES_AFTER
    for group in groups:
        subjects = dict(where)
        if request.by is not None and request.by in COLUMNS:
            subjects[request.by] = group.id
        points = []
        for span in spans:
            counts = counted.get((group.id, group.wave, span.start), {})
            estimate = definition.of(counts)
            if others is None:
                is_kept = sum(counts.values()) < min_group
            else:
                is_kept = others.are_kept_from(subjects, group.wave, span.first, span.last)
            status = "no_answers" if estimate is None else "too_few" if is_kept else "ok"
            shown = estimate if sees_all or status != "too_few" else None
            points.append(
                {"period": span.name}
                | _figures(counts, shown, is_hidden=shown is not estimate)
                | {"status": status, "provisional": span.end >= settled}
            )
        result["groups"].append({"key": group.key, "label": group.label, "points": points})
    return result


def _figures(counts: Counts, estimate: Estimate | None, *, is_hidden: bool) -> dict[str, Any]:
    """Return a point's numbers. What is hidden has none, what nobody answered has a count of 0."""
    if estimate is None:
        nothing = {"n": None, "counts": None} if is_hidden else {"n": 0, "counts": {}}
        return nothing | {"value": None, "low": None, "high": None}
    return {
        "n": estimate.n,
        "counts": {str(score): counts[score] for score in sorted(counts)},
        "value": round(estimate.value, _DIGITS),
        "low": round(estimate.low, _DIGITS),
        "high": round(estimate.high, _DIGITS),
    }


def _spans(request: ScoreRequest, first: date, last: date) -> Iterator[_Span]:
    """Yield the days of each point; the first and the last period may be cut short by the range."""
    if request.period is None:
        yield _Span(f"{first.isoformat()}/{last.isoformat()}", None, first, last, last)
        return
    for start in between(first, last, request.period):
        end = next_start(start, request.period) - timedelta(days=1)
        name = label(start, request.period)
        yield _Span(name, start, max(start, first), min(end, last), end)


def _waves(request: ScoreRequest) -> tuple[int, ...]:
    if request.wave is not None:
        return (request.wave,)
    return (1, 2) if request.by == "wave" else (1,)


def _where(session: Session, request: ScoreRequest) -> dict[str, int]:
    ids = {}
    for subject, key in request.where.items():
        id_ = id_of(session, subject, key)
        if id_ is None:
            raise BadRequest("where", f"{subject}={key}", _("names nothing there is"))
        ids[subject] = id_
    return ids


def _range(session: Session, request: ScoreRequest) -> tuple[date | None, date | None]:
    """Return the days asked for; an open end reaches as far as there are interactions."""
    if request.start and request.end:
        return request.start, request.end
    first, last = session.execute(
        sa.select(sa.func.min(Interaction.day), sa.func.max(Interaction.day))
    ).one()
    start, end = request.start or first, request.end or last
    if start and end and start > end:
        # All there is lies outside: then the end that was given is all there is to say.
        start = end = request.start or end
    return (start, end) if start and end else (None, None)


def _groups(session: Session, request: ScoreRequest, counted: Counted, locale: str) -> list[_Group]:
    """Return the groups with answers, by name and never by score; the unnamed come last."""
    waves = _waves(request)
    if request.by is None:
        return [_Group(0, waves[0], {}, _("All"))]
    if request.by == "wave":
        names = {1: _("Right after"), 2: _("30 days later")}
        return [_Group(0, wave, {"wave": wave}, names[wave]) for wave in waves]
    known = named(session, request.by, locale)
    groups = []
    for id_ in {subject_id for subject_id, _wave, _start in counted}:
        key, name = known.get(id_, (None, _("Nobody named")))
        groups.append(_Group(id_, waves[0], {request.by: key}, name))
    return sorted(groups, key=lambda group: (group.id == 0, group.label, str(group.key)))
