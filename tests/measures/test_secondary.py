"""What stands second beside a figure (statistics, rows 8 and 9)."""

import pytest

from feedback.measures.estimate import ces, csat
from feedback.measures.secondary import secondary

STARS = dict(enumerate((1, 2, 4, 7, 6), start=1))
EFFORT = dict(enumerate((80, 210, 140, 110, 160, 180, 120), start=1))


def test_csat_is_a_share_and_its_mean_stands_beside_it() -> None:
    figure = csat(STARS)
    assert figure is not None
    assert (figure.value, figure.low, figure.high) == pytest.approx((0.65, 0.432854, 0.818808))
    ((name, mean),) = secondary("csat", STARS).items()
    assert name == "mean"
    assert (mean.value, mean.low, mean.high) == pytest.approx((3.75, 3.2007, 4.2279), abs=5e-5)
    assert mean.n == 20


def test_ces_is_a_mean_and_the_share_of_easy_answers_stands_beside_it() -> None:
    figure = ces(EFFORT)
    assert figure is not None
    assert figure.value == pytest.approx(4.08)
    beside = secondary("ces", EFFORT)
    assert list(beside) == ["share", "index"]
    share, index = beside.values()
    assert index.value == pytest.approx(-0.13)
    assert index.low < -0.13 < index.high < 0
    assert share.value == pytest.approx(0.46)
    assert share.low < 0.46 < share.high
    assert share.n == 1000


def test_the_mean_keeps_a_width_where_all_agree_and_never_leaves_the_scale() -> None:
    mean = secondary("csat", {5: 4})["mean"]
    assert (mean.value, mean.high) == (5.0, 5.0)
    assert 1 < mean.low < 5


@pytest.mark.parametrize("metric", ["csat", "nps", "ces"])
def test_no_answers_have_nothing_beside_them(metric: str) -> None:
    assert secondary(metric, {}) == {}


def test_nps_has_nothing_beside_it() -> None:
    assert secondary("nps", {9: 3, 2: 1}) == {}
