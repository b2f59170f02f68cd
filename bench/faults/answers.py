"""Answers (F1, F2, G1, G4): what was acknowledged is there, once, however the site dies."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from bench.faults.customers import Crowd, ask, hidden_fields
from bench.faults.databases import opened
from bench.faults.sites import Site, serving
from bench.faults.stories import invited
from bench.faults.trial import Found, Trial
from feedback import clock
from feedback.database import db
from feedback.invitations.models import Invitation
from feedback.responses.models import Answer, FormerAnswer, Response

# What must be found with each bug planted.
PLANTS = {
    "thank-before-commit": "lost",
    "close-before-recording": "used link without an answer",
    "look-before-writing": "doubled",
}


def run(trial: Trial) -> list[Found]:
    """Kill the site under load, then send one answer eight times at once."""
    found = []
    if trial.planted != "look-before-writing":
        found.append(killed(trial))
    if trial.planted in (None, "look-before-writing"):
        found.append(at_once(trial))
    return found


def killed(trial: Trial) -> Found:
    """Kill workers, and now and then everything, while customers answer."""
    # So many customers that there are always some in the middle of it.
    links_per_kill = 15
    with opened(trial.database, trial.folder) as app:
        links = invited(app, max(60, trial.kills * links_per_kill), clock.now())
    found = Found("answers: killed under load", 0, "kills")
    with serving(trial.database, trial.folder, trial.planted) as site:
        crowd = Crowd(site.port, at_once=8)
        over = threading.Event()
        killer = threading.Thread(target=_kill, args=(trial, site, crowd, found, over))
        killer.start()
        waiting = list(links.items())
        # In turns, until the killing is done; what is left is answered in peace.
        while not over.is_set() and waiting:
            batch, waiting = waiting[:60], waiting[60:]
            crowd.answer_all(batch)
        over.wait()
        killer.join()
        site.wait_until_ready()
        crowd.answer_all(waiting[:60])
        site.stop()
    found.counts["acknowledged"] = len(crowd.acknowledged)
    found.counts["connections lost"] = crowd.told["connection lost"]
    found.counts["answers other than 2xx and 3xx"] = sum(
        number for what, number in crowd.told.items() if what.split()[-1].startswith(("4", "5"))
    )
    found.must_be_none("never acknowledged", crowd.told["gave up"])
    with opened(trial.database, trial.folder) as app:
        look(app, crowd.acknowledged, found)
    return found


def _kill(trial: Trial, site: Site, crowd: Crowd, found: Found, over: threading.Event) -> None:
    """Kill at random moments; every fifth time the whole site or its master."""
    try:
        while found.trials < trial.kills:
            number = found.trials
            # A site that is only ever starting has nothing to lose.
            thanked, patient = len(crowd.acknowledged), time.monotonic() + 5
            while len(crowd.acknowledged) == thanked and time.monotonic() < patient:
                time.sleep(0.01)
            time.sleep(trial.chance.uniform(0.0, 0.25))
            workers = site.workers()
            if number % 10 == 4:
                site.kill_master()
                found.counts["masters killed"] += 1
            elif number % 10 == 9:
                site.kill_all()
                found.counts["whole sites killed"] += 1
            elif workers:
                with suppress(ProcessLookupError):
                    os.kill(trial.chance.choice(workers), signal.SIGKILL)
                found.counts["workers killed"] += 1
            else:
                continue
            found.trials += 1
            if number % 5 == 4:
                site.start()
    finally:
        over.set()


def at_once(trial: Trial) -> Found:
    """Send each answer eight times at the same moment, and once more afterwards."""
    times = 8
    number = 20 if trial.is_short else 1000
    with opened(trial.database, trial.folder) as app:
        links = dict(list(invited(app, number, clock.now()).items())[-number:])
        if trial.planted:
            _lift_unique_keys(app)
    found = Found("answers: eight at once", len(links), "invitations")
    acknowledged: dict[int, str] = {}
    with serving(trial.database, trial.folder, trial.planted) as site:
        for invitation, path in links.items():
            comment = f"第{invitation}号"
            statuses = _send_at_once(site, path, comment, times, found)
            if statuses:
                acknowledged[invitation] = comment
            late = ask(site.port, "GET", f"{path}/thanks")
            found.must_be_none("without a receipt afterwards", int(late.status != 200))
        site.stop()
    found.counts["posts"] = len(links) * (times + 1)
    with opened(trial.database, trial.folder) as app:
        look(app, acknowledged, found)
    return found


def _send_at_once(site: Site, path: str, comment: str, times: int, found: Found) -> bool:
    """Send the same page so often at once and once more; each must be thanked."""
    fields = hidden_fields(ask(site.port, "GET", path).text)
    body = urlencode(fields | {"csat": "4", "nps": "8", "comment": comment})
    ready, thanked = threading.Barrier(times), []

    def send() -> None:
        ready.wait()
        thanked.append(ask(site.port, "POST", path, body).is_thanked)

    threads = [threading.Thread(target=send) for _each in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    thanked.append(ask(site.port, "POST", path, body).is_thanked)
    found.must_be_none("not thanked", times + 1 - sum(thanked))
    return any(thanked)


def _lift_unique_keys(app: Flask) -> None:
    """Take away what would refuse a second answer, so that the planted bug can show itself."""
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            with db.engine.begin() as connection:
                for name in ("uq_response_invitation_id", "uq_response_interaction_id_wave"):
                    connection.execute(sa.text(f'ALTER TABLE response DROP CONSTRAINT "{name}"'))
            return
        path = db.engine.url.database
        db.engine.dispose()
    connection = sqlite3.connect(str(path), isolation_level=None)
    sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'response'").fetchone()[0]
    kept = [line for line in sql.splitlines() if "UNIQUE (" not in line]
    connection.execute("PRAGMA foreign_keys = OFF")
    # What refers to the table goes on to refer to the one of this name.
    connection.execute("PRAGMA legacy_alter_table = ON")
    connection.execute("ALTER TABLE response RENAME TO response_kept")
    connection.execute("\n".join(kept))
    connection.execute("DROP TABLE response_kept")
    connection.close()


def look(app: Flask, acknowledged: Mapping[int, str], found: Found) -> None:
    """Compare what the database holds with what customers were told."""
    with app.app_context(), Session(db.engine) as session:
        comments: dict[int, list[str]] = {}
        for number, comment in session.execute(
            sa.select(Response.invitation_id, Answer.comment)
            .join(Answer, Answer.response_id == Response.id)
            .where(Answer.comment.is_not(None))
        ):
            comments.setdefault(number, []).append(comment)
        per_invitation = dict(
            session.execute(
                sa.select(Response.invitation_id, sa.func.count()).group_by(Response.invitation_id)
            ).all()
        )
        answers = dict(
            session.execute(
                sa.select(Response.invitation_id, sa.func.count())
                .join(Answer, Answer.response_id == Response.id)
                .group_by(Response.invitation_id)
            ).all()
        )
        used = set(
            session.scalars(sa.select(Invitation.id).where(Invitation.answered_at.is_not(None)))
        )
        former = session.scalar(sa.select(sa.func.count()).select_from(FormerAnswer)) or 0
        session.rollback()
    found.counts["stored"] = len(per_invitation)
    lost = [number for number, said in acknowledged.items() if said not in comments.get(number, ())]
    found.must_be_none("lost", len(lost))
    found.must_be_none("doubled", sum(1 for number in per_invitation.values() if number > 1))
    # A score each for two questions, and the words.
    found.must_be_none("half an answer", sum(1 for one in answers.values() if one % 3))
    found.must_be_none("used link without an answer", len(used - per_invitation.keys()))
    found.must_be_none("answer to an unused link", len(per_invitation.keys() - used))
    found.must_be_none("taken for a change", former)
