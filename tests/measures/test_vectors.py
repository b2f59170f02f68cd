"""Every chosen method against numbers computed elsewhere, to six digits.

`vectors.json` holds inputs and expected outputs, checked against statsmodels, R's packages and
published tables. The estimate from a grid is held to four digits, as its makers do.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from feedback.measures.best_estimate import best_estimates
from feedback.measures.between_people import (
    Spread,
    plug_in,
    reliability,
    spread_by_likelihood,
    spread_by_moments,
)
from feedback.measures.binomial import mid_p
from feedback.measures.case_mix import case_mix
from feedback.measures.clustering import by_customer
from feedback.measures.control_chart import ControlChart, laney, laney_nps, xmr
from feedback.measures.detectable_change import (
    detectable_change,
    detectable_change_of_mean,
    nps_variance,
)
from feedback.measures.endpoint_adjusted import endpoint_adjusted
from feedback.measures.false_discovery import benjamini_hochberg
from feedback.measures.funnel_limits import funnel_limits, over_dispersion
from feedback.measures.newcombe import newcombe
from feedback.measures.non_response import worst_case_bounds
from feedback.measures.nps_difference import nps_difference
from feedback.measures.paired import paired
from feedback.measures.ranks import rank_intervals
from feedback.measures.response_rates import Dispositions, response_rates
from feedback.measures.tango import tango
from feedback.measures.wilson import wilson

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))


def each(name: str) -> pytest.MarkDecorator:
    numbers = [f"{name}-{number}" for number in range(len(VECTORS[name]))]
    return pytest.mark.parametrize("vector", VECTORS[name], ids=numbers)


def near(expected: Any, digits: int = 6) -> Any:
    return pytest.approx(expected, abs=1.01 * 10**-digits)


def people(vector: dict[str, Any]) -> list[tuple[int, int]]:
    return list(zip(vector["x"], vector["n"], strict=True))


@each("wilson")
def test_wilson(vector: list[float]) -> None:
    x, n, level, low, high = vector
    assert wilson(x, n, level) == near((low, high))


@each("wilson_clustered")
def test_wilson_on_an_effective_number_of_answers(vector: list[float]) -> None:
    x, n, effect, low, high = vector
    assert wilson(x / effect, n / effect) == near((low, high))


@each("nps_score")
def test_tango_is_the_score_interval_of_nps(vector: list[Any]) -> None:
    detractors, passives, promoters, level, low, high = vector
    n = detractors + passives + promoters
    assert tango(promoters, detractors, n, level) == near((low, high))


@each("nps_point_variance")
def test_the_variance_of_one_nps_answer(vector: list[Any]) -> None:
    *groups, _nps, variance, _error = vector
    assert nps_variance(*groups) == near(variance)


@each("rating_mean_endpoint_adjusted")
def test_the_mean_of_five_points(vector: list[Any]) -> None:
    *counts, _mean, low, high = vector
    assert endpoint_adjusted(dict(enumerate(counts, start=1)), 1, 5) == near((low, high))


@each("csat_difference_newcombe")
def test_newcombe(vector: list[Any]) -> None:
    *counts, value, low, high, p = vector
    found = newcombe(*counts)
    assert found is not None
    assert (found.value, found.low, found.high, found.p) == near((value, low, high, p))


@each("nps_difference_mover_score")
def test_the_difference_of_two_nps(vector: list[Any]) -> None:
    found = nps_difference(tuple(vector[:3]), tuple(vector[3:6]))
    assert found is not None
    assert (found.value, found.low, found.high) == near(tuple(vector[6:]))


@each("paired_touch_vs_30day")
def test_both_waves_paired(vector: list[Any]) -> None:
    *counts, value, low, high, _chi_square, p, p_exact, p_mid = vector
    found = paired(*counts)
    assert found is not None
    assert (found.difference, found.low, found.high) == near((value, low, high))
    assert (found.p_mcnemar, found.p_exact, found.p_mid) == near((p, p_exact, p_mid))


@each("empirical_bayes_beta_binomial")
def test_how_much_people_differ(vector: dict[str, Any]) -> None:
    by_moments, likeliest = (
        spread_by_moments(people(vector)),
        spread_by_likelihood(people(vector)),
    )
    assert by_moments is not None
    assert likeliest is not None
    assert (by_moments.mean, by_moments.weight) == near((vector["mom"]["mu"], vector["mom"]["M"]))
    assert likeliest.mean == near(vector["ml"]["mu"])
    # The reference gives this weight to four digits.
    assert likeliest.weight == near(vector["ml"]["M"], digits=4)


@each("eb_posterior_fixed_prior")
def test_a_person_where_the_spread_is_known(vector: list[Any]) -> None:
    x, n, mean, weight, *expected = vector
    found = plug_in(x, n, Spread(mean, weight))
    assert (*found, reliability(n, weight)) == near(tuple(expected))


@each("hierarchical_grid")
def test_the_best_estimate(vector: dict[str, Any]) -> None:
    group = best_estimates(people(vector))
    assert group is not None
    assert group.spread == near(vector["posterior_mean_of_sd"], digits=4)
    for (x, n), expected in zip(people(vector), vector["people"], strict=True):
        found = group.estimate(x, n)
        chance = group.chance_below(0.80, x, n)
        assert (found.mean, found.low, found.high, chance, found.own_weight) == near(
            tuple(expected.values()), digits=4
        )


@each("funnel_score_limits")
def test_funnel_limits(vector: list[Any]) -> None:
    centre, n, *expected = vector
    found = (funnel_limits(centre, n), funnel_limits(centre, n, 0.998))
    assert found == (near(tuple(expected[:2])), near(tuple(expected[2:])))


@each("person_vs_team_midp")
def test_a_person_against_a_rate(vector: list[Any]) -> None:
    x, n, rate, p = vector
    assert mid_p(x, n, rate) == near(p)


@each("funnel_overdispersion")
def test_more_scatter_than_chance(vector: dict[str, Any]) -> None:
    found = over_dispersion(people(vector), sum(vector["x"]) / sum(vector["n"]))
    assert found is not None
    assert (found.phi, found.tau) == near((vector["phi_winsor10"], vector["tau"]))


@each("benjamini_hochberg")
def test_false_discoveries(vector: dict[str, list[float]]) -> None:
    assert benjamini_hochberg(vector["p"]) == near(vector["q"])


@each("rank_intervals")
def test_ranks(vector: dict[str, Any]) -> None:
    assert rank_intervals(people(vector)) == [tuple(rank) for rank in vector["rank_lo_hi"]]


@each("indirect_standardisation")
def test_the_mix_of_work(vector: dict[str, Any]) -> None:
    own = list(zip(vector["obs"], vector["n"], strict=True))
    found, expected = case_mix(own, vector["ref"], vector["overall"]), vector["out"]
    assert found is not None
    assert (found.observed, found.n) == (expected["O"], expected["n"])
    assert (found.expected, found.raw, found.expected_rate) == near(
        (expected["E"], expected["raw"], expected["expected"])
    )
    assert (found.standardised, found.adjusted, found.z) == near(
        (expected["std_rate"], expected["adj_diff"], expected["z"])
    )


def limits(chart: ControlChart) -> tuple[list[float | None], list[float | None]]:
    return [point.low for point in chart.points], [point.high for point in chart.points]


@each("laney_p_prime")
def test_laneys_chart(vector: dict[str, Any]) -> None:
    chart = laney(people(vector), floor=0.0)
    assert chart is not None
    assert (chart.centre, chart.sigma_z) == near((vector["centre"], vector["sigma_z"]))
    assert limits(chart) == (near(vector["lcl"]), near(vector["ucl"]))


def test_the_chart_of_nps() -> None:
    vector = VECTORS["nps_control_chart"]
    chart = laney_nps([tuple(groups) for groups in vector["detractors_passives_promoters"]])
    assert chart is not None
    assert (chart.centre, chart.sigma_z) == near((vector["centre"], vector["sigma_z"]))
    assert limits(chart) == (near(vector["lcl"]), near(vector["ucl"]))


def test_individual_values_and_moving_ranges() -> None:
    vector = VECTORS["xmr"]
    chart = xmr(vector["y"])
    assert chart is not None
    assert chart.centre == near(vector["centre"])
    # Given to two digits.
    low, high = vector["lcl_2_66"], vector["ucl_2_66"]
    assert (chart.points[0].low, chart.points[0].high) == pytest.approx((low, high), abs=0.005)


@each("clustered_by_customer")
def test_uncertainty_by_customer(vector: dict[str, Any]) -> None:
    found = by_customer(people(vector))
    assert found is not None
    assert (found.value, found.error, found.design_effect) == near(
        (vector["p"], vector["se"], vector["deff"])
    )
    assert (found.effective_n, found.low, found.high) == near(
        (vector["n_eff"], vector["lo"], vector["hi"])
    )


@each("worst_best_bounds")
def test_worst_case_bounds(vector: list[Any]) -> None:
    good, answered, asked, low, high = vector
    assert worst_case_bounds(good, answered, asked) == near((low, high))


@each("minimum_detectable_change")
def test_what_change_can_be_told(vector: list[Any]) -> None:
    rate, n1, n2, at_all, with_power = vector
    found = detectable_change(rate, n1, n2)
    assert found is not None
    assert (found.at_all, found.with_power) == near((at_all, with_power))


@each("minimum_detectable_change_nps")
def test_what_change_of_nps_can_be_told(vector: list[Any]) -> None:
    variance, n1, n2, at_all, with_power = vector
    found = detectable_change_of_mean(variance, n1, n2)
    assert found is not None
    assert (found.at_all, found.with_power) == near((at_all, with_power))


@each("aapor_rates")
def test_response_rates_by_name(vector: list[Any]) -> None:
    *counts, share, rr1, rr2, rr3, rr4, rr5, rr6 = vector
    found = response_rates(Dispositions(*counts), share)
    assert (found.rr1, found.rr2, found.rr3) == near((rr1, rr2, rr3))
    assert (found.rr4, found.rr5, found.rr6) == near((rr4, rr5, rr6))
