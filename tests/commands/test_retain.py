"""`flask retain`: counts beforehand, asks for a yes, and says what went."""

import json
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.accounts.models import AuditEntry
from feedback.health.forgetting import retention
from feedback.retention.models import AgreedPeriod, RetentionRun
from tests.conftest import Time
from tests.customers.stories import rated
from tests.factories import make_user, sign_in
from tests.responses.stories import count as count_of
from tests.responses.stories import hidden
from tests.retention.test_erase import whole_database

LATER = "2027-01-01T00:00:00+08:00"


def run(runner: FlaskCliRunner, *args: str) -> dict[str, Any]:
    result = runner.invoke(args=["retain", "--format", "json", *args])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def found(counts: dict[str, Any]) -> dict[str, Any]:
    return {name: number for name, number in counts.items() if number and name != "dry_run"}


def test_a_dry_run_counts_what_a_pass_then_forgets_and_changes_nothing(
    app: Flask, session: Session, runner: FlaskCliRunner, time: Time
) -> None:
    for _ in range(3):
        rated(app, session)
    for moment in (LATER, "2027-12-01T00:00:00+08:00", "2029-01-01T00:00:00+08:00"):
        before = whole_database(session)
        told = run(runner, "--dry-run", "--now", moment)
        assert whole_database(session) == before
        done = run(runner, "--agree", "--now", moment)
        assert found(told) == found(done) != {}
        assert (told["dry_run"], done["dry_run"]) == (True, False)


def test_without_a_yes_it_says_what_waits_and_ends_with_1(
    app: Flask, session: Session, runner: FlaskCliRunner, time: Time
) -> None:
    rated(app, session)
    refused = runner.invoke(args=["retain", "--now", LATER])
    assert refused.exit_code == 1
    assert "KEEP_CONTACT_DAYS" in refused.stderr
    assert count_of(session, RetentionRun) == 0


def test_a_stand_in_for_the_clock_is_refused_on_a_live_site(
    app: Flask, runner: FlaskCliRunner
) -> None:
    app.config["LIVE"] = True
    assert runner.invoke(args=["retain", "--now", LATER]).exit_code == 2
    assert runner.invoke(args=["retain", "--dry-run", "--now", LATER]).exit_code == 0
    assert runner.invoke(args=["retain", "--dry-run", "--agree"]).exit_code == 2


def test_the_page_agrees_to_what_it_showed_after_a_tick(
    app: Flask, client: FlaskClient, session: Session, time: Time
) -> None:
    rated(app, session)
    time.forward(days=100)
    sign_in(client, session, make_user(session, "admin"))
    page = client.get("/admin/retention").text
    assert "KEEP_CONTACT_DAYS" in page
    given = hidden(page)
    assert client.post("/admin/retention", data=given).status_code == 422
    other = given | {"sure": "yes", "length.contacts": "9"}
    assert client.post("/admin/retention", data=other).status_code == 422
    assert count_of(session, AgreedPeriod) == 0
    assert client.post("/admin/retention", data=given | {"sure": "yes"}).status_code == 303
    assert count_of(session, AgreedPeriod) == 6
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert entry is not None
    assert (entry.action, json.loads(entry.details)["contacts"]) == (
        "retention.agreed", {"before": None, "after": 90},
    )  # fmt: skip
    session.commit()
    assert "sure" not in client.get("/admin/retention").text


def test_the_check_says_who_has_to_do_what(
    app: Flask, session: Session, runner: FlaskCliRunner, time: Time
) -> None:
    def look() -> str:
        with app.app_context():
            state = retention(session, app.config, time.now).state
        session.commit()
        return state

    assert look() == "warn"
    run(runner, "--agree")
    assert look() == "ok"
    time.forward(days=3)
    assert look() == "warn"
    run(runner)
    assert look() == "ok"
    app.config["KEEP_WORDS_MONTHS"] = 12
    assert look() == "warn"
    app.config["KEEP_WORDS_MONTHS"] = 40
    run(runner, "--agree")
    # Longer than the notice promises.
    assert look() == "warn"
