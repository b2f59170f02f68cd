"""The database (F7, F11, F12, F13): away, cut off, locked or full, it costs no answer."""

import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.faults.answers import look
from bench.faults.customers import Answered, Crowd, hidden_fields, typed
from bench.faults.databases import Database, opened
from bench.faults.relay import Relay
from bench.faults.sites import Site, serving
from bench.faults.stories import invited
from bench.faults.trial import Found, Trial
from feedback import clock

PLANTS = {
    "answer-badly": "answered 500",
    "thank-before-commit": "lost",
    "impatient": "turned away",
}
# The others are for both kinds.
ONLY = {"impatient": "sqlite"}
AT_ONCE = 8


def run(trial: Trial) -> list[Found]:
    """Do to each kind of database what can be done to it."""
    if trial.database.kind == "postgresql":
        parts: list[Callable[[Trial], Found]] = [restarted, reply_cut]
        by_plant = {"answer-badly": [restarted], "thank-before-commit": [restarted]}
    else:
        parts = [locked, full]
        by_plant = {"impatient": [locked], "answer-badly": [full], "thank-before-commit": [full]}
    chosen = parts if trial.planted is None else by_plant.get(trial.planted, [])
    return [part(trial) for part in chosen]


class Watch:
    """Looks at what customers are told while something is wrong."""

    def __init__(self, found: Found) -> None:
        self.found, self.lock = found, threading.Lock()

    def __call__(self, answer: Answered, comment: str) -> None:
        """Note an answer that is neither a page nor thanks."""
        with self.lock:
            self.found.counts[f"answered {answer.status}"] += 1
            if answer.status != 503:
                self.found.broken.append(f"answered {answer.status}")
                return
            self.found.must_be_none(
                "503 that does not say when to come back", int("retry-after" not in answer.headers)
            )
            if comment:
                is_kept = typed(answer.text) == comment and "nonce" in hidden_fields(answer.text)
                self.found.must_be_none("503 that has lost what was typed", int(not is_kept))


@contextmanager
def under_load(
    trial: Trial, database: Database, found: Found, customers: int
) -> Iterator[tuple[Site, Crowd, threading.Event]]:
    """Let customers answer while the block runs, and to the end; then compare."""
    with opened(trial.database, trial.folder) as app:
        links = invited(app, customers, clock.now())
    over = threading.Event()
    with serving(database, trial.folder, trial.planted) as site:
        crowd = Crowd(site.port, AT_ONCE, look=Watch(found))
        # Some come last, whoever has come before: by them it shows that all is well again.
        last, waiting = list(links.items())[:AT_ONCE], list(links.items())[AT_ONCE:]

        def answer() -> None:
            nonlocal waiting
            while not over.is_set() and waiting:
                batch, waiting = waiting[: 4 * AT_ONCE], waiting[4 * AT_ONCE :]
                crowd.answer_all(batch)

        load = threading.Thread(target=answer)
        load.start()
        try:
            yield site, crowd, over
        finally:
            over.set()
            load.join()
            # It has recovered by itself when the next ones are thanked as if nothing had been.
            site.wait_until_ready("/readyz")
            before = len(crowd.acknowledged)
            crowd.answer_all(last)
            found.must_hold("does not recover by itself", len(crowd.acknowledged) > before)
            site.stop()
    found.counts["acknowledged"] += len(crowd.acknowledged)
    found.counts["slowest request, ms"] = int(1000 * crowd.slowest)
    found.must_be_none("never acknowledged", crowd.told["gave up"])
    with opened(trial.database, trial.folder) as app:
        look(app, crowd.acknowledged, found)


def restarted(trial: Trial) -> Found:
    """Stop PostgreSQL as a crash would, leave it away for a moment, and start it again."""
    found, server = Found("outages: database restarted", 0, "restarts"), trial.database.server
    assert server is not None
    times = 2 if trial.is_short else trial.kills // 2
    with under_load(trial, trial.database, found, 40 + 60 * times) as (_site, crowd, _over):
        for _each in range(times):
            time.sleep(trial.chance.uniform(0.3, 1.0))
            server.stop("immediate")
            time.sleep(trial.chance.uniform(0.2, 0.8))
            server.start()
            began, before = time.monotonic(), len(crowd.acknowledged)
            while len(crowd.acknowledged) == before and time.monotonic() < began + 30:
                time.sleep(0.01)
            waited = int(1000 * (time.monotonic() - began))
            found.counts["longest wait for the first thanks, ms"] = max(
                found.counts["longest wait for the first thanks, ms"], waited
            )
            found.trials += 1
    found.must_hold(
        "back within five seconds", found.counts["longest wait for the first thanks, ms"] <= 5000
    )
    return found


def reply_cut(trial: Trial) -> Found:
    """Cut the line to PostgreSQL when it has committed and before anybody is told."""
    found, server = Found("outages: reply to COMMIT cut", 0, "cut replies"), trial.database.server
    assert server is not None
    wanted = 6 if trial.is_short else 6 * trial.kills
    with Relay(server.port, trial.chance) as relay:
        through = Database("postgresql", server.url("afterword", relay.port))
        with under_load(trial, through, found, 60 + 4 * wanted) as (_site, _crowd, _over):
            relay.share = 0.5
            end = time.monotonic() + 4 * wanted + 60
            while relay.cut < wanted and time.monotonic() < end:
                time.sleep(0.02)
            relay.share = 0.0
        found.trials = relay.cut
    return found


def locked(trial: Trial) -> Found:
    """Let another process hold SQLite's lock for 3 and for 9 seconds, and for much too long."""
    found = Found("outages: database locked by another", 0, "locks")
    path = trial.database.url.removeprefix("sqlite:///")
    turned_away = 0
    for seconds in (3,) if trial.is_short else (3, 9, 25) * max(1, trial.kills // 20):
        before = found.counts["answered 503"]
        with under_load(trial, trial.database, found, 120 + 10 * seconds):
            time.sleep(1)
            other = sqlite3.connect(path, isolation_level=None, timeout=30)
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            other.execute("ROLLBACK")
            other.close()
            time.sleep(1)
        found.trials += 1
        if seconds < 10:
            turned_away += found.counts["answered 503"] - before
    found.must_be_none("turned away though the lock was short", turned_away)
    return found


def full(trial: Trial) -> Found:
    """Let the disk under SQLite be full for a while."""
    found = Found("outages: disk full", 0, "full disks")
    disk = trial.folder / "disk"
    disk.mkdir()
    # Enough for the tables and not for much more.
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(disk)], check=True)
    try:
        small = Database("sqlite", f"sqlite:///{disk / 'feedback.sqlite'}")
        at = Trial(small, trial.folder, trial.seed, trial.kills, trial.planted, trial.is_short)
        times = 1 if trial.is_short else 5
        with under_load(at, small, found, 150 * times + 50) as (_site, _crowd, _over):
            for _each in range(times):
                time.sleep(1)
                ballast = _fill(disk)
                time.sleep(3)
                ballast.unlink()
                time.sleep(1)
                found.trials += 1
        integrity = sqlite3.connect(disk / "feedback.sqlite")
        found.must_hold(
            "the file is sound", integrity.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        )
        integrity.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    return found


def _fill(disk: Path) -> Path:
    """Leave no room."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast
