"""Power that goes takes nothing with it that somebody was thanked for."""

import os
import shutil

import pytest

from bench.faults import power
from tests.faults.conftest import Begin

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        os.geteuid() != 0 or shutil.which("mkfs.ext4") is None or shutil.which("mount") is None,
        reason="only root can make a disk of its own (mkfs.ext4, mount)",
    ),
]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_acknowledged_outlives_a_cut(kind: str, on: Begin) -> None:
    try:
        found = power.run(on(kind))
    except power.NoDisk as why:
        pytest.skip(str(why))
    assert [one.broken for one in found] == [[]]
    assert found[0].counts["acknowledged before a cut"] > 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_each_planted_bug_is_found(kind: str, on: Begin) -> None:
    (found,) = power.run(on(kind, "commit-lightly"))
    assert any(what.startswith("lost") for what in found.broken)
