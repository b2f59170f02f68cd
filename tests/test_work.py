"""The worker: what is due goes out once, whoever works and however many."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback import work
from feedback.invitations import issue
from feedback.invitations.letter import send_letter
from feedback.invitations.models import Invitation
from feedback.outbox.beat import last_beat
from feedback.outbox.models import Message
from feedback.reports.models import Tally
from tests.conftest import Time
from tests.factories import make_response
from tests.invitations.stories import report

CLOSED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)  # A Monday, 11:00 in Shanghai.


def rounds(app: Flask, now: datetime, worker: str = "one") -> work.Round:
    return work.work_until_idle(app, now=now, worker=worker)


def test_nothing_at_29_days_and_23_hours_and_a_mail_one_hour_later(
    app: Flask, session: Session
) -> None:
    report(app, session, CLOSED)
    first = rounds(app, CLOSED)
    assert (first.issued, first.sent) == (1, 1)
    # The reminder of the first mail goes its own way before.
    assert rounds(app, CLOSED + timedelta(days=7)).reminded == 1
    assert rounds(app, CLOSED + timedelta(days=29, hours=23)) == work.Round()
    then = rounds(app, CLOSED + timedelta(days=30))
    assert (then.issued, then.sent) == (1, 1)
    kinds = session.scalars(sa.select(Message.kind).order_by(Message.id)).all()
    assert kinds == ["invitation", "reminder", "follow_up"]


def test_a_round_with_nothing_due_does_nothing(app: Flask) -> None:
    assert rounds(app, CLOSED) == work.Round()


def test_all_that_is_due_ends_though_an_answer_came_a_minute_ago(
    app: Flask, session: Session
) -> None:
    make_response(session, csat=5, answered_at=CLOSED)
    session.commit()
    assert rounds(app, CLOSED + timedelta(minutes=1)).rolled_up_days == 1


def test_what_is_said_after_the_clock_was_tried_out_is_counted(
    app: Flask, session: Session, time: Time
) -> None:
    make_response(session, csat=5, answered_at=time.now)
    session.commit()
    rounds(app, time.now + timedelta(days=30))
    make_response(session, csat=1, answered_at=time.forward(hours=1))
    session.commit()
    assert rounds(app, time.now).rolled_up_days == 1
    tallied = sa.select(sa.func.sum(Tally.count)).where(
        Tally.subject == "all", Tally.grain == "month", Tally.metric == "csat"
    )
    assert session.scalar(tallied) == 2


def test_a_step_that_fails_stops_no_other(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    report(app, session, CLOSED)

    def fail(*args: object, **named: object) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(work, "remind_silent", fail)
    assert rounds(app, CLOSED).sent == 1
    assert "the disk is full" in caplog.text


def test_an_invitation_that_cannot_be_written_holds_up_nobody_else(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = report(app, session, CLOSED, customer_name="broken")
    report(app, session, CLOSED + timedelta(minutes=1))

    def send(session: Session, config: object, invitation: Invitation, *rest: object) -> Message:
        if invitation.interaction_id == broken.id:
            raise ValueError("no words for this one")
        return send_letter(session, config, invitation, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(issue, "send_letter", send)
    assert rounds(app, CLOSED + timedelta(minutes=2)).sent == 1


def test_no_long_queue_of_one_step_holds_up_the_others(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        report(app, session, CLOSED)
    # A step's time is over as soon as it has begun.
    seconds = count(0, 30)
    monkeypatch.setattr(work, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
    monkeypatch.setattr(work, "_STEP_SECONDS", 31.0)
    first = work.one_round(app, now=CLOSED, worker="one")
    assert (first.issued, first.sent) == (1, 1)
    assert last_beat(session, CLOSED) == CLOSED
    session.rollback()
    # And what was left is done by the rounds that follow.
    rest = rounds(app, CLOSED)
    assert (rest.issued, rest.sent) == (2, 2)


def test_workers_of_one_process_have_names_of_their_own() -> None:
    names: list[str] = []
    threads = [
        threading.Thread(target=lambda: names.append(work.worker_name())) for _number in range(4)
    ]
    for thread in threads:
        thread.start()
    assert work.worker_name() not in names
    for thread in threads:
        thread.join()


def test_a_worker_says_that_it_lives(app: Flask, session: Session) -> None:
    rounds(app, CLOSED)
    assert last_beat(session, CLOSED) == CLOSED


def test_many_workers_at_once_issue_and_send_each_once(app: Flask, session: Session) -> None:
    for number in range(24):
        report(app, session, CLOSED, customer_email=f"w{number % 8}@example.cn")
    done, lock = work.Round(), threading.Lock()
    ready = threading.Barrier(4)

    def run(name: str) -> None:
        ready.wait()
        mine = rounds(app, CLOSED, name)
        with lock:
            done.add(mine)

    threads = [threading.Thread(target=run, args=(f"worker-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Eight people, three contacts each on one day: one mail each.
    assert (done.issued, done.withheld, done.sent, done.failed) == (8, 16, 8, 0)
    files = list((Path(app.instance_path) / "mail").glob("*.eml"))
    assert len(files) == 8


def test_an_embedded_worker_works_until_told_to_stop(
    make_app: Callable[..., Flask], session: Session
) -> None:
    app = make_app(WORKER="embedded")
    report(app, session, datetime.now(UTC) - timedelta(minutes=1))
    embedded = work.start_embedded(app)
    assert embedded is not None
    while not session.scalar(sa.select(Message.id).where(Message.sent_at.is_not(None))):
        session.rollback()
        assert embedded.thread.is_alive()
    session.rollback()
    assert embedded.stop(within=5)


def test_no_worker_starts_inside_where_it_is_switched_off(app: Flask) -> None:
    assert work.start_embedded(app) is None
