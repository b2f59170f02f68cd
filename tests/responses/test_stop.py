"""Stopping works at once, without reason or sign-in; opening the page does nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.interactions.contacts import address_digest
from feedback.invitations.models import Invitation
from feedback.links import page_nonce
from feedback.outbox.models import Message, Suppression
from feedback.outbox.suppress import suppress
from feedback.responses.stop import months_later
from tests.conftest import START, Time
from tests.factories import make_interaction, make_user, sign_in
from tests.responses.stories import (
    at_once,
    count,
    hidden,
    invited,
    link,
    looking,
    make_message,
    send,
    stored,
)

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def reasons(session: Session) -> dict[str, tuple[str, datetime | None]]:
    with looking(session) as own:
        rows = own.scalars(sa.select(Suppression)).all()
    return {row.address_digest: (row.reason, row.until) for row in rows}


def reason(session: Session) -> str | None:
    found = {reason for reason, _ in reasons(session).values()}
    assert len(found) <= 1
    return next(iter(found), None)


def test_the_page_asks_and_shows_the_address_masked(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    interaction = make_interaction(session, customer_email="chenjie@example.cn")
    page = client.get(f"{link(app, invited(app, session, interaction=interaction))}/stop")
    assert page.status_code == 200
    assert "chen***@example.cn" in page.text
    assert "chenjie" not in page.text
    assert 'value="stop" checked' in page.text
    assert 'value="pause"' in page.text
    assert page.text.count("<button") == 1
    assert reasons(session) == {}


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_mail_programs_own_button_acts_at_once_and_is_not_led_elsewhere(
    app: Flask, session: Session, time: Time, content_type: str
) -> None:
    invitation = invited(app, session)
    client = app.test_client(use_cookies=False)
    for _ in range(2):
        answer = client.post(
            f"{link(app, invitation)}/stop", data=ONE_CLICK, content_type=content_type
        )
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert reasons(session) == {invitation.address_digest: ("unsubscribed", None)}
    assert stored(session, invitation).stopped_at == START


def test_a_post_with_nothing_in_it_acts_too(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    assert client.post(f"{link(app, invited(app, session))}/stop").status_code == 200
    assert reason(session) == "unsubscribed"


@pytest.mark.parametrize(
    ("how", "expected", "until"),
    [("stop", "unsubscribed", None), ("pause", "paused", datetime(2027, 3, 2, 2, tzinfo=UTC)),
     ("banana", "unsubscribed", None)],
)  # fmt: skip
def test_a_person_chooses_and_sees_that_it_is_done(
    app: Flask, session: Session, client: FlaskClient, time: Time,
    how: str, expected: str, until: datetime | None,
) -> None:  # fmt: skip
    invitation = invited(app, session)
    path = f"{link(app, invitation)}/stop"
    answer = client.post(path, data={"how": how})
    assert (answer.status_code, answer.location) == (303, path)
    assert reasons(session) == {invitation.address_digest: (expected, until)}
    page = client.get(path).text
    assert "立即生效" in page
    assert ("2027年3月2日" in page) is (how == "pause")
    assert 'value="undo"' in page


def test_stopping_cancels_what_waits_for_that_address_and_nothing_else(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    address = invitation.interaction.customer_email or ""

    def message(recipient: str = address, **values: Any) -> Message:
        return make_message(session, recipient, **{"sent_at": None, "token_for": 1} | values)

    waiting = [message(), message(address.upper(), kind="reminder"), message(attempts=2)]
    others = [
        message("other@example.cn"),
        message(kind="account", token_for=None),
        message(sent_at=START),
        message(failed_at=START),
        message(claimed_at=START, claimed_by="w"),
    ]
    session.commit()
    time.forward(minutes=5)
    client.post(f"{link(app, invitation)}/stop", data=ONE_CLICK)
    assert [stored(session, row).cancelled_at for row in waiting] == [time.now] * 3
    assert [stored(session, row).cancelled_at for row in others] == [None] * 5


def test_taking_it_back_restores_everything(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    address = invitation.interaction.customer_email or ""
    waiting = make_message(session, address, sent_at=None, token_for=1)
    earlier = make_message(session, address, sent_at=None, token_for=1, cancelled_at=START)
    session.commit()
    path = link(app, invitation)
    time.forward(minutes=5)
    client.post(f"{path}/stop", data={"how": "stop"})
    page = client.get(f"{path}/stop")
    for _ in range(2):
        answer = client.post(f"{path}/stop", data=hidden(page.text) | {"how": "undo"})
        assert (answer.status_code, answer.location) == (303, f"{path}/stop")
    assert reasons(session) == {}
    assert stored(session, invitation).stopped_at is None
    assert stored(session, waiting).cancelled_at is None
    assert stored(session, earlier).cancelled_at == START
    assert send(client, path, {"csat": "4"}).status_code == 303


@pytest.mark.parametrize("nonce", ["none", "an answer's", "another's"])
def test_nobody_takes_it_back_who_was_not_shown_the_page(
    app: Flask, session: Session, client: FlaskClient, time: Time, nonce: str
) -> None:
    invitation, other = invited(app, session), invited(app, session)
    path = link(app, invitation)
    client.post(f"{path}/stop", data={"how": "stop"})
    with app.app_context():
        nonces = {
            "none": "",
            "an answer's": page_nonce(invitation.id, purpose="answer", now=START),
            "another's": page_nonce(other.id, purpose="undo", now=START),
        }
    client.post(f"{path}/stop", data={"how": "undo", "nonce": nonces[nonce]})
    assert reason(session) == "unsubscribed"


@pytest.mark.parametrize("kept", ["hard_bounce", "complaint", "refused", "erased"])
def test_what_the_mail_system_or_the_law_says_is_never_lifted(
    app: Flask, session: Session, client: FlaskClient, time: Time, kept: str
) -> None:
    invitation = invited(app, session)
    suppress(session, invitation.address_digest or "", kept, START)
    session.commit()
    path = link(app, invitation)
    assert client.post(f"{path}/stop", data={"how": "stop"}).status_code == 303
    page = client.get(f"{path}/stop")
    assert "立即生效" in page.text
    assert 'value="undo"' not in page.text
    with app.app_context():
        nonce = page_nonce(invitation.id, purpose="undo", now=START)
    client.post(f"{path}/stop", data={"how": "undo", "nonce": nonce})
    assert reason(session) == kept


def test_the_last_wish_counts(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = f"{link(app, invited(app, session))}/stop"
    for how, expected in (
        ("pause", "paused"), ("stop", "unsubscribed"), ("pause", "paused"), ("pause", "paused"),
    ):  # fmt: skip
        client.post(path, data={"how": how})
        assert reason(session) == expected
    client.post(path, data=ONE_CLICK)
    assert reason(session) == "unsubscribed"


def test_a_pause_that_is_over_is_over(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = f"{link(app, invited(app, session))}/stop"
    client.post(path, data={"how": "pause"})
    time.forward(days=190)
    assert 'value="stop" checked' in client.get(path).text


def test_the_survey_of_a_stopped_link_says_so_and_takes_nothing(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    client.post(f"{path}/stop", data=ONE_CLICK)
    page = client.get(path)
    assert page.status_code == 410
    assert "您已退订" in page.text
    assert f"{path}/stop" in page.text


@pytest.mark.parametrize("kind", ["answered", "expired", "withheld", "retired"])
def test_every_link_of_ours_can_stop_whatever_became_of_it(
    app: Flask, session: Session, client: FlaskClient, time: Time, kind: str
) -> None:
    at = START - timedelta(days=400) if kind == "expired" else START
    more = {"issued_at": None, "withheld_at": START, "withheld_because": "recontact"}
    invitation = invited(app, session, at=at, **(more if kind == "withheld" else {}))
    path = link(app, invitation)
    if kind == "answered":
        send(client, path, {"csat": "4"})
    if kind == "retired":
        session.execute(sa.text("UPDATE survey SET retired_at = published_at"))
        session.commit()
    assert client.post(f"{path}/stop", data=ONE_CLICK).status_code == 200
    assert reason(session) == "unsubscribed"
    if kind == "answered":
        assert "完成评价" in client.get(path).text


def test_the_same_persons_other_link_knows_it(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    interactions = [make_interaction(session, customer_email="a@example.cn") for _ in range(2)]
    one, other = (invited(app, session, interaction=each) for each in interactions)
    client.post(f"{link(app, one)}/stop", data=ONE_CLICK)
    page = client.get(f"{link(app, other)}/stop")
    assert "立即生效" in page.text
    client.post(f"{link(app, other)}/stop", data=hidden(page.text) | {"how": "undo"})
    assert reasons(session) == {}


def test_a_changed_key_does_not_undo_a_wish(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    """An invitation planned under an older key stops the address under today's, too."""
    interaction = make_interaction(session, customer_email="a@example.cn")
    invitation = invited(app, session, interaction=interaction, address_digest="0" * 64)
    client.post(f"{link(app, invitation)}/stop", data=ONE_CLICK)
    today = address_digest("a@example.cn", app.config["SECRET_KEY"])
    assert set(reasons(session)) == {"0" * 64, today}


def test_a_forged_link_stops_nobody(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    for forged in (path[:-1], f"{path}x", path.replace("/s/", "/s/Mg"), "/s/x"):
        assert client.post(f"{forged}/stop", data=ONE_CLICK).status_code == 404
    assert count(session, Suppression) == 0


def test_signed_in_or_not_makes_no_difference(app: Flask, session: Session, time: Time) -> None:
    client = app.test_client()
    sign_in(client, session, make_user(session, "staff"), START)
    answer = client.post(f"{link(app, invited(app, session))}/stop", data=ONE_CLICK)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_stopping_at_the_same_time_from_many_links_is_one_stop(
    app: Flask, session: Session
) -> None:
    interactions = [make_interaction(session, customer_email="a@example.cn") for _ in range(6)]
    paths = [link(app, invited(app, session, interaction=each)) for each in interactions]
    answers = at_once(app, [(f"{path}/stop", dict(ONE_CLICK)) for path in paths])
    assert [answer.status_code for answer in answers] == [200] * 6
    assert reason(session) == "unsubscribed"
    with looking(session) as own:
        assert all(own.scalars(sa.select(Invitation.stopped_at)))


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-09-02T10:00+08:00", "2027-03-02T10:00+08:00"),
        ("2026-08-31T23:30+08:00", "2027-02-28T23:30+08:00"),
        ("2027-08-31T23:30+08:00", "2028-02-29T23:30+08:00"),
        ("2026-12-31T00:00+08:00", "2027-06-30T00:00+08:00"),
    ],
)
def test_half_a_year_is_six_calendar_months(start: str, expected: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert months_later(datetime.fromisoformat(start), 6, zone) == datetime.fromisoformat(expected)
