"""Who is drawn: the same every time, about as many as was said, and each alone."""

import pytest

from feedback.touchpoints.sample import is_drawn

ALL = [f"t-{number}" for number in range(10_000)]


def drawn(rate: float, seed: int = 7, source: str = "crm") -> set[str]:
    return {one for one in ALL if is_drawn(rate, seed, source, one)}


def test_the_same_are_drawn_twice() -> None:
    assert drawn(0.2) == drawn(0.2)


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.5, 0.9])
def test_about_as_many_are_drawn_as_was_said(rate: float) -> None:
    # Five standard deviations of so many draws.
    assert abs(len(drawn(rate)) / len(ALL) - rate) < 5 * (rate * (1 - rate) / len(ALL)) ** 0.5


def test_everybody_and_nobody() -> None:
    assert drawn(1.0) == set(ALL)
    assert drawn(0.0) == set()


def test_a_higher_rate_keeps_who_was_drawn() -> None:
    assert drawn(0.2) < drawn(0.3)


def test_another_seed_or_source_draws_others() -> None:
    assert len(drawn(0.2) & drawn(0.2, seed=8)) < 600
    assert len(drawn(0.2) & drawn(0.2, source="shop")) < 600
