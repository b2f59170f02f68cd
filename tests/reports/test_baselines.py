"""A baseline is the first twelve settled periods after a change, and nothing later moves it."""

from datetime import date

import pytest

from feedback.measures.control_chart import laney, laney_nps, xmr
from feedback.reports.periods import between
from feedback.reports.trends.baselines import BASELINE, Controlled, Period, Progress, controlled


def months(count: int) -> list[date]:
    return list(between(date(2025, 1, 1), date(2035, 1, 1), "month"))[:count]


def csat(good: int, n: int = 20, *, provisional: bool = False) -> Period:
    return Period({5: good, 2: n - good} if n else {}, provisional)


# Neither all alike nor news.
STEADY = [csat(good) for good in (16, 17, 15, 18, 16, 15, 17, 16, 18, 15, 16, 17)]


def held(
    periods: list[Period], *breaks: date, metric: str = "csat"
) -> tuple[list[Controlled], Progress]:
    found = controlled(metric, periods, months(len(periods)), breaks)
    return found, found[-1].baseline if found else Progress(0)


def test_limits_are_laneys_for_each_periods_own_answers() -> None:
    later = [csat(30, 40), csat(3, 5)]
    found, progress = held([*STEADY, *later])
    chart = laney([(p.counts[5], sum(p.counts.values())) for p in (*STEADY, *later)], 12)
    assert chart is not None
    assert [one.limits for one in found] == [(one.low, one.high) for one in chart.points]
    assert {one.centre for one in found} == {chart.centre}
    assert progress == Progress(12)


def test_what_comes_after_the_baseline_does_not_move_it() -> None:
    before, _progress = held([*STEADY, csat(16)])
    after, _progress = held([*STEADY, csat(16), *[csat(2)] * 9])
    assert [(one.centre, one.limits) for one in before] == [
        (one.centre, one.limits) for one in after[:13]
    ]


@pytest.mark.parametrize("count", [0, 1, 7, 11])
def test_fewer_than_twelve_are_a_baseline_in_the_making(count: int) -> None:
    found, progress = held([*STEADY[:count]])
    assert found == [Controlled(baseline=progress)] * count
    assert progress == Progress(count)
    assert not progress.is_whole


def test_a_period_far_off_is_outside_and_eight_on_one_side_are_a_run() -> None:
    found, _progress = held([*STEADY, csat(4)])
    assert [one.mark for one in found] == [None] * 12 + ["outside"]
    found, _progress = held([*STEADY, csat(16), *[csat(18)] * 8])
    assert [one.mark for one in found][-9:] == [None] + ["run"] * 8


def test_a_provisional_period_has_limits_and_no_mark_and_makes_no_run() -> None:
    found, _progress = held([*STEADY, csat(4, provisional=True)])
    assert found[-1].limits is not None
    assert found[-1].mark is None
    almost = [*STEADY, csat(16), *[csat(18)] * 7]
    found, _progress = held([*almost, csat(18, provisional=True)])
    assert {one.mark for one in found} == {None}
    found, _progress = held([*almost, csat(18)])
    assert [one.mark for one in found].count("run") == 8


def test_a_period_without_answers_or_hidden_has_no_limits_no_mark_and_fills_no_baseline() -> None:
    found, progress = held([*STEADY[:11], Period({})])
    assert progress == Progress(11)
    assert {one.limits for one in found} == {None}
    found, progress = held([*STEADY[:6], Period({}), *STEADY[6:], csat(4)])
    assert progress == Progress(12)
    assert (found[6].limits, found[6].mark) == (None, None)
    # The line across goes on.
    assert found[6].centre == found[0].centre
    assert found[-1].mark == "outside"


def test_a_provisional_period_fills_no_baseline() -> None:
    _found, progress = held([*STEADY[:11], csat(16, provisional=True)])
    assert progress == Progress(11)


def test_a_break_on_the_first_day_of_a_period_begins_anew_with_it() -> None:
    periods = [*STEADY, csat(8), *[csat(9), csat(11)] * 7]
    found, progress = held(periods, months(14)[12])
    assert [place for place, one in enumerate(found) if one.after_break] == [12]
    assert found[11].centre != found[12].centre
    # Half as good and no news: the new question is its own measure.
    assert {one.mark for one in found} == {None}
    assert progress == Progress(12)


def test_a_period_with_a_break_inside_belongs_to_neither_baseline() -> None:
    periods = [*STEADY, csat(2), *[csat(9), csat(11)] * 6]
    found, progress = held(periods, date(2026, 1, 10))
    assert found[12] == Controlled(after_break=True)
    assert found[13].after_break
    assert found[13].centre == 0.5
    assert progress == Progress(12)


def test_after_a_break_the_baseline_is_in_the_making_again() -> None:
    found, progress = held([*STEADY, *STEADY[:7]], months(13)[12])
    assert progress == Progress(7)
    assert [one.limits is None for one in found] == [False] * 12 + [True] * 7


def test_a_break_before_all_or_on_the_very_first_day_changes_nothing() -> None:
    plain = held([*STEADY, csat(4)])
    assert held([*STEADY, csat(4)], date(2020, 1, 1)) == plain
    assert held([*STEADY, csat(4)], months(1)[0]) == plain


def test_each_point_knows_the_baseline_of_its_own_stretch() -> None:
    found, _progress = held([*STEADY, *STEADY[:7]], months(13)[12])
    assert [one.baseline.have for one in found] == [12] * 12 + [7] * 7


def test_two_breaks_in_one_period_are_one() -> None:
    periods = [*STEADY, csat(2), *STEADY]
    one = held(periods, date(2026, 1, 10))
    assert held(periods, date(2026, 1, 10), date(2026, 1, 20)) == one


def test_a_baseline_without_any_difference_gives_no_limits_rather_than_false_alarms() -> None:
    # Three answers a month, all of them good: the first bad one is no news.
    found, progress = held([*[csat(3, 3)] * 12, csat(2, 3)])
    assert progress == Progress(12, is_flat=True)
    assert found == [Controlled(baseline=progress)] * 13
    alike = [Period({5: 4})] * 12
    found, progress = held([*alike, Period({5: 3, 2: 1})], metric="ces")
    assert progress.is_flat
    passives = [Period({7: 4, 8: 2})] * 12
    _found, progress = held([*passives, Period({0: 1})], metric="nps")
    assert progress.is_flat


def test_nps_has_the_same_chart_of_its_three_groups() -> None:
    groups = [(3, 5, 9 + place % 3) for place in range(14)]
    periods = [Period({2: low, 7: middle, 9: high - 1, 10: 1}) for low, middle, high in groups]
    found, _progress = held(periods, metric="nps")
    chart = laney_nps(groups, 12)
    assert chart is not None
    assert [one.limits for one in found] == [(one.low, one.high) for one in chart.points]


def test_ces_has_a_chart_of_its_means_around_the_gaps() -> None:
    means = [5, 6, 5, 6, 7, 5, 6, 5, 6, 7, 6, 5, 6]
    periods = [Period({mean: 10}) for mean in means]
    periods.insert(4, Period({}))
    found, progress = held(periods, metric="ces")
    chart = xmr(means, 12)
    assert chart is not None
    assert progress == Progress(BASELINE)
    assert found[4].limits is None
    assert [one.limits for i, one in enumerate(found) if i != 4] == [
        (one.low, one.high) for one in chart.points
    ]


def test_nothing_at_all_is_no_chart() -> None:
    assert held([]) == ([], Progress(0))
