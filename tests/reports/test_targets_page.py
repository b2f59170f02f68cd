"""The pages of targets and annotations: what can be done there, by whom, and what they say."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.accounts.models import User
from feedback.reports.models import Annotation
from feedback.touchpoints.models import Target
from tests.conftest import Time
from tests.factories import make_channel, make_team, sign_in
from tests.reports.stories import reader, words
from tests.touchpoints.stories import TODAY, TOMORROW, aim, days_on

TARGET = {"metric": "csat", "wave": "1", "about": "all:0", "value": "85", "start": str(TOMORROW)}
NOTE = {"day": str(TODAY), "text": "new script", "about": "all:0"}


@pytest.fixture
def manager(app: Flask, client: FlaskClient, session: Session, time: Time) -> User:
    app.config["WTF_CSRF_ENABLED"] = False
    return reader(client, session, "manager", None)


def another(app: Flask, session: Session, role: str) -> FlaskClient:
    client = app.test_client()
    reader(client, session, role, None)
    return client


def post(client: FlaskClient, address: str, **form: str) -> TestResponse:
    return client.post(f"{address}?lang=en", data=form, follow_redirects=True)


def said(client: FlaskClient, address: str = "/reports/targets") -> str:
    return words(client.get(f"{address}?lang=en").text)


def targets(session: Session) -> list[Target]:
    # Another session, closed again, so that no transaction of the test's stays open.
    with Session(session.get_bind()) as other:
        return list(other.scalars(sa.select(Target).order_by(Target.id)))


def test_a_target_for_days_to_come_is_set_by_one(
    client: FlaskClient, session: Session, manager: User
) -> None:
    page = words(post(client, "/reports/targets", **TARGET).text)
    assert "Set, from 3 Sep 2026 on." in page
    assert "CSAT · Right after Everything 85 % before: none from 3 Sep 2026 on" in page
    assert "Nothing is aimed at today." in page
    (line,) = targets(session)
    assert (line.value, line.to_day, line.set_by_id, line.is_late) == (
        0.85,
        None,
        manager.id,
        False,
    )


def test_one_for_begun_days_is_refused_without_a_reason_and_nothing_is_kept(
    client: FlaskClient, session: Session, manager: User
) -> None:
    answer = post(client, "/reports/targets", **TARGET | {"start": str(TODAY)})
    assert answer.status_code == 422
    assert "needs a reason and a second person" in words(answer.text)
    assert targets(session) == []


def test_with_a_reason_it_waits_and_a_second_person_confirms_it(
    app: Flask, client: FlaskClient, session: Session, manager: User
) -> None:
    late = TARGET | {"start": str(days_on(-10)), "reason": "agreed late"}
    page = words(post(client, "/reports/targets", **late).text)
    assert "counts once a second person confirms it" in page
    waiting = page[page.index("Waiting for a second person") : page.index("Set a target")]
    assert "85 % · from 23 Aug 2026 on There was no target before." in waiting
    assert "agreed late" in waiting
    assert "Another manager or administrator has to confirm it." in waiting
    (line,) = targets(session)
    address = f"/reports/targets/{line.id}/confirm"
    assert "Somebody else has to confirm" in words(post(client, address).text)
    assert targets(session)[0].is_waiting

    admin = another(app, session, "admin")
    assert "Confirm" in said(admin)
    page = words(post(admin, address).text)
    assert "Confirmed; it counts from now on" in page
    assert "Waiting for a second person" not in page
    assert "85 % from 23 Aug 2026 on set late, on 2 Sep 2026" in page
    assert "Set late confirmed by" in page
    assert "This is decided already." in words(post(admin, address).text)
    (line,) = targets(session)
    assert line.counts
    assert line.confirmed_by_id not in (None, manager.id)


def test_whoever_proposed_it_takes_it_back_and_the_log_keeps_it(
    client: FlaskClient, session: Session, manager: User
) -> None:
    post(client, "/reports/targets", **TARGET | {"start": str(TODAY), "reason": "a slip"})
    (line,) = targets(session)
    page = words(post(client, f"/reports/targets/{line.id}/decline").text)
    assert "Declined; what applied before still does." in page
    assert "a slip" in page[page.index("Log") :]


def test_the_log_says_what_was_before(client: FlaskClient, session: Session, manager: User) -> None:
    post(client, "/reports/targets", **TARGET | {"value": "80"})
    post(client, "/reports/targets", **TARGET | {"value": "85.5 %"})
    post(client, "/reports/targets", **TARGET | {"value": "", "ends": "y"})
    log = said(client)
    log = log[log.index(" Log ") :]
    assert re.findall(r"([\d.]+ %|no target) before: ([\d.]+ %|none)", log) == [
        ("no target", "85.5 %"),
        ("85.5 %", "80 %"),
        ("80 %", "none"),
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"value": ""}, "Give a target, or tick"),
        ({"value": "85", "ends": "y"}, "Give a target, or tick"),
        ({"value": "101"}, "CSAT is a percentage from 0 to 100"),
        ({"value": "-1"}, "CSAT is a percentage from 0 to 100"),
        ({"value": "85.55"}, "CSAT is a percentage from 0 to 100"),
        ({"value": "many"}, "CSAT is a percentage from 0 to 100"),
        ({"metric": "nps", "value": "-101"}, "NPS lies between −100 and +100"),
        ({"metric": "ces", "value": "8"}, "CES lies between 1 and 7"),
        ({"metric": "stars"}, "Not a valid choice"),
        ({"about": "staff:1"}, "Not a valid choice"),
        ({"about": "channel:99"}, "Not a valid choice"),
        ({"about": "nonsense"}, "Not a valid choice"),
        ({"start": ""}, "This is needed."),
        ({"start": "tomorrow"}, "This is not a date such as 2026-09-02."),
        ({"start": "2026-02-30"}, "This is not a date such as 2026-09-02."),
        ({"end": str(TODAY)}, "The last day is before the first."),
        ({"reason": "x" * 201}, "At most 200 characters."),
    ],
)
@pytest.mark.usefixtures("manager")
def test_what_cannot_be_a_target_is_told_and_not_kept(
    client: FlaskClient, session: Session, change: dict[str, str], told: str
) -> None:
    answer = post(client, "/reports/targets", **TARGET | change)
    assert answer.status_code == 422
    assert told in words(answer.text)
    assert targets(session) == []


@pytest.mark.parametrize(
    ("metric", "text", "value"),
    [("csat", "８５％", 0.85), ("nps", "−20", -0.2), ("nps", "+35", 0.35), ("ces", "5.5", 5.5)],
)
@pytest.mark.usefixtures("manager")
def test_figures_are_read_as_people_write_them(
    client: FlaskClient, session: Session, metric: str, text: str, value: float
) -> None:
    post(client, "/reports/targets", **TARGET | {"metric": metric, "value": text})
    assert [line.value for line in targets(session)] == [value]


def test_channels_teams_and_touchpoints_are_offered_and_no_person(
    client: FlaskClient, session: Session, manager: User
) -> None:
    phone, team = make_channel(session), make_team(session, "客服一组")
    session.commit()
    page = client.get("/reports/targets?lang=en").text
    about = page[page.index('<select id="about"') :]
    offered = re.findall(r'value="([^"]+)"', about[: about.index("</select>")])
    assert offered[:3] == ["all:0", f"channel:{phone.id}", f"team:{team.id}"]
    assert {value.partition(":")[0] for value in offered[3:]} == {"touchpoint"}
    post(client, "/reports/targets", **TARGET | {"about": f"team:{team.id}"})
    assert "Team: 客服一组" in said(client)


def test_an_analyst_reads_and_changes_nothing(app: Flask, session: Session, manager: User) -> None:
    line = aim(session, manager, 0.8, TODAY, reason="forgotten")
    session.add(
        Annotation(
            day=TODAY, text="a storm", breaks=False, subject="all", subject_id=0,
            made_at=line.set_at, made_by_id=manager.id,
        )
    )  # fmt: skip
    session.commit()
    analyst = another(app, session, "analyst")
    page = said(analyst)
    assert "Waiting for a second person" in page
    assert "forgotten" in page
    for button in ("Set a target", "Confirm ", "Decline "):
        assert button not in page
    notes = said(analyst, "/reports/annotations")
    assert "a storm" in notes
    assert "Withdraw " not in notes
    assert "Note something" not in notes


def test_something_is_noted_and_withdrawn_again(
    client: FlaskClient, session: Session, manager: User
) -> None:
    page = words(post(client, "/reports/annotations", **NOTE | {"breaks": "y"}).text)
    assert "2 Sep 2026 new script New baseline Everything" in page
    note = session.scalars(sa.select(Annotation)).one()
    assert (note.breaks, note.made_by_id) == (True, manager.id)
    address = f"/reports/annotations/{note.id}/withdraw"
    session.rollback()
    assert "Withdrawn; it stands on no chart any more." in words(post(client, address).text)
    assert "It is withdrawn already." in words(post(client, address).text)
    assert "new script" in said(client, "/reports/annotations")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"text": ""}, "This is needed."),
        ({"text": "x" * 201}, "At most 200 characters."),
        ({"day": "yesterday"}, "This is not a date such as 2026-09-02."),
        ({"about": "team:99"}, "Not a valid choice"),
    ],
)
@pytest.mark.usefixtures("manager")
def test_what_cannot_be_noted_is_told(
    client: FlaskClient, session: Session, change: dict[str, str], told: str
) -> None:
    answer = post(client, "/reports/annotations", **NOTE | change)
    assert answer.status_code == 422
    assert told in words(answer.text)
    assert session.scalar(sa.select(sa.func.count()).select_from(Annotation)) == 0


def test_what_is_not_there_is_404(client: FlaskClient, manager: User) -> None:
    for address in ("targets/9/confirm", "targets/9/decline", "annotations/9/withdraw"):
        assert client.post(f"/reports/{address}").status_code == 404


def test_words_of_others_are_text_and_nothing_else(
    client: FlaskClient, session: Session, manager: User
) -> None:
    evil = "<script>alert(1)</script>"
    post(client, "/reports/annotations", **NOTE | {"text": evil})
    post(client, "/reports/targets", **TARGET | {"start": str(TODAY), "reason": evil})
    for page in ("annotations", "targets"):
        text = client.get(f"/reports/{page}").text
        assert evil not in text
        assert "&lt;script&gt;" in text


def test_the_reports_page_leads_to_all_three(
    client: FlaskClient, session: Session, manager: User
) -> None:
    page = client.get("/reports?lang=en").text
    for name in ("annotations", "targets", "planner"):
        assert f'href="/reports/{name}?lang=en"' in page
        assert client.get(f"/reports/{name}?lang=en").status_code == 200


def test_without_its_token_no_form_is_taken(
    app: Flask, client: FlaskClient, session: Session, time: Time
) -> None:
    user = reader(client, session, "manager", None)
    sign_in(client, session, user, time.now + timedelta(minutes=1))
    assert client.post("/reports/targets", data=TARGET).status_code == 400
    assert client.post("/reports/annotations", data=NOTE).status_code == 400
    assert targets(session) == []
