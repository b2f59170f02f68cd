"""The page that accounts for every interaction."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.invitations.coverage import PAGE
from feedback.invitations.issue import issue_due
from tests.conftest import START, Time
from tests.factories import make_channel, make_user, sign_in
from tests.invitations.stories import report

LONG_AGO = START - timedelta(days=200)


@pytest.fixture
def manager(client: FlaskClient, session: Session, time: Time) -> FlaskClient:
    sign_in(client, session, make_user(session, "manager"))
    return client


def test_it_shows_what_became_of_each_and_why_not(
    app: Flask, session: Session, manager: FlaskClient
) -> None:
    report(app, session, START)
    report(app, session, START, customer_email=None, external_id="NO-MAIL")
    report(app, session, START, customer_email="wangwu@", external_id="BAD-MAIL")
    issue_due(app, now=START)
    page = manager.get("/admin/coverage?lang=en").text
    assert "Invalid address" in page
    assert "NO-MAIL" in page
    assert "33.3 %" in page
    listed = manager.get("/admin/coverage?because=no_address").text
    assert "NO-MAIL" in listed
    assert "BAD-MAIL" not in listed


def test_addresses_are_shown_masked(app: Flask, session: Session, manager: FlaskClient) -> None:
    story = report(app, session, START, staff_id=None, customer_email="wangxiaoming@example.cn")
    assert story.customer_email is not None
    page = manager.get("/admin/coverage").text
    assert "wang***@example.cn" in page
    assert story.customer_email not in page


def test_it_begins_with_the_last_months_and_an_emptied_date_shows_all(
    app: Flask, session: Session, manager: FlaskClient
) -> None:
    report(app, session, LONG_AGO, customer_email=None, external_id="LONG-AGO")
    assert "LONG-AGO" not in manager.get("/admin/coverage").text
    assert "LONG-AGO" in manager.get("/admin/coverage?from=").text


def test_the_filters_are_in_the_address(app: Flask, session: Session, manager: FlaskClient) -> None:
    chat = make_channel(session, "chat").id
    report(app, session, START, customer_email=None, external_id="BY-CHAT", channel_id=chat)
    report(app, session, START, customer_email=None, external_id="BY-PHONE")
    page = manager.get("/admin/coverage?channel=chat&wave=2&by=month&from=2026-09-01&to=2026-09-30")
    assert "BY-CHAT" in page.text
    assert "BY-PHONE" not in page.text
    assert "2026-09</th>" in page.text


@pytest.mark.parametrize("query", ["wave=3", "channel=fax", "because=moon", "from=tomorrow"])
def test_a_filter_that_cannot_be_read_is_told(manager: FlaskClient, query: str) -> None:
    page = manager.get(f"/admin/coverage?{query}")
    assert page.status_code == 400
    assert query.partition("=")[2] in page.text


def test_long_lists_have_pages(app: Flask, session: Session, manager: FlaskClient) -> None:
    for number in range(PAGE + 2):
        report(app, session, START, customer_email=None, external_id=f"ROW-{number:03d}")
    first = manager.get("/admin/coverage?wave=1&lang=en").text
    assert "ROW-051" in first
    assert "ROW-001" not in first
    older = first.split('rel="next"')[0].rpartition('href="')[2].partition("#")[0]
    second = manager.get(older.replace("&amp;", "&")).text
    assert "ROW-001" in second
    assert "ROW-002" not in second


def test_without_interactions_it_says_so(manager: FlaskClient) -> None:
    page = manager.get("/admin/coverage?lang=en")
    assert page.status_code == 200
    assert "No interactions in these days." in page.text


def test_it_says_when_working_days_are_only_estimated(
    manager: FlaskClient, session: Session, time: Time
) -> None:
    address = "/admin/coverage?wave=2&lang=en"
    assert "only estimated" not in manager.get(address).text
    time.forward(days=95)
    # Nobody stays signed in that long.
    sign_in(manager, session, make_user(session, "manager"))
    assert "The working days of 2027 are only estimated" in manager.get(address).text
