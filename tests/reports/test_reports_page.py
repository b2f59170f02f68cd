"""The reports page: what it says is what scores() says and what the rows add up to."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from feedback.accounts.models import Look
from feedback.database import db
from feedback.interactions.models import Interaction
from feedback.invitations.issue import issue_due
from feedback.measures.estimate import csat, nps
from feedback.reports.figures import answers_words, interval_words, value_words
from feedback.reports.request import ScoreRequest
from feedback.reports.roll_up import roll_up
from feedback.reports.scores import scores
from feedback.responses.models import Answer, Response
from tests.conftest import START, Time
from tests.invitations.stories import report
from tests.reports.stories import RECENTLY, answered, person, reader, words

DAYS = "from=2026-06-01&to=2026-09-02&lang=en"
_LINK = re.compile(r'<a[^>]*href="(/responses\?[^"]+)"[^>]*>([^<]+)</a>')


@pytest.fixture
def manager(client: FlaskClient, session: Session, time: Time) -> FlaskClient:
    reader(client, session, "manager", None)
    return client


@pytest.fixture
def answers(session: Session, time: Time) -> None:
    """Let a small company be answered to: two teams, two channels, three months, both waves."""
    for number in range(4):
        staff = person(session, f"e-{number}", "赵钱孙李"[number], f"{'一二'[number % 2]}组")
        for month in (6, 7, 8):
            closed = datetime(2026, month, 10 + number, 2, tzinfo=UTC)
            answered(
                session, staff, [5, 4, 4, 3, 5, 1 + number], nps=[10, 9, 7, 2, None, 6],
                closed_at=closed, channel="phone" if month != 7 else "chat",
            )  # fmt: skip
            answered(session, staff, [5, 2, 4], nps=[9, None, 8], closed_at=closed, wave=2)


def links_of(page: str) -> list[tuple[str, str]]:
    """Return each address of answers on the page, with what its link says."""
    return [(address.replace("&amp;", "&"), text.strip()) for address, text in _LINK.findall(page)]


def counted_there(client: FlaskClient, address: str) -> int:
    page = client.get(address).text
    count = re.search(r'<h2 id="count">(.*?)</h2>', page)
    assert count
    return 0 if count[1] == "no answers" else int(count[1].split()[0].replace(",", ""))


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize(
    "query", ["", "&metric=nps&period=quarter", "&period=week&channel=chat", "&team=一组&wave=2"]
)
def test_every_figure_leads_to_exactly_the_answers_behind_it(
    manager: FlaskClient, session: Session, query: str
) -> None:
    links = links_of(manager.get(f"/reports?{DAYS}{query}").text)
    checked = set()
    for address, text in links:
        number = re.match(r"([\d,]+)", text)
        if number and address not in checked:
            assert counted_there(manager, address) == int(number[1].replace(",", "")), address
            checked.add(address)
    assert len(checked) >= 10


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize("rolled_up", [False, True])
@pytest.mark.parametrize(("metric", "of"), [("csat", csat), ("nps", nps)])
def test_the_page_says_what_scores_says_and_what_the_rows_say(
    app: Flask, manager: FlaskClient, session: Session, metric: str, of: Any, rolled_up: bool
) -> None:
    if rolled_up:
        roll_up(session, START)
        session.commit()
    page = words(manager.get(f"/reports?{DAYS}&metric={metric}").text)
    for wave in (1, 2):
        rows = session.execute(
            sa.select(Answer.score, sa.func.count())
            .join(Response, Response.id == Answer.response_id)
            .where(Answer.metric == metric, Response.wave == wave)
            .group_by(Answer.score)
        )
        recounted = of({row.score: row[1] for row in rows})
        with app.test_request_context("/?lang=en"):
            point = scores(
                session, ScoreRequest(metric, None, None, None, None, wave),
                zone=ZoneInfo("Asia/Shanghai"), min_group=5, sees_all=False, locale="en", now=START,
            )["groups"][0]["points"][0]  # fmt: skip
            assert (point["n"], point["value"]) == (recounted.n, round(recounted.value, 6))
            line = " · ".join(
                (
                    value_words(metric, recounted.value),
                    answers_words(recounted.n),
                    interval_words(metric, recounted.low, recounted.high),
                )
            )
        assert line in page


@pytest.mark.usefixtures("answers")
def test_the_span_before_stands_beside_as_a_figure_of_its_own(
    manager: FlaskClient, session: Session
) -> None:
    page = manager.get("/reports?from=2026-08-01&to=2026-08-31&lang=en").text
    said = words(page)
    assert "Before, 1 Jul 2026 to 31 Jul 2026: 71 % · 24 answers · 51–85 %" in said
    # A change is not claimed before it is known to be one.
    for arrow in "↑↓▲▼":
        assert arrow not in page


def test_the_funnel_adds_up_and_leads_to_what_was_withheld(
    app: Flask, manager: FlaskClient, session: Session
) -> None:
    report(app, session, START)
    report(app, session, START, customer_email=None)
    report(app, session, START, customer_email="wangwu@")
    issue_due(app, now=START)
    answered(session, person(session, "e-1", "李静"), [4] * 6)
    page = manager.get(f"/reports?{DAYS}").text
    funnel = words(page[page.index('id="funnel-heading"') : page.index('id="comments"')])
    steps = dict(re.findall(r"(Interactions|Invited|Scheduled|Withheld|Not planned) (\d+)", funnel))
    assert int(steps["Interactions"]) == sum(
        int(steps[name]) for name in ("Invited", "Scheduled", "Withheld", "Not planned")
    )
    assert steps["Withheld"] == "2"
    link = re.search(r'href="(/admin/coverage\?[^"#]+)#withheld">2<', page)
    assert link
    listed = manager.get(link[1].replace("&amp;", "&")).text
    assert "Invalid address" in listed
    assert session.scalar(sa.select(sa.func.count()).select_from(Interaction)) == 9


@pytest.mark.usefixtures("answers")
def test_the_latest_periods_are_provisional_in_words(manager: FlaskClient) -> None:
    page = manager.get(f"/reports?{DAYS}").text
    table = words(page[page.index('class="points"') : page.index("</details>")])
    assert "Aug 2026 provisional" in table
    # In the follow-up a month is not over before its last customers have been asked again.
    assert re.search(r"Jul 2026 \d+ %.*? provisional Aug 2026", table)
    assert "Jun 2026 provisional" not in table


@pytest.mark.usefixtures("answers")
def test_staff_stand_by_name_and_lead_to_their_pages(
    manager: FlaskClient, session: Session
) -> None:
    page = manager.get(f"/reports?{DAYS}").text
    section = page[page.index('id="staff"') :]
    names = re.findall(r'<a href="(/reports/staff/\d+)\?[^"]*">(.)</a>', section)
    # In the order of pinyin: Lǐ, Qián, Sūn, Zhào.
    assert [name for _address, name in names] == ["李", "钱", "孙", "赵"]
    assert manager.get(names[0][0]).status_code == 200


@pytest.mark.usefixtures("answers")
def test_whose_figures_were_seen_is_kept(manager: FlaskClient, session: Session) -> None:
    manager.get(f"/reports?{DAYS}")
    manager.get(f"/reports?{DAYS}&metric=nps")
    looks = session.scalars(sa.select(Look)).all()
    assert len({look.staff_id for look in looks}) == len(looks) == 4
    assert {look.page for look in looks} == {"reports"}


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("channel=fax", "“fax” is not taken: Channel names nothing there is."),
        ("metric=ucsat", "“ucsat” is not taken: Figure is one of csat, nps, ces."),
        ("period=day", "“day” is not taken: Period is one of week, month, quarter."),
        ("from=2026-09-03", "“2026-09-03” is not taken: From is after the end."),
        ("to=soon&channel=<b>", "“soon” is not taken: To is a date such as 2026-09-02."),
    ],
)
def test_bad_filters_are_named_and_the_page_stays_usable(
    manager: FlaskClient, query: str, said: str
) -> None:
    answer = manager.get(f"/reports?lang=en&{query}")
    assert answer.status_code == 400
    page = words(answer.text)
    assert said in page
    assert "72 answers" in page
    assert "<b>" not in answer.text


def test_without_answers_nothing_is_zero(manager: FlaskClient) -> None:
    page = words(manager.get(f"/reports?{DAYS}").text)
    assert page.count("no answers") >= 4
    assert "0 %" not in page.replace("100 %", "")
    assert "No answers in these days." in page


def test_where_history_came_in_the_page_leads_to_it(manager: FlaskClient, session: Session) -> None:
    answered(session, person(session, "e-1", "李静"), [4] * 9, closed_at=RECENTLY - timedelta(1500))
    page = manager.get("/reports?lang=en").text
    link = re.search(r'<a href="([^"]+)">Show the twelve months up to then', page)
    assert link
    assert "9 answers" in manager.get(link[1].replace("&amp;", "&")).text


def test_a_few_answers_in_all_are_counted_and_not_shown(
    manager: FlaskClient, session: Session
) -> None:
    answered(session, person(session, "e-1", "李静"), [4] * 3, comments=["secret"] * 3)
    page = manager.get(f"/reports?{DAYS}").text
    said = words(page)
    assert "3 answers" not in said
    assert "too few answers to show" in said
    assert "secret" not in said
    # That they came is no secret, and the chart says that it may not show them.
    assert "Answers from another system 3" in said
    assert 'alt="CSAT: too few answers to show."' in page


def test_how_many_answered_about_a_few_people_is_not_told(
    manager: FlaskClient, session: Session
) -> None:
    answered(session, person(session, "e-1", "李静"), [4] * 3)
    for asked in ("staff=e-1", "team=客服一组"):
        page = words(manager.get(f"/reports?{DAYS}&{asked}").text)
        assert "Answered too few answers to show" in page
        assert "Answers from another system too few answers to show" in page


@contextmanager
def queries_of(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_more_people_make_no_more_queries(
    app: Flask, manager: FlaskClient, session: Session
) -> None:
    numbers = []
    for size in (3, 24):
        for number in range(size):
            answered(session, person(session, f"e-{number}", f"成员{number}"), [4] * 5)
        roll_up(session, START + timedelta(hours=1))
        session.commit()
        manager.get(f"/reports?{DAYS}")
        with queries_of(app) as statements:
            assert manager.get(f"/reports?{DAYS}").status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]
    assert numbers[1] < 140


def test_a_company_of_hundreds_is_listed_in_part_with_the_way_to_all(
    manager: FlaskClient, session: Session
) -> None:
    for number in range(105):
        answered(session, person(session, f"e-{number:03d}", f"成员{number:03d}"), [4])
    page = manager.get(f"/reports?{DAYS}").text
    assert "100 of 105 are listed" in page
    link = re.search(r'<a href="([^"]+)#staff">show everybody', page)
    assert link
    assert "are listed" not in manager.get(link[1].replace("&amp;", "&")).text


@pytest.mark.usefixtures("answers")
def test_the_figures_stand_before_how_the_answers_came_about(manager: FlaskClient) -> None:
    page = manager.get(f"/reports?{DAYS}").text
    named = re.findall(r'<section class="stack" id="(\w+)"', page)
    assert named == [
        one for one in ("trend", "channels", "staff", "pairs", "funnel", "comments") if one in named
    ]
    assert re.findall(r'<li><a href="#(\w+)">', page) == named
