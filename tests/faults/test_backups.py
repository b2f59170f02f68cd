"""A backup made under load comes back whole, and no mail goes out twice for it."""

import pytest

from bench.faults import backups
from tests.faults.conftest import Begin

# Processes start and die here, on machines that may have other things to do.
pytestmark = pytest.mark.timeout(900)

KINDS = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])


@KINDS
def test_a_backup_made_under_load_is_whole_and_of_one_moment(kind: str, on: Begin) -> None:
    found = backups.under_load(on(kind))
    assert found.broken == []
    assert found.counts["rows put back"] > 0


@KINDS
def test_nothing_sent_since_the_backup_goes_out_again(kind: str, on: Begin) -> None:
    found = backups.nothing_twice(on(kind))
    assert found.broken == []
    assert found.trials > 0


@KINDS
@pytest.mark.parametrize("bug", list(backups.PLANTS))
def test_each_planted_bug_is_found(kind: str, bug: str, on: Begin) -> None:
    broken = [what for found in backups.run(on(kind, bug)) for what in found.broken]
    assert any(what.startswith(backups.PLANTS[bug]) for what in broken)
