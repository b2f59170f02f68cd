"""The one place that computes figures: pages, charts, commands, files and the API all ask here."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.measures.estimate import DEFINITIONS, LEVEL
from feedback.reports.asked import count_asked
from feedback.reports.asking import Asking
from feedback.reports.beside import add_beside
from feedback.reports.hidden.for_programs import Days
from feedback.reports.hidden.hiding import hidden_from_others
from feedback.reports.hidden.secret_people import Secrets, secrets_of
from feedback.reports.people import shared
from feedback.reports.people.comparison import OF_THE_GROUP
from feedback.reports.periods import between, label, next_start, start_of
from feedback.reports.points import point_of
from feedback.reports.request import BadRequest, ScoreRequest
from feedback.reports.settling import settling
from feedback.reports.spans import Span
from feedback.reports.subjects import by_name, id_of, named
from feedback.reports.tallies import Counted, Question, count, place

# Two years of weeks for two thousand people; more is a slip, and would only fill the memory.
MOST_POINTS = 200_000


def scores(
    session: Session,
    request: ScoreRequest,
    *,
    zone: ZoneInfo,
    min_group: int,
    sees_all: bool,
    locale: str,
    now: datetime,
    own: int | None = None,
    guards_days: bool = False,
    follow_up_days: int = 30,
    trouble_words: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return the figures in the form every surface shows (docs/api.md, "Responses and scores").

    Where no wave is asked for, wave 1 is counted, and both apart with `by="wave"`. With
    `sees_all` false, groups under `min_group` answers carry neither value nor counts, nor do
    those from which they could be worked out by subtraction; `own` is the staff record of the
    reader, who sees that one whatever its size. Nor do figures of days that would tell the answers
    of somebody with too few from all others', which a reader may list. `guards_days` is for a
    program that may see figures and nothing else: it gets none that, less another, is that of a few
    days' few answers, whosever they are. `trouble_words` are kinds and statuses of contacts that
    mark trouble, for who was asked.
    """
    where = _where(session, request)
    waves = _waves(request)
    first, last = _range(session, request)
    asked = count_asked(session, where, waves, first, last)
    result: dict[str, Any] = {
        "metric": request.metric,
        "definition": DEFINITIONS[request.metric].name,
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
    days: Days | Secrets | None = None
    if guards_days:
        days = Days(session, request.metric, waves, min_group)
    elif not sees_all:
        days = secrets_of(session, request.metric, least=min_group, own=own)

    def is_told(about: Mapping[str, int]) -> bool:
        """Tell whether the whole of something may be known: what it holds and how it stands."""
        whole = Question(request.metric, None, None, first, last, waves, about)
        if not sees_all and hidden_from_others(session, whole, least=min_group, own=own):
            return False
        return not (days and any(days.hides(about, wave, first, last) for wave in waves))

    if asked.answered and not is_told(where):
        # How many answered tells as much as how many gave a score.
        result |= {"asked": None, "answered": None, "response_rate": None}

    def groups(start: date, end: date, about: ScoreRequest = request) -> list[dict[str, Any]]:
        return score_groups(
            session,
            replace(about, start=start, end=end),
            zone=zone,
            min_group=min_group,
            sees_all=sees_all,
            locale=locale,
            now=now,
            own=own,
            days=days,
        )

    def everybody(period: str | None) -> list[dict[str, Any]]:
        """Return the groups of all people who are compared, whomever the request is about."""
        narrowed = {one: key for one, key in request.where.items() if one in OF_THE_GROUP}
        return groups(first, last, replace(request, period=period, where=narrowed))

    def history() -> tuple[list[dict[str, Any]], list[date]]:
        """Return the groups of all whole periods there are, and the first days of these."""
        start, end = _range(session, replace(request, start=None, end=None))
        period = request.period or "month"
        begins = start_of(min(start or first, first), period)
        ends = next_start(start_of(max(end or last, last), period), period) - timedelta(days=1)
        return groups(begins, ends), list(between(begins, ends, period))

    result["groups"] = groups(first, last)
    add_beside(
        Asking(
            session=session,
            request=replace(request, start=first, end=last),
            span=Span(first, last),
            where=where,
            today=now.astimezone(zone).date(),
            follow_up_days=follow_up_days,
            min_group=min_group,
            sees_all=sees_all,
            own=own,
            guards_days=guards_days,
            trouble_words=trouble_words,
            locale=locale,
            is_told=is_told,
            history=history,
            everybody=everybody,
        ),
        result,
    )
    return result


def score_groups(
    session: Session,
    request: ScoreRequest,
    *,
    zone: ZoneInfo,
    min_group: int,
    sees_all: bool,
    locale: str,
    now: datetime,
    own: int | None = None,
    days: Days | Secrets | None = None,
) -> list[dict[str, Any]]:
    """Return the groups of `scores()` alone, without counting who was asked; needs both days.

    `days` decides which days may be told apart; without it, what a reader of pages may know does.
    """
    first, last = _range(session, request)
    if first is None or last is None:
        return []
    waves, where = _waves(request), _where(session, request)
    if days is None and not sees_all:
        days = secrets_of(session, request.metric, least=min_group, own=own)
    question = Question(request.metric, request.by, request.period, first, last, waves, where)
    counted = count(session, question)
    if (request.by, request.metric) == ("staff", shared.METRIC):
        # Who only shared work has no answers of their own, and is there all the same.
        for id_ in shared.people_who_shared(session, where, waves[0], Span(first, last)):
            counted.setdefault((id_, waves[0], place(question, first)), {})
    hidden = hidden_from_others(session, question, least=min_group, own=own, counted=counted)
    groups = _groups(session, request, counted, locale)
    starts = list(between(first, last, request.period)) if request.period else [None]
    if request.period and len(starts) * len(groups) > MOST_POINTS:
        rule = _("asks for more than %(most)s points at once", most=f"{MOST_POINTS:,}")
        raise BadRequest("period", request.period, rule)
    today = now.astimezone(zone).date()
    settles = settling(session, zone=zone, now=now)
    found = []
    for (id_, wave), public_key, name in groups:
        subjects = where if request.by in (None, "wave") else {**where, str(request.by): id_}
        about = subjects.get("staff")
        points = []
        for start in starts:
            end = _end(request, start, last)
            is_hidden = (id_, wave, start) in hidden or (
                days is not None
                and days.hides(subjects, wave, max(start or first, first), min(end, last))
            )
            points.append(
                point_of(
                    request.metric,
                    counted.get((id_, wave, start), {}),
                    period=_period(request, start, first, last),
                    is_hidden=is_hidden,
                    is_few=bool(about) and about != own,
                    sees_all=sees_all,
                    provisional=end + timedelta(days=settles[wave].days) >= today,
                )
            )
        found.append({"key": public_key, "label": name, "points": points})
    return found


def _period(request: ScoreRequest, start: date | None, first: date, last: date) -> str:
    if start is None or request.period is None:
        return f"{first.isoformat()}/{last.isoformat()}"
    return label(start, request.period)


def _end(request: ScoreRequest, start: date | None, last: date) -> date:
    if start is None or request.period is None:
        return last
    return next_start(start, request.period) - timedelta(days=1)


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


def _groups(
    session: Session, request: ScoreRequest, counted: Counted, locale: str
) -> list[tuple[tuple[int, int], dict[str, Any], str]]:
    """Return each group's inner key, public key and name: by name, never by score."""
    if request.by is None:
        wave = request.wave or 1
        return [((0, wave), {}, _("All"))]
    if request.by == "wave":
        names = {1: _("Right after"), 2: _("30 days later")}
        return [((0, wave), {"wave": wave}, names[wave]) for wave in _waves(request)]
    names_by_id = named(session, request.by, locale)
    wave = _waves(request)[0]
    groups = []
    for id_ in {subject_id for subject_id, _wave, _start in counted}:
        public, name = names_by_id.get(id_, (None, _("Nobody named")))
        groups.append(((id_, wave), {request.by: public}, name))
    return sorted(groups, key=lambda group: (group[0][0] == 0, by_name(group[2]), str(group[1])))
