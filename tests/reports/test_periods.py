"""Where a day falls: weeks as ISO has them, and what lies between two days."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.reports.periods import PERIODS, between, label, next_start, start_of

BOUNDED = settings(derandomize=True, deadline=None, max_examples=200)
days = st.dates(date(1999, 1, 1), date(2101, 12, 31))


@pytest.mark.parametrize(
    ("day", "period", "start", "name"),
    [
        ("2026-09-02", "day", "2026-09-02", "2026-09-02"),
        ("2026-09-02", "week", "2026-08-31", "2026-W36"),
        ("2026-09-02", "month", "2026-09-01", "2026-09"),
        ("2026-09-02", "quarter", "2026-07-01", "2026-Q3"),
        # A year whose last days belong to its own 53rd week, as do the first of the next.
        ("2026-12-31", "week", "2026-12-28", "2026-W53"),
        ("2027-01-01", "week", "2026-12-28", "2026-W53"),
        ("2027-01-03", "week", "2026-12-28", "2026-W53"),
        ("2027-01-04", "week", "2027-01-04", "2027-W01"),
        # A year whose last days belong to the first week of the next.
        ("2025-12-29", "week", "2025-12-29", "2026-W01"),
        ("2024-12-30", "week", "2024-12-30", "2025-W01"),
        # A first of January in the 52nd week.
        ("2023-01-01", "week", "2022-12-26", "2022-W52"),
        ("2026-12-31", "month", "2026-12-01", "2026-12"),
        ("2026-12-31", "quarter", "2026-10-01", "2026-Q4"),
        ("2026-01-01", "quarter", "2026-01-01", "2026-Q1"),
        ("2026-03-31", "quarter", "2026-01-01", "2026-Q1"),
        ("2028-02-29", "month", "2028-02-01", "2028-02"),
    ],
)
def test_where_a_day_falls(day: str, period: str, start: str, name: str) -> None:
    found = start_of(date.fromisoformat(day), period)
    assert found.isoformat() == start
    assert label(found, period) == name


@pytest.mark.parametrize("period", PERIODS)
@BOUNDED
@given(day=days)
def test_each_day_lies_in_exactly_one_period(period: str, day: date) -> None:
    start = start_of(day, period)
    after = next_start(start, period)
    assert start <= day < after
    assert start_of(start, period) == start
    assert start_of(after, period) == after
    assert start_of(after - timedelta(days=1), period) == start


@pytest.mark.parametrize("period", PERIODS)
@BOUNDED
@given(day=days)
def test_names_sort_as_their_periods_do_and_no_two_share_one(period: str, day: date) -> None:
    start = start_of(day, period)
    assert label(start, period) < label(next_start(start, period), period)


def test_between_begins_with_the_period_of_the_first_day_and_ends_with_that_of_the_last() -> None:
    months = between(date(2026, 11, 30), date(2027, 1, 1), "month")
    assert [m.isoformat() for m in months] == ["2026-11-01", "2026-12-01", "2027-01-01"]
    assert list(between(date(2026, 9, 2), date(2026, 9, 2), "quarter")) == [date(2026, 7, 1)]
    assert list(between(date(2026, 9, 2), date(2026, 9, 1), "day")) == []
    weeks = [
        label(start, "week") for start in between(date(2026, 12, 27), date(2027, 1, 4), "week")
    ]
    assert weeks == ["2026-W52", "2026-W53", "2027-W01"]
