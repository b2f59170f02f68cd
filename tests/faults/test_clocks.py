"""Whatever the clock does, everybody is followed up once, by day, and nobody too early."""

from collections.abc import Callable, Iterator

import pytest

from bench.faults import clocks
from feedback import work
from tests.faults.conftest import Begin

# Processes start and die here, on machines that may have other things to do.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def mended() -> Iterator[None]:
    """Take out of this process what was planted into it."""
    sound = work.catch_up, work.Watch.has_jumped
    yield
    work.catch_up, work.Watch.has_jumped = sound  # type: ignore[method-assign]


@pytest.mark.parametrize("story", clocks.STORIES, ids=lambda story: story.__name__)
def test_each_is_followed_up_once_whatever_the_clock_does(
    story: Callable[..., None], begin: Begin
) -> None:
    found = clocks.live(begin(), story)
    assert found.broken == []
    assert found.trials == 10


@pytest.mark.parametrize("bug", list(clocks.PLANTS))
def test_each_planted_bug_is_found(bug: str, begin: Begin, mended: None) -> None:
    broken = [what for found in clocks.run(begin(bug)) for what in found.broken]
    assert any(what.startswith(clocks.PLANTS[bug]) for what in broken)
