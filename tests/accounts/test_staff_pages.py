"""Staff records and teams: found, kept, moved, linked, closed; and what is refused."""

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.accounts.models import User
from feedback.accounts.staff_list import PAGE
from feedback.interactions.models import StaffMember, Team
from tests.conftest import START, Time
from tests.factories import make_interaction, make_staff, make_team, make_user, sign_in

TODAY = START.date()


@pytest.fixture
def admin(client: FlaskClient, session: Session, time: Time) -> User:
    user = make_user(session, "admin", email="a@example.cn")
    sign_in(client, session, user)
    return user


def send(client: FlaskClient, address: str, **form: object) -> TestResponse:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/admin/staff").text)
    assert found
    return client.post(f"{address}?lang=en", data=form | {"csrf_token": found[1]})


def the(session: Session, number: str) -> StaffMember:
    session.expire_all()
    return session.scalars(sa.select(StaffMember).where(StaffMember.external_id == number)).one()


def listed(client: FlaskClient, query: str) -> list[str]:
    page = client.get(f"/admin/staff?{query}&lang=en")
    assert page.status_code == 200
    return re.findall(r'<a href="/admin/staff/\d+"><bdi>([^<]+)', page.text)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["张敏", "李静"]),
        ("q=静", ["李静"]),
        ("q=lj", ["李静"]),
        ("q=E-1", ["李静"]),
        ("q=ZHANG%40", ["张敏"]),
        ("q=%25", []),
        ("team=1", ["李静"]),
        ("team=x", ["张敏", "李静"]),
        ("team=99999999999999999999", ["张敏", "李静"]),
        ("state=left", ["王伟"]),
        ("state=all", ["张敏", "李静", "王伟"]),
        ("page=7", ["张敏", "李静"]),
    ],
)
def test_records_are_found(
    query: str, found: list[str], client: FlaskClient, session: Session, admin: User
) -> None:
    make_staff(session, "e-1", name="李静", team_id=make_team(session, "A").id)
    make_staff(session, "e-2", name="张敏", email="zhang@example.cn", team_id=None)
    make_staff(session, "e-3", name="王伟", team_id=None, left_at=START)
    session.commit()
    assert sorted(listed(client, query)) == sorted(found)


def test_fourteen_hundred_people_have_pages(
    client: FlaskClient, session: Session, admin: User
) -> None:
    rows = [{"external_id": f"e-{n:04}", "name": f"n{n:04}"} for n in range(1400)]
    session.execute(sa.insert(StaffMember), rows)
    session.commit()
    assert listed(client, "") == [row["name"] for row in rows[:PAGE]]
    assert listed(client, "page=28") == [row["name"] for row in rows[-PAGE:]]


def test_a_record_is_added_changed_and_left(
    client: FlaskClient, session: Session, admin: User
) -> None:
    team = make_team(session, "A").id
    session.commit()
    added = send(client, "/admin/staff", number="e-9", name="王伟", email="W@example.cn", team=team)
    assert added.status_code == 303
    made = the(session, "e-9")
    assert (made.name, made.email, made.team_id) == ("王伟", "w@example.cn", team)
    session.commit()
    form = {"number": "e-9", "name": "王玮", "email": "", "left_on": "2026-08-31"}
    assert send(client, f"/admin/staff/{made.id}", **form).status_code == 303
    made = the(session, "e-9")
    assert (made.name, made.email) == ("王玮", None)
    assert made.left_at is not None
    assert made.left_at.isoformat() == "2026-08-30T16:00:00+00:00"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"number": "e-1"}, "This is the number of 李静."),
        ({"email": "li@example.cn"}, "This is the address of 李静."),
        ({"email": "no address"}, "This is not an e-mail address."),
        ({"number": ""}, "This is needed."),
        ({"name": "x" * 121}, "At most 120 characters."),
        ({"team": "77"}, "nothing has been saved"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_added(
    form: dict[str, str], said: str, client: FlaskClient, session: Session, admin: User
) -> None:
    make_staff(session, "e-1", name="李静", email="li@example.cn")
    session.commit()
    given = {"number": "e-9", "name": "王伟", "email": "", "team": ""} | form
    answer = send(client, "/admin/staff", **given)
    assert answer.status_code == 422
    assert said in answer.text
    assert session.scalar(sa.select(sa.func.count()).select_from(StaffMember)) == 1


def test_a_moved_persons_old_contacts_stay_with_the_team_of_then(
    client: FlaskClient, session: Session, admin: User
) -> None:
    mover = make_staff(session, "e-1", team_id=make_team(session, "A").id)
    old = make_interaction(session, staff_id=mover.id, team_id=mover.team_id)
    a, b = make_team(session, "A").id, make_team(session, "B").id
    session.commit()
    moved = send(client, f"/admin/staff/{mover.id}/move", team=b, day=str(TODAY))
    assert moved.status_code == 303
    assert the(session, "e-1").team_id == b
    session.refresh(old)
    assert old.team_id == a
    session.commit()
    # Each team's page says who was in it on which day.
    for team, day, found in ((a, "2026-09-01", True), (a, "2026-09-02", False),
                             (b, "2026-09-01", False), (b, "2026-09-02", True)):  # fmt: skip
        page = client.get(f"/admin/teams/{team}?on={day}&lang=en").text
        assert (f'href="/admin/staff/{mover.id}"' in page) is found


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-09-03", "not before"),
        ("x", "not a date"),
        ("", "needed"),
        ("2026-02-30", "not a date"),
    ],
)
def test_a_move_that_cannot_be_is_said(
    day: str, said: str, client: FlaskClient, session: Session, admin: User
) -> None:
    mover = make_staff(session, "e-1", team_id=make_team(session, "A").id)
    make_team(session, "B")
    session.commit()
    answer = send(client, f"/admin/staff/{mover.id}/move", team="", day=day)
    assert answer.status_code == 422
    assert said in answer.text
    assert the(session, "e-1").team is not None


def test_an_account_is_linked_to_one_record_and_shows_its_figures(
    client: FlaskClient, session: Session, admin: User
) -> None:
    one, two = make_staff(session, "e-1"), make_staff(session, "e-2", name="张敏")
    user = make_user(session, "staff", email="li@example.cn")
    other = make_user(session, "staff", email="zhang@example.cn", staff_id=two.id)
    session.commit()
    address = f"/admin/staff/{one.id}/account"
    assert send(client, address, account="LI@example.cn").status_code == 303
    for wrong in ("nobody@example.cn", "zhang@example.cn"):
        assert send(client, address, account=wrong).status_code == 422
    session.refresh(user)
    session.refresh(other)
    assert (user.staff_id, other.staff_id) == (one.id, two.id)
    session.commit()
    assert send(client, address, account="").status_code == 303
    session.refresh(user)
    assert user.staff_id is None


def test_a_team_is_added_renamed_and_closed_once_it_is_empty(
    client: FlaskClient, session: Session, admin: User
) -> None:
    assert send(client, "/admin/teams", name="夜班").status_code == 303
    assert send(client, "/admin/teams", name="夜班").status_code == 422
    team = session.scalars(sa.select(Team)).one()
    one = make_staff(session, "e-1", team_id=team.id)
    session.commit()
    assert send(client, f"/admin/teams/{team.id}", name="晚班").status_code == 303
    send(client, f"/admin/teams/{team.id}/close")
    session.refresh(team)
    assert (team.name, team.closed_at) == ("晚班", None)
    session.commit()
    send(client, f"/admin/staff/{one.id}/move", team="", day=str(TODAY))
    send(client, f"/admin/teams/{team.id}/close")
    session.refresh(team)
    assert team.closed_at == START
    session.commit()
    assert f'value="{team.id}"' not in client.get(f"/admin/staff/{one.id}").text
    send(client, f"/admin/teams/{team.id}/open")
    session.refresh(team)
    assert team.closed_at is None


def test_leads_are_those_whose_record_is_in_the_team_today(
    client: FlaskClient, session: Session, admin: User
) -> None:
    lead = make_staff(session, "e-1", team_id=make_team(session, "A").id)
    make_user(session, "lead", name="赵领", staff_id=lead.id)
    make_team(session, "B")
    session.commit()
    rows = client.get("/admin/teams?lang=en").text.split("<tr>")
    assert ["赵领" in row for row in rows if "<bdi>A</bdi>" in row or "<bdi>B</bdi>" in row] == [
        True, False,
    ]  # fmt: skip
    assert client.get(f"/admin/teams/{lead.team_id}?on=x").status_code == 400
