"""Wilson's interval against published figures, an oracle, and what must hold for all counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from feedback.measures.wilson import quantile, wilson

BOUNDED = settings(derandomize=True, deadline=None, max_examples=150)

# (x, n, level, low, high), to six digits.
VECTORS = [
    (0, 1, 0.95, 0.0, 0.793451),
    (0, 5, 0.95, 0.0, 0.434482),
    (3, 5, 0.95, 0.230724, 0.882379),
    (5, 5, 0.95, 0.565518, 1.0),
    (9, 10, 0.95, 0.59585, 0.982124),
    (8, 10, 0.95, 0.490162, 0.943318),
    (0, 20, 0.95, 0.0, 0.161125),
    (17, 20, 0.95, 0.639581, 0.947631),
    (19, 20, 0.95, 0.763869, 0.991119),
    (15, 148, 0.95, 0.062386, 0.160487),
    (41, 50, 0.95, 0.692039, 0.902298),
    (48, 50, 0.95, 0.865399, 0.988961),
    (90, 100, 0.95, 0.825634, 0.944771),
    (827, 1000, 0.95, 0.802317, 0.849181),
    (17, 20, 0.9, 0.678172, 0.938418),
    (85, 100, 0.998, 0.70974, 0.929241),
    # UKHSA, test data of PHEindicatormethods.
    (1045, 5000, 0.95, 0.197955, 0.220491),
    (1045, 5000, 0.998, 0.191794, 0.227316),
    (5, 100, 0.95, 0.021544, 0.11175),
    (9856, 12345, 0.95, 0.79121, 0.805364),
    (999, 3456, 0.998, 0.26584, 0.313448),
    (65, 100, 0.95, 0.552544, 0.736358),
    (65, 100, 0.998, 0.495495, 0.778354),
]
# Newcombe, Statistics in Medicine 17 (1998), 857–872, table I; printed to four digits.
PRINTED = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("x", "n", "level", "low", "high"), VECTORS)
def test_the_vectors_hold_to_six_digits(
    x: int, n: int, level: float, low: float, high: float
) -> None:
    assert wilson(x, n, level) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(("x", "n", "low", "high"), PRINTED)
def test_what_newcombe_printed_comes_out(x: int, n: int, low: float, high: float) -> None:
    assert wilson(x, n) == pytest.approx((low, high), abs=6e-5)


def test_the_quantile_is_the_one_everybody_uses() -> None:
    assert quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-12)


def test_no_answers_have_no_interval() -> None:
    assert wilson(0, 0) is None


@pytest.mark.parametrize(("x", "n"), [(-1, 5), (6, 5), (1, 0), (0, -1), (float("nan"), 5)])
def test_impossible_counts_are_refused(x: float, n: float) -> None:
    with pytest.raises(ValueError):
        wilson(x, n)


counts = st.integers(0, 3000).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.just(n)) if n else st.just((0, 1))
)


@BOUNDED
@given(counts)
def test_it_holds_the_share_and_stays_within_nought_and_one(xn: tuple[int, int]) -> None:
    x, n = xn
    low, high = wilson(x, n) or (None, None)
    assert low is not None
    assert high is not None
    assert 0.0 <= low <= x / n <= high <= 1.0
    assert low < high
    assert (low == 0.0) == (x == 0)
    assert (high == 1.0) == (x == n)


@BOUNDED
@given(counts)
def test_good_and_bad_mirror_each_other(xn: tuple[int, int]) -> None:
    x, n = xn
    low, high = wilson(x, n) or (0, 0)
    mirrored = wilson(n - x, n) or (0, 0)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-12)


@BOUNDED
@given(counts, st.integers(2, 9))
def test_more_answers_of_the_same_kind_narrow_it(xn: tuple[int, int], times: int) -> None:
    x, n = xn
    low, high = wilson(x, n) or (0, 0)
    closer, nearer = wilson(x * times, n * times) or (0, 0)
    assert nearer - closer < high - low
    assert low <= closer
    assert nearer <= high


@BOUNDED
@given(counts)
def test_one_more_good_answer_moves_it_up(xn: tuple[int, int]) -> None:
    x, n = xn
    if x == n:
        return
    low, high = wilson(x, n) or (0, 0)
    lower, higher = wilson(x + 1, n) or (0, 0)
    assert lower > low
    assert higher > high


@BOUNDED
@given(counts, st.sampled_from([0.8, 0.9, 0.95, 0.99, 0.998]))
def test_it_agrees_with_scipy(xn: tuple[int, int], level: float) -> None:
    x, n = xn
    other = stats.binomtest(x, n).proportion_ci(confidence_level=level, method="wilson")
    assert wilson(x, n, level) == pytest.approx((other.low, other.high), abs=1e-9)


@BOUNDED
@given(counts, st.floats(0.001, 0.999))
def test_a_rate_lies_inside_exactly_where_the_score_test_keeps_it(
    xn: tuple[int, int], rate: float
) -> None:
    x, n = xn
    low, high = wilson(x, n) or (0, 0)
    score = abs(x / n - rate) / (rate * (1 - rate) / n) ** 0.5
    if abs(score - quantile(0.95)) > 1e-9:
        assert (low <= rate <= high) == (score <= quantile(0.95))
