"""A database that is away, cut off, locked or full costs patience, and no answer."""

import os
import shutil

import pytest

from bench.faults import outages
from tests.faults.conftest import Begin

# Processes start and die here, on machines that may have other things to do.
pytestmark = pytest.mark.timeout(900)

may_mount = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can make a small disk"
)


def test_a_database_that_is_restarted_loses_nothing_acknowledged(on: Begin) -> None:
    found = outages.restarted(on("postgresql"))
    assert found.broken == []
    assert found.trials == 2


def test_a_lost_reply_to_commit_neither_loses_nor_doubles(on: Begin) -> None:
    found = outages.reply_cut(on("postgresql"))
    assert found.broken == []
    assert found.trials >= 6


def test_a_lock_of_three_seconds_turns_nobody_away(on: Begin) -> None:
    assert outages.locked(on("sqlite")).broken == []


@may_mount
def test_a_full_disk_keeps_what_was_typed_and_recovers(on: Begin) -> None:
    found = outages.full(on("sqlite"))
    assert found.broken == []
    assert found.counts["answered 503"] > 0


@pytest.mark.parametrize(
    ("kind", "bug"),
    [
        ("postgresql", "answer-badly"),
        ("postgresql", "thank-before-commit"),
        ("sqlite", "impatient"),
        pytest.param("sqlite", "answer-badly", marks=may_mount),
    ],
)
def test_each_planted_bug_is_found(kind: str, bug: str, on: Begin) -> None:
    broken = [what for found in outages.run(on(kind, bug)) for what in found.broken]
    assert any(what.startswith(outages.PLANTS[bug]) for what in broken)
