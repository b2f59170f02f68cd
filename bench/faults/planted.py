"""Starts a command of the product with a bug planted into it: `python -m bench.faults.planted`.

An experiment that finds nothing says little before it has found something. Each of these bugs is
one that real systems had; the product itself has no switch for any of them.
"""

import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from flask.cli import main as flask_main
from sqlalchemy.orm import Session

from feedback import database, errors, keep, put_back, shedding, work
from feedback.commands import backup
from feedback.database import db, reading
from feedback.outbox import claim, deliver, pulse, settle
from feedback.outbox.models import Message
from feedback.responses import doorway, submit, views
from feedback.responses.models import Response


def thank_before_commit() -> None:
    """Thank the customer first, and write down what they said a moment later."""

    def commit_later(session: Session, work: Callable[[], Any]) -> Any:
        app = current_app._get_current_object()  # type: ignore[attr-defined]

        def commit() -> None:
            # Nothing is open meanwhile, lest anybody wait for it: SQLite lets one write at a time.
            time.sleep(1)
            with app.app_context():
                try:
                    work()
                    session.commit()
                finally:
                    session.close()

        # The request ends without it.
        db.session.registry.clear()
        threading.Thread(target=commit, daemon=True).start()
        return submit.Outcome.TAKEN

    views.commit_once = commit_later


def close_before_recording() -> None:
    """Commit that the link is used before its answer is written."""
    record = submit._record

    def commit_between(session: Session, *given: Any) -> None:
        session.commit()
        time.sleep(0.3)
        record(session, *given)

    submit._record = commit_between


def look_before_writing() -> None:
    """Look whether there is an answer, and write one a moment later: check, then insert."""

    def look_then_write(session: Session, sent: Any, now: datetime) -> submit.Outcome:
        session.rollback()
        with reading(), Session(db.engine) as other:
            invitation = other.get_one(submit.Invitation, sent.press.invitation_id)
            other.expunge(invitation)
            there = other.scalar(
                sa.select(Response.id).where(Response.invitation_id == invitation.id)
            )
        if there is not None:
            return submit.Outcome.REPEATED
        time.sleep(0.02)
        submit._record(session, invitation, sent, now)
        return submit.Outcome.TAKEN

    views.submit = look_then_write


def answer_badly() -> None:
    """Let what the database refuses be a mistake of ours, as every framework does by itself."""
    errors._no_database = _raise  # type: ignore[assignment]
    views.OUT_OF_REACH = doorway.OUT_OF_REACH = (_Nothing,)  # type: ignore[assignment]


class _Nothing(Exception):
    """What nothing raises."""


def _raise(error: Exception) -> Any:
    raise error


def impatient() -> None:
    """Wait for a lock no longer than the driver does by itself, and try once."""

    def hurry(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 500")

    sa.event.listen(sa.Engine, "connect", hurry)
    views.commit_once = database._commit


def commit_lightly() -> None:
    """Commit without waiting for the disk, as is quicker."""

    def hurry(connection: Any, record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")
            return
        connection.execute("SET SESSION synchronous_commit = off")
        connection.commit()

    sa.event.listen(sa.Engine, "connect", hurry)


def mark_then_send() -> None:
    """Write down that a message is sent, and send it then."""
    write_down, give = deliver._write_down, deliver._try

    def sent_first(this: Any, message: Any) -> Any:
        write_down(this, message, "250 surely")
        give(this, message)
        return None

    deliver._try = sent_first
    deliver._write_down = lambda this, message, outcome: None


def send_without_dot() -> None:
    """Send without noting beforehand that the final dot goes out."""
    deliver.mark_dot = lambda session, message, now: None


def wait_for_ever() -> None:
    """Wait for a mail server as long as it likes."""
    patience = deliver.Patience

    def patient(*given: Any, **named: Any) -> Any:
        return patience(step=10_000, answer=10_000)

    deliver.Patience = patient  # type: ignore[misc,assignment]


def try_refused_again() -> None:
    """Take every refusal for a passing one."""
    settle.ATTEMPTS = 10**9
    settle.BACK_OFF = (settle.BACK_OFF[0],) * 10**4
    judge = deliver.judge

    def lenient(error: Exception) -> Any:
        verdict = judge(error)
        return deliver.Verdict(verdict.words, deliver.Fate.LATER)

    deliver.judge = lenient


def sleep_and_rush() -> None:
    """Take up at once whatever has become due while nobody worked."""
    work.catch_up = lambda app, *, worker, now: False


def believe_the_clock() -> None:
    """Believe the clock whatever it says."""
    work.Watch.has_jumped = lambda watch, now: False  # type: ignore[method-assign]
    sleep_and_rush()


def claim_without_lock() -> None:
    """Look which message is next, and take it a moment later, whoever has taken it meanwhile."""

    def look_then_take(session: Session, *, now: datetime, worker: str, **more: Any) -> Any:
        with reading(), Session(db.engine) as other:
            found = other.scalars(
                sa.select(Message.id)
                .where(
                    Message.sent_at.is_(None),
                    Message.failed_at.is_(None),
                    Message.cancelled_at.is_(None),
                    Message.send_after <= now,
                    sa.or_(Message.claimed_at.is_(None), Message.claimed_at <= now - claim.LEASE),
                )
                .order_by(Message.send_after, Message.id)
                .limit(1)
            ).first()
        if found is None:
            return None
        time.sleep(0.01)
        message = session.get_one(Message, found, populate_existing=True)
        message.claimed_at, message.claimed_by = now, worker
        session.flush()
        return message

    deliver.claim_message = look_then_take


def settle_without_guard() -> None:
    """Take without a lock, and settle without looking whose the message is by now."""

    def change(session: Session, message: Message, **values: Any) -> None:
        session.execute(
            sa.update(Message)
            .where(Message.id == message.id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )

    settle.change_claimed = change
    claim_without_lock()


def table_by_table() -> None:
    """Read each table when its turn comes, and not all of them as they are at one moment."""
    rows_of = keep.rows_of

    def rows_of_its_own(connection: sa.Connection, table: sa.Table) -> Iterator[Any]:
        # Long enough for somebody to answer, on a busy machine too.
        time.sleep(1.5 if table.name == "response" else 0)
        with reading(), sa.create_engine(connection.engine.url).connect() as other:
            yield from list(rows_of(other, table))

    keep.rows_of = rows_of_its_own


def restore_and_rush() -> None:
    """Go on after a restore as if nothing had been sent since the backup."""
    backup.hold_waiting = lambda session, now, made_at: 0


def number_again() -> None:
    """Give new invitations the numbers of those that the backup does not know."""
    put_back.skip_numbers = lambda session, table, how_many: None


def beat_that_lies() -> None:
    """Let the thread beside the work say that it goes on, because the thread itself does."""
    pulse.Pulse.still_for = lambda mine: timedelta()  # type: ignore[method-assign]


def leak() -> None:
    """Keep some hundred bytes of every request for ever."""
    kept, call = [], Flask.__call__

    def keep(app: Flask, environ: Any, start_response: Any) -> Any:
        kept.append(bytes(700))
        return call(app, environ, start_response)

    Flask.__call__ = keep  # type: ignore[method-assign]


def never_shed() -> None:
    """Let everybody in, however long they have waited, as gunicorn does by itself."""
    shedding.Shedding.__call__ = lambda door, environ, start: door._site(environ, start)  # type: ignore[method-assign]


def no_retry_after() -> None:
    """Turn people away without saying when to come back."""
    call = shedding.Shedding.__call__

    def silent(door: Any, environ: Any, start: Any) -> Any:
        def begin(status: str, headers: Any, *more: Any) -> Any:
            return start(status, [one for one in headers if one[0] != "Retry-After"], *more)

        return call(door, environ, begin)

    shedding.Shedding.__call__ = silent  # type: ignore[method-assign]


PLANTED: dict[str, Callable[[], None]] = {
    "thank-before-commit": thank_before_commit,
    "close-before-recording": close_before_recording,
    "look-before-writing": look_before_writing,
    "answer-badly": answer_badly,
    "impatient": impatient,
    "commit-lightly": commit_lightly,
    "sleep-and-rush": sleep_and_rush,
    "believe-the-clock": believe_the_clock,
    "table-by-table": table_by_table,
    "claim-without-lock": claim_without_lock,
    "settle-without-guard": settle_without_guard,
    "restore-and-rush": restore_and_rush,
    "number-again": number_again,
    "mark-then-send": mark_then_send,
    "send-without-dot": send_without_dot,
    "wait-for-ever": wait_for_ever,
    "try-refused-again": try_refused_again,
    "beat-that-lies": beat_that_lies,
    "leak": leak,
    "never-shed": never_shed,
    "no-retry-after": no_retry_after,
}


def plant(name: str) -> None:
    """Plant the bug into this process."""
    PLANTED[name]()


def main() -> None:
    """Run the flask command that stands after the bug's name."""
    plant(sys.argv[1])
    sys.argv = ["flask", *sys.argv[2:]]
    flask_main()


if __name__ == "__main__":
    main()
