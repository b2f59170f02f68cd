"""Short runs of the experiments: a few kills each, on both databases."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.faults.databases import Database
from bench.faults.trial import Trial

Begin = Callable[..., Trial]


@pytest.fixture
def begin(database_url: str, tmp_path: Path) -> Begin:
    """Begin a short trial on the test's own database, perhaps with a bug planted."""

    def make(planted: str | None = None, *, kills: int = 4, seed: int = 7) -> Trial:
        kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
        return Trial(Database(kind, database_url), tmp_path, seed, kills, planted, is_short=True)

    return make
