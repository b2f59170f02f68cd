"""Days, weeks, months and quarters: where a day falls, and what lies between two days."""

from collections.abc import Iterator
from datetime import date, timedelta

PERIODS = ("day", "week", "month", "quarter")


def start_of(day: date, period: str) -> date:
    """Return the first day of the period the day is in; weeks begin on Monday, as ISO has them."""
    if period == "day":
        return day
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "month":
        return day.replace(day=1)
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def next_start(start: date, period: str) -> date:
    """Return the first day of the period after the one that begins on `start`."""
    if period == "day":
        return start + timedelta(days=1)
    if period == "week":
        return start + timedelta(days=7)
    months = 1 if period == "month" else 3
    month = start.month - 1 + months
    return date(start.year + month // 12, month % 12 + 1, 1)


def label(start: date, period: str) -> str:
    """Return the period's name: 2026-09-02, 2026-W36, 2026-09 or 2026-Q3."""
    if period == "day":
        return start.isoformat()
    if period == "week":
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02d}"
    if period == "month":
        return f"{start.year:04d}-{start.month:02d}"
    return f"{start.year:04d}-Q{(start.month - 1) // 3 + 1}"


def between(first: date, last: date, period: str) -> Iterator[date]:
    """Yield the start of every period from the one of `first` to the one of `last`."""
    start = start_of(first, period)
    while start <= last:
        yield start
        start = next_start(start, period)
