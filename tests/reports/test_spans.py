"""Spans of days: recent ones, equal ones before, and the periods within."""

from datetime import date

import pytest

from feedback.reports.spans import Span, before, parts, quarter_of, recent


def test_recent_days_are_twelve_complete_months_and_what_there_is_of_this_one() -> None:
    assert recent(date(2026, 9, 2)) == Span(date(2025, 9, 1), date(2026, 9, 2))
    assert recent(date(2028, 2, 29)) == Span(date(2027, 2, 1), date(2028, 2, 29))


@pytest.mark.parametrize(
    ("span", "earlier"),
    [
        # Whole months go before by months, however many days these have.
        ((2026, 7, 1, 2026, 9, 30), (2026, 4, 1, 2026, 6, 30)),
        ((2026, 3, 1, 2026, 3, 31), (2026, 2, 1, 2026, 2, 28)),
        ((2026, 1, 1, 2026, 12, 31), (2025, 1, 1, 2025, 12, 31)),
        # Others by days.
        ((2026, 9, 1, 2026, 9, 10), (2026, 8, 22, 2026, 8, 31)),
        ((2026, 9, 5, 2026, 9, 5), (2026, 9, 4, 2026, 9, 4)),
    ],
)
def test_the_span_before_is_equal_and_ends_the_day_before(
    span: tuple[int, ...], earlier: tuple[int, ...]
) -> None:
    made = [Span(date(*ends[:3]), date(*ends[3:])) for ends in (span, earlier)]
    assert before(made[0]) == made[1]


def test_the_quarter_of_a_day_is_whole() -> None:
    assert quarter_of(date(2026, 11, 24)) == Span(date(2026, 10, 1), date(2026, 12, 31))


def test_parts_are_named_by_their_period_and_cut_at_the_ends() -> None:
    found = list(parts(Span(date(2026, 8, 20), date(2026, 10, 2)), "month"))
    assert [(part.label, part.days.first.day, part.days.last.day) for part in found] == [
        ("2026-08", 20, 31), ("2026-09", 1, 30), ("2026-10", 1, 2),
    ]  # fmt: skip


def test_weeks_begin_on_monday() -> None:
    first, second = parts(Span(date(2026, 8, 30), date(2026, 9, 6)), "week")
    assert (first.label, first.days) == ("2026-W35", Span(date(2026, 8, 30), date(2026, 8, 30)))
    assert (second.label, second.days) == ("2026-W36", Span(date(2026, 8, 31), date(2026, 9, 6)))
