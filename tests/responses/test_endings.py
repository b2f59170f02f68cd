"""Links that take no answer: each kind has its own page, and none tells what is not its own."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.invitations.models import Invitation
from feedback.links import survey_token
from feedback.organisation import Organisation
from feedback.surveys.models import Survey
from tests.conftest import START, Time
from tests.responses.stories import invited, link, looking, send


def make_organisation(session: Session) -> None:
    names = {"name_en": "Blue River", "name_zh": "蓝河家居", "contact": "care@example.cn"}
    session.add(Organisation(id=1, created_at=START, **names))
    session.commit()


def forged(app: Flask, invitation: Invitation) -> list[str]:
    """Return tokens nobody here has made: mutated, of another purpose, by another key, or junk."""
    token = link(app, invitation).removeprefix("/s/")
    with app.app_context():
        other_purpose = URLSafeSerializer(app.config["SECRET_KEY"], salt="page").dumps(1)
    other_key = URLSafeSerializer("another key", salt="survey").dumps(1)
    return [
        token[:-1], f"{token}A", f"{token}=", token.swapcase(), token[::-1], "." + token,
        f"{token[:-2]}{'A' if token[-2] != 'A' else 'B'}{token[-1]}",
        str(other_purpose), str(other_key), "x", "1", "%00", "%FF", "%ED%A0%80", "%F0%9F%98%80",
        "a" * 3000, "MQ", "MQ.", "..", "null", "-", "%3Cscript%3E", "%20", "%0d%0aX-A:b",
    ]  # fmt: skip


def test_every_forged_link_gets_the_same_page_without_a_question_to_the_database(
    app: Flask, session: Session, time: Time
) -> None:
    make_organisation(session)
    invitation = invited(app, session)
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    tokens = forged(app, invitation)
    event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    pages = set()
    for token in tokens:
        for method, rest in (("GET", ""), ("POST", ""), ("GET", "/thanks"), ("GET", "/stop")):
            # Each try from a network of its own, so that none is slowed down.
            where = {"REMOTE_ADDR": f"10.{tokens.index(token)}.{len(method)}{len(rest)}.1"}
            answer = app.test_client().open(
                f"/s/{token}{rest}", method=method, environ_base=where, data={"csat": "4"}
            )
            assert answer.status_code == 404, token
            pages.add(answer.text)
    assert len(pages) == 1
    assert asked == []


def test_no_one_character_change_of_a_link_opens_anything(
    app: Flask, session: Session, time: Time
) -> None:
    from feedback.links import BadLink, read_survey_token

    token = link(app, invited(app, session)).removeprefix("/s/")
    alphabet = "ABCXYZabcxyz0189-_.~ "
    with app.app_context():
        for place in range(len(token)):
            for character in alphabet:
                changed = token[:place] + character + token[place + 1 :]
                if changed != token:
                    with pytest.raises(BadLink):
                        read_survey_token(changed)
        assert read_survey_token(token)


def test_a_page_for_a_link_that_is_not_valid_names_nobody(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    make_organisation(session)
    invited(app, session)
    page = client.get("/s/nothing", headers={"Accept-Language": "zh-CN"})
    assert "链接无效" in page.text
    assert "蓝河家居" not in page.text
    english = client.get("/s/nothing", headers={"Accept-Language": "en-GB"})
    assert "This link is not valid" in english.text


def test_an_expired_link_says_since_when_and_how_to_reach_us(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    make_organisation(session)
    invitation = invited(app, session, expires_at=START)
    page = client.get(link(app, invitation))
    assert page.status_code == 410
    for words in ("链接已过期", "2026年9月2日 10:00", "care@example.cn"):
        assert words in page.text
    assert client.get(f"{link(app, invitation)}/thanks").status_code == 303


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 410), (1, 410)])
def test_a_link_expires_at_its_moment(
    app: Flask, session: Session, client: FlaskClient, time: Time, seconds: int, status: int
) -> None:
    invitation = invited(app, session, expires_at=START + timedelta(days=21))
    time.forward(days=21, seconds=seconds)
    assert client.get(link(app, invitation)).status_code == status


@pytest.mark.parametrize("why", ["scheduled", "withheld", "gone", "retired"])
def test_a_closed_survey_has_words_of_its_own(
    app: Flask, session: Session, client: FlaskClient, time: Time, why: str
) -> None:
    make_organisation(session)
    more: dict[str, object] = {}
    if why in ("scheduled", "withheld"):
        more = {"issued_at": None}
    if why == "withheld":
        more |= {"withheld_at": START, "withheld_because": "suppressed"}
    path = link(app, invited(app, session, **more))
    if why == "gone":
        session.execute(sa.delete(Invitation))
    if why == "retired":
        session.execute(sa.update(Survey).values(retired_at=START))
    session.commit()
    for method in ("GET", "POST"):
        page = client.open(path, method=method)
        assert page.status_code == 410
        assert "本次调查已结束" in page.text
    assert client.get(f"{path}/stop").status_code == (410 if why == "gone" else 200)


def test_a_survey_with_a_newer_version_still_takes_answers_to_the_old_one(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    session.execute(sa.update(Survey).where(Survey.key == "after").values(retired_at=START))
    session.add(Survey(key="after", version=2, published_at=START))
    session.commit()
    assert send(client, path, {"csat": "4"}).status_code == 303


def test_an_answered_link_says_when_and_not_what(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    make_organisation(session)
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, {"csat": "2", "reasons": "slow", "comment": "只给你们看"})
    time.forward(hours=2)
    for address in (path, f"{path}?csat=5", f"{path}/thanks"):
        page = client.get(address)
        assert page.status_code == 200
        assert "2026年9月2日 10:00" in page.text
        assert invitation.interaction.external_id in page.text
        for secret in ("只给你们看", "不满意", "响应慢"):
            assert secret not in page.text
    assert "您已于2026年9月2日 10:00完成评价" in client.get(path).text
    assert f"{path}?change=1" in client.get(path).text


def test_the_four_kinds_of_links_have_four_pages(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    answered = invited(app, session)
    send(client, link(app, answered), {"csat": "4"})
    paths = {
        "/s/nothing": 404,
        link(app, invited(app, session, expires_at=START)): 410,
        link(app, invited(app, session, issued_at=None)): 410,
        link(app, answered): 200,
    }
    pages = {path: client.get(path) for path in paths}
    assert {path: page.status_code for path, page in pages.items()} == paths
    headings = {re.search(r"<h1>(.*?)</h1>", page.text, re.S).group(1) for page in pages.values()}  # type: ignore[union-attr]
    assert len(headings) == 4


def test_the_thanks_promise_only_what_is_done(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    make_organisation(session)
    first = invited(app, session)
    path = link(app, first)
    send(client, path, {"csat": "1"})
    again = "再问您一次"
    assert again not in client.get(f"{path}/thanks").text
    second = invited(
        app, session, interaction=first.interaction, wave=2, issued_at=None, message_id=None
    )
    page = client.get(f"{path}/thanks").text
    assert again in page
    assert "care@example.cn" in page
    assert "回电" not in page
    with looking(session):
        pass
    second.withheld_at, second.withheld_because = START, "suppressed"
    session.commit()
    assert again not in client.get(f"{path}/thanks").text


def test_guessing_is_slowed_down_and_a_valid_link_never_is(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    app = make_app()
    path = link(app, invited(app, session))
    client = app.test_client()
    statuses = [client.get(f"/s/guess{number}").status_code for number in range(40)]
    assert statuses == [404] * 30 + [429] * 10
    slowed = client.get("/s/guess", headers={"Accept-Language": "en"})
    assert slowed.headers["Retry-After"] == "60"
    assert "Too many tries" in slowed.text
    assert client.get(path).status_code == 200
    assert send(client, path, {"csat": "4"}).status_code == 303
    neighbour, stranger = {"REMOTE_ADDR": "127.0.0.200"}, {"REMOTE_ADDR": "10.0.0.1"}
    assert client.get("/s/x", environ_base=neighbour).status_code == 429
    assert client.get("/s/x", environ_base=stranger).status_code == 404
    time.forward(seconds=61)
    assert client.get("/s/guess").status_code == 404


def test_a_link_made_with_an_older_key_opens(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    older = make_app(SECRET_KEY="an-older-secret")
    invitation = invited(older, session)
    old = link(older, invitation)
    newer = make_app(SECRET_KEY="a-newer-secret", SECRET_KEY_FALLBACKS="a-third,an-older-secret")
    client = newer.test_client()
    assert client.get(old).status_code == 200
    assert send(client, old, {"csat": "4"}).status_code == 303
    with newer.app_context():
        assert f"/s/{survey_token(invitation.id)}" != old


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_for_customers(
    app: Flask, session: Session, client: FlaskClient, time: Time, method: str
) -> None:
    path = link(app, invited(app, session))
    assert client.open(path, method=method).status_code == 405
