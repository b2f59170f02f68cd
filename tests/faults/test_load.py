"""Too many, too slow, and for too long: who is not served is told so, and nothing piles up."""

import shutil

import pytest

from bench.faults import overload, slow, soak
from tests.faults.conftest import Begin

# Processes start and die here, on machines that may have other things to do.
pytestmark = pytest.mark.timeout(900)

with_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx here")


def test_ten_times_too_many_are_turned_away_and_no_answer_is_lost(begin: Begin) -> None:
    found = overload.run(begin())[0]
    # How long it takes is for a machine that has nothing else to do.
    assert [what for what in found.broken if not what.startswith("slow")] == []
    assert found.counts["turned away with Retry-After"] > 0
    assert found.counts["answers acknowledged"] > 0


@with_nginx
def test_three_hundred_slow_clients_keep_nobody_out_behind_nginx(begin: Begin) -> None:
    (found,) = slow.run(begin())
    assert found.broken == []
    assert found.trials > 5


def test_a_short_soak_is_answered_as_it_should_be(begin: Begin) -> None:
    trial = begin()
    trial.requests = 1500
    (found,) = soak.run(trial)
    # Caches still fill; what a process weighs is for the long run.
    assert [what for what in found.broken if "MiB" not in what and "%" not in what] == []
    assert found.counts["send 303"] > 0
    assert found.counts["/reports 200"] + found.counts["/me 200"] > 0


@pytest.mark.parametrize(
    ("experiment", "bug"),
    [
        *((overload, bug) for bug in overload.PLANTS),
        *(pytest.param(slow, bug, marks=with_nginx) for bug in slow.PLANTS),
    ],
)
def test_each_planted_bug_is_found(experiment: object, bug: str, begin: Begin) -> None:
    broken = [what for found in experiment.run(begin(bug)) for what in found.broken]  # type: ignore[attr-defined]
    assert any(what.startswith(experiment.PLANTS[bug]) for what in broken)  # type: ignore[attr-defined]


def test_each_planted_bug_is_found_that_leaks(begin: Begin) -> None:
    trial = begin("leak")
    trial.requests = 8000
    (found,) = soak.run(trial)
    assert any(what.startswith(soak.PLANTS["leak"]) for what in found.broken)
