"""Whether /readyz says within half a minute what is wrong (G32), and so when it is over."""

import json
import os
import signal
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa

from bench.faults.databases import opened
from bench.faults.sink import HANG, Sink, Talk
from bench.faults.sites import ROOT, Site, flask, serving
from bench.faults.stories import report_contacts
from bench.faults.trial import Found, Trial
from feedback import clock
from feedback.database import db
from feedback.outbox.models import WorkerBeat, WorkerPulse

PLANTS = {"beat-that-lies": "not noticed: work hangs"}
WITHIN, ANSWERS_WITHIN = 30.0, 5.0
# A mail server that was away for so short a time is tried again within less.
OVER_WITHIN = 60.0
# What the operator is told of each; other checks must keep still.
CHECKS = ("database", "migrations", "worker", "queue")


@dataclass
class House:
    """A site, and a worker beside it, with everything one can do to them."""

    trial: Trial
    site: Site
    worker: subprocess.Popen[bytes]
    sink: Sink
    # How the mail server behaves just now.
    ill: dict[str, str]

    def start_worker(self) -> None:
        """Start a worker as its operator does."""
        with (self.trial.folder / "worker.log").open("ab") as output:
            self.worker = subprocess.Popen(
                flask(self.trial.planted, "work"), cwd=ROOT, env=self.site.environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def end_worker(self) -> None:
        """Kill it, also where it is stopped."""
        with suppress(ProcessLookupError):
            os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def ask(self) -> tuple[dict[str, str], float]:
        """Return what each check says, and how long the answer took."""
        began = time.monotonic()
        try:
            with urllib.request.urlopen(f"{self.site.url}/readyz", timeout=10) as answer:  # noqa: S310
                said = json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                said = json.load(refusal)
        found = {name: check["status"] for name, check in said["checks"].items()}
        return found, time.monotonic() - began

    def report(self, how_many: int = 3) -> None:
        """Let customers be asked at once."""
        with opened(self.trial.database, self.trial.folder) as app:
            report_contacts(app, how_many, clock.now())


@contextmanager
def watched(trial: Trial) -> Iterator[House]:
    """Serve a site that is well, its worker in a process of its own."""
    ill: dict[str, str] = {}

    def behave(stage: str, talk: Talk) -> str | None:
        if stage == "RCPT" and "greylisted" in talk.recipient:
            return "451 4.2.0 greylisted, come back later"
        return ill.get(stage)

    with Sink(behave) as sink:
        settings = {"WORKER": "off", "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": sink.port}
        with opened(trial.database, trial.folder):
            pass
        with serving(trial.database, trial.folder, None, **settings) as site:
            house = House(trial, site, None, sink, ill)  # type: ignore[arg-type]
            house.start_worker()
            house.report(1)
            try:
                # Once it has sent something, the worker has been seen at work.
                end = time.monotonic() + 90
                while not sink.taken and time.monotonic() < end:
                    time.sleep(0.1)
                wait_until(house, lambda said: set(said.values()) == {"ok"}, 60)
                yield house
            finally:
                house.end_worker()


def wait_until(
    house: House, holds: Callable[[dict[str, str]], bool], seconds: float
) -> tuple[float, float, dict[str, str]]:
    """Return after how long it held, the slowest answer, and what was said; inf where never."""
    began, slowest, said = time.monotonic(), 0.0, {}
    while time.monotonic() < began + seconds:
        said, took = house.ask()
        slowest = max(slowest, took)
        if holds(said):
            return time.monotonic() - began, slowest, said
        time.sleep(0.25)
    return float("inf"), slowest, said


def tried(
    house: House, found: Found, name: str, check: str, begin: Callable[[], object],
    end: Callable[[], object], over_within: float = OVER_WITHIN, *, or_by: str = "",
) -> None:  # fmt: skip
    """Let something be wrong until it is noticed; then put it right until that is."""
    checks = [check, or_by] if or_by else [check]

    def is_noticed(said: dict[str, str]) -> bool:
        return any(said[one] == "bad" for one in checks)

    begin()
    try:
        after, slowest, said = wait_until(house, is_noticed, WITHIN + 10)
    finally:
        end()
    over, slower, _said = wait_until(house, lambda said: "bad" not in said.values(), over_within)
    found.trials += 1
    found.must_hold(f"not noticed: {name}", after <= WITHIN)
    if after <= WITHIN:
        found.counts[f"s until noticed: {name}"] = round(after)
        lit = [one for one in CHECKS if said.get(one) == "bad"]
        found.must_hold(
            f"other checks than {check}: {name}: {lit}", lit in [[one] for one in checks]
        )
    found.must_hold(f"not over: {name}", over <= over_within)
    if over <= over_within:
        found.counts[f"s until over: {name}"] = round(over)
    slow = max(slowest, slower)
    found.counts["slowest answer, ms"] = max(found.counts["slowest answer, ms"], int(1000 * slow))
    found.must_hold(f"answers slowly: {name}", slow <= ANSWERS_WITHIN)


def run(trial: Trial) -> list[Found]:
    """Let each part be ill in each way, one after the other."""
    if trial.planted is not None:
        # The one that shows itself only where the work hangs in a living process.
        return [hung(trial)] if trial.database.kind == "postgresql" else []
    parts = [workers, mail]
    parts += [hung, database] if trial.database.kind == "postgresql" else [locked]
    return [part(trial) for part in parts]


def workers(trial: Trial) -> Found:
    """Kill the worker, stop it, and leave it away though there is work."""
    found = Found("health: worker", 0, "faults")
    with watched(trial) as house:
        tried(house, found, "killed", "worker", house.end_worker, house.start_worker)
        if trial.is_short:
            return found

        def stop() -> None:
            os.kill(house.worker.pid, signal.SIGSTOP)

        def go_on() -> None:
            os.kill(house.worker.pid, signal.SIGCONT)

        # One that is stopped while it holds SQLite's lock keeps everybody from writing.
        holds = "database" if trial.database.kind == "sqlite" else ""
        time.sleep(trial.chance.uniform(0, 5))
        tried(house, found, "stopped", "worker", stop, go_on, or_by=holds)

    with serving(trial.database, trial.folder, None, WORKER="off") as site:
        house = House(trial, site, None, None, {})  # type: ignore[arg-type]
        _forget_workers(trial)
        tried(house, found, "never started", "worker", house.report, house.start_worker)
        house.end_worker()
    return found


def _forget_workers(trial: Trial) -> None:
    """Leave the database as one in which no worker has ever been."""
    with (
        opened(trial.database, trial.folder) as app,
        app.app_context(),
        db.engine.begin() as connection,
    ):
        for table in (WorkerBeat, WorkerPulse):
            connection.execute(sa.delete(table))


def mail(trial: Trial) -> Found:
    """Let the mail server be away, say nothing, or send everybody away; one mail is not all."""
    found = Found("health: mail server", 0, "faults")
    with watched(trial) as house:

        def ill(**stages: str) -> Callable[[], None]:
            def begin() -> None:
                house.ill.update(stages)
                house.report()

            return begin

        def away() -> None:
            house.sink.stop()
            house.report()

        tried(house, found, "away", "queue", away, house.sink.start)
        if not trial.is_short:
            for name, stages in {
                "421 for all": {"greeting": "421 4.3.2 not now"},
                "hangs at the greeting": {"greeting": HANG},
                "hangs after the dot": {"after": HANG},
            }.items():
                tried(house, found, name, "queue", ill(**stages), house.ill.clear, 150)
            _greylisted(house, found)
    return found


def _greylisted(house: House, found: Found) -> None:
    """Let one recipient be put off, which wakes nobody."""
    with opened(house.trial.database, house.trial.folder) as app:
        report_contacts(app, 1, clock.now(), email="greylisted@example.cn")
    alarm, _slow, said = wait_until(house, lambda said: "bad" in said.values(), WITHIN)
    found.trials += 1
    named = house.sink.named.count("greylisted@example.cn")
    found.must_hold("the one that is put off was tried", named > 0)
    found.must_hold(f"alarm over one recipient: {said}", alarm == float("inf"))


def hung(trial: Trial) -> Found:
    """Let the worker's work wait for ever behind somebody's lock, while its process lives."""
    found = Found("health: work hangs", 0, "faults")
    held: list[psycopg.Connection[object]] = []

    def hold() -> None:
        connection = psycopg.connect(trial.database.url)
        connection.execute("LOCK TABLE invitation IN ACCESS EXCLUSIVE MODE")
        held.append(connection)

    with watched(trial) as house:
        tried(house, found, "work hangs", "worker", hold, lambda: held.pop().close())
    return found


def database(trial: Trial) -> Found:
    """Stop PostgreSQL, and let it hang."""
    found, server = Found("health: database", 0, "faults"), trial.database.server
    assert server is not None
    with watched(trial) as house:
        tried(house, found, "stopped", "database", server.stop, server.start)

        def each(number: int) -> None:
            for pid in server.processes():
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

        tried(
            house, found, "hangs", "database",
            lambda: each(signal.SIGSTOP), lambda: each(signal.SIGCONT),
        )  # fmt: skip
    return found


def locked(trial: Trial) -> Found:
    """Let another process hold SQLite's lock; let its file be gone, and its disk full."""
    found = Found("health: database", 0, "faults")
    path = Path(trial.database.url.removeprefix("sqlite:///"))
    aside = path.with_suffix(".aside")
    with watched(trial) as house:
        other = sqlite3.connect(path, isolation_level=None, timeout=30)
        tried(
            house, found, "locked", "database",
            lambda: other.execute("BEGIN IMMEDIATE"), lambda: other.execute("ROLLBACK"),
        )  # fmt: skip
        other.close()
        if not trial.is_short:
            tried(
                house, found, "file is gone", "database",
                lambda: path.rename(aside), lambda: aside.rename(path),
            )  # fmt: skip
    return found
