"""A pause: everything stands still within the message in hand, and is taken up again spread."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback import work
from feedback.config import InvitationPolicy
from feedback.health import vital
from feedback.invitations.backlog import SPACING, Backlog, resume
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message
from feedback.pauses import Pause, begin_pause, open_pause
from tests.conftest import Time
from tests.invitations.stories import report
from tests.outbox.letters import NOW, all_messages, make_message
from tests.outbox.post_office import Letter, PostOffice
from tests.sites import ROOT

CLOSED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)  # A Monday, 11:00 in Shanghai.


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as server:
        yield server


def rounds(app: Flask, now: datetime) -> work.Round:
    return work.work_until_idle(app, now=now, worker="one")


def pause(session: Session, now: datetime) -> None:
    assert begin_pause(session, now=now, by="a@example.cn")
    session.commit()


def go_on(app: Flask, session: Session, now: datetime) -> Backlog:
    policy = InvitationPolicy.from_config(app.config)
    backlog = resume(session, policy, now=now, by="a@example.cn")
    session.commit()
    assert backlog is not None
    return backlog


def test_nothing_is_issued_reminded_or_sent_while_paused(app: Flask, session: Session) -> None:
    report(app, session, CLOSED)
    assert rounds(app, CLOSED).sent == 1
    report(app, session, CLOSED)
    make_message(session)
    pause(session, CLOSED)
    assert rounds(app, CLOSED + timedelta(days=7)) == work.Round()
    session.rollback()
    go_on(app, session, CLOSED + timedelta(days=7, minutes=1))
    done = rounds(app, CLOSED + timedelta(days=7, minutes=2))
    assert (done.issued, done.reminded, done.sent) == (1, 1, 3)


def test_two_worker_processes_stop_with_the_message_in_hand(
    app: Flask,
    session: Session,
    make_app: Callable[..., Flask],
    database_url: str,
    office: PostOffice,
    tmp_path: Path,
) -> None:
    for _number in range(30):
        make_message(session)
    session.close()
    engine = session.get_bind()

    turn, paused = threading.Lock(), []

    def pause_at_the_third(letter: Letter) -> None:
        # The office answers in threads: nobody gets an answer while the pause is being kept.
        with turn:
            if len(office.taken) >= 3 and not paused:
                with Session(engine) as other, other.begin():
                    begin_pause(other, now=NOW, by="a@example.cn")
                paused.append(letter)

    office.before_answer = pause_at_the_third
    environment = os.environ | {
        "FEEDBACK_DATABASE_URL": database_url,
        "FEEDBACK_INSTANCE_PATH": str(tmp_path / "instance"),
        "FEEDBACK_SECRET_KEY": app.config["SECRET_KEY"],
        "FEEDBACK_MAIL_SENDER": app.config["MAIL_SENDER"],
        "FEEDBACK_MAIL_SERVER": "127.0.0.1",
        "FEEDBACK_MAIL_PORT": str(office.port),
    }
    command = [sys.executable, "-m", "flask", "work", "--once", "--now", NOW.isoformat()]
    workers = [subprocess.Popen(command, cwd=ROOT, env=environment) for _number in range(2)]
    assert [worker.wait(timeout=120) for worker in workers] == [0, 0]
    # The third, and what the other worker had in hand just then.
    assert 3 <= len(office.taken) <= 4
    sent = [message for message in all_messages(session) if message.sent_at is not None]
    assert len(sent) == len(office.taken)
    go_on(app, session, NOW)
    office.before_answer = lambda letter: None
    session.close()
    assert rounds(make_app(**office.settings), NOW + timedelta(hours=1)).sent == 30 - len(sent)
    assert len({letter.mail["Message-ID"] for letter in office.taken}) == 30


def test_what_became_due_goes_out_one_by_one_in_the_mail_window(
    app: Flask, session: Session
) -> None:
    for _number in range(3):
        report(app, session, CLOSED)
    pause(session, CLOSED - timedelta(hours=1))
    # 22:00 in Shanghai, when nobody wants mail.
    late = CLOSED + timedelta(hours=11)
    backlog = go_on(app, session, late)
    morning = datetime(2026, 6, 2, 1, 0, tzinfo=UTC)
    due = session.scalars(
        sa.select(Invitation.due_at).where(Invitation.wave == 1).order_by(Invitation.due_at)
    ).all()
    assert due == [morning, morning + SPACING, morning + 2 * SPACING]
    assert (backlog.invitations, backlog.too_late, backlog.last_at) == (3, 0, due[-1])
    session.rollback()
    assert rounds(app, late).issued == 0
    assert rounds(app, morning).issued == 1


def test_a_backlog_longer_than_the_day_goes_on_the_next_morning(
    app: Flask, session: Session
) -> None:
    for _number in range(3):
        make_message(session)
    pause(session, NOW)
    evening = datetime(2026, 6, 1, 11, 59, 59, tzinfo=UTC)  # One second before the window ends.
    go_on(app, session, evening)
    morning = datetime(2026, 6, 2, 1, 0, tzinfo=UTC)
    assert [message.send_after for message in all_messages(session)] == [
        evening, morning, morning + SPACING,
    ]  # fmt: skip


def test_whoever_would_be_asked_too_late_is_withheld_with_the_reason(
    app: Flask, session: Session
) -> None:
    report(app, session, CLOSED)
    pause(session, CLOSED)
    back = CLOSED + timedelta(days=22)
    backlog = go_on(app, session, back)
    assert (backlog.invitations, backlog.too_late) == (0, 1)
    done = rounds(app, back)
    assert (done.issued, done.withheld) == (0, 1)
    first = session.scalars(sa.select(Invitation).where(Invitation.wave == 1)).one()
    assert first.withheld_because == "too_old"


def test_reminders_of_a_long_pause_do_not_come_in_a_burst(app: Flask, session: Session) -> None:
    for _number in range(4):
        report(app, session, CLOSED)
    rounds(app, CLOSED)
    pause(session, CLOSED + timedelta(hours=1))
    back = CLOSED + timedelta(days=7)
    go_on(app, session, back)
    assert rounds(app, back).reminded == 4
    reminders = [m for m in all_messages(session) if m.kind == "reminder"]
    assert [m.send_after - back for m in reminders] == [n * SPACING for n in range(4)]


def test_without_a_pause_there_is_nothing_to_resume(app: Flask, session: Session) -> None:
    assert resume(session, InvitationPolicy.from_config(app.config), now=NOW, by="x") is None


def test_only_one_pause_can_be_in_force(session: Session) -> None:
    pause(session, NOW)
    assert not begin_pause(session, now=NOW, by="b@example.cn")
    session.add(Pause(paused_at=NOW, paused_by="b@example.cn"))
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    "impossible",
    [
        {"open_slot": 2},
        {"open_slot": sa.null()},
        {"resumed_at": NOW, "resumed_by": "x"},
        {"resumed_at": NOW - timedelta(days=1), "resumed_by": "x", "open_slot": None},
        {"resumed_at": NOW, "open_slot": None},
    ],
)
def test_the_database_forbids_what_no_pause_can_be(
    session: Session, impossible: dict[str, object]
) -> None:
    session.add(Pause(**{"paused_at": NOW, "paused_by": "x", "open_slot": 1} | impossible))
    with pytest.raises(IntegrityError):
        session.flush()


def test_pause_and_resume_from_the_shell(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    app = make_app(DEFAULT_LOCALE="en")
    runner = app.test_cli_runner()
    report(app, session, time.now)
    assert runner.invoke(args=["pause", "--reason", "storm"]).stdout == "Paused.\n"
    found = open_pause(session)
    assert found is not None
    assert (found.reason, found.paused_at) == ("storm", time.now)
    session.rollback()
    assert "already" in runner.invoke(args=["pause"]).stdout
    assert "Paused since" in runner.invoke(args=["work", "--once"]).stderr
    time.forward(minutes=5)
    assert "1 mail that became due" in runner.invoke(args=["resume"]).stdout
    assert "not paused" in runner.invoke(args=["resume"]).stdout
    assert runner.invoke(args=["pause", "--reason", "x" * 201]).exit_code == 2


def test_a_paused_queue_wakes_nobody(app: Flask, session: Session) -> None:
    make_message(session)
    assert vital.queue(session, NOW + timedelta(hours=2)).state == "bad"
    pause(session, NOW)
    with app.test_request_context("/?lang=en"):
        found = vital.queue(session, NOW + timedelta(hours=2))
    assert found.state == "warn"
    assert "paused" in found.why
    assert session.scalar(sa.select(Message.sent_at)) is None
