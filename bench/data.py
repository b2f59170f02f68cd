"""What the data work costs, against the database's own driver doing the least that could do."""

import csv
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.reports.models import RollUp
from feedback.reports.roll_up import roll_up
from feedback.reports.tallies import Question, count

ROWS, LETTERS = 5000, 300


class Watch:
    """Seconds that passed."""

    seconds = 0.0


@contextmanager
def watch() -> Iterator[Watch]:
    """Measure the block."""
    measured, began = Watch(), time.perf_counter()
    yield measured
    measured.seconds = time.perf_counter() - began


def write_contacts(path: Path, now: datetime) -> None:
    """Write a file of contacts that ended in the last hours, each of another customer."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            ("external_id", "channel", "closed_at", "customer_email", "customer_name",
             "staff_external_id", "staff_name", "team")
        )  # fmt: skip
        for number in range(ROWS):
            closed_at = (now - timedelta(minutes=1 + number % 600)).isoformat()
            out.writerow(
                (f"b-{number}", "phone", closed_at, f"bench{number}@example.com", "王伟",
                 f"e-{number % 20}", f"员工{number % 20}", "一组")
            )  # fmt: skip


def import_contacts(app: Flask, path: Path) -> float:
    """Import the file by the command; return rows a second."""
    with watch() as took:
        result = app.test_cli_runner().invoke(args=["import", "interactions", str(path)])
    assert result.exit_code == 0, result.output
    return ROWS / took.seconds


def insert_bare(database: Path) -> float:
    """Insert as many rows again by the driver alone: a copy of each with its two invitations."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    contacts = connection.execute("SELECT * FROM interaction LIMIT ?", (ROWS,)).fetchall()
    invitations = connection.execute("SELECT * FROM invitation LIMIT ?", (2 * ROWS,)).fetchall()
    made = {}
    for name in ("interaction", "invitation"):
        made[name] = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = ?", (name,)
        ).fetchone()[0]
        connection.execute(made[name].replace(f"TABLE {name}", f"TABLE bare_{name}", 1))
    with watch() as took:
        connection.execute("BEGIN IMMEDIATE")
        for name, rows in (("interaction", contacts), ("invitation", invitations)):
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO bare_{name} VALUES ({marks})", rows)  # noqa: S608
        connection.execute("COMMIT")
    for name in made:
        connection.execute(f"DROP TABLE bare_{name}")
    connection.close()
    return len(contacts) / took.seconds


def issue(app: Flask, now: datetime) -> float:
    """Issue due invitations, one transaction each; return how many a second."""
    left = iter(range(LETTERS))
    with watch() as took:
        done = issue_due(app, now=now, keep_going=lambda: next(left, None) is not None)
    return (done.issued + done.withheld) / took.seconds


def commit_bare(database: Path) -> float:
    """Update and insert a small row, one lasting transaction each, by the driver alone."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT)")
    with watch() as took:
        for _number in range(LETTERS):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO bare (text) VALUES (?)", ("x" * 6000,))
            connection.execute("UPDATE bare SET text = text WHERE id = 1")
            connection.execute("COMMIT")
    connection.execute("DROP TABLE bare")
    connection.close()
    return LETTERS / took.seconds


def roll_up_all(app: Flask, now: datetime) -> tuple[float, float]:
    """Add up every answer there is; return seconds for that and for one plain count of them."""
    with app.app_context(), Session(db.engine) as session:
        session.execute(sa.delete(RollUp))
        with watch() as took:
            roll_up(session, now)
        session.commit()
        plain = sa.text(
            "SELECT i.day, i.channel_id, r.wave, a.metric, a.score, count(*) FROM answer a"
            " JOIN response r ON r.id = a.response_id"
            " JOIN interaction i ON i.id = r.interaction_id"
            " WHERE a.metric IS NOT NULL GROUP BY 1, 2, 3, 4, 5"
        )
        with watch() as bare:
            session.execute(plain).all()
    return took.seconds, bare.seconds


def count_scores(app: Flask, today: date) -> tuple[float, float]:
    """Return seconds for two years of channels by month from the tallies, and from the answers."""
    first = date(today.year - 2, today.month, 1)
    question = Question("csat", "channel", "month", first, today, (1,), {})
    with app.app_context(), Session(db.engine) as session:
        seconds = []
        for from_tallies in (True, False):
            times = []
            for _try in range(5):
                with watch() as took:
                    count(session, question, from_tallies=from_tallies)
                times.append(took.seconds)
            seconds.append(sorted(times)[2])
    return seconds[0], seconds[1]


def open_invitation(app: Flask) -> int:
    """Return an invitation that can be answered now."""
    with app.app_context():
        number = db.session.scalar(
            sa.select(Invitation.id)
            .where(
                Invitation.issued_at.is_not(None),
                Invitation.answered_at.is_(None),
                Invitation.expires_at > datetime.now(UTC),
            )
            .order_by(Invitation.issued_at.desc())
            .limit(1)
        )
        assert number is not None
        return number
