"""Where no worker ran for a while, what became due goes out spread, and not in the night."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback import work
from feedback.invitations.catch_up import ASLEEP, catch_up
from feedback.invitations.models import Invitation
from feedback.outbox.beat import beat
from feedback.outbox.models import Message
from feedback.pauses import Pause, begin_pause
from tests.conftest import START, Time
from tests.invitations.stories import report
from tests.outbox.letters import make_message

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Friday, three at night in Shanghai, 32 days after the contact.
NIGHT = datetime(2026, 10, 15, 19, 0, tzinfo=UTC)
CLOSED = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)


def due(session: Session) -> list[datetime]:
    query = sa.select(Invitation.due_at).where(Invitation.wave == 2, Invitation.due_at <= NIGHT)
    found = list(session.scalars(query))
    # No transaction is left open: the worker wants its turn to write.
    session.rollback()
    return found


def test_follow_ups_wait_for_the_morning_and_keep_their_distance(
    app: Flask, session: Session
) -> None:
    for _each in range(3):
        report(app, session, CLOSED)
    work.work_until_idle(app, now=CLOSED, worker="one")
    beat(app, "one", NIGHT - timedelta(days=7))
    assert len(due(session)) == 3
    assert catch_up(app, worker="one", now=NIGHT)
    assert due(session) == []
    moments = session.scalars(
        sa.select(Invitation.due_at).where(Invitation.wave == 2).order_by(Invitation.due_at)
    ).all()
    local = [moment.astimezone(SHANGHAI) for moment in moments]
    assert [f"{moment:%d %H:%M:%S}" for moment in local] == [
        "16 09:00:00", "16 09:00:02", "16 09:00:04",
    ]  # fmt: skip
    (stood_still,) = session.scalars(sa.select(Pause)).all()
    assert (stood_still.paused_at, stood_still.resumed_at) == (NIGHT - timedelta(days=7), NIGHT)
    session.rollback()
    # The next one sees that it has been done.
    assert not catch_up(app, worker="two", now=NIGHT)


def test_a_worker_that_was_gone_for_minutes_changes_nothing(app: Flask, session: Session) -> None:
    report(app, session, START)
    beat(app, "one", START - ASLEEP + timedelta(seconds=1))
    assert not catch_up(app, worker="one", now=START)
    assert not catch_up(app, worker="one", now=START - timedelta(days=2))
    assert session.scalars(sa.select(Pause)).all() == []


def test_a_pause_in_force_is_left_to_whoever_resumes_it(app: Flask, session: Session) -> None:
    report(app, session, START)
    begin_pause(session, now=START, by="admin@example.cn")
    session.commit()
    beat(app, "one", START)
    before = session.scalars(sa.select(Invitation.due_at)).all()
    session.rollback()
    assert catch_up(app, worker="one", now=START + timedelta(days=40))
    assert session.scalars(sa.select(Invitation.due_at)).all() == before


def test_a_link_to_sign_in_does_not_wait_for_the_morning(app: Flask, session: Session) -> None:
    message = make_message(session, kind="account", created_at=NIGHT, send_after=NIGHT)
    number = message.id
    beat(app, "one", NIGHT - timedelta(days=1))
    assert catch_up(app, worker="one", now=NIGHT)
    session.rollback()
    assert session.get_one(Message, number).send_after == NIGHT


def test_a_clock_that_jumps_ahead_pauses_asking_and_one_set_back_does_not(
    app: Flask, session: Session, time: Time
) -> None:
    passed = 0.0
    watch = work.Watch(lambda: passed)
    report(app, session, START)
    assert work.one_turn(app, watch, worker="one").sent == 1
    passed += 60
    time.forward(days=-2)
    work.one_turn(app, watch, worker="one")
    passed += 60
    time.forward(days=2, minutes=2)
    work.one_turn(app, watch, worker="one")
    assert session.scalars(sa.select(Pause.reason).where(Pause.open_slot == 1)).all() == []
    session.rollback()
    passed += 60
    time.forward(days=31)
    assert work.one_turn(app, watch, worker="one").sent == 0
    (reason,) = session.scalars(sa.select(Pause.reason).where(Pause.open_slot == 1)).all()
    assert reason == "系统时钟跳到了 2026-10-03。"
