"""The interval of a mean on a bounded scale: vectors, an oracle, and what must always hold."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.measures.endpoint_adjusted import endpoint_adjusted
from feedback.measures.wilson import quantile

BOUNDED = settings(derandomize=True, deadline=None, max_examples=150)

# (counts of 1 … 5, low, high), to six digits.
VECTORS = [
    ((0, 0, 0, 0, 1), 1.599544, 5.0),
    ((0, 0, 0, 0, 5), 3.782065, 5.0),
    ((0, 0, 1, 1, 3), 3.195801, 5.0),
    ((1, 0, 0, 1, 8), 3.556005, 5.0),
    ((2, 0, 1, 2, 5), 2.781384, 4.673161),
    ((1, 0, 1, 4, 14), 3.960582, 4.896561),
    ((2, 2, 4, 7, 5), 2.969777, 4.077842),
    ((7, 1, 1, 7, 34), 3.781902, 4.571039),
    ((13, 1, 3, 13, 70), 3.978065, 4.516984),
    ((10, 10, 20, 80, 80), 3.895423, 4.194129),
    ((2241, 227, 503, 2277, 11934), 4.22696, 4.268065),
]


def on(*counts: int) -> dict[int, int]:
    return dict(enumerate(counts, start=1))


@pytest.mark.parametrize(("counts", "low", "high"), VECTORS)
def test_the_vectors_hold_to_six_digits(counts: tuple[int, ...], low: float, high: float) -> None:
    assert endpoint_adjusted(on(*counts), 1, 5) == pytest.approx((low, high), abs=1e-6)


def test_no_answers_have_no_interval() -> None:
    assert endpoint_adjusted({}, 1, 7) is None
    assert endpoint_adjusted({1: 0, 7: 0}, 1, 7) is None


sevens = st.lists(st.integers(0, 200), min_size=7, max_size=7).filter(any)


def interval(counts: list[int]) -> tuple[float, float]:
    found = endpoint_adjusted(on(*counts), 1, 7)
    assert found is not None
    return found


@BOUNDED
@given(sevens)
def test_it_holds_the_mean_and_stays_on_the_scale(counts: list[int]) -> None:
    mean = sum(s * c for s, c in on(*counts).items()) / sum(counts)
    low, high = interval(counts)
    assert 1.0 <= low <= mean + 1e-12
    assert mean - 1e-12 <= high <= 7.0
    # Also where all agree.
    assert low < high


@BOUNDED
@given(sevens)
def test_easy_and_hard_mirror_each_other(counts: list[int]) -> None:
    low, high = interval(counts)
    assert interval(counts[::-1]) == pytest.approx((8 - high, 8 - low), abs=1e-9)


@BOUNDED
@given(sevens, st.integers(2, 9))
def test_more_answers_of_the_same_kind_narrow_it(counts: list[int], times: int) -> None:
    low, high = interval(counts)
    closer, nearer = interval([count * times for count in counts])
    assert nearer - closer < high - low


@BOUNDED
@given(sevens)
def test_it_is_the_normal_interval_of_the_answers_with_half_a_one_at_each_end(
    counts: list[int],
) -> None:
    # In halves, so that numpy can take whole answers: two for each, one at each end.
    halves = np.repeat(np.arange(1, 8), [2 * count for count in counts])
    halves = np.append(halves, [1, 7])
    n = len(halves) / 2
    half = quantile(0.95) * sqrt(float(np.var(halves)) / n)
    mean = float(np.mean(halves))
    expected = (max(1.0, mean - half), min(7.0, mean + half))
    assert interval(counts) == pytest.approx(expected, abs=1e-9)
