"""What was acknowledged is there, once, however the site dies."""

import pytest

from bench.faults import answers
from tests.faults.conftest import Begin

# Processes start and die here, on machines that may have other things to do.
pytestmark = pytest.mark.timeout(900)


def test_killed_under_load_nothing_acknowledged_is_lost_or_doubled(begin: Begin) -> None:
    found = answers.killed(begin())
    assert found.broken == []
    assert found.trials >= 3
    assert found.counts["stored"] >= found.counts["acknowledged"] > 0


def test_one_answer_sent_eight_times_at_once_is_one_answer(begin: Begin) -> None:
    found = answers.at_once(begin())
    assert found.broken == []
    assert found.counts["stored"] == 20


@pytest.mark.parametrize("bug", list(answers.PLANTS))
def test_each_planted_bug_is_found(bug: str, begin: Begin) -> None:
    broken = [what for found in answers.run(begin(bug, kills=6)) for what in found.broken]
    assert any(what.startswith(answers.PLANTS[bug]) for what in broken)
