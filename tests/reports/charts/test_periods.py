"""Axes name as many periods as fit, the first of a year before any other."""

from itertools import pairwise

from feedback.reports.charts.periods import Named, have_years, names, years
from tests.reports.charts.samples import months, weeks


def width(text: str) -> float:
    return 6.0 * len(text)


def written(labels: list[str], column: float) -> list[str]:
    return [named.text for named in names(labels, column, width, space=6)]


def test_every_month_is_named_where_there_is_room() -> None:
    assert written(months(14), 20)[:7] == ["07", "08", "09", "10", "11", "12", "01"]
    assert len(written(months(14), 20)) == 14


def test_without_room_the_steps_start_with_the_year() -> None:
    assert written(months(24), 7) == ["07", "10", "01", "04", "07", "10", "01", "04"]
    assert written(months(12), 10) == ["07", "09", "11", "01", "03", "05"]


def test_the_first_week_of_a_year_wins_over_the_last_of_the_one_before() -> None:
    labels = ["2026-W49", "2026-W50", "2026-W51", "2026-W52", "2026-W53", "2027-W01", "2027-W02"]
    # One label in six weeks fits: W49 and W01 are both due, and lie five weeks apart.
    assert written(labels, 4) == ["W01"]
    assert "W01" in written(weeks(104), 4)


def test_names_never_touch() -> None:
    for count in (1, 5, 24, 53, 104, 400):
        for column in (0.8, 2, 5, 11, 30):
            placed = names(weeks(count), column, width, space=6)
            assert placed
            gaps = [b.place - a.place for a, b in pairwise(placed)]
            assert all(gap * column >= 3 * 6 for gap in gaps)


def test_days_are_named_by_month_and_day() -> None:
    labels = ["2026-09-01", "2026-09-02", "2026-09-03"]
    assert written(labels, 50) == ["09-01", "09-02", "09-03"]
    assert written(labels, 20) == ["09-01", "09-03"]


def test_other_labels_are_written_as_they_are() -> None:
    assert written(["Spring", "2026-Q2", "2026"], 60) == ["Spring", "Q2", "2026"]
    assert not have_years(["Spring", "2026-Q2"])
    assert years(["Spring", "2026-Q2"]) == []


def test_years_stand_at_their_first_period() -> None:
    assert years(months(20)) == [Named(0, "2024"), Named(6, "2025"), Named(18, "2026")]
    assert have_years(["2026-Q1", "2026-Q2"])
    assert not have_years([])


def test_no_labels_need_no_names() -> None:
    assert names([], 10, width, space=6) == []
    assert years([]) == []
