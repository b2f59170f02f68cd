"""The audit log as a page and as a file: filtered, paged, and checked on demand."""

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.audit import About, Actor, changes, note
from feedback.accounts.audit_list import PAGE
from feedback.accounts.audit_words import ACTIONS
from feedback.put_back import _without_triggers
from tests.conftest import START, Time
from tests.factories import make_user, sign_in
from tests.test_audit_matrix import USES


@pytest.fixture
def page(client: FlaskClient, app: Flask, session: Session, time: Time) -> FlaskClient:
    """Somebody's week: a role, a team and a key, on three days."""
    with app.app_context():
        for day, (who, action, about, details) in enumerate((
            ("ada@example.cn", "user.role_changed", About("user", 7, "li@example.cn"),
             changes({"role": "staff"}, {"role": "analyst"})),
            ("bob@example.cn", "touchpoint.changed", About("touchpoint", 3, "100%_电话"),
             changes({"delay": 0}, {"delay": 30})),
            ("ada@example.cn", "key.made", About("key", 1, "<b>crm</b>"), {"scopes": ["a", "b"]}),
        )):  # fmt: skip
            note(
                session, START + timedelta(days=day), Actor("user", who, 1), action, about, details
            )
    sign_in(client, session, make_user(session, "admin"))
    return client


def rows(client: FlaskClient, query: str) -> list[str]:
    answer = client.get(f"/admin/audit?lang=en&{query}")
    assert answer.status_code == 200
    words = {"Role changed", "Touchpoint changed", "API key made"}
    return [
        part.split("<")[0]
        for part in answer.text.split('<th scope="row">')
        if part.split("<")[0] in words
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["API key made", "Touchpoint changed", "Role changed"]),
        ("who=ADA", ["API key made", "Role changed"]),
        ("action=key.made", ["API key made"]),
        ("about=user:7", ["Role changed"]),
        ("about=%25_", ["Touchpoint changed"]),
        ("about=电话&who=bob", ["Touchpoint changed"]),
        ("from=2026-09-03", ["API key made", "Touchpoint changed"]),
        ("from=2026-09-03&to=2026-09-03", ["Touchpoint changed"]),
        ("who=nobody", []),
        ("before=3", ["Touchpoint changed", "Role changed"]),
    ],
)
def test_entries_are_found_by_who_what_about_and_day(
    query: str, found: list[str], page: FlaskClient
) -> None:
    assert rows(page, query) == found


def test_what_was_and_has_become_is_said_and_names_are_only_text(page: FlaskClient) -> None:
    text = page.get("/admin/audit?lang=en").text
    assert "staff → analyst" in text
    assert "0 → 30" in text
    assert "&lt;b&gt;crm&lt;/b&gt;" in text


@pytest.mark.parametrize("query", ["from=x", "to=2026-02-30", "from=2026-09-03&to=2026-09-02"])
def test_days_that_are_none_are_said_so(query: str, page: FlaskClient) -> None:
    for address in ("/admin/audit", "/admin/audit/log.csv"):
        answer = page.get(f"{address}?lang=en&{query}")
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text


def test_a_long_log_has_pages(page: FlaskClient, app: Flask, session: Session) -> None:
    with app.app_context():
        for _ in range(PAGE):
            note(session, START, Actor("worker", "worker"), "key.made", About("key"))
        session.commit()
    first = page.get("/admin/audit?lang=en&action=key.made").text
    assert first.count('scope="row">API key made<') == PAGE
    assert "before=4" in first
    second = page.get("/admin/audit?lang=en&action=key.made&before=4").text
    assert second.count("No. ") == 1


def test_it_is_checked_when_asked(page: FlaskClient, session: Session) -> None:
    assert "0 breaks" not in page.get("/admin/audit?lang=en").text
    assert "3 entries, 0 breaks" in page.get("/admin/audit?lang=en&check=1").text
    with _without_triggers(session.connection()):
        session.execute(sa.text("UPDATE audit_entry SET actor_name = 'x' WHERE number = 2"))
    session.commit()
    assert "Entry 2 does not say" in page.get("/admin/audit?lang=en&check=1").text


def test_the_file_has_what_is_asked_for_and_whoever_takes_it_is_noted(page: FlaskClient) -> None:
    answer = page.get("/admin/audit/log.csv?who=ada")
    assert answer.mimetype == "text/csv"
    found = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert [row["number"] for row in found] == ["3", "1"]
    assert found[1]["at"] == "2026-09-02T02:00:00.000000+00:00"
    assert found[1]["details"] == '{"role":{"after":"analyst","before":"staff"}}'
    assert "Data taken out" in page.get("/admin/audit?lang=en").text


def test_everything_that_is_noted_has_words() -> None:
    assert {use.action for use in USES.values()} - ACTIONS.keys() == set()
