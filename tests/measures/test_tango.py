"""Tango's interval against published tables, an oracle, and what must hold for all counts."""

from math import log, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from feedback.measures.tango import tango
from feedback.measures.wilson import quantile, wilson

BOUNDED = settings(derandomize=True, deadline=None, max_examples=150)

# (detractors, passives, promoters, level, low, high), to six digits.
VECTORS = [
    (0, 0, 1, 0.95, -0.586901, 1.0),
    (0, 1, 0, 0.95, -0.793451, 0.793451),
    (5, 0, 0, 0.95, -1.0, -0.131035),
    (1, 1, 3, 0.95, -0.349282, 0.826421),
    (0, 2, 3, 0.95, -0.095172, 0.882379),
    (3, 3, 4, 0.95, -0.387913, 0.54016),
    (0, 0, 10, 0.95, 0.444934, 1.0),
    (0, 10, 0, 0.95, -0.277533, 0.277533),
    (2, 5, 13, 0.95, 0.186512, 0.771392),
    (12, 7, 12, 0.95, -0.296823, 0.296823),
    (10, 15, 25, 0.95, 0.070109, 0.496449),
    (20, 30, 50, 0.95, 0.139551, 0.443393),
    (30, 5, 65, 0.95, 0.161791, 0.513061),
    (8, 13, 15, 0.95, -0.067697, 0.42867),
    (1194, 3953, 8465, 0.95, 0.523119, 0.545004),
    (1028, 121, 14, 0.95, -0.891378, -0.848817),
    (8, 13, 15, 0.9, -0.025098, 0.39407),
]
# Paired tables (a, b, c, d) as printed: the difference is that of the discordant b and c.
PRINTED = [
    # Tango, Statistics in Medicine 17 (1998), 891–908, tables V and VII.
    ((43, 0, 1, 0), 0.90, -0.096, 0.037, 3),
    ((4, 9, 3, 16), 0.95, -0.027, 0.390, 3),
    # Agresti and Min, Statistics in Medicine 24 (2005), 729–740.
    ((53, 16, 8, 9), 0.95, -0.020, 0.207, 3),
    # Fagerland, Lydersen and Laake, Statistics in Medicine 33 (2014), 2850–2875, airway data.
    ((1, 1, 7, 12), 0.95, -0.517, -0.026, 3),
    # Cavo 2012, as in the tests of contingencytables, chapter 8.
    ((59, 6, 16, 80), 0.95, -0.1240, -0.0054, 4),
    ((0, 3, 0, 0), 0.95, -0.1230, 1.0, 4),
]


@pytest.mark.parametrize(("minus", "same", "plus", "level", "low", "high"), VECTORS)
def test_the_vectors_hold_to_six_digits(
    minus: int, same: int, plus: int, level: float, low: float, high: float
) -> None:
    found = tango(plus, minus, minus + same + plus, level)
    assert found == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(("table", "level", "low", "high", "digits"), PRINTED)
def test_what_was_printed_comes_out(
    table: tuple[int, int, int, int], level: float, low: float, high: float, digits: int
) -> None:
    _a, plus, minus, _d = table
    found = tango(plus, minus, sum(table), level)
    assert found == pytest.approx((low, high), abs=0.51 * 10**-digits)


def test_no_answers_have_no_interval() -> None:
    assert tango(0, 0, 0) is None


@pytest.mark.parametrize("counts", [(-1, 0, 5), (0, -1, 5), (0, 0, -1), (3, 3, 5), (1, 0, 0)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError):
        tango(*counts)


cells = st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400)).filter(any)


def interval(plus: int, minus: int, n: int) -> tuple[float, float]:
    found = tango(plus, minus, n)
    assert found is not None
    return found


@BOUNDED
@given(cells)
def test_it_holds_the_difference_and_stays_within_the_scale(cell: tuple[int, int, int]) -> None:
    plus, minus, _same = cell
    n = sum(cell)
    low, high = interval(plus, minus, n)
    assert -1.0 <= low <= (plus - minus) / n <= high <= 1.0
    assert low < high
    assert (low == -1.0) == (minus == n)
    assert (high == 1.0) == (plus == n)


@BOUNDED
@given(cells)
def test_praise_and_blame_mirror_each_other(cell: tuple[int, int, int]) -> None:
    plus, minus, _same = cell
    low, high = interval(plus, minus, sum(cell))
    assert interval(minus, plus, sum(cell)) == pytest.approx((-high, -low), abs=1e-12)


@BOUNDED
@given(cells, st.integers(2, 9))
def test_more_answers_of_the_same_kind_narrow_it(cell: tuple[int, int, int], times: int) -> None:
    plus, minus, _same = cell
    low, high = interval(plus, minus, sum(cell))
    closer, nearer = interval(plus * times, minus * times, sum(cell) * times)
    assert nearer - closer < high - low


@BOUNDED
@given(cells)
def test_nought_lies_inside_exactly_where_mcnemar_finds_nothing(cell: tuple[int, int, int]) -> None:
    plus, minus, _same = cell
    low, high = interval(plus, minus, sum(cell))
    statistic = abs(plus - minus) / sqrt(plus + minus) if plus + minus else 0.0
    if abs(statistic - quantile(0.95)) > 1e-9:
        assert (low <= 0 <= high) == (statistic <= quantile(0.95))


@BOUNDED
@given(cells)
def test_a_passive_turned_promoter_moves_it_up(cell: tuple[int, int, int]) -> None:
    plus, minus, same = cell
    if same == 0:
        return
    low, high = interval(plus, minus, sum(cell))
    lower, higher = interval(plus + 1, minus, sum(cell))
    assert lower > low
    assert higher > high


@pytest.mark.parametrize("n", [1, 3, 10, 200])
def test_where_nobody_changed_it_has_wilsons_ends_for_none(n: int) -> None:
    """With no promoter and no detractor the statistic is Wilson's for none of n, both ways."""
    wilsons = wilson(0, n)
    assert wilsons is not None
    assert interval(0, 0, n) == pytest.approx((-wilsons[1], wilsons[1]), abs=1e-9)


def score(delta: float, plus: int, minus: int, n: int) -> float:
    """Return Tango's statistic, the likeliest table under δ being searched for, not calculated."""
    same = n - plus - minus
    least, most = max(0.0, -delta) + 1e-12, (1 - delta) / 2 - 1e-12

    def unlikely(q: float) -> float:
        return -sum(
            count * log(p)
            for count, p in ((plus, q + delta), (minus, q), (same, 1 - 2 * q - delta))
            if count
        )

    q = optimize.minimize_scalar(unlikely, bounds=(least, most), options={"xatol": 1e-12}).x
    return (plus - minus - n * delta) / sqrt(n * (2 * q + delta * (1 - delta)))


@pytest.mark.parametrize(
    ("plus", "minus", "n"), [(9, 3, 32), (15, 8, 36), (3, 1, 5), (12, 12, 31), (2, 40, 90)]
)
def test_its_ends_are_where_the_most_likely_tables_just_resist(
    plus: int, minus: int, n: int
) -> None:
    z, middle = quantile(0.95), (plus - minus) / n
    low = optimize.brentq(lambda d: score(d, plus, minus, n) - z, -0.99, middle)
    high = optimize.brentq(lambda d: score(d, plus, minus, n) + z, middle, 0.99)
    assert interval(plus, minus, n) == pytest.approx((low, high), abs=1e-5)


def test_the_same_counts_give_the_same_digits() -> None:
    assert {tango(15, 8, 36) for _ in range(5)} == {tango(15, 8, 36)}
