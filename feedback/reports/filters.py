"""Reads the filters in a page's address: which figures, of which days, of what part."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.measures.estimate import DEFINITIONS
from feedback.reports.request import BadRequest, read_date
from feedback.reports.spans import Span, parts, recent
from feedback.reports.subjects import id_of

SUBJECTS = ("channel", "team", "staff", "touchpoint")
# A day has too few answers to say anything, so pages do not offer it.
PERIODS = ("week", "month", "quarter")
# More points than this are a smear on every screen.
MOST_POINTS = 400


@dataclass(frozen=True)
class Filters:
    """What a page is asked to show; `where` has public keys, wave and metric None mean each."""

    span: Span
    metric: str | None = "csat"
    period: str = "month"
    wave: int | None = 1
    where: Mapping[str, str] = field(default_factory=dict)

    def narrowed(self, **where: str) -> "Filters":
        """Return the same filters about a part only."""
        return replace(self, where={**self.where, **where})

    def query(self) -> dict[str, str]:
        """Return the filters as an address has them."""
        found = {"period": self.period, **_days(self.span), **self.where}
        if self.metric is not None:
            found["metric"] = self.metric
        if self.wave is not None:
            found["wave"] = str(self.wave)
        return found

    def answers(
        self,
        *,
        metric: str | None = None,
        wave: int | None = None,
        span: Span | None = None,
        **where: str,
    ) -> dict[str, str]:
        """Return what the answers behind a figure of this page are asked for by."""
        found = {**_days(span or self.span), **self.where, **where}
        if metric is not None:
            found["metric"] = metric
        if wave is not None:
            found["wave"] = str(wave)
        return found


def _days(span: Span) -> dict[str, str]:
    return {"from": span.first.isoformat(), "to": span.last.isoformat()}


def read_filters(
    given: Mapping[str, str],
    session: Session,
    today: date,
    *,
    metric: str | None = "csat",
    wave: int | None = 1,
    subjects: tuple[str, ...] = SUBJECTS,
) -> tuple[Filters, list[BadRequest]]:
    """Return the filters, and what is wrong with them; what is wrong is left at its default."""
    wrong: list[BadRequest] = []
    texts = {name: text.strip() for name, text in given.items()}
    filters = Filters(span=_span(texts, session, today, wrong), metric=metric, wave=wave)
    if chosen := _one_of("metric", texts, tuple(DEFINITIONS), wrong):
        filters = replace(filters, metric=chosen)
    if chosen := _one_of("wave", texts, ("1", "2"), wrong):
        filters = replace(filters, wave=int(chosen))
    if chosen := _one_of("period", texts, PERIODS, wrong):
        filters = replace(filters, period=chosen)
    where = {}
    for subject in subjects:
        key = texts.get(subject, "")
        if key and id_of(session, subject, key) is not None:
            where[subject] = key
        elif key:
            wrong.append(BadRequest(subject, key, _("names nothing there is")))
    return _with_few_points(replace(filters, where=where), session, wrong), wrong


def _span(texts: Mapping[str, str], session: Session, today: date, wrong: list[BadRequest]) -> Span:
    """Return the days asked for; an emptied field reaches as far as there are contacts."""
    try:
        first, last = (read_date(name, texts.get(name, "")) for name in ("from", "to"))
    except BadRequest as bad:
        wrong.append(bad)
        return recent(today)
    last = last or today
    if first is None:
        first = recent(last).first if "from" not in texts else _first_day(session) or today
        first = min(first, last)
    if first > last:
        wrong.append(BadRequest("from", first.isoformat(), _("is after the end")))
        return recent(today)
    return Span(first, last)


def _first_day(session: Session) -> date | None:
    return session.scalar(sa.select(sa.func.min(Interaction.day)))


def charted(span: Span, session: Session, today: date) -> Span:
    """Return the days of the span a chart need show: none before the first contact or to come."""
    first = max(span.first, _first_day(session) or span.first)
    last = min(span.last, max(today, span.first))
    return Span(min(first, last), last)


def _with_few_points(filters: Filters, session: Session, wrong: list[BadRequest]) -> Filters:
    days = charted(filters.span, session, filters.span.last)
    for period in PERIODS[PERIODS.index(filters.period) :]:
        if sum(1 for _part in parts(days, period)) <= MOST_POINTS:
            break
    if period != filters.period:
        rule = _("makes more than %(number)s points of these days", number=MOST_POINTS)
        wrong.append(BadRequest("period", filters.period, rule))
    return replace(filters, period=period)


def _one_of(
    name: str, texts: Mapping[str, str], known: tuple[str, ...], wrong: list[BadRequest]
) -> str | None:
    text = texts.get(name, "")
    if text and text not in known:
        wrong.append(BadRequest(name, text, _("is one of %(list)s", list=", ".join(known))))
        return None
    return text or None
