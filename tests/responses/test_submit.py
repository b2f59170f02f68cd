"""An answer is taken once: whoever sends it how often, at the same time, or after an error."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.links import page_nonce
from feedback.responses import doorway
from feedback.responses.models import Answer, Response
from tests.conftest import START, Time
from tests.factories import make_interaction, make_response, make_user, sign_in
from tests.responses.stories import (
    at_once,
    checked,
    count,
    hidden,
    invited,
    link,
    make_message,
    said,
    send,
    stored,
    the_response,
    written,
)


def test_a_full_answer_is_stored_as_it_was_given(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    page = client.get(path)
    time.forward(seconds=40)
    given = {"csat": "2", "nps": "0", "reasons": ["slow", "price"], "comment": "太慢了\r\n谢谢"}
    answer = client.post(path, data=hidden(page.text) | given)
    assert (answer.status_code, answer.location) == (303, f"{path}/thanks")
    assert said(session, invitation) == {
        "csat": 2,
        "nps": 0,
        "reasons": {"slow", "price"},
        "comment": "太慢了\n谢谢",
    }
    response = the_response(session, invitation)
    assert response.answered_at == response.changed_at == time.now
    assert response.shown_at == START
    assert (response.wave, response.locale, response.provenance) == (1, "zh-Hans", "page")
    assert (response.survey_id, response.amended_at, response.suspected_at) == (
        invitation.survey_id,
        None,
        None,
    )
    assert stored(session, invitation).answered_at == time.now
    assert "感谢" in client.get(answer.location).text


def test_the_follow_up_is_taken_though_the_first_was_never_answered(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    interaction = make_interaction(session)
    invited(app, session, interaction=interaction)
    second = invited(app, session, interaction=interaction, wave=2)
    answer = send(client, link(app, second), {"csat": "5", "solved": "partly", "nps": "10"})
    assert answer.status_code == 303
    assert said(session, second) == {"csat": 5, "solved": {"partly"}, "nps": 10}
    assert the_response(session, second).wave == 2


def test_only_what_is_required_is_required(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    send(client, link(app, invitation), {"csat": "3", "nps": "", "comment": "  \n "})
    assert said(session, invitation) == {"csat": 3}


@pytest.mark.parametrize(
    ("query", "csat", "provenance"),
    [("?csat=4", "4", "confirmed_click"), ("?csat=4", "5", "page"), ("", "4", "page"),
     ("?nps=9", "4", "page"), ("?csat=9", "4", "page")],
)  # fmt: skip
def test_it_is_known_whether_the_link_in_the_mail_was_confirmed(
    app: Flask, session: Session, client: FlaskClient, time: Time,
    query: str, csat: str, provenance: str,
) -> None:  # fmt: skip
    invitation = invited(app, session)
    send(client, link(app, invitation), {"csat": csat}, query=query)
    assert the_response(session, invitation).provenance == provenance


@pytest.mark.parametrize(
    ("csat", "kept"),
    [("1", {"slow"}), ("2", {"slow"}), ("3", {"slow"}), ("4", {"fast"}), ("5", {"fast"})],
)
def test_only_reasons_that_fit_the_score_are_stored(
    app: Flask, session: Session, client: FlaskClient, time: Time, csat: str, kept: set[str]
) -> None:
    invitation = invited(app, session)
    send(client, link(app, invitation), {"csat": csat, "reasons": ["slow", "fast", "slow"]})
    assert said(session, invitation)["reasons"] == kept


def test_identity_and_card_numbers_are_hidden_before_they_are_stored(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    comment = "身份证11010519491231002X，卡4111 1111 1111 1111，订单20261120004212345"
    send(client, link(app, invitation), {"csat": "2", "comment": comment})
    assert said(session, invitation)["comment"] == (
        f"身份证{'*' * 18}，卡**** **** **** 1111，订单20261120004212345"
    )


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "csat"),
    ({"nps": "9"}, "csat"),
    ({"csat": "0"}, "csat"),
    ({"csat": "6"}, "csat"),
    ({"csat": " 5 "}, "csat"),
    ({"csat": "٣"}, "csat"),
    ({"csat": "５"}, "csat"),
    ({"csat": "5_0"}, "csat"),
    ({"csat": "1e0"}, "csat"),
    ({"csat": "05"}, "csat"),
    ({"csat": "4.0"}, "csat"),
    ({"csat": "-1"}, "csat"),
    ({"csat": "9" * 5000}, "csat"),
    ({"csat": ["4", "5"]}, "csat"),
    ({"csat": "4", "nps": "11"}, "nps"),
    ({"csat": "4", "nps": "ten"}, "nps"),
    ({"csat": "4", "nps": ["9", "10"]}, "nps"),
    ({"csat": "4", "reasons": "bribes"}, "reasons"),
    ({"csat": "4", "reasons": ["fast", "<b>"]}, "reasons"),
    ({"csat": "4", "comment": "x" * 1001}, "comment"),
]


def test_what_cannot_be_taken_is_refused_at_its_field_and_nothing_is_lost(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    for given, wrong in WRONG:
        more = {"nps": "7", "comment": "别丢了 <b>"} | given
        answer = send(client, path, more)
        assert answer.status_code == 422, given
        assert 'role="alert"' in answer.text
        for part in (f'id="{wrong}-wrong"', f'<a href="#{wrong}">', f'id="{wrong}"'):
            assert part in answer.text, given
        if wrong != "nps":
            assert ("nps", more["nps"]) in checked(answer.text), given
        assert written(answer.text) == more["comment"], given
        assert "<b>" not in answer.text
    assert count(session) == 0
    assert stored(session, invitation).answered_at is None
    # What comes back can be put right and sent.
    right = hidden(answer.text) | {"csat": "4"}
    assert client.post(path, data=right).status_code == 303


def test_the_follow_ups_choice_is_one_of_those_shown(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session, wave=2))
    for solved in ("maybe", ["yes", "no"]):
        assert send(client, path, {"csat": "4", "solved": solved}).status_code == 422
    assert count(session) == 0


TEXTS = [
    "👍🏽👨‍👩‍👧‍👦" * 90,
    "𠮷" * 1000,
    "שלום عالم \u202eevil\u202c",
    "e\u0301" * 500,
    "一\n\n二\t三",
    "\u200b零宽\u200d",
    "&lt;not &amp; HTML&gt; <script>alert(1)</script>",
    "</textarea><h1>",
    "{{ 7*7 }} %s %(x)s ${x}",
    "=1+1",
    "﷽" * 1000,
]


def test_free_text_keeps_every_character(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    for text in TEXTS:
        assert len(text) <= 1000
        invitation = invited(app, session)
        path = link(app, invitation)
        assert send(client, path, {"csat": "5", "comment": text}).status_code == 303, text
        assert said(session, invitation)["comment"] == text
        assert written(client.get(f"{path}?change=1").text) == text


def test_a_thousand_characters_are_counted_as_people_write_them(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    """Line ends count once, as typed, though browsers send two characters for each."""
    invitation = invited(app, session)
    text = "一\r\n" * 500
    assert send(client, link(app, invitation), {"csat": "5", "comment": text}).status_code == 303
    assert said(session, invitation)["comment"] == ("一\n" * 500).strip()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"a%00b", "ab"),
        (b"%00", None),
        (b"a%1B%5B31mb%07", "a[31mb"),
        (b"%ED%A0%BDx", "%ED%A0%BDx"),
        (b"%C0%AFx", "%C0%AFx"),
        (b"%E5%A5%BD%20", "好"),
    ],
)
def test_what_no_database_can_carry_is_taken_out_and_the_rest_is_kept(
    app: Flask, session: Session, client: FlaskClient, time: Time, sent: bytes, kept: str | None
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    nonce = hidden(client.get(path).text)["nonce"]
    answer = client.post(
        path,
        data=b"csat=4&nonce=" + nonce.encode() + b"&comment=" + sent,
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 303
    assert said(session, invitation).get("comment") == kept


def test_a_second_sending_gets_the_same_receipt_and_the_first_stands(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    one, other = client.get(path), app.test_client().get(path)
    answers = []
    for page, csat in ((one, "5"), (one, "5"), (other, "1"), (one, "banana")):
        time.forward(seconds=1)
        answers.append(client.post(path, data=hidden(page.text) | {"csat": csat}))
    assert {(answer.status_code, answer.location) for answer in answers} == {
        (303, f"{path}/thanks")
    }
    assert said(session, invitation) == {"csat": 5}
    assert count(session) == 1
    assert the_response(session, invitation).answered_at == START + timedelta(seconds=1)


def test_eleven_openings_and_two_posts_make_one_response(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    invitation = invited(app, session, at=START, expires_at=START + timedelta(days=4000))
    path = link(app, invitation)
    for number in range(11):
        page = client.get(f"{path}?csat={number % 5 + 1}")
    for csat in ("4", "2"):
        assert client.post(path, data=hidden(page.text) | {"csat": csat}).status_code == 303
    assert said(session, invitation) == {"csat": 4}
    assert count(session) == 1


@pytest.mark.parametrize("pages", ["one page", "a page each"])
def test_eight_at_once_make_one_response_and_eight_receipts(
    app: Flask, session: Session, client: FlaskClient, pages: str
) -> None:
    ends = START + timedelta(days=4000)
    for _ in range(2):
        invitation = invited(app, session, expires_at=ends)
        path = link(app, invitation)
        shown = [hidden(client.get(path).text) for _ in range(8)]
        if pages == "one page":
            posts = [(path, shown[0] | {"csat": str(i % 5 + 1)}) for i in range(8)]
        else:
            posts = [(path, page | {"csat": "4", "nps": str(i)}) for i, page in enumerate(shown)]
        answers = at_once(app, posts)
        assert [answer.status_code for answer in answers] == [303] * 8
        assert {answer.location for answer in answers} == {f"{path}/thanks"}
        assert len(said(session, invitation)) == (1 if pages == "one page" else 2)
    assert count(session) == 2
    assert count(session, Answer) == (2 if pages == "one page" else 4)


def test_many_customers_at_once_are_all_taken(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    ends = START + timedelta(days=4000)
    paths = [link(app, invited(app, session, expires_at=ends)) for _ in range(10)]
    posts = [(path, hidden(client.get(path).text) | {"csat": "5"}) for path in paths]
    assert [answer.status_code for answer in at_once(app, posts)] == [303] * 10
    assert count(session) == 10


def test_a_lost_reply_to_commit_neither_loses_nor_doubles_the_answer(
    app: Flask, session: Session, client: FlaskClient, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    with app.app_context():
        dialect = db.engine.dialect
    commit, cut = dialect.do_commit, []

    def commit_and_hear_nothing(connection: Any) -> None:
        commit(connection)
        if not cut:
            cut.append(True)
            raise dialect.loaded_dbapi.OperationalError("the line is dead")

    page = client.get(path)
    monkeypatch.setattr(dialect, "do_commit", commit_and_hear_nothing)
    answer = client.post(path, data=hidden(page.text) | {"csat": "4"})
    assert cut
    assert (answer.status_code, answer.location) == (303, f"{path}/thanks")
    assert said(session, invitation) == {"csat": 4}
    assert count(session) == 1


def test_a_database_out_of_reach_loses_nothing_that_was_entered(
    app: Flask, session: Session, client: FlaskClient, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = link(app, invited(app, session))
    with app.app_context():
        dialect = db.engine.dialect

    def fail(connection: Any) -> None:
        raise dialect.loaded_dbapi.OperationalError("gone")

    page = client.get(path)
    with monkeypatch.context() as broken:
        broken.setattr(dialect, "do_commit", fail)
        answer = client.post(path, data=hidden(page.text) | {"csat": "2", "comment": "都在"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert checked(answer.text) == {("csat", "2")}
    assert written(answer.text) == "都在"
    assert count(session) == 0
    again = client.post(path, data=hidden(answer.text) | {"csat": "2", "comment": "都在"})
    assert again.status_code == 303


def test_the_unique_key_is_the_last_line(
    app: Flask, session: Session, client: FlaskClient, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody imports the same response between our look and our write."""
    from feedback.responses import submit

    invitation = invited(app, session)
    path = link(app, invitation)
    page = client.get(path)
    close, rivals = submit._close, []

    def close_after_a_rival(own: Session, *rest: Any) -> bool:
        if not rivals:
            rivals.append(True)
            values = {"interaction_id": invitation.interaction_id, "wave": 1}
            moments = {"answered_at": START, "changed_at": START}
            own.execute(
                sa.insert(Response).values(**values, **moments, provenance="import", locale="")
            )
            own.flush()
        return close(own, *rest)

    monkeypatch.setattr(submit, "_close", close_after_a_rival)
    answer = client.post(path, data=hidden(page.text) | {"csat": "4"})
    assert answer.status_code == 303
    assert count(session) == 1


def test_an_answer_brought_by_another_system_stands(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    interaction = make_interaction(session)
    make_response(session, interaction, csat=5, provenance="import")
    invitation = invited(app, session, interaction=interaction)
    path = link(app, invitation)
    page = client.get(path)
    assert page.status_code == 200
    assert "完成评价" in page.text
    assert "?change=1" not in page.text
    with app.app_context():
        nonce = page_nonce(invitation.id, purpose="answer", now=START)
    assert client.post(path, data={"nonce": nonce, "csat": "1"}).status_code == 303
    assert count(session) == 1
    assert stored(session, invitation).answered_at is not None


@pytest.mark.parametrize(
    "blind", ["no nonce", "nonsense", "another's", "other purpose", "old", "trap", "JSON", "text"]
)
def test_a_blind_post_takes_nothing_and_a_person_loses_nothing(
    app: Flask, session: Session, client: FlaskClient, time: Time, blind: str
) -> None:
    invitation, stranger = invited(app, session), invited(app, session)
    path = link(app, invitation)
    own = hidden(client.get(path).text)
    given: dict[str, Any] = {"csat": "4", "nps": "9", "reasons": "fast", "comment": "很好"}
    with app.app_context():
        undo = page_nonce(invitation.id, purpose="undo", now=START)
        amend = page_nonce(invitation.id, purpose="amend", now=START)
    nonces = {
        "nonsense": "WzEsMiwzXQ.AAAA",
        "another's": hidden(client.get(link(app, stranger)).text)["nonce"],
        "other purpose": undo,
        "old": own["nonce"],
        "trap": own["nonce"],
    }
    if blind == "old":
        time.forward(hours=24, seconds=1)
    if blind in nonces:
        given["nonce"] = nonces[blind]
    if blind == "trap":
        given["website"] = "https://spam.example"
    if blind == "JSON":
        answer = client.post(path, json=given | own)
    elif blind == "text":
        answer = client.post(path, data="csat=4&nonce=" + own["nonce"], content_type="text/plain")
    else:
        answer = client.post(path, data=given)
    assert answer.status_code == 422
    assert count(session) == 0
    assert stored(session, invitation).answered_at is None
    if blind not in ("JSON", "text"):
        assert checked(answer.text) == {("csat", "4"), ("nps", "9"), ("reasons", "fast")}
        assert written(answer.text) == "很好"
        again = hidden(answer.text) | {k: v for k, v in given.items() if k in ("csat", "comment")}
        assert client.post(path, data=again).status_code == 303
        assert said(session, invitation) == {"csat": 4, "comment": "很好"}
    if blind == "other purpose":
        assert amend != undo


def test_a_change_is_no_first_answer(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    with app.app_context():
        nonce = page_nonce(invitation.id, purpose="amend", now=START)
    answer = client.post(link(app, invitation), data={"nonce": nonce, "csat": "4"})
    assert answer.status_code == 422
    assert count(session) == 0


def test_a_person_may_be_quick(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    assert send(client, link(app, invitation), {"csat": "4"}).status_code == 303
    assert said(session, invitation) == {"csat": 4}


@pytest.mark.parametrize("hours", [0, 1, 23.99])
def test_a_page_left_open_for_a_day_still_counts(
    app: Flask, session: Session, client: FlaskClient, time: Time, hours: float
) -> None:
    path = link(app, invited(app, session))
    page = client.get(path)
    time.forward(hours=hours)
    assert client.post(path, data=hidden(page.text) | {"csat": "4"}).status_code == 303


def test_neither_cookies_nor_the_browser_matter(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    page = app.test_client(use_cookies=False).get(path)
    other = app.test_client(use_cookies=False)
    headers = {"Cookie": "afterword=garbage; x=\x7f", "User-Agent": ""}
    answer = other.post(path, data=hidden(page.text) | {"csat": "4"}, headers=headers)
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("role", "status"), [("staff", 403), ("lead", 403), ("manager", 303), ("admin", 303)]
)
def test_whose_work_is_rated_does_not_rate(
    app: Flask, session: Session, time: Time, role: str, status: int,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    path = link(app, invited(app, session))
    client = app.test_client()
    sign_in(client, session, make_user(session, role), START)
    answer = send(client, path, {"csat": "5"})
    assert answer.status_code == status
    assert count(session) == (status == 303)
    assert "Set-Cookie" not in answer.headers
    assert ("somebody rated" in caplog.text) is (status == 403)


def test_who_has_signed_out_may_answer(app: Flask, session: Session, time: Time) -> None:
    client = app.test_client()
    sign_in(client, session, make_user(session, "staff"), START)
    time.forward(hours=13)
    assert send(client, link(app, invited(app, session)), {"csat": "5"}).status_code == 303


@pytest.mark.parametrize("state", ["waiting", "sent", "claimed", "failed"])
def test_answering_calls_a_waiting_reminder_back(
    app: Flask, session: Session, client: FlaskClient, time: Time, state: str
) -> None:
    reminder = make_message(session, "wang@example.cn", kind="reminder", sent_at=None)
    if state != "waiting":
        setattr(reminder, f"{state}_at", START)
    invitation = invited(app, session, reminder_id=reminder.id, reminded_at=START)
    send(client, link(app, invitation), {"csat": "4"})
    cancelled_at = stored(session, reminder).cancelled_at
    assert cancelled_at == (START if state == "waiting" else None)


@pytest.mark.parametrize("ending", ["expired", "stopped"])
def test_what_ends_between_page_and_post_is_not_taken(
    app: Flask, session: Session, client: FlaskClient, time: Time, ending: str
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    page = client.get(path)
    if ending == "expired":
        invitation.expires_at = START
        session.commit()
    else:
        client.post(f"{path}/stop", data={"List-Unsubscribe": "One-Click"})
    answer = client.post(path, data=hidden(page.text) | {"csat": "4"})
    assert answer.status_code == 410
    assert count(session) == 0


def test_the_rule_holds_though_the_page_was_loaded_before_the_end(
    app: Flask, session: Session, time: Time
) -> None:
    """Between the look and the lock somebody may stop; the lock decides."""
    from feedback.responses.submit import Outcome, Press, Sent, submit

    invitation = invited(app, session, stopped_at=START)
    for number in (invitation.id, invitation.id + 1):
        press = Press(number, START, "a", 4)
        assert submit(session, Sent(press, [], "zh-Hans", "page"), START) is Outcome.ENDED


ODD_BODIES = [
    (b"comment=" + b"x" * 1024 * 1024, "application/x-www-form-urlencoded"),
    (b"comment=" + b"%E5%A5%BD" * 8000, "application/x-www-form-urlencoded"),
    (b"&".join(b"f%d=1" % i for i in range(30_000)), "application/x-www-form-urlencoded"),
    (b"&".join(b"f%d=1" % i for i in range(5_000)), "application/x-www-form-urlencoded"),
    (b"\x00\xff" * 100, "application/x-www-form-urlencoded; charset=gb18030"),
    (b"--b\r\n" * 1000, "multipart/form-data; boundary=b"),
    (b"nothing like it", "multipart/form-data"),
    (
        b"".join(
            b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n' % i
            for i in range(900)
        )
        + b"--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="csat"; filename="x"\r\n\r\n4\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    (b"[" * 60_000, "application/json"),
    (b"\x1f\x8b\x08\x00", "application/x-www-form-urlencoded"),
    (b"", ""),
]


def test_an_odd_body_is_refused_and_never_breaks_anything(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    app = make_app(TESTING=False)
    path = link(app, invited(app, session))
    for body, content_type in ODD_BODIES:
        for address in (path, f"{path}?lang=en"):
            answer = app.test_client().post(address, data=body, content_type=content_type)
            assert 400 <= answer.status_code < 500, body[:60]
            assert "<h1>" in answer.text
            if len(body) > 64 * 1024:
                assert answer.status_code == 413
                assert ("too long" in answer.text) is ("lang=en" in address)
    assert count(session) == 0


def test_multipart_is_as_good_as_any_form(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    given = hidden(client.get(path).text) | {"csat": "4", "comment": "好"}
    answer = client.post(path, data=given, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert said(session, invitation) == {"csat": 4, "comment": "好"}


def test_a_database_that_is_away_before_the_page_is_read_loses_nothing_either(
    app: Flask, session: Session, client: FlaskClient, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = link(app, invited(app, session))
    page = client.get(path)
    words = '都在 "<b>"\n行'
    reasons = re.findall(r'name="reasons" value="(\w+)"', page.text)[:2]
    sent = hidden(page.text) | {"csat": "2", "reasons": reasons, "comment": words}

    def fail(*given: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("the server is starting up"))

    with monkeypatch.context() as broken:
        broken.setattr(doorway, "find", fail)
        assert client.get(path).status_code == 503
        answer = client.post(path, data=sent, headers={"Accept-Language": "de"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert '<html lang="de">' in answer.text
    assert written(answer.text) == words
    assert answer.text.count('name="reasons"') == 2
    assert count(session) == 0
    sent = hidden(answer.text) | {"comment": written(answer.text), "reasons": reasons}
    assert client.post(path, data=sent).status_code == 303
    assert count(session) == 1


def test_a_write_where_only_reading_is_allowed_is_our_mistake_and_no_outage(
    app: Flask, session: Session, client: FlaskClient, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = link(app, invited(app, session))

    def fail(*given: Any) -> None:
        raise OperationalError("UPDATE", {}, Exception("attempt to write a readonly database"))

    monkeypatch.setattr(doorway, "find", fail)
    with pytest.raises(OperationalError):
        client.post(path, data={"csat": "2"})
