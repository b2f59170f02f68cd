"""How many answers it takes until a target is decided."""

from math import floor

import pytest

from feedback.measures.targets import answers_to_decide, target_outcome, wrongly_failed
from feedback.measures.wilson import wilson


@pytest.mark.parametrize(("target", "distance"), [(0.85, 0.05), (0.8, 0.1), (0.5, 0.2)])
def test_from_so_many_answers_on_the_interval_lies_below_the_target(
    target: float, distance: float
) -> None:
    """Checked against Wilson's interval itself, at counts that hit the share exactly."""
    answers = answers_to_decide(target, distance)
    assert answers is not None
    few = 20 * floor(answers.if_so / 20)
    enough = few + 20
    share = target - distance
    for n, outcome in ((few, "undecided"), (enough, "not_met")):
        interval = wilson(round(share * n), n)
        assert interval is not None
        assert target_outcome(*interval, target) == outcome


def test_85_per_cent_is_decided_five_points_below_from_196_answers_on() -> None:
    answers = answers_to_decide(0.85, 0.05)
    assert answers is not None
    assert answers.if_so == pytest.approx(195.9, abs=0.1)


def test_four_times_of_five_is_what_the_exact_chances_give() -> None:
    answers = answers_to_decide(0.8, 0.1)
    assert answers is not None
    found = wrongly_failed(0.7, round(answers.with_power), 0.8)
    assert found is not None
    assert found[1] == pytest.approx(0.8, abs=0.03)


def test_nothing_is_below_zero_and_no_distance_takes_endless_answers() -> None:
    assert answers_to_decide(0.05, 0.1) is None
    assert answers_to_decide(0.8, 0.0) is None
    at_zero = answers_to_decide(0.1, 0.1)
    assert at_zero is not None
    assert at_zero.with_power == pytest.approx(at_zero.if_so)
