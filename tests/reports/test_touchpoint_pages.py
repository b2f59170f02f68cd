"""The plan as a page and as files, and the page of each touchpoint."""

import csv
import io
import re
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.accounts.models import User
from feedback.surveys.models import Survey
from feedback.touchpoints.models import Touchpoint
from tests.brands.stories import add_other
from tests.conftest import START, Time
from tests.factories import make_channel, make_team, make_user, sign_in
from tests.invitations.stories import report
from tests.touchpoints.stories import aim, days_on

PLAN = "/admin/touchpoints"
FORM: dict[str, Any] = {
    "key": "vip", "name_zh": "贵宾", "name_en": "Guests", "goal_zh": "满意", "goal_en": "",
    "kind": "", "channel": "phone", "team": "", "delay": "30", "asking": "mail", "share": "20",
    "survey": "after", "follow_up": "answered", "follow_up_survey": "follow_up", "owner": "other",
    "owner_name": "王海", "owner_email": "wang@example.cn", "responsible": "客户部",
    "norms_zh": "准时", "norms_en": "",
}  # fmt: skip


@pytest.fixture
def admin(client: FlaskClient, session: Session, time: Time) -> User:
    user = make_user(session, "admin", name="Ada", email="ada@example.cn")
    sign_in(client, session, user)
    return user


def post(client: FlaskClient, path: str, **values: Any) -> TestResponse:
    page = client.get(PLAN + "/new?lang=en").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    return client.post(f"{PLAN}{path}?lang=en", data={"csrf_token": token} | values)


def the(session: Session, key: str) -> Touchpoint:
    session.expire_all()
    found = session.scalars(sa.select(Touchpoint).where(Touchpoint.key == key)).one()
    # SQLite has one writer at a time, and the page asked next is another.
    session.commit()
    return found


def test_the_export_has_a_row_for_each_and_no_column_is_empty(
    client: FlaskClient, session: Session, admin: User
) -> None:
    aim(session, admin, 0.9, start=days_on(1))
    session.commit()
    answer = client.get(f"{PLAN}/plan.csv?lang=en")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 14
    assert {row["key"] for row in rows} >= {"phone", "email", "chat", "store", "complaint"}
    for row in rows:
        assert all(row.values()), row
    complaint = next(row for row in rows if row["key"] == "complaint")
    assert complaint["delay"] == "After 1 day"
    assert complaint["owner_email"] == "ada@example.cn"
    workbook = openpyxl.load_workbook(io.BytesIO(client.get(f"{PLAN}/plan.xlsx").data))
    sheet = workbook["touchpoints"]
    assert (sheet.max_row, sheet.max_column) == (15, len(rows[0]))
    assert all(cell.value is not None for line in sheet.iter_rows() for cell in line)


def test_targets_of_today_stand_in_the_plan_the_own_one_first(
    client: FlaskClient, session: Session, admin: User, time: Time
) -> None:
    aim(session, admin, 0.8, start=days_on(1))
    aim(session, admin, 0.95, start=days_on(1), about=("touchpoint", the(session, "phone").id))
    session.commit()
    time.forward(days=1)
    sign_in(client, session, admin)
    rows = csv.DictReader(
        io.StringIO(client.get(f"{PLAN}/plan.csv?lang=en").data.decode("utf-8-sig"))
    )
    targets = {row["key"]: row["target"] for row in rows}
    assert targets["phone"] == "CSAT 95 % · Right after"
    assert targets["chat"] == "CSAT 80 % · Right after"


def test_a_touchpoint_is_made_switched_off_and_goes_live(
    client: FlaskClient, session: Session, admin: User
) -> None:
    the(session, "phone").retired_at = START
    session.commit()
    assert post(client, "/new", **FORM).status_code == 303
    made = the(session, "vip")
    assert not made.is_live
    assert (made.channel_code, made.delay_minutes, made.sampling_rate) == ("phone", 30, 0.2)
    assert (made.follow_up, made.owner_name, made.kind) == ("answered", "王海", None)
    seed = made.seed
    assert post(client, f"/{made.id}/on").status_code == 303
    assert the(session, "vip").live_since == START
    assert post(client, f"/{made.id}", **FORM | {"share": "50", "key": "other"}).status_code == 303
    made = the(session, "vip")
    assert (made.sampling_rate, made.seed, made.is_live) == (0.5, seed, True)
    assert "王海" in client.get(PLAN).text
    assert post(client, f"/{made.id}/off").status_code == 303
    assert not the(session, "vip").is_live


@pytest.mark.parametrize(
    ("lack", "field", "rule"),
    [
        ({"goal_zh": ""}, "Goal in Chinese", "only with a goal"),
        ({"owner": ""}, "Who answers for it", "only with somebody who answers for it"),
        ({"survey": "no_purpose"}, "Survey right after", "without a purpose does not go live"),
        ({"survey": "no_owner"}, "Survey right after", "nobody answers for does not go live"),
        ({"follow_up_survey": ""}, "Survey later", "only with a survey that is published"),
        ({}, "Kind of contact", "“phone” takes the same already"),
    ],
)
def test_what_is_missing_keeps_it_from_going_live_and_is_named(
    client: FlaskClient, session: Session, admin: User, lack: dict[str, str], field: str, rule: str
) -> None:
    session.add(Survey(key="no_purpose", version=1, published_at=START))
    owned = {"purpose_en": "To learn.", "published_at": START}
    session.add(Survey(key="no_owner", version=1, **owned))
    if lack:
        the(session, "phone").retired_at = START
    session.commit()
    assert post(client, "/new", **FORM | lack).status_code == 303
    made = the(session, "vip")
    answer = post(client, f"/{made.id}/on")
    assert answer.status_code == 422
    assert re.search(f"<strong>{field}</strong>: [^<]*{rule}", answer.text), answer.text
    assert not the(session, "vip").is_live
    # A page that answers a button has no address of its own; the other language is one above.
    offered = re.findall(r'href="([^"]*lang=[^"]*)"', answer.text)
    assert [client.get(address).status_code for address in offered] == [200, 200]


def test_what_is_live_cannot_lose_what_it_needs(
    client: FlaskClient, session: Session, admin: User
) -> None:
    phone = the(session, "phone")
    answer = post(client, f"/{phone.id}", **FORM | {"owner": "", "name_en": "Changed"})
    assert answer.status_code == 422
    assert "only with somebody who answers for it" in answer.text
    assert the(session, "phone").name_en == "Service call"
    # Off, it may be written down half.
    assert post(client, f"/{phone.id}/off").status_code == 303
    assert post(client, f"/{phone.id}", **FORM | {"owner": ""}).status_code == 303


def test_each_that_came_with_the_installation_is_switched_off_and_on_again(
    client: FlaskClient, session: Session, admin: User
) -> None:
    keys = session.scalars(sa.select(Touchpoint.key).order_by(Touchpoint.id)).all()
    assert len(keys) == 14
    for key in keys:
        number = the(session, key).id
        assert post(client, f"/{number}/off").status_code == 303
        page = client.get(f"{PLAN}/{number}?lang=en").text
        assert "whoever switches it on does" in page
        assert "Before it can go live" not in page
        assert post(client, f"/{number}/on").status_code == 303
        assert (the(session, key).is_live, the(session, key).owner_id) == (True, admin.id)


def test_the_plan_says_whose_owner_has_left_and_whose_team_is_closed(
    client: FlaskClient, session: Session, admin: User
) -> None:
    phone, mei = the(session, "phone"), make_user(session, "manager", name="Mei")
    team, other = make_team(session, "客服一组"), make_team(session, "客服二组")
    mei.left_at = team.closed_at = other.closed_at = START
    phone.owner_id, phone.team_id = mei.id, team.id
    session.commit()
    page = client.get(PLAN + "?lang=en").text
    assert "Mei (has left)" in page
    assert "客服一组 (closed)" in page
    # Nobody begins anything for a team that is closed; one that is chosen stays so.
    teams = re.findall("客服.组", client.get(f"{PLAN}/{phone.id}?lang=en").text)
    assert set(teams) == {"客服一组"}


def test_what_lacks_more_than_somebody_to_answer_for_it_stays_off_and_nobodys(
    client: FlaskClient, session: Session, admin: User
) -> None:
    phone = the(session, "phone")
    assert post(client, f"/{phone.id}/off").status_code == 303
    phone = the(session, "phone")
    phone.goal_zh = phone.goal_en = ""
    session.commit()
    answer = post(client, f"/{phone.id}/on")
    assert answer.status_code == 422
    assert "only with a goal" in answer.text
    assert (the(session, "phone").is_live, the(session, "phone").owner_id) == (False, None)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"delay": "soon"}, "A whole number of minutes from 0 to 20160."),
        ({"delay": "20161"}, "A whole number of minutes from 0 to 20160."),
        ({"share": "101"}, "It lies between 0 and 100."),
        ({"share": "nan"}, "It lies between 0 and 100."),
        ({"owner_email": "wang"}, "This is not an e-mail address."),
        ({"owner_name": ""}, "This is needed."),
        ({"name_zh": ""}, "This is needed."),
        ({"key": "Größe"}, "Up to 60 small letters"),
        ({"key": "phone"}, "There is a touchpoint of this key already."),
        ({"follow_up": "some"}, "Not a valid choice"),
        ({"goal_zh": "好" * 301}, "At most 300 characters."),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    client: FlaskClient, session: Session, admin: User, wrong: dict[str, str], said: str
) -> None:
    answer = post(client, "/new", **FORM | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Touchpoint)) == 14


def test_a_manager_reads_the_plan_and_changes_nothing(
    client: FlaskClient, session: Session, time: Time
) -> None:
    sign_in(client, session, make_user(session, "manager"))
    page = client.get(f"{PLAN}?lang=en").text
    assert "Service call" in page
    assert "New touchpoint" not in page
    assert f'href="{PLAN}/' not in page.replace(f"{PLAN}/plan.", "")


def test_coverage_leads_to_a_touchpoint_of_just_that(
    app: Any, client: FlaskClient, session: Session, admin: User
) -> None:
    make_channel(session, "fax")
    team = make_team(session, "客服三组")
    report(app, session, START, kind="order", channel_id=make_channel(session, "fax").id,
           team_id=team.id)  # fmt: skip
    page = client.get("/admin/coverage?lang=en").text
    link = f"{PLAN}/new?kind=order&amp;channel=fax&amp;team={team.id}"
    assert link in page
    form = client.get(link.replace("&amp;", "&")).text
    assert 'value="order"' in form
    assert '<option selected value="fax">' in form
    assert f'<option selected value="{team.id}">客服三组</option>' in form


def test_as_whom_it_asks_is_chosen_among_the_brands_there_are(
    app: Flask, client: FlaskClient, session: Session, admin: User
) -> None:
    brand_id = add_other(app, session).id
    assert post(client, "/new", **FORM | {"brand": str(brand_id)}).status_code == 303
    one = the(session, "vip")
    assert one.brand_id == brand_id
    number = one.id
    sent = client.get(f"{PLAN}/plan.csv?lang=en").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sent)))
    assert {row["key"]: row["brand"] for row in rows}["vip"] == "Lantern"
    assert "as Lantern" in client.get(f"{PLAN}?lang=en").text
    refused = post(client, f"/{number}", **FORM | {"brand": "99"})
    assert refused.status_code == 422
    assert the(session, "vip").brand_id == brand_id
    assert post(client, f"/{number}", **FORM | {"brand": "1"}).status_code == 303
    assert the(session, "vip").brand_id == 1
