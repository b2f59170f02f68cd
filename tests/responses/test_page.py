"""The survey as it is opened: it shows what it must, works on any phone, and writes nothing."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from feedback import tables
from feedback.database import db
from feedback.organisation import Organisation
from feedback.surveys.models import Survey, SurveyText
from tests.conftest import START, Time
from tests.factories import make_interaction, make_staff, make_user, sign_in
from tests.responses.stories import checked, hidden, invited, link, send


def make_organisation(session: Session, **values: object) -> None:
    values = {"contact": "care@example.cn", "is_demo": False} | values
    session.add(
        Organisation(id=1, name_en="Blue River", name_zh="蓝河家居", created_at=START, **values)
    )
    session.commit()


def everything(session: Session) -> dict[str, list[tuple[object, ...]]]:
    session.rollback()
    return {
        table.name: [tuple(row) for row in session.execute(sa.select(table).order_by(*table.c))]
        for table in tables.metadata.sorted_tables
    }


def test_opening_changes_nothing_however_often_and_by_whatever_method(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    before = everything(session)
    for query in ("", "?csat=1", "?csat=2", "?csat=3", "?csat=4", "?csat=5", "?nps=9", "?change=1"):
        for address in (path, f"{path}/thanks", f"{path}/stop"):
            for method in ("GET", "HEAD", "GET", "OPTIONS"):
                assert client.open(address + query, method=method).status_code < 400
    assert everything(session) == before


@pytest.mark.parametrize("kind", ["answered", "expired", "stopped"])
def test_opening_what_takes_no_answer_changes_nothing_either(
    app: Flask, session: Session, client: FlaskClient, time: Time, kind: str
) -> None:
    at = START - timedelta(days=30) if kind == "expired" else START
    path = link(app, invited(app, session, at=at))
    if kind == "answered":
        send(client, path, {"csat": "4"})
    if kind == "stopped":
        client.post(f"{path}/stop", data={"how": "stop"})
    before = everything(session)
    for address in (path, f"{path}?change=1", f"{path}/thanks", f"{path}/stop"):
        for method in ("GET", "HEAD"):
            client.open(address, method=method)
    assert everything(session) == before


def test_nothing_is_chosen_unless_the_address_says_so(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    assert checked(client.get(path).text) == set()
    assert checked(client.get(f"{path}?csat=4").text) == {("csat", "4")}
    assert checked(client.get(f"{path}?csat=2&nps=9").text) == {("csat", "2"), ("nps", "9")}
    assert checked(client.get(f"{path}?nps=10").text) == {("nps", "10")}


def test_a_bad_choice_in_the_address_is_ignored(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    for query in (
        "csat=0", "csat=6", "csat=", "csat=+4", "csat=04", "csat=%D9%A3", "csat=4.0", "nps=11",
        "nps=-1", "csat=<script>", "ces=4", "comment=4", "nonsense", "csat[]=4", "csat=%00",
        "csat=" + "9" * 5000, "reasons=nothing", "csat=%C0%AF",
    ):  # fmt: skip
        page = client.get(f"{path}?{query}")
        assert page.status_code == 200, query
        assert checked(page.text) == set(), query


def test_questions_come_in_their_order(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    def order(page: str) -> list[str]:
        names = re.findall(r'<(?:input type="(?:radio|checkbox)"|textarea)[^>]* name="(\w+)"', page)
        return list(dict.fromkeys(names))

    first = client.get(link(app, invited(app, session))).text
    assert order(first) == ["csat", "nps", "reasons", "comment"]
    second = client.get(link(app, invited(app, session, wave=2))).text
    assert order(second) == ["solved", "csat", "nps", "comment"]
    assert first.index("</textarea>") < first.index("<summary>") < first.index("<button>")
    assert re.findall(r'name="csat" value="(\d)"', first) == ["5", "4", "3", "2", "1"]
    assert re.findall(r'name="nps" value="(\d+)"', first) == [str(n) for n in range(11)]


def test_the_page_says_which_contact_it_is_about_and_to_whom_it_was_sent(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    staff = make_staff(session, "e-7", name="李静")
    interaction = make_interaction(
        session, subject="退款 see https://evil.example/x now", staff_id=staff.id
    )
    page = client.get(link(app, invited(app, session, interaction=interaction))).text
    for word in ("2026年9月2日", "电话", "李静为您服务", "退款", "王**"):
        assert word in page
    for word in ("王伟", "wangwei", "evil.example"):
        assert word not in page


def test_somebody_without_a_name_is_told_the_masked_address(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    interaction = make_interaction(
        session, customer_name="", customer_email="chenjie@example.cn", staff_id=None, team_id=None
    )
    page = client.get(link(app, invited(app, session, interaction=interaction))).text
    assert "chen***@example.cn" in page
    assert "chenjie" not in page


def test_the_privacy_line_names_who_handles_it_how_long_and_how_to_reach_them(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    app = make_app(RETENTION_MONTHS=7)
    make_organisation(session)
    page = app.test_client().get(link(app, invited(app, session))).text
    notice = page[page.index('<details class="privacy">') :]
    for word in ("蓝河家居", "care@example.cn", "7个月", "查阅、更正、删除"):
        assert word in notice
    assert "<details open" not in page


@pytest.mark.parametrize("is_demo", [True, False])
def test_demo_data_says_so_on_every_page(
    app: Flask, session: Session, client: FlaskClient, time: Time, is_demo: bool
) -> None:
    make_organisation(session, is_demo=is_demo)
    path = link(app, invited(app, session))
    for address in (path, f"{path}/stop"):
        assert ("演示数据" in client.get(address).text) is is_demo


def test_the_page_speaks_the_customers_language(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    english = link(
        app, invited(app, session, interaction=make_interaction(session, customer_locale="en"))
    )
    unknown = link(app, invited(app, session))
    browser = {"Accept-Language": "zh-CN"}
    assert '<html lang="en">' in client.get(english, headers=browser).text
    assert "How did it go?" in client.get(english, headers=browser).text
    # A browser's language is not the customer's: shops and hotels have their guests use theirs.
    assert '<html lang="zh-Hans">' in client.get(unknown, headers={"Accept-Language": "en"}).text
    assert '<html lang="en">' in client.get(f"{unknown}?lang=en").text
    assert '<html lang="zh-Hans">' in client.get(f"{english}?lang=zh").text


def test_the_organisations_language_is_the_last_word(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    app = make_app(DEFAULT_LOCALE="en")
    page = app.test_client().get(link(app, invited(app, session))).text
    assert '<html lang="en">' in page


def test_switching_the_language_keeps_what_is_chosen(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    page = client.get(f"{link(app, invited(app, session))}?csat=4&nps=9").text
    (address,) = re.findall(r'class="language" href="([^"]+)"', page)
    other = client.get(address.replace("&amp;", "&"))
    assert '<html lang="en">' in other.text
    assert checked(other.text) == {("csat", "4"), ("nps", "9")}
    assert re.search(r'<form method="post" action="[^"]+\?lang=en"', other.text)


def test_the_language_stays_from_the_page_to_the_thanks(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    page = client.get(f"{path}?lang=en")
    (action,) = re.findall(r'<form method="post" action="([^"]+)"', page.text)
    answer = client.post(action, data=hidden(page.text) | {"csat": "4"})
    assert answer.location == f"{path}/thanks?lang=en"


def test_headers_keep_the_link_to_the_reader(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    answered = send(client, path, {"csat": "5"})
    pages = [client.get(path), client.get(f"{path}/thanks"), client.get(f"{path}/stop"), answered]
    for page in [*pages, client.get("/s/nothing")]:
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in page.headers["Cache-Control"]
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert "Set-Cookie" not in page.headers


def test_the_page_and_its_style_are_small_and_ask_one_host_only(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    make_organisation(session, is_demo=True)
    page = client.get(f"{link(app, invited(app, session))}?csat=2&lang=en")
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert files == ["/static/mark.svg", "/static/survey.css"]
    style = client.get("/static/survey.css")
    assert len(page.data) + len(style.data) < 15 * 1024
    assert not re.search(r'(?:href|src|action)="(?:https?:)?//', page.text)
    assert "<script" not in page.text
    style.close()


def test_style_and_colours_are_those_of_the_house() -> None:
    from tests.test_look import ROOT, STYLE

    def blocks(text: str) -> list[dict[str, str]]:
        found = re.findall(r":root \{(.*?)\}", text, flags=re.S)
        return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in found]

    ours = blocks((ROOT / "static" / "survey.css").read_text(encoding="utf-8"))
    house = blocks(STYLE)
    assert len(ours) == 2
    for mine, theirs in zip(ours, house[:2], strict=True):
        assert mine.items() <= theirs.items()


def test_groups_have_their_legends_and_the_ends_of_a_scale_are_said_in_it(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    page = client.get(f"{link(app, invited(app, session))}?lang=en").text
    assert page.count("<fieldset") == page.count("<legend>") == 4
    legend = re.search(r"<legend>How likely.*?</legend>", page, flags=re.S)
    assert legend
    assert "0: Not at all likely" in legend.group()
    assert "10: Extremely likely" in legend.group()
    assert '<label for="comment">' in page
    assert len(re.findall(r"\bid=\"", page)) == len(set(re.findall(r'\bid="([^"]+)"', page)))


def test_a_link_is_looked_up_by_one_query(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    client.get(path)
    said: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    client.get(path)
    reads = [statement for statement in said if statement.startswith("SELECT")]
    assert sum("FROM invitation" in statement for statement in reads) == 1
    # The others ask who we are and what we say of privacy; the survey was read for the first page.
    assert len(reads) == 3


def test_a_survey_that_is_still_being_written_is_read_afresh(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    session.execute(sa.update(Survey).values(published_at=None))
    session.commit()
    client.get(path)
    session.execute(sa.update(SurveyText).values(title="另一个题目"))
    session.commit()
    assert "另一个题目" in client.get(path).text


def test_somebody_rated_sees_a_note_and_others_none(
    app: Flask, session: Session, time: Time
) -> None:
    path = link(app, invited(app, session))
    for role, noted in (("staff", True), ("lead", True), ("manager", False), (None, False)):
        client = app.test_client()
        if role:
            sign_in(client, session, make_user(session, role), START)
        page = client.get(path)
        assert ("notice wait" in page.text) is noted, role
        assert "Set-Cookie" not in page.headers
