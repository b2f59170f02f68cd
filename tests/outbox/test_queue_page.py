"""The administrator's page of the queue."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback import links
from feedback.outbox.beat import beat
from feedback.outbox.claim import HELD
from feedback.outbox.models import Message
from feedback.outbox.queue import PAGE
from feedback.outbox.suppress import suppress
from tests.conftest import START, Time
from tests.factories import make_user, sign_in
from tests.outbox.letters import look, make_message

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def admin(client: FlaskClient, session: Session, time: Time) -> FlaskClient:
    sign_in(client, session, make_user(session, "admin"))
    return client


def message(session: Session, recipient: str = "", **values: object) -> Message:
    values = {"created_at": START, "send_after": START} | values
    return make_message(session, recipient, **values)


def press(client: FlaskClient, page: str, action: str) -> str:
    """Press the button with this action on a page, with the form's own token; return the answer."""
    text = client.get(page).text
    form = next(form for form in text.split("<form")[1:] if f'action="{action}' in form)
    found = re.search(r'action="([^"]+)"', form)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert found is not None
    assert token is not None
    address = found.group(1).replace("&amp;", "&")
    answer = client.post(address, data={"csrf_token": token.group(1)}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_it_shows_each_message_with_its_state_and_the_servers_words(
    session: Session, admin: FlaskClient
) -> None:
    message(session, "wangxiaoming@qq.com", failed_at=START, server_reply="550 5.7.1 <No> & never")
    message(session, "li@163.com", kind="follow_up", attempts=2, server_reply="451 4.7.1 Later")
    page = admin.get("/admin/queue?lang=en").text
    assert "wang***@qq.com" in page
    assert "wangxiaoming" not in page
    assert "550 5.7.1 &lt;No&gt; &amp; never" in page
    assert "451 4.7.1 Later" in page
    assert ">Given up</span>" in page
    assert ">Waiting</span>" in page
    assert "Follow-up" in page


def test_the_servers_words_do_not_give_the_address_away(
    session: Session, admin: FlaskClient
) -> None:
    words = "550 5.1.1 <WangXiaoming@qq.com>: user unknown"
    message(session, "wangxiaoming@qq.com", failed_at=START, server_reply=words)
    page = admin.get("/admin/queue?lang=en").text
    assert "550 5.1.1 &lt;Wang***@qq.com&gt;: user unknown" in page
    assert "xiaoming" not in page.lower()


def test_it_never_shows_a_link_or_a_word_to_a_customer(
    app: Flask, session: Session, admin: FlaskClient
) -> None:
    message(session, token_for=1, subject="您的评价", text="秘密的话 0TOKEN0", html="秘密的话")
    page = admin.get("/admin/queue").text
    with app.app_context():
        assert links.survey_token(1) not in page
    assert "秘密的话" not in page
    assert "/s/" not in page


def test_it_counts(session: Session, admin: FlaskClient) -> None:
    for _number in range(3):
        message(session, sent_at=START - MINUTE)
    # Yesterday, by the organisation's clock: it is ten in the morning there.
    message(session, sent_at=START - timedelta(hours=10, minutes=1))
    message(session, failed_at=START)
    page = admin.get("/admin/queue?lang=en").text
    figures = dict(
        re.findall(r'figure-label">([^<]+)</p>\s*<p class="figure-value">(?:<a [^>]*>)?(\d+)', page)
    )
    assert figures == {
        "Waiting": "0",
        "Uncertain": "0",
        "Came back": "0",
        "Given up": "1",
        "Sent today": "3",
        "Cancelled": "0",
        "Perhaps arrived twice": "0",
    }


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", {"a***", "b***", "c***", "d***", "e***"}),
        ("state=waiting", {"a***"}),
        ("state=failed", {"b***"}),
        ("state=sent", {"c***", "e***"}),
        ("state=uncertain", {"d***"}),
        ("kind=reminder", {"b***"}),
        ("domain=QQ.com", {"c***"}),
        ("domain=%40qq.com&state=failed", set()),
        ("repeated=1", {"e***"}),
        ("domain=%25", set()),
    ],
)
def test_its_filters_are_in_the_address(
    session: Session, admin: FlaskClient, query: str, seen: set[str]
) -> None:
    message(session, "aa@x.cn")
    message(session, "bb@x.cn", failed_at=START, kind="reminder")
    message(session, "cc@qq.com", sent_at=START)
    message(session, "dd@x.cn", dot_sent_at=START, send_after=HELD)
    message(session, "ee@x.cn", dot_sent_at=START - DAY, claimed_at=START, sent_at=START)
    page = admin.get(f"/admin/queue?{query}").text
    assert set(re.findall(r'scope="row">(\w\*\*\*)@', page)) == seen


@pytest.mark.parametrize("query", ["state=lost", "kind=parcel"])
def test_a_filter_that_cannot_be_read_is_told(admin: FlaskClient, query: str) -> None:
    page = admin.get(f"/admin/queue?{query}")
    assert page.status_code == 400
    assert query.partition("=")[2] in page.text


def test_long_lists_have_pages_that_keep_the_filters(session: Session, admin: FlaskClient) -> None:
    for number in range(PAGE + 2):
        message(session, f"{number:03d}x@qq.com", failed_at=START)
    first = admin.get("/admin/queue?state=failed&domain=qq.com").text
    assert first.count('scope="row">') == PAGE
    older = first.split('rel="next"')[0].rpartition('href="')[2].partition("#")[0]
    second = admin.get(older.replace("&amp;", "&")).text
    assert re.findall(r'scope="row">(\d+)', second) == ["001", "000"]
    assert "state=failed" in older


def test_an_administrator_sends_again_what_was_given_up_and_stays_where_they_were(
    session: Session, admin: FlaskClient, time: Time
) -> None:
    failed = message(session, failed_at=START - DAY, attempts=5)
    page = press(admin, "/admin/queue?state=failed&lang=en", f"/admin/queue/{failed.id}/again")
    assert "goes out with the worker" in page
    assert '<option value="failed" selected>' in page
    found = look(session, failed)
    assert (found.failed_at, found.attempts, found.send_after) == (None, 0, START)


def test_an_administrator_cancels_what_waits(session: Session, admin: FlaskClient) -> None:
    waiting = message(session)
    page = press(admin, "/admin/queue?lang=en", f"/admin/queue/{waiting.id}/cancel")
    assert "It is cancelled." in page
    assert "Cancelled by hand" in page
    assert look(session, waiting).cancelled_at == START


def test_what_is_being_sent_meanwhile_is_not_changed(session: Session, admin: FlaskClient) -> None:
    waiting = message(session)
    text = admin.get("/admin/queue").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert token is not None
    waiting.claimed_at, waiting.claimed_by = START, "worker"
    session.commit()
    answer = admin.post(
        f"/admin/queue/{waiting.id}/cancel?lang=en",
        data={"csrf_token": token.group(1)},
        follow_redirects=True,
    )
    assert "Nothing was changed" in answer.text
    assert look(session, waiting).cancelled_at is None
    assert f"/admin/queue/{waiting.id}/cancel" not in admin.get("/admin/queue").text


def test_a_button_without_its_forms_token_does_nothing(
    session: Session, admin: FlaskClient
) -> None:
    waiting = message(session)
    assert admin.post(f"/admin/queue/{waiting.id}/cancel").status_code == 400
    assert look(session, waiting).cancelled_at is None


def test_a_message_that_is_not_there_is_not_there(admin: FlaskClient, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert admin.post("/admin/queue/4711/cancel").status_code == 404


def test_it_says_when_no_worker_works(app: Flask, admin: FlaskClient, time: Time) -> None:
    assert "No worker has shown itself yet" in admin.get("/admin/queue?lang=en").text
    beat(app, "one", START)
    assert "No worker" not in admin.get("/admin/queue?lang=en").text
    time.forward(minutes=6)
    page = admin.get("/admin/queue?lang=en").text
    assert "No worker has shown itself since 2 Sep 2026, 10:00" in page


def test_it_says_when_mail_does_not_move_and_with_which_words(
    session: Session, admin: FlaskClient, time: Time
) -> None:
    message(session, server_reply="[Errno 111] Connection refused")
    assert "has been waiting" not in admin.get("/admin/queue?lang=en").text
    time.forward(minutes=6)
    page = admin.get("/admin/queue?lang=en").text
    assert "Mail has been waiting since 2 Sep 2026, 10:00." in page
    assert "<q>[Errno 111] Connection refused</q>" in page


def test_it_explains_what_is_uncertain_and_asks_for_a_decision(
    session: Session, admin: FlaskClient
) -> None:
    message(session, dot_sent_at=START, send_after=HELD)
    page = admin.get("/admin/queue?lang=en").text
    assert "did not say whether it takes it" in page
    assert "You decide" in page
    assert "Send again" in page
    assert "9000" not in page


def test_it_says_where_mail_goes(
    admin: FlaskClient, app: Flask, session: Session, time: Time
) -> None:
    assert "None is set (MAIL_SERVER)" in admin.get("/admin/queue?lang=en").text
    app.config |= {
        "MAIL_SERVER": "smtp.example.cn",
        "MAIL_PORT": 587,
        "MAIL_USE_TLS": True,
        "MAIL_USERNAME": "care",
        "MAIL_PASSWORD": "hunter2",
    }
    page = admin.get("/admin/queue?lang=en").text
    assert "smtp.example.cn:587 · STARTTLS · signed in as care" in page
    assert "hunter2" not in page


def test_it_counts_whom_we_do_not_write_to_without_saying_who(
    session: Session, admin: FlaskClient
) -> None:
    assert "Only a digest" in admin.get("/admin/queue?lang=en").text
    suppress(session, "f" * 64, "unsubscribed", START)
    suppress(session, "e" * 64, "refused", START)
    session.commit()
    page = admin.get("/admin/queue?lang=en").text
    assert "Unsubscribed</th>" in page
    assert "no such mailbox</th>" in page
    assert "f" * 64 not in page


def test_it_is_all_in_chinese_too(session: Session, admin: FlaskClient, time: Time) -> None:
    message(session, failed_at=START)
    message(session, dot_sent_at=START, send_after=HELD)
    message(session, cancelled_at=START, server_reply="expired")
    suppress(session, "f" * 64, "unsubscribed", START)
    session.commit()
    page = admin.get("/admin/queue?lang=zh").text
    for words in ("已放弃", "结果不明", "由您决定", "发出前链接已过期", "立即重试", "已退订"):
        assert words in page
    body = re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("</main")[0])
    assert not re.findall(r"\b(?:Waiting|Sent|Given|Cancel|Worker|State)\b", body)
