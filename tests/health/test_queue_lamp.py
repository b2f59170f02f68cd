"""Whether a mail server that takes nothing is noticed at once, and one refused mail is no alarm."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.outbox import pulse
from feedback.outbox.deliver import deliver_waiting
from feedback.outbox.models import Message
from feedback.outbox.standstill import standstill
from feedback.outbox.transport import Patience
from feedback.pauses import begin_pause
from tests.conftest import Time
from tests.health.pulses import tell_of
from tests.outbox.post_office import DROP, HANG, PostOffice
from tests.sites import free_port

HASTY = Patience(step=0.2, answer=0.3)


@pytest.fixture
def office() -> "PostOffice":  # type: ignore[misc]
    with PostOffice() as server:
        yield server


@pytest.fixture
def app(make_app: Callable[..., Flask], office: PostOffice) -> Flask:
    return make_app(**office.settings)


def write(session: Session, time: Time, how_many: int = 1) -> None:
    for number in range(how_many):
        session.add(
            Message(
                kind="account", recipient=f"wang{number}@example.cn", locale="en", subject="s",
                text="t", html="<p>t</p>", message_id=f"<{number}-{time.now:%H%M%S}@example.cn>",
                created_at=time.now, send_after=time.now,
            )
        )  # fmt: skip
    session.commit()


def queue(client: FlaskClient, session: Session, time: Time) -> tuple[str, str]:
    tell_of(session, time.now)
    answer = client.get("/readyz", headers={"Accept-Language": "en"})
    found = answer.json["checks"]["queue"]
    assert (answer.status_code == 503) == (found["status"] == "bad")
    assert "wang" not in answer.text
    return found["status"], found["why"]


def send(app: Flask, time: Time) -> None:
    deliver_waiting(app, now=time.now, worker="one", patience=HASTY)


@pytest.mark.parametrize(
    ("stage", "answer", "said"),
    [
        ("greeting", "421 4.3.2 <wang0@example.cn> not now", "421"),
        ("greeting", DROP, "has not answered"),
        ("greeting", HANG, "has not answered"),
        ("EHLO", HANG, "has not answered"),
        ("MAIL", "421 4.7.0 too many", "421"),
        ("MAIL", HANG, "has not answered"),
        ("RCPT", "421 4.3.2 closing", "421"),
        ("RCPT", HANG, "has not answered"),
        ("DATA", HANG, "has not answered"),
        ("dot", HANG, "has not answered"),
    ],
)
def test_a_server_that_takes_nothing_is_noticed_with_the_first_mail_and_forgotten_with_the_next(
    app: Flask, office: PostOffice, session: Session, time: Time, stage: str, answer: str, said: str
) -> None:
    client = app.test_client()
    assert queue(client, session, time)[0] == "ok"
    write(session, time)
    office.always[stage] = answer
    send(app, time)
    state, why = queue(client, session, time)
    assert (state, said in why) == ("bad", True)
    office.always.clear()
    time.forward(minutes=6)
    send(app, time)
    assert queue(client, session, time)[0] == "ok"
    session.rollback()
    assert standstill(session) is None


def test_a_server_that_is_away_is_noticed(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    app = make_app(MAIL_SERVER="127.0.0.1", MAIL_PORT=free_port())
    write(session, time)
    send(app, time)
    assert queue(app.test_client(), session, time)[0] == "bad"


def test_a_sign_in_that_is_refused_is_named(
    make_app: Callable[..., Flask], office: PostOffice, session: Session, time: Time
) -> None:
    app = make_app(**office.settings, MAIL_USERNAME="afterword", MAIL_PASSWORD="wrong")
    office.always["AUTH"] = "535 5.7.8 no"
    write(session, time)
    send(app, time)
    state, why = queue(app.test_client(), session, time)
    assert state == "bad"
    assert "afterword" not in why


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("RCPT", "451 4.2.0 greylisted, try again later"),
        ("RCPT", "450 4.2.1 the mailbox is busy"),
        ("RCPT", "550 5.1.1 no such user"),
        ("RCPT", "550 frequency limited"),
        ("dot", "554 5.7.1 looks like spam"),
        ("dot", "452 4.2.2 the mailbox is full"),
        ("RCPT", "554 5.7.1 relay access denied"),
    ],
)
def test_one_mail_that_is_refused_is_no_trouble(
    app: Flask, office: PostOffice, session: Session, time: Time, stage: str, answer: str
) -> None:
    write(session, time)
    office.script[stage].append(answer)
    send(app, time)
    assert queue(app.test_client(), session, time)[0] == "ok"


def test_refused_once_among_others_that_are_taken_is_no_trouble(
    app: Flask, office: PostOffice, session: Session, time: Time
) -> None:
    write(session, time, 3)
    office.script["RCPT"].append("421 4.3.2 not this one")
    send(app, time)
    assert len(office.taken) == 2
    assert queue(app.test_client(), session, time)[0] == "ok"


def test_what_nobody_may_relay_is_trouble_from_the_second_in_a_row(
    app: Flask, office: PostOffice, session: Session, time: Time
) -> None:
    write(session, time, 2)
    office.always["RCPT"] = "554 5.7.1 relay access denied"
    send(app, time)
    assert queue(app.test_client(), session, time)[0] == "bad"


def test_a_server_that_is_waited_for_is_noticed_before_the_wait_is_over(
    client: FlaskClient, session: Session, time: Time
) -> None:
    tell_of(session, time.now, doing=pulse.MAIL, still_for=timedelta(seconds=14))
    assert client.get("/readyz").status_code == 200
    tell_of(session, time.now, doing=pulse.MAIL, still_for=timedelta(seconds=17))
    checks = client.get("/readyz").json["checks"]
    assert (checks["queue"]["status"], checks["worker"]["status"]) == ("bad", "ok")


def test_a_server_nobody_has_mail_for_is_nobodys_trouble(
    app: Flask, office: PostOffice, session: Session, time: Time
) -> None:
    write(session, time)
    office.always["greeting"] = "421 not now"
    send(app, time)
    message = session.query(Message).one()
    message.cancelled_at = time.now
    session.commit()
    assert queue(app.test_client(), session, time)[0] == "ok"


def test_a_pause_is_no_trouble_whatever_the_server_does(
    app: Flask, office: PostOffice, session: Session, time: Time
) -> None:
    write(session, time)
    office.always["greeting"] = "421 not now"
    send(app, time)
    begin_pause(session, now=time.now, by="admin@example.cn")
    session.commit()
    assert queue(app.test_client(), session, time)[0] == "warn"


def test_mail_that_a_living_worker_does_not_send_is_noticed(
    app: Flask, session: Session, time: Time
) -> None:
    client = app.test_client()
    write(session, time)
    time.forward(minutes=14)
    assert queue(client, session, time)[0] == "ok"
    time.forward(minutes=2)
    assert queue(client, session, time)[0] == "bad"
