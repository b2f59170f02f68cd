"""Spans of days: the recent ones, the equal one before, and the periods within."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from feedback.reports.periods import between, label, next_start, start_of

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Some days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Return how many days there are."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Part:
    """The part of a span that lies in one period: its name, and the days."""

    label: str
    days: Span


def recent(today: date) -> Span:
    """Return the last twelve complete months and what there is of this one."""
    return Span(_months_before(today.replace(day=1), 12), today)


def quarter_of(day: date) -> Span:
    """Return the whole quarter the day is in."""
    first = start_of(day, "quarter")
    return Span(first, next_start(first, "quarter") - _A_DAY)


def before(span: Span) -> Span:
    """Return the equal span just before: as many months where it is whole months, else days."""
    last = span.first - _A_DAY
    if span.first.day == 1 and (span.last + _A_DAY).day == 1:
        months = 12 * (span.last.year - span.first.year) + span.last.month - span.first.month + 1
        return Span(_months_before(span.first, months), last)
    return Span(last - timedelta(days=span.days - 1), last)


def parts(span: Span, period: str) -> Iterator[Part]:
    """Yield the parts of the span, in order; the first and the last may be cut short."""
    for start in between(span.first, span.last, period):
        end = next_start(start, period) - _A_DAY
        yield Part(label(start, period), Span(max(start, span.first), min(end, span.last)))


def _months_before(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 - months
    year, number = divmod(month, 12)
    return date(year, number + 1, min(day.day, monthrange(year, number + 1)[1]))
