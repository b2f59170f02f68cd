"""What is ill is named within half a minute, by its own check, and is well again by itself."""

import pytest

from bench.faults import health
from bench.faults.trial import Found
from tests.faults.conftest import Begin

# Processes start and die here, on machines that may have other things to do.
pytestmark = pytest.mark.timeout(900)


def noticed(found: Found, times: int) -> None:
    assert found.broken == []
    assert found.trials == times
    assert sum(what.startswith("s until noticed") for what in found.counts) == times


def test_a_worker_that_was_killed_is_missed_until_there_is_another(begin: Begin) -> None:
    noticed(health.workers(begin()), 1)


def test_a_mail_server_that_is_away_is_named_until_it_is_back(begin: Begin) -> None:
    noticed(health.mail(begin()), 1)


def test_a_postgresql_that_stops_or_hangs_is_named_by_who_does_not_wait_for_it(on: Begin) -> None:
    noticed(health.database(on("postgresql")), 2)


def test_a_sqlite_that_somebody_has_locked_is_named(on: Begin) -> None:
    noticed(health.locked(on("sqlite")), 1)


def test_work_that_hangs_in_a_living_process_is_named(on: Begin) -> None:
    noticed(health.hung(on("postgresql")), 1)


@pytest.mark.parametrize("bug", list(health.PLANTS))
def test_each_planted_bug_is_found(bug: str, on: Begin) -> None:
    broken = [what for found in health.run(on("postgresql", bug)) for what in found.broken]
    assert any(what.startswith(health.PLANTS[bug]) for what in broken)
