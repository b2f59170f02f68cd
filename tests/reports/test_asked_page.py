"""Who was asked, as managers, leads and oneself see it; that somebody looked is kept."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import Look
from feedback.interactions.models import StaffMember
from tests.conftest import Time
from tests.factories import make_response
from tests.reports.stories import person, reader, words
from tests.reports.two_waves import contact, invite

DAYS = "from=2026-01-01&to=2026-09-02&lang=en"
MARK = "Invited less often than others doing the same work: 60 of 100, 90 % expected. Ask why."


def work(session: Session, staff: StaffMember, answered: int, silent: int, left_out: int) -> None:
    for number in range(answered + silent):
        interaction = contact(session, staff)
        made = invite(session, interaction, 1)
        if number < answered:
            make_response(session, interaction, csat=5, invitation_id=made.id)
    for _number in range(left_out):
        invite(session, contact(session, staff), 1, withheld="no_address")
    session.commit()


@pytest.fixture
def people(session: Session, time: Time) -> list[StaffMember]:
    """李静 invites 60 of 100; 白云 and 丁一, of another team, nine of ten."""
    found = [
        person(session, "e-1", "李静"),
        person(session, "e-2", "白云"),
        person(session, "e-3", "丁一", "客服二组"),
    ]
    for staff, numbers in zip(found, ((20, 40, 40), (30, 60, 10), (30, 60, 10)), strict=True):
        work(session, staff, *numbers)
    return found


def table(page: str) -> str:
    start = page.index('<table class="stacked asked">')
    return words(page[start : page.index("</table>", start)])


def test_everybody_stands_by_name_with_each_step(
    client: FlaskClient, session: Session, people: list[StaffMember]
) -> None:
    reader(client, session, "manager", None)
    found = table(client.get(f"/reports/asked?{DAYS}").text)
    assert found.index("白云") < found.index("丁一") < found.index("李静")
    assert f"李静 {MARK} 100 60 60 % · 50–69 % 90 % 60 100 % · 94–100 % 20 33 % · 23–46 %" in found


def test_it_looks_wide_and_is_kept(
    client: FlaskClient, session: Session, people: list[StaffMember]
) -> None:
    reader(client, session, "manager", None)
    client.get(f"/reports/asked?{DAYS}")
    looks = session.execute(sa.select(Look.staff_id, Look.page)).all()
    assert sorted(looks) == sorted((one.id, "asked") for one in people)
    reader(client, session, "staff", people[0])
    assert "Who was asked" in words(client.get(f"/me?{DAYS}").text)


def test_filters_narrow_it(
    client: FlaskClient, session: Session, people: list[StaffMember]
) -> None:
    reader(client, session, "manager", None)
    found = table(client.get(f"/reports/asked?{DAYS}&team=客服二组").text)
    assert "丁一" in found
    assert "李静" not in found
    nothing = client.get("/reports/asked?from=2025-01-01&to=2025-02-01&lang=en").text
    assert "No contacts in these days." in nothing
    assert "No contacts in these days." in client.get(f"/reports/asked?{DAYS}&wave=2").text


def test_a_lead_sees_the_own_team_and_is_compared_with_all(
    client: FlaskClient, session: Session, people: list[StaffMember]
) -> None:
    reader(client, session, "lead", people[1])
    answer = client.get(f"/team/{people[0].team_id}/asked?{DAYS}")
    found = table(answer.text)
    assert MARK in found
    assert "丁一" not in found
    assert f"/team/{people[0].team_id}/asked" in client.get(f"/team?{DAYS}").text


def test_ones_own_page_shows_the_own_row_and_what_is_said_of_it(
    client: FlaskClient, session: Session, people: list[StaffMember]
) -> None:
    reader(client, session, "staff", people[0])
    page = client.get(f"/me?{DAYS}").text
    found = table(page)
    assert MARK in found
    assert "白云" not in found


def test_how_many_answered_is_not_told_of_whom_has_too_few(
    client: FlaskClient, session: Session, people: list[StaffMember]
) -> None:
    few = person(session, "e-4", "赵六")
    work(session, few, 3, 20, 0)
    reader(client, session, "manager", None)
    found = table(client.get(f"/reports/asked?{DAYS}").text)
    row = found[found.index("赵六") :]
    assert "23 23 100 % · 86–100 %" in row
    assert "too few answers to show" in row
    assert " 3 " not in row


def test_wrong_filters_are_named(client: FlaskClient, session: Session, time: Time) -> None:
    reader(client, session, "manager", None)
    answer = client.get("/reports/asked?channel=none&lang=en")
    assert answer.status_code == 400
    assert "Channel names nothing there is" in words(answer.text)


def test_a_hundred_are_listed_and_the_others_asked_for(
    client: FlaskClient, session: Session, time: Time
) -> None:
    for number in range(101):
        invite(session, contact(session, person(session, f"e-{number}", f"员工{number:03}")), 1)
    session.commit()
    reader(client, session, "manager", None)
    page = client.get(f"/reports/asked?{DAYS}").text
    assert page.count('<th scope="row">') == 100
    assert "100 of 101 are listed." in words(page)
    everybody = client.get(f"/reports/asked?{DAYS}&everybody=1").text
    assert everybody.count('<th scope="row">') == 101
