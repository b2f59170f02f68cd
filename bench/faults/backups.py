"""Backups (F20, G9): made under load, they come back whole, and no mail goes out twice for it."""

import subprocess
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from bench.faults.customers import Crowd
from bench.faults.databases import Database, open_app, opened
from bench.faults.sink import Sink
from bench.faults.sites import ROOT, environment, flask, serving
from bench.faults.stories import invited, report_contacts
from bench.faults.trial import Found, Trial
from feedback import clock, keep
from feedback.database import db
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message
from feedback.responses.models import Answer, Response
from feedback.work import work_until_idle

PLANTS = {
    "table-by-table": "not of one moment",
    "restore-and-rush": "sent again",
    "number-again": "link of a mail that opens somebody else's page",
}


def run(trial: Trial) -> list[Found]:
    """Back up while customers answer, put it back elsewhere, and let the worker go on there."""
    parts = {
        "table-by-table": [under_load],
        "restore-and-rush": [nothing_twice],
        "number-again": [nothing_twice],
    }
    return [part(trial) for part in parts.get(trial.planted or "", [under_load, nothing_twice])]


def _command(trial: Trial, database: Database, *arguments: str, **settings: object) -> None:
    """Run a command of the product; it must end well."""
    done = subprocess.run(
        flask(trial.planted, *arguments), cwd=ROOT, capture_output=True, text=True,
        env=environment(database.url, trial.folder / "instance", **settings),
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{arguments}: {done.stdout}{done.stderr}")


def _elsewhere(trial: Trial) -> Database:
    """Return another place, empty and up to date: a database of the same kind."""
    server = trial.database.server
    if server is not None:
        return Database(trial.database.kind, server.make("elsewhere"), server)
    other = trial.folder / "elsewhere.sqlite"
    for left in trial.folder.glob("elsewhere.sqlite*"):
        left.unlink()
    return Database(trial.database.kind, f"sqlite:///{other}")


def under_load(trial: Trial) -> Found:
    """Back up again and again while customers answer; each backup is whole, and of one moment."""
    times = 1 if trial.is_short else max(3, trial.kills // 10)
    found = Found("backups: made while customers answer", 0, "backups")
    with opened(trial.database, trial.folder) as app:
        # However long a busy machine takes to begin a backup, there are still some to answer.
        links = invited(app, 900 if trial.is_short else 60 + 150 * times, clock.now())
    with serving(trial.database, trial.folder) as site:
        # Where many answer, SQLite empties its journal into the file just as that is copied.
        crowd, over = Crowd(site.port, at_once=1 if trial.is_short else 6), threading.Event()
        waiting = list(links.items())

        def answer() -> None:
            nonlocal waiting
            while not over.is_set() and waiting:
                batch, waiting = waiting[:24], waiting[24:]
                crowd.answer_all(batch)

        load = threading.Thread(target=answer)
        load.start()
        try:
            for number in range(times):
                _wait_for_answers(crowd)
                time.sleep(trial.chance.uniform(0.0, 0.5))
                before = dict(crowd.acknowledged)
                path = trial.folder / f"{number}.backup"
                path.unlink(missing_ok=True)
                _command(trial, trial.database, "backup", str(path))
                _put_back(trial, path, before, found)
                found.trials += 1
                found.counts["acknowledged before, and in it"] += len(before)
        finally:
            over.set()
            load.join()
            site.stop()
    found.counts["acknowledged meanwhile"] = len(crowd.acknowledged)
    return found


def _wait_for_answers(crowd: Crowd, how_many: int = 12) -> None:
    """Wait until so many more have been thanked: a backup of nothing is easily whole."""
    there, patient = len(crowd.acknowledged), time.monotonic() + 60
    while len(crowd.acknowledged) < there + how_many and time.monotonic() < patient:
        time.sleep(0.05)


def _put_back(trial: Trial, path: Path, before: dict[int, str], found: Found) -> None:
    """Put a backup into an empty place and compare, table by table."""
    other = _elsewhere(trial)
    with opened(other, trial.folder):
        pass
    began = time.monotonic()
    _command(trial, other, "restore", str(path))
    found.counts["longest restore, ms"] = max(
        found.counts["longest restore, ms"], int(1000 * (time.monotonic() - began))
    )
    again = path.with_suffix(".again")
    again.unlink(missing_ok=True)
    app = open_app(other.url, trial.folder)
    with app.app_context():
        keep.write_backup(db.engine, again, clock.now(), key="", progress=lambda rows: None)
    first, second = keep.read_manifest(path), keep.read_manifest(again)
    differing = [
        name
        for name, digest in first.digests.items()
        # That it was put back is written down there, and workers and mails go on.
        if name not in ("audit_entry", "audit_head", "milestone", "message")
        and second.digests[name] != digest
    ]
    found.must_be_none("tables whose hash differs", len(differing))
    found.counts["rows put back"] += first.rows
    with app.app_context(), Session(db.engine) as session:
        counts = dict(
            session.execute(
                sa.select(Response.invitation_id, sa.func.count(Answer.question_key))
                .outerjoin(Answer, Answer.response_id == Response.id)
                .group_by(Response.invitation_id)
            ).all()
        )
        used = set(
            session.scalars(sa.select(Invitation.id).where(Invitation.answered_at.is_not(None)))
        )
        session.rollback()
        db.engine.dispose()
    found.must_be_none("acknowledged before and not in it", len(before.keys() - counts.keys()))
    torn = sum(1 for many in counts.values() if many != 3) + len(used ^ counts.keys())
    found.must_be_none("not of one moment", torn)


def nothing_twice(trial: Trial) -> Found:
    """Send after the backup, put it back, and let a worker go on."""
    each = 5 if trial.is_short else 100
    found = Found("backups: mail after a restore", 0, "mails sent after the backup")
    now = clock.now().replace(microsecond=0)
    path = trial.folder / "early.backup"
    path.unlink(missing_ok=True)
    with Sink() as sink:
        mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": sink.port}

        def work(database: Database, moment: datetime) -> None:
            with opened(database, trial.folder, **mail) as app:
                work_until_idle(app, now=moment, worker="w0")

        with opened(trial.database, trial.folder, **mail) as app:
            # Their reminders and follow-ups will be due; those of the second lot wait even for the
            # first mail, and the third lot's is written but has not gone.
            report_contacts(app, each, now - timedelta(days=32))
            work(trial.database, now - timedelta(days=32))
            report_contacts(app, each, now - timedelta(days=6))
            work(trial.database, now - timedelta(days=6))
            report_contacts(app, each, now - timedelta(hours=2))
            with app.app_context(), Session(db.engine) as session, session.begin():
                session.execute(
                    sa.update(Message)
                    .where(Message.id % 5 == 0)
                    .values(sent_at=None, send_after=now - timedelta(hours=1), claimed_at=None)
                )
        _command(trial, trial.database, "backup", str(path), **mail)
        there_before = len(sink.taken)
        work(trial.database, now)
        found.trials = len(sink.taken) - there_before
        with opened(trial.database, trial.folder, **mail) as app:
            # Somebody whose contact no backup knows; the mail is out.
            known = _invitations(app)
            report_contacts(app, each, now - timedelta(minutes=1))
            work(trial.database, now + timedelta(minutes=1))
            lost = _invitations(app) - known
        sent_since = {copy.recipient for copy in sink.taken[there_before:]}
        kinds_before = Counter(_kind(copy.message_id) for copy in sink.taken)
        found.counts |= {f"{kind} sent before": many for kind, many in kinds_before.items()}
        other = _elsewhere(trial)
        with opened(other, trial.folder):
            pass
        _command(trial, other, "restore", str(path), **mail)
        after = len(sink.taken)
        work(other, clock.now())
        work(other, clock.now() + timedelta(minutes=20))
        again = [copy for copy in sink.taken[after:] if copy.recipient in sent_since]
        found.must_be_none("sent again after the restore", len(again))
        # What is new there, and what becomes due later, goes out as ever.
        with opened(other, trial.folder, **mail) as app:
            report_contacts(app, each, clock.now())
            work(other, clock.now() + timedelta(hours=1))
            with app.app_context(), Session(db.engine) as session:
                held = session.scalar(
                    sa.select(sa.func.count())
                    .select_from(Message)
                    .where(
                        Message.sent_at.is_(None),
                        Message.dot_sent_at.is_not(None),
                        Message.cancelled_at.is_(None),
                    )
                )
            there = _invitations(app)
        found.must_be_none("link of a mail that opens somebody else's page", len(there & lost))
        found.counts["held for a person to decide"] = held or 0
        found.must_be_none("new contacts not asked", each - (len(sink.taken) - after - len(again)))
        found.must_hold("what is held is listed as uncertain", (held or 0) >= found.trials > 0)
    return found


def _invitations(app: Flask) -> set[int]:
    with app.app_context(), Session(db.engine) as session:
        return set(session.scalars(sa.select(Invitation.id)))


def _kind(message_id: str) -> str:
    return message_id.strip("<").partition(".")[0]
