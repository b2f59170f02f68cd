"""What a bare number hides, and what we say instead: each case with the figures to expect."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.measures.best_estimate import best_estimates
from feedback.measures.between_people import (
    answers_needed,
    reliability,
    spread_by_moments,
)
from feedback.measures.binomial import fisher_more, mid_p
from feedback.measures.case_mix import case_mix, stratum_rates
from feedback.measures.clustering import by_customer
from feedback.measures.control_chart import laney
from feedback.measures.detectable_change import detectable_change
from feedback.measures.false_discovery import benjamini_hochberg
from feedback.measures.follow_up import matured_share, settling_days
from feedback.measures.funnel_limits import funnel_limits, over_dispersion
from feedback.measures.newcombe import newcombe
from feedback.measures.non_response import selection_checks, worst_case_bounds
from feedback.measures.nps_difference import nps_difference
from feedback.measures.paired import paired
from feedback.measures.ranks import is_orderable, rank_intervals
from feedback.measures.response_rates import Dispositions, response_rates
from feedback.measures.shared_work import weighted_share
from feedback.measures.targets import target_outcome, wrongly_failed
from feedback.measures.wilson import wilson

TEAM = [
    (9, 10), (18, 20), (44, 50), (47, 50), (7, 10), (12, 12), (95, 100), (30, 40), (5, 5),
    (60, 80), (16, 20), (38, 40),
]  # fmt: skip
ALIKE = [(8, 10), (9, 10), (8, 10), (17, 20), (16, 20), (41, 50), (40, 50), (80, 100)]


def near(expected: object, by: float = 1e-6) -> object:
    return pytest.approx(expected, abs=by)


def test_a_month_eight_points_lower_cannot_be_told_from_noise() -> None:
    change = newcombe(41, 50, 45, 50)
    assert change is not None
    assert (change.value, change.low, change.high, change.p) == near(
        (-0.08, -0.219889, 0.060280, 0.251381)
    )
    assert change.verdict == "cannot_tell"
    least = detectable_change(86 / 100, 50, 50)
    assert least is not None
    assert (least.at_all, least.with_power) == near((0.136016, 0.194423))


def test_a_real_change_is_called_higher() -> None:
    change = newcombe(56, 70, 48, 80)
    assert change is not None
    assert (change.low, change.high) == near((0.052431, 0.333873))
    assert change.verdict == "higher"


def test_ten_points_of_nps_cannot_be_told_from_noise() -> None:
    change = nps_difference((5, 20, 25), (10, 15, 25))
    assert change is not None
    assert (change.value, change.low, change.high) == near((0.1, -0.181315, 0.383969))
    assert change.verdict == "cannot_tell"


def test_a_perfect_score_of_five_counts_for_a_quarter_of_its_estimate() -> None:
    team = best_estimates(TEAM)
    assert team is not None
    perfect, twelve, seven = team.estimate(5, 5), team.estimate(12, 12), team.estimate(7, 10)
    assert (perfect.mean, perfect.own_weight) == near((0.899470, 0.240843), 1e-4)
    assert (twelve.mean, twelve.low, twelve.high) == near((0.922927, 0.801524, 0.995746), 1e-4)
    assert (seven.mean, seven.low, seven.high) == near((0.805317, 0.605668, 0.930980), 1e-4)


def test_the_best_estimate_does_not_depend_on_the_order_of_people() -> None:
    one, other = best_estimates(TEAM), best_estimates(list(reversed(TEAM)))
    assert one is not None
    assert other is not None
    assert one.estimate(7, 10).mean == near(other.estimate(7, 10).mean, 1e-12)


def test_nobody_without_answers_has_a_group() -> None:
    assert best_estimates([]) is None
    assert best_estimates([(0, 0)]) is None
    team = best_estimates(TEAM)
    assert team is not None
    assert team.estimate(0, 0).own_weight == 0


@pytest.mark.parametrize("people", [[(300, 300)], [(150, 150)] * 7, [(100_000, 100_000), (5, 5)]])
def test_where_all_answers_are_good_it_is_as_sure_as_where_all_are_bad(
    people: list[tuple[int, int]],
) -> None:
    good, bad = best_estimates(people), best_estimates([(n - x, n) for x, n in people])
    assert good is not None
    assert bad is not None
    one, other = good.estimate(3, 4), bad.estimate(1, 4)
    assert one.mean == near(1 - other.mean, 1e-9)
    assert (one.low, one.high) == near((1 - other.high, 1 - other.low), 1e-9)


def test_ranks_are_intervals_and_mostly_say_nothing() -> None:
    ranks = rank_intervals(TEAM)
    assert ranks[6] == (1, 10)
    assert ranks[7] == ranks[9] == (2, 12)
    assert {rank for index, rank in enumerate(ranks) if index not in (6, 7, 9)} == {(1, 12)}
    assert not is_orderable(ranks)
    spread = rank_intervals([(190, 200), (184, 200), (170, 200), (150, 200), (120, 200)])
    assert spread == [(1, 2), (1, 3), (2, 4), (3, 4), (5, 5)]
    assert is_orderable(spread)
    assert rank_intervals([(3, 4), (0, 0)]) == [(1, 1), None]


def test_where_nobody_differs_there_is_no_spread() -> None:
    spread = spread_by_moments(ALIKE)
    assert spread is not None
    assert spread.weight is None
    assert reliability(100, spread.weight) == 0
    assert not is_orderable(rank_intervals(ALIKE))


def test_of_twelve_people_one_is_marked_and_it_is_not_the_lowest() -> None:
    rate = sum(x for x, _ in TEAM) / sum(n for _, n in TEAM)
    p_values = [p for x, n in TEAM if (p := mid_p(x, n, rate)) is not None]
    q_values = benjamini_hochberg(p_values)
    assert (p_values[9], q_values[9]) == near((0.003173, 0.038078))
    assert (q_values[6], q_values[4]) == near((0.067096, 0.312765))
    assert [q < 0.05 for q in q_values].count(True) == 1


def test_reliability_says_how_many_answers_an_appraisal_needs() -> None:
    assert answers_needed(0.70, 22.5284) == near(52.6, 0.05)
    assert answers_needed(0.90, 22.5284) == near(202.8, 0.05)
    assert reliability(20, 22.5284) == near(0.4703, 1e-4)


def test_hard_cases_reverse_the_order() -> None:
    rates = (0.95, 0.60)
    hard, easy = (
        case_mix(((18, 20), (30, 50)), rates, 0.8),
        case_mix(((45, 50), (6, 10)), rates, 0.8),
    )
    assert hard is not None
    assert easy is not None
    assert (hard.raw, easy.raw) == near((0.685714, 0.85))
    assert (hard.expected_rate, easy.expected_rate) == near((0.70, 0.891667))
    assert (hard.adjusted, easy.adjusted) == near((-0.014286, -0.041667))
    assert (hard.z, easy.z) == near((-0.277927, -1.144113), 1e-4)
    assert hard.raw < easy.raw
    assert hard.adjusted > easy.adjusted


def test_small_strata_are_taken_together() -> None:
    rates = stratum_rates({"phone": (80, 100), "fax": (1, 10), "telex": (9, 10)})
    assert rates == {"phone": 0.8, "fax": 0.5, "telex": 0.5}
    assert stratum_rates({"phone": (80, 100), "fax": (0, 5)})["fax"] == near(80 / 105)


def test_one_customer_with_half_of_all_answers_is_one_opinion() -> None:
    found = by_customer([(10, 10), *[(1, 1)] * 8, (0, 2)])
    assert found is not None
    assert (found.design_effect, found.effective_n) == near((2.666667, 7.5))
    assert (found.low, found.high) == near((0.543519, 0.985513))
    assert wilson(18, 20) == near((0.698966, 0.972134))


def test_a_single_customer_is_worth_a_single_answer() -> None:
    found = by_customer([(10, 10)])
    assert found is not None
    assert (found.effective_n, found.low, found.high) == near((1.0, *wilson(1, 1)))  # type: ignore[misc]


def test_a_low_response_is_visible_at_once() -> None:
    assert worst_case_bounds(18, 20, 100) == near((0.18, 0.98))
    assert worst_case_bounds(18, 20, 25) == near((0.72, 0.92))
    assert worst_case_bounds(0, 0, 0) is None


def test_steering_shows_in_who_was_asked() -> None:
    found = selection_checks(
        invited=170, eligible=200, usual_rate=0.92,
        marked_uninvited=9, uninvited=12, marked_invited=30,
    )  # fmt: skip
    assert found.invited == near(0.000965)
    assert fisher_more(9, 12, 30, 190) == near(2.30e-5, 1e-7)


def test_shared_work_counts_by_its_parts() -> None:
    good = [True, True, False, True, True, True, False, True]
    found = weighted_share(good, [1, 1, 0.5, 0.5, 0.5, 1, 0.25, 0.25])
    assert found is not None
    assert (found.value, found.effective_n) == near((0.85, 6.451613))
    assert (found.low, found.high) == near((0.465121, 0.973634))


def test_only_matured_interactions_are_counted() -> None:
    days = [
        (date(2026, 5, 1), True), (date(2026, 5, 10), True), (date(2026, 5, 24), False),
        (date(2026, 5, 25), False), (date(2026, 6, 20), False),
    ]  # fmt: skip
    found = matured_share(days, date(2026, 6, 30))
    assert (found.answered, found.matured, found.not_yet_due) == (2, 3, 2)
    assert (found.value, found.low, found.high) == near((0.666667, 0.207660, 0.938508))
    assert matured_share([], date(2026, 6, 30)).value is None


def test_a_month_settles_when_nearly_all_late_answers_have_come() -> None:
    assert settling_days([0] * 90 + [1] * 5 + [9] * 5) == 1
    assert settling_days([0] * 90 + [1] * 4 + [9] * 6) == 9
    assert settling_days([]) is None


def test_the_two_waves_are_compared_by_the_same_customers() -> None:
    found = paired(60, 15, 5, 8)
    assert found is not None
    assert (found.difference, found.low, found.high) == near((0.113636, 0.015243, 0.217056))
    assert (found.p_exact, found.p_mid) == near((0.041389, 0.026604))
    assert found.held_up == near(0.8)
    assert paired(0, 0, 0, 0) is None


def test_response_rates_carry_their_names() -> None:
    found = response_rates(Dispositions(50, 5, 3, 40, unknown=2))
    assert (found.rr1, found.rr2, found.rr5, found.rr6) == near((0.5, 0.55, 0.510204, 0.561224))


def test_a_target_is_met_not_met_or_undecided() -> None:
    outcomes = []
    for x, n in ((60, 80), (150, 200), (140, 200), (95, 100)):
        interval = wilson(x, n)
        assert interval is not None
        outcomes.append(target_outcome(*interval, 0.80))
    assert outcomes == ["undecided", "undecided", "not_met", "met"]
    assert target_outcome(None, None, 0.80) == "undecided"


def test_the_planner_says_how_often_a_line_is_unjust() -> None:
    wrongly = wrongly_failed(0.90, 20, 0.85)
    assert wrongly is not None
    # P(at most 16 of 20) at 90 %, to be had from any table of the binomial distribution.
    assert wrongly[0] == near(0.132953, 1e-6)
    assert wrongly[1] < 0.05
    assert wrongly_failed(0.90, 0, 0.85) is None


def test_the_funnel_is_the_interval_seen_from_the_other_side() -> None:
    assert funnel_limits(0.80642448, 4) == near((0.419234, 1.0))
    assert funnel_limits(0.80642448, 4, 0.998) == near((0.195949, 1.0))
    for x in range(41):
        limits, interval = funnel_limits(0.8, 40), wilson(x, 40)
        assert limits is not None
        assert interval is not None
        assert (limits[0] <= x / 40 <= limits[1]) == (interval[0] <= 0.8 <= interval[1])


def test_people_alike_are_not_over_dispersed() -> None:
    found = over_dispersion(ALIKE, 0.8)
    assert found is not None
    assert found.tau == 0


def test_a_run_of_eight_is_marked_and_a_gap_breaks_none() -> None:
    steady = [(8, 10), (7, 10)] * 6
    better = [(9, 10)] * 4 + [(0, 0)] + [(9, 10)] * 4
    chart = laney([*steady, *better], baseline=12)
    assert chart is not None
    assert [point.mark for point in chart.points[:12]] == [None] * 12
    assert [point.mark for point in chart.points[12:]] == ["run"] * 4 + [None] + ["run"] * 4
    assert chart.points[16].value is None


def test_a_chart_that_thin_claims_no_more_than_chance() -> None:
    chart = laney([(5, 6)] * 24)
    assert chart is not None
    assert chart.sigma_z == 1
    assert all(point.mark is None for point in chart.points)


counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, counts)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_a_difference_turns_its_sign_with_its_sides(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    there, back = newcombe(*one, *other), newcombe(*other, *one)
    assert there is not None
    assert back is not None
    assert (there.value, there.low, there.high) == near((-back.value, -back.high, -back.low), 1e-12)
    assert there.p == near(back.p, 1e-12)
    assert there.low <= there.value <= there.high


@given(st.lists(st.floats(0, 1), max_size=30))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_q_is_never_below_p_and_keeps_the_order(p_values: list[float]) -> None:
    q_values = benjamini_hochberg(p_values)
    assert all(p - 1e-15 <= q <= 1 for p, q in zip(p_values, q_values, strict=True))
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    assert [q_values[i] for i in order] == sorted(q_values)


@given(st.lists(counts, min_size=2, max_size=8))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_a_rank_interval_takes_in_ones_own_place(people: list[tuple[int, int]]) -> None:
    ranks = rank_intervals(people)
    by_rate = sorted(range(len(people)), key=lambda i: -people[i][0] / people[i][1])
    for index in by_rate:
        rank = ranks[index]
        assert rank is not None
        ties = [
            j for j in by_rate if people[j][0] / people[j][1] == people[index][0] / people[index][1]
        ]
        assert rank[0] <= max(by_rate.index(j) + 1 for j in ties)
        assert rank[1] >= min(by_rate.index(j) + 1 for j in ties)


@given(counts, st.integers(0, 60))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_bounds_narrow_as_more_answer(pair: tuple[int, int], silent: int) -> None:
    good, answered = pair
    bounds, whole = (
        worst_case_bounds(good, answered, answered + silent),
        worst_case_bounds(good, answered, answered),
    )
    assert bounds is not None
    assert whole is not None
    assert bounds[0] <= whole[0] == whole[1] <= bounds[1] + 1e-12
