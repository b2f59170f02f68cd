"""`flask dry-run` and its page: the same numbers, in sentences, in a table and for programs."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from tests.conftest import START, Time
from tests.factories import make_response, make_user, sign_in
from tests.invitations.histories import Contact, record, take_in

LAST_MONTH = START - timedelta(days=30)  # 3 August 2026.
DAY = 1440
CONTACTS: list[Contact] = [
    (0, 0, "a@example.cn", True, "phone"),
    (DAY, 0, "a@example.cn", True, "phone"),
    (DAY, 1, "b@example.cn", True, "phone"),
    (2 * DAY, 2, None, True, "phone"),
    (3 * DAY, 3, "c@example.cn", False, "phone"),
]


def told(runner: FlaskCliRunner, *arguments: str) -> str:
    result = runner.invoke(args=["dry-run", *arguments])
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.fixture
def month(session: Session, time: Time) -> None:
    """Have a month of contacts nobody was asked about."""
    record(session, LAST_MONTH, CONTACTS)


@pytest.fixture
def admin(client: FlaskClient, session: Session, time: Time) -> FlaskClient:
    sign_in(client, session, make_user(session, "admin"))
    return client


@pytest.mark.usefixtures("month")
def test_it_takes_last_month_and_programs_get_sums_that_are_exact(runner: FlaskCliRunner) -> None:
    found = json.loads(told(runner, "--format", "json"))
    assert (found["from"], found["to"], found["interactions"]) == ("2026-08-01", "2026-08-31", 5)
    first, second = found["waves"]["1"], found["waves"]["2"]
    assert first["channels"]["phone"] == {k: v for k, v in first.items() if k != "channels"}
    assert (first["invited"], first["withheld"], first["not_planned"]) == (2, 3, 0)
    assert first["withheld_because"] == {"no_address": 1, "nobody": 1, "recontact": 1}
    assert second["withheld_because"] == {"no_address": 1, "nobody": 1, "first_wave_withheld": 1}
    assert [one["is_guess"] for one in found["expected_answers"]] == [True, True]
    assert found["expected_answers"][0]["rate"] == 0.2
    assert found["expected_answers"][0]["low"] is None


@pytest.mark.usefixtures("month")
def test_on_the_terminal_it_says_so_in_sentences(app: Flask, runner: FlaskCliRunner) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    text = told(runner, "--rate", "50")
    assert "5" in text
    assert "50" in text


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--from", "soon"), "--from soon"),
        (("--from", "2026-08-02", "--to", "2026-08-01"), "--from 2026-08-02"),
        (("--rate", "0"), "--rate 0"),
        (("--rate", "nan"), "--rate nan"),
        (("--daily-at", "25:00"), "--daily-at"),
    ],
)
def test_what_cannot_be_asked_is_told(
    runner: FlaskCliRunner, arguments: tuple[str, ...], named: str
) -> None:
    result = runner.invoke(args=["dry-run", *arguments])
    assert result.exit_code == 2
    assert named in result.stderr


@pytest.mark.usefixtures("month")
def test_the_page_says_it_in_sentences_first(admin: FlaskClient) -> None:
    page = admin.get("/admin/dry-run?lang=en").text
    assert "5 interactions would have led to 2 invitations right after them" in page
    assert (
        "Not asked right after: No address: 1; Closed by nobody: 1; Asked too recently: 1." in page
    )
    assert "That is a guess" in page
    assert "20 %" in page
    assert page.index("would have led to") < page.index("<table")


@pytest.mark.usefixtures("month")
@pytest.mark.parametrize("query", ["from=soon", "from=2026-08-02&to=2026-08-01", "rate=0"])
def test_the_page_names_what_it_cannot_read(admin: FlaskClient, query: str) -> None:
    page = admin.get(f"/admin/dry-run?{query}&lang=en")
    assert page.status_code == 400
    assert 'role="alert"' in page.text


@pytest.mark.usefixtures("month")
def test_the_way_there_is_on_the_coverage_page_and_in_the_menu(admin: FlaskClient) -> None:
    assert admin.get("/admin/coverage").text.count('href="/admin/dry-run"') == 2


def test_days_without_contacts_are_said_to_be_empty(
    admin: FlaskClient, runner: FlaskCliRunner
) -> None:
    assert "No interactions in these days." in admin.get("/admin/dry-run?lang=en").text
    assert len(told(runner).splitlines()) == 1


def test_a_worker_that_runs_once_a_day_asks_somebody_again_a_minute_earlier(
    session: Session, runner: FlaskCliRunner, time: Time
) -> None:
    # Twenty-nine days and 23 hours apart; decided at night, it is thirty days.
    made: list[Contact] = [
        (minutes, 0, "a@example.cn", True, "phone") for minutes in (120, 30 * DAY + 60)
    ]
    record(session, START - timedelta(days=33), made)
    days = ["--from", "2026-07-01", "--to", "2026-08-31", "--format", "json"]
    always = json.loads(told(runner, *days))
    at_night = json.loads(told(runner, *days, "--daily-at", "23:59"))
    assert (always["waves"]["1"]["invited"], at_night["waves"]["1"]["invited"]) == (1, 2)


def test_expected_answers_go_by_the_organisations_own_rate(
    app: Flask, session: Session, runner: FlaskCliRunner, time: Time
) -> None:
    long_ago = START - timedelta(days=120)
    asked = record(
        session,
        long_ago,
        [(number, number % 4, f"x{number}@example.cn", True, "phone") for number in range(100)],
    )
    app.config["RECONTACT_DAYS"] = 0
    take_in(app, session, asked)
    issue_due(app, now=long_ago + timedelta(hours=2))
    invitations = first_waves(session)
    for number, invitation in enumerate(invitations[:30]):
        make_response(
            session, invitation.interaction, csat=1 + number % 5, invitation_id=invitation.id
        )
        invitation.answered_at = long_ago + timedelta(hours=3)
    session.commit()
    record(session, LAST_MONTH, CONTACTS)
    found = json.loads(told(runner, "--format", "json"))
    first, second = found["expected_answers"]
    assert (first["asked"], first["answered"], first["rate"]) == (100, 30, 0.3)
    assert (round(first["low"], 4), round(first["high"], 4)) == (0.2189, 0.3958)
    assert first["answers"] == pytest.approx(0.3 * first["invitations"])
    # Nobody has been followed up yet.
    assert (second["is_guess"], second["asked"]) == (True, 0)
    assert found["people"]["number"] == 1


def first_waves(session: Session) -> list[Invitation]:
    session.rollback()
    issued = Invitation.wave == 1, Invitation.issued_at.is_not(None)
    return list(session.scalars(sa.select(Invitation).where(*issued).order_by(Invitation.id)))
