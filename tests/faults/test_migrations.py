"""An upgrade that is killed or fails leaves the old state or the new one, and every row."""

import pytest

from bench.faults import migrations
from tests.faults.conftest import Begin

# Processes start and die here, on machines that may have other things to do.
pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_interrupted_upgrade_is_whole_or_none_and_the_next_start_ends_it(
    kind: str, on: Begin
) -> None:
    found = migrations.climbed(on(kind))
    assert found.broken == []
    assert found.counts["tables without a row"] == 0
    assert found.counts["interrupted, of these"] > 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_upgrade_in_several_transactions_is_found(kind: str, on: Begin) -> None:
    found = migrations.climbed(on(kind, "commit-each"))
    assert any(what.startswith(migrations.PLANTS["commit-each"]) for what in found.broken)
