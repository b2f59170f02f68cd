"""The demo in a database: what its visitors find there."""

import email
import json
import shutil
from collections.abc import Callable, Iterator
from email import policy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback import clock, create_app
from feedback.database import db
from feedback.demo import cast
from feedback.demo.load import is_empty
from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.links import read_survey_token, survey_url
from feedback.organisation import the_organisation
from feedback.work import work_until_idle
from tests.conftest import settings_for
from tests.demo.conftest import fill
from tests.factories import (
    make_channel,
    make_customer,
    make_interaction,
    make_staff,
    make_team,
    make_user,
)
from tests.postgres import Postgres


@pytest.fixture
def demo(demo_database: Path, tmp_path: Path) -> Iterator[Flask]:
    """The demo, on a copy of its own."""
    shutil.copy(demo_database, tmp_path / "feedback.sqlite")
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'feedback.sqlite'}", tmp_path))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def rows(demo: Flask) -> Iterator[Session]:
    with demo.app_context(), Session(db.engine) as session:
        yield session


def scores(app: Flask, *options: str) -> dict[str, list[dict[str, Any]]]:
    result = app.test_cli_runner().invoke(args=["scores", *options, "--format", "json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    return {next(iter(group["key"].values())): group["points"] for group in found["groups"]}


def test_it_says_what_it_is(rows: Session) -> None:
    organisation = the_organisation(rows)
    assert organisation is not None
    assert organisation.is_demo
    assert not is_empty(rows)


def test_one_channel_got_better_and_the_others_did_not(demo: Flask) -> None:
    points = scores(demo, "--metric", "csat", "--by", "channel", "--period", "quarter")
    for code, trend in points.items():
        whole = [point for point in trend if point["n"] >= 60]
        first, last = whole[0], whole[-1]
        if code == "chat":
            assert last["low"] > first["high"]
        else:
            assert last["low"] < first["high"]
            assert first["low"] < last["high"]


def test_most_months_of_every_channel_rest_on_thirty_answers(demo: Flask) -> None:
    points = scores(demo, "--metric", "csat", "--by", "channel", "--period", "month")
    assert len(points) == 6
    months = [point["n"] for trend in points.values() for point in trend]
    assert len(months) >= 6 * 24
    assert sum(n >= 30 for n in months) > 0.8 * len(months)


def test_one_person_is_truly_struggling_and_one_only_looks_so(demo: Flask) -> None:
    people = {
        key: points[0] for key, points in scores(demo, "--metric", "csat", "--by", "staff").items()
    }
    struggling, newcomer = people.pop(cast.STRUGGLING), people.pop(cast.ONLY_LOOKS_SO)
    assert struggling["high"] < min(point["low"] for point in people.values())
    assert (newcomer["n"], round(newcomer["value"] * newcomer["n"])) == (11, 6)
    # The interval reaches everybody's; what looks low says nothing yet.
    assert newcomer["high"] > min(point["value"] for point in people.values())
    assert newcomer["low"] < struggling["value"]


def test_about_a_third_answers_and_fewer_the_second_time(rows: Session) -> None:
    rates = {}
    for wave in (1, 2):
        asked, answered = rows.execute(
            sa.select(
                sa.func.count(Invitation.issued_at), sa.func.count(Invitation.answered_at)
            ).where(Invitation.wave == wave)
        ).one()
        rates[wave] = answered / asked
    assert 0.25 < rates[1] < 0.36
    assert 0.15 < rates[2] < rates[1]


def test_links_that_are_out_still_lead_to_their_surveys(demo: Flask, rows: Session) -> None:
    open_ones = rows.scalars(
        sa.select(Invitation).where(
            Invitation.issued_at.is_not(None),
            Invitation.answered_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
    ).all()
    assert len(open_ones) > 100
    invitation = open_ones[-1]
    with demo.test_request_context():
        address = survey_url(invitation.id)
        token = address.rpartition("/")[2]
        assert read_survey_token(token) == invitation.id
    assert demo.test_client().get(f"/s/{token}").status_code == 200


def test_the_worker_finds_a_few_mails_to_write_and_no_pile(demo: Flask, rows: Session) -> None:
    done = work_until_idle(demo, now=clock.now(), worker="first")
    assert 3 <= done.issued <= 12
    assert (done.reminded, done.failed) == (0, 0)
    assert done.sent == done.issued
    files = sorted((Path(demo.instance_path) / "mail").glob("*.eml"))
    assert len(files) == done.sent
    mails = [email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    assert {mail["Content-Language"] for mail in mails} == {"zh-Hans", "en"}
    for mail in mails:
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert text is not None
        assert html is not None
        assert "GD-" in text.get_content()
        assert mail["List-Unsubscribe"][1:-1] in text.get_content()
        assert "csat=5" in html.get_content()
    assert work_until_idle(demo, now=clock.now(), worker="second").issued <= 1


def test_it_fills_postgresql_as_well_and_what_comes_next_follows(
    postgres: Postgres, demo: Flask, tmp_path: Path
) -> None:
    postgres.execute("CREATE DATABASE demo TEMPLATE template_afterword")
    app = create_app(settings_for(postgres.url("demo"), tmp_path))
    fill(app)
    figures = ("--metric", "nps", "--by", "team", "--period", "quarter")
    assert scores(app, *figures) == scores(demo, *figures)
    with app.app_context():
        with Session(db.engine) as session:
            highest = session.scalar(sa.select(sa.func.max(Interaction.id)))
            new = make_interaction(session, customer_id=make_customer(session).id)
            assert highest is not None
            assert new.id == highest + 1
        db.engine.dispose()
    postgres.execute("DROP DATABASE demo WITH (FORCE)")


@pytest.mark.parametrize(
    "begin",
    [make_channel, make_team, make_staff, make_customer, make_user],
    ids=lambda make: make.__name__,
)
def test_whatever_somebody_began_with_is_not_empty(session: Session, begin: Any) -> None:
    assert is_empty(session)
    begin(session)
    assert not is_empty(session)


def test_the_command_refuses_a_database_that_is_not_empty(
    session: Session, make_app: Callable[..., Flask]
) -> None:
    make_team(session)
    session.commit()
    result = make_app(DEFAULT_LOCALE="en").test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 2
    assert "not empty" in result.stderr
