"""What each figure is made of, and that none of them is made of nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.measures.estimate import DEFINITIONS, Estimate, ces, csat, nps
from feedback.surveys.scales import SCALES


def rounded(estimate: Estimate | None) -> tuple[float, float, float, int]:
    assert estimate is not None
    return (
        round(estimate.value, 6), round(estimate.low, 6), round(estimate.high, 6), estimate.n,
    )  # fmt: skip


def test_csat_is_the_share_of_fours_and_fives() -> None:
    assert rounded(csat({1: 1, 2: 2, 3: 4, 4: 7, 5: 6})) == (0.65, 0.432854, 0.818808, 20)
    assert rounded(csat({4: 10, 5: 7, 3: 3})) == (0.85, 0.639581, 0.947631, 20)


def test_a_three_is_not_satisfied_and_stays_in_the_denominator() -> None:
    assert rounded(csat({3: 1}))[0] == 0.0
    assert rounded(csat({3: 1, 4: 1}))[0] == 0.5


def test_nps_is_promoters_less_detractors_over_all() -> None:
    counts = {0: 1, 6: 7, 7: 13, 9: 10, 10: 5}
    assert rounded(nps(counts)) == (0.194444, -0.067697, 0.42867, 36)
    assert rounded(nps({0: 1194, 8: 3953, 10: 8465})) == (0.534161, 0.523119, 0.545004, 13612)


@pytest.mark.parametrize(
    ("score", "value"),
    [(0, -1), (5, -1), (6, -1), (7, 0), (8, 0), (9, 1), (10, 1)],
)
def test_where_detractors_end_and_promoters_begin(score: int, value: float) -> None:
    assert rounded(nps({score: 3}))[0] == value


@pytest.mark.parametrize(("score", "value"), [(1, 0), (2, 0), (3, 0), (4, 1), (5, 1)])
def test_where_satisfied_begins(score: int, value: float) -> None:
    assert rounded(csat({score: 3}))[0] == value


def test_ces_is_the_mean_from_one_to_seven() -> None:
    counts = dict(enumerate((80, 210, 140, 110, 160, 180, 120), start=1))
    estimate = ces(counts)
    assert estimate is not None
    assert estimate.value == pytest.approx(4.08, abs=1e-12)
    assert estimate.n == 1000
    assert 3.9 < estimate.low < 4.08 < estimate.high < 4.3


@pytest.mark.parametrize("metric", DEFINITIONS)
@pytest.mark.parametrize("counts", [{}, {1: 0, 5: 0}])
def test_nothing_answered_gives_nothing_and_not_zero(metric: str, counts: dict[int, int]) -> None:
    assert DEFINITIONS[metric].of(counts) is None


@pytest.mark.parametrize("metric", DEFINITIONS)
def test_a_definition_has_its_name_with_a_version_and_the_scale_it_is_asked_on(metric: str) -> None:
    definition, scale = DEFINITIONS[metric], SCALES[metric]
    assert definition.name == f"{metric}/1"
    assert definition.metric == metric
    assert (definition.lowest, definition.highest) == (scale.lowest, scale.highest)


RANGE = {"csat": (0.0, 1.0), "nps": (-1.0, 1.0), "ces": (1.0, 7.0)}


@pytest.mark.parametrize("metric", DEFINITIONS)
@settings(derandomize=True, deadline=None, max_examples=60)
@given(data=st.data())
def test_a_value_lies_in_its_interval_and_that_in_the_range(
    metric: str, data: st.DataObject
) -> None:
    definition = DEFINITIONS[metric]
    scores = st.integers(definition.lowest, definition.highest)
    counts = data.draw(st.dictionaries(scores, st.integers(1, 500), min_size=1))
    estimate = definition.of(counts)
    assert estimate is not None
    least, most = RANGE[metric]
    assert least <= estimate.low <= estimate.value <= estimate.high <= most
    assert estimate.low < estimate.high
    assert estimate.n == sum(counts.values())
