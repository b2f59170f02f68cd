"""Whether a worker that is gone, hangs or never came is noticed, and a busy one left in peace."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.outbox import pulse
from feedback.outbox.beat import beat
from feedback.outbox.models import WorkerPulse
from feedback.pauses import begin_pause
from tests.conftest import Time
from tests.health.pulses import tell_of
from tests.invitations.stories import report


def worker(client: FlaskClient) -> str:
    """Return the state of the worker's check; the whole is bad exactly where that is."""
    answer = client.get("/readyz")
    state = str(answer.json["checks"]["worker"]["status"])
    assert (answer.status_code == 503) == (state == "bad")
    return state


@pytest.fixture
def embedded(make_app: Callable[..., Flask]) -> FlaskClient:
    return make_app(WORKER="embedded").test_client()


def test_a_worker_inside_the_site_is_missed_within_half_a_minute(
    embedded: FlaskClient, session: Session, time: Time
) -> None:
    assert worker(embedded) == "bad"
    tell_of(session, time.now)
    assert worker(embedded) == "ok"
    time.forward(seconds=19)
    assert worker(embedded) == "ok"
    time.forward(seconds=6)
    assert worker(embedded) == "bad"
    # And is back as soon as it tells again.
    tell_of(session, time.now)
    assert worker(embedded) == "ok"


def test_one_that_lives_and_does_not_go_on_is_no_worker(
    embedded: FlaskClient, session: Session, time: Time
) -> None:
    tell_of(session, time.now, still_for=timedelta(seconds=25))
    assert worker(embedded) == "bad"
    assert "25" in embedded.get("/readyz").json["checks"]["worker"]["why"]


@pytest.mark.parametrize("doing", [pulse.ADDING_UP, pulse.CATCHING_UP, pulse.MAIL, pulse.RETURNS])
def test_one_that_is_busy_for_minutes_is_left_in_peace_and_not_for_ever(
    embedded: FlaskClient, session: Session, time: Time, doing: str
) -> None:
    tell_of(session, time.now, still_for=timedelta(seconds=100), doing=doing)
    assert embedded.get("/readyz").json["checks"]["worker"]["status"] == "ok"
    tell_of(session, time.now, still_for=timedelta(minutes=11), doing=doing)
    assert embedded.get("/readyz").json["checks"]["worker"]["status"] == "bad"


def test_of_two_one_that_works_is_enough_but_the_other_is_told_of(
    embedded: FlaskClient, session: Session, time: Time
) -> None:
    tell_of(session, time.now, still_for=timedelta(seconds=60))
    tell_of(session, time.now, worker="two")
    assert worker(embedded) == "warn"


def test_one_that_died_and_was_replaced_is_no_news(
    embedded: FlaskClient, session: Session, time: Time
) -> None:
    tell_of(session, time.now)
    tell_of(session, time.forward(minutes=3), worker="two")
    assert worker(embedded) == "ok"


def test_beside_the_site_a_worker_is_missed_as_soon_as_inside(
    client: FlaskClient, session: Session, time: Time
) -> None:
    tell_of(session, time.now)
    time.forward(seconds=19)
    assert worker(client) == "ok"
    time.forward(seconds=6)
    assert worker(client) == "bad"


def test_one_that_cron_starts_is_missed_after_a_quarter_of_an_hour(
    client: FlaskClient, session: Session, time: Time
) -> None:
    tell_of(session, time.now, stays=False)
    time.forward(minutes=14)
    assert worker(client) == "ok"
    time.forward(minutes=2)
    assert worker(client) == "bad"


def test_one_tried_by_hand_does_not_stand_for_the_one_inside(
    embedded: FlaskClient, session: Session, time: Time
) -> None:
    tell_of(session, time.now, stays=False)
    time.forward(minutes=1)
    assert worker(embedded) == "bad"


def test_one_never_started_is_missed_once_there_is_work(
    app: Flask, client: FlaskClient, session: Session, time: Time
) -> None:
    assert worker(client) == "ok"
    report(app, session, time.now)
    assert worker(client) == "ok"
    time.forward(seconds=25)
    assert worker(client) == "bad"
    begin_pause(session, now=time.now, by="admin@example.cn")
    session.commit()
    assert worker(client) == "ok"


def test_what_an_older_version_left_counts_as_seen(
    app: Flask, client: FlaskClient, time: Time
) -> None:
    beat(app, "one", time.now)
    time.forward(minutes=14)
    assert worker(client) == "ok"
    time.forward(minutes=2)
    assert worker(client) == "bad"


def test_a_pulse_from_a_clock_that_was_ahead_says_nothing(
    embedded: FlaskClient, session: Session, time: Time
) -> None:
    tell_of(session, time.now + timedelta(days=2))
    assert worker(embedded) == "bad"


def test_what_is_told_are_two_moments_and_the_clock_moves_neither(
    app: Flask, session: Session, time: Time
) -> None:
    mine = pulse.Pulse("one")
    mine.moved(pulse.ADDING_UP)
    mine._moved -= 30
    time.forward(days=31)
    pulse.tell(app, mine)
    (told,) = pulse.last_pulses(session, time.now)
    assert (told.doing, told.stays, told.alive_at) == (pulse.ADDING_UP, True, time.now)
    assert 30 <= (told.alive_at - told.moved_at).total_seconds() < 60
    session.rollback()
    mine.moved(pulse.IDLE)
    pulse.tell(app, mine)
    session.expire_all()
    told = session.get_one(WorkerPulse, "one")
    assert (told.doing, pulse.is_stuck(told)) == (pulse.IDLE, False)


def test_a_worker_whose_rounds_are_told_beats_once_a_minute(time: Time) -> None:
    mine = pulse.Pulse("one", is_told=True)
    assert [mine.beat_is_due(time.forward(seconds=20)) for _round in range(7)] == [
        True, False, False, True, False, False, True,
    ]  # fmt: skip
    # A clock that was set back must not silence it.
    assert mine.beat_is_due(time.forward(hours=-2))
