"""Short runs of the experiments: a few kills each, on both databases."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bench.faults.databases import Database, made
from bench.faults.trial import Trial

Begin = Callable[..., Trial]


@pytest.fixture(autouse=True)
def _patient(request: pytest.FixtureRequest) -> None:
    """Plant bugs only where asked: a bug of chance may take a busy machine a quarter of an hour."""
    is_planted = request.node.name.startswith("test_each_planted_bug_is_found")
    if is_planted and "PLANTED" not in os.environ:
        pytest.skip("set PLANTED=1, or run `make faults ARGS='--planted all'`")


@pytest.fixture
def begin(database_url: str, tmp_path: Path) -> Begin:
    """Begin a short trial on the test's own database, perhaps with a bug planted."""

    def make(planted: str | None = None, *, kills: int = 4, seed: int = 7) -> Trial:
        kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
        return Trial(Database(kind, database_url), tmp_path, seed, kills, planted, is_short=True)

    return make


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Begin]:
    """Begin a trial on a database of this kind whose server is the test's own to stop."""
    with ExitStack() as stack:

        def make(kind: str, planted: str | None = None) -> Trial:
            # PostgreSQL's own user cannot reach the folders of tests.
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="afterword-faults-")))
            folder.chmod(0o755)
            database = stack.enter_context(made(kind, folder))
            # Where SQLite's own files lie is where the trial copies them.
            return Trial(database, folder, 7, 2, planted, is_short=True)

        yield make
