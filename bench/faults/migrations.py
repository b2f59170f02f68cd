"""Migrations (F10, G8): killed anywhere, the state is old or new, and the next start finishes."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.pool import NullPool

from bench.faults.databases import Database
from bench.faults.rows import fill
from bench.faults.sites import ROOT, environment
from bench.faults.trial import Found, Trial
from feedback.config import ROOT as HOUSE

PLANTS = {"commit-each": "neither old nor new"}
Dump = dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]


def run(trial: Trial) -> list[Found]:
    """Kill and fail upgrades from every earlier revision, with a row in every table."""
    return [climbed(trial)]


@dataclass
class Stair:
    """A way to bring copies of a database to a revision, and to be killed on the way."""

    trial: Trial
    process: "subprocess.Popen[str]"
    has_killer: bool

    def climb(self, database: Database, how: str = "", point: int = 0, **more: Any) -> Any:
        """Upgrade; return how it ended and how many writing calls and statements that took."""
        order = {
            "url": database.url, "folder": str(self.trial.folder), "how": how, "point": point,
            "planted": bool(self.trial.planted) and how in ("kill", "fail", "write"),
        } | more  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["status"], answer["passed"] >> 20, answer["passed"] & 0xFFFFF


@contextmanager
def _stair(trial: Trial) -> Iterator[Stair]:
    surroundings = environment(trial.database.url, trial.folder / "instance")
    compiler = shutil.which("cc")
    has_killer = trial.database.kind == "sqlite" and compiler is not None
    if has_killer:
        killer = trial.folder / "killer.so"
        source = Path(__file__).with_name("killer.c")
        subprocess.run(
            [str(compiler), "-shared", "-fPIC", "-O1", str(source), "-o", str(killer), "-ldl"],
            check=True,
        )
        surroundings["LD_PRELOAD"] = str(killer)
    with (trial.folder / "climb.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.faults.climb"], cwd=ROOT, env=surroundings, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdin is not None
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError((trial.folder / "climb.log").read_text()[-3000:])
        yield Stair(trial, process, has_killer)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()


class Copies:
    """Copies of one database at one revision, made anew for each run."""

    def __init__(self, trial: Trial, name: str) -> None:
        self.trial, self.name = trial, name
        self.is_file = trial.database.kind == "sqlite"
        self.first = self._at(f"at_{name}")
        self.copy = self._at("copy")

    def _at(self, name: str) -> Database:
        server = self.trial.database.server
        if server is not None:
            return Database("postgresql", server.url(name), server)
        return Database("sqlite", f"sqlite:///{self.trial.folder / name}.sqlite")

    def begin(self) -> None:
        """Make the first one, empty."""
        if self.trial.database.server is not None:
            self.trial.database.server.make(f"at_{self.name}")

    def renew(self) -> Database:
        """Return a copy of the first one."""
        if self.is_file:
            folder = self.trial.folder
            for left in folder.glob("copy.sqlite*"):
                left.unlink()
            shutil.copy(folder / f"at_{self.name}.sqlite", folder / "copy.sqlite")
        else:
            server = self.trial.database.server
            assert server is not None
            server.make("copy", f"at_{self.name}")
        return self.copy


def climbed(trial: Trial) -> Found:
    """Interrupt upgrades from every earlier revision at chosen points."""
    found = Found("migrations: killed and failing", 0, "interrupted upgrades")
    scripts = ScriptDirectory(str(HOUSE / "migrations"))
    revisions = [script.revision for script in reversed(list(scripts.walk_revisions()))]
    head = revisions[-1]
    earlier = revisions[:-1]
    if trial.is_short:
        earlier = [earlier[0], earlier[-1]]
    with _stair(trial) as stair:
        for revision in earlier:
            _from(stair, revision, head, found)
    found.counts["earlier revisions"] = len(earlier)
    return found


def _from(stair: Stair, revision: str, head: str, found: Found) -> None:
    trial = stair.trial
    copies = Copies(trial, revision)
    copies.begin()
    status, _writes, _statements = stair.climb(copies.first, revision=revision)
    assert status == 0, f"cannot be brought to {revision}"
    with _engine(copies.first) as engine:
        left = fill(engine, trial.chance)
        old = _dump(engine)
    found.counts["tables without a row"] += len(left)
    found.counts["tables with rows"] += sum(bool(rows) for _names, rows in old.values())
    whole = copies.renew()
    status, writes, statements = stair.climb(whole)
    found.must_hold(f"the upgrade from {revision} ends well", status == 0)
    with _engine(whole) as engine:
        new = _dump(engine)
    _compare(old, new, found)
    points: list[tuple[str, int]] = []
    each = 1 if trial.is_short else max(2, trial.kills // 10)
    points += [("kill", one) for one in _some(trial, statements, each)]
    points += [("fail", one) for one in _some(trial, statements, each)]
    if stair.has_killer:
        points += [("write", one) for one in _some(trial, writes, 3 * each)]
        found.counts["writing calls there are"] += writes
    found.counts["statements there are"] += statements
    for how, point in points:
        _interrupt(stair, copies, how, point, (revision, head), (old, new), found)


def _some(trial: Trial, many: int, few: int) -> list[int]:
    """Return some of so many points, by chance, the last among them."""
    return sorted({many, *(trial.chance.randint(1, many) for _each in range(few - 1))})


def _interrupt(
    stair: Stair,
    copies: Copies,
    how: str,
    point: int,
    revisions: tuple[str, str],
    dumps: tuple[Dump, Dump],
    found: Found,
) -> None:
    """Interrupt one upgrade, look, let the next start finish it, and look again."""
    copy = copies.renew()
    status, _writes, _statements = stair.climb(copy, how=how, point=point)
    found.trials += 1
    found.counts[{"kill": "killed before a statement", "write": "killed at a writing call",
                  "fail": "failed at a statement"}[how]] += 1  # fmt: skip
    found.counts["interrupted, of these"] += status in (1, -signal.SIGKILL)
    (old_revision, new_revision), (old, new) = revisions, dumps
    with _engine(copy) as engine:
        there = _revision(engine)
        state = _dump(engine)
        found.must_be_none("file not sound", int(not _is_sound(engine)))
    is_old = there == old_revision and state == old
    is_new = there == new_revision and _same(state, new)
    found.must_be_none("neither old nor new", int(not (is_old or is_new)))
    if how == "fail":
        found.must_be_none("failed and yet changed", int(not is_old and status != 0))
    status, _writes, _statements = stair.climb(copy)
    found.must_be_none("cannot be started again", int(status != 0))
    if status == 0:
        with _engine(copy) as engine:
            found.must_be_none("rows differ in the end", int(not _same(_dump(engine), new)))


@contextmanager
def _engine(database: Database) -> Iterator[sa.Engine]:
    engine = sa.create_engine(_spelt(database.url), poolclass=NullPool)
    yield engine
    engine.dispose()


def _spelt(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def _revision(engine: sa.Engine) -> str:
    with engine.connect() as connection:
        found = connection.scalars(sa.text("SELECT version_num FROM alembic_version")).all()
    return ",".join(found)


def _is_sound(engine: sa.Engine) -> bool:
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect() as connection:
        sound = connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"
        return sound and not connection.execute(sa.text("PRAGMA foreign_key_check")).all()


def _dump(engine: sa.Engine) -> Dump:
    """Return every row of every table."""
    tables = sa.MetaData()
    tables.reflect(engine)
    found: Dump = {}
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            if table.name == "alembic_version":
                continue
            names = tuple(column.name for column in table.columns)
            rows = [tuple(row) for row in connection.execute(sa.select(table))]
            found[table.name] = names, sorted(rows, key=repr)
    return found


def _same(one: Dump, other: Dump) -> bool:
    """Tell whether two dumps of one revision differ in nothing but when they were written."""
    return one.keys() == other.keys() and all(
        one[name][0] == other[name][0] and len(one[name][1]) == len(other[name][1]) for name in one
    )


def _compare(old: Dump, new: Dump, found: Found) -> None:
    """See that no row has gone, and that what it said still stands in the columns that stayed."""
    for name, (names, rows) in old.items():
        if name not in new:
            continue
        found.must_be_none("tables that have lost rows", int(len(new[name][1]) < len(rows)))
        stayed = [one for one in names if one in new[name][0]]
        before = {tuple(_at(row, names, one) for one in stayed) for row in rows}
        after = {tuple(_at(row, new[name][0], one) for one in stayed) for row in new[name][1]}
        found.counts["rows changed by a migration on purpose"] += len(before - after)


def _at(row: tuple[Any, ...], names: tuple[str, ...], name: str) -> str:
    return repr(row[names.index(name)])
