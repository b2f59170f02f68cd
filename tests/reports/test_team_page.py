"""A team's page: the members by name, and nothing about those with too few answers."""

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import Look
from feedback.interactions.models import StaffMember
from feedback.interactions.move import move
from tests.conftest import START, Time
from tests.reports.stories import answered, person, reader, words

TODAY = START.date()
DAYS = "from=2026-07-01&to=2026-09-02&lang=en"


@pytest.fixture
def lead(client: FlaskClient, session: Session, time: Time) -> StaffMember:
    staff = person(session, "e-0", "赵领")
    answered(session, staff, [4] * 20)
    reader(client, session, "lead", staff)
    return staff


def rows(page: str) -> list[str]:
    """Return the rows of the table of members: the name, and the figures of both waves."""
    table = page[page.index('id="staff-heading"') : page.index('id="trend"')]
    body = table[table.index("<tbody>") : table.index("</tbody>")]
    found = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    return [words("".join(row.split("</td>")[:2])).strip() for row in found]


def test_members_stand_by_name_with_both_waves(
    client: FlaskClient, session: Session, lead: StaffMember
) -> None:
    answered(session, person(session, "e-1", "李静"), [5] * 40)
    answered(session, person(session, "e-2", "白云"), [5] * 30 + [1] * 10)
    answered(session, person(session, "e-2", "白云"), [5] * 12, wave=2)
    person(session, "e-3", "丁一")
    assert rows(client.get(f"/team?{DAYS}").text) == [
        "白云 75 % 40 answers · 60–86 % 100 % 12 answers · 76–100 % not for appraisal",
        "丁一 no answers no answers",
        "李静 100 % 40 answers · 91–100 % no answers",
        "赵领 100 % 20 answers · 84–100 % not for appraisal no answers",
    ]


def test_members_with_too_few_are_hidden_with_whoever_covers_for_them(
    client: FlaskClient, session: Session, lead: StaffMember
) -> None:
    answered(session, person(session, "e-1", "李静"), [5] * 3)
    answered(session, person(session, "e-2", "白云"), [5] * 40)
    answered(session, person(session, "e-3", "丁一"), [5] * 60)
    page = client.get(f"/team?{DAYS}").text
    # Not behind the lead, who knows the own figure and would subtract it.
    assert rows(page) == [
        "白云 too few answers to show no answers",
        "丁一 100 % 60 answers · 94–100 % not for appraisal no answers",
        "李静 too few answers to show no answers",
        "赵领 100 % 20 answers · 84–100 % not for appraisal no answers",
    ]


def test_members_with_fewer_than_ten_are_not_judged(
    client: FlaskClient, session: Session, lead: StaffMember
) -> None:
    answered(session, person(session, "e-1", "李静"), [5] * 7)
    assert rows(client.get(f"/team?{DAYS}").text)[0] == (
        "李静 7 answers · Too few answers to judge (7 of 10). no answers"
    )


def test_each_member_leads_to_their_page(
    client: FlaskClient, session: Session, lead: StaffMember
) -> None:
    member = person(session, "e-1", "李静")
    page = client.get(f"/team?{DAYS}&metric=nps").text
    link = re.search(rf'href="(/reports/staff/{member.id}\?[^"]+)"', page)
    assert link
    assert client.get(link[1].replace("&amp;", "&")).status_code == 200


def test_old_answers_stay_with_the_old_team(
    client: FlaskClient, session: Session, lead: StaffMember
) -> None:
    mover = person(session, "e-1", "李静")
    answered(session, mover, [5] * 30)
    move(session, mover, person(session, "e-x", "外人", "客服二组").team, day=TODAY, today=TODAY)
    answered(session, mover, [1] * 50)
    page = client.get(f"/team?{DAYS}").text
    assert rows(page)[0] == ("李静 no longer in this team 100 % 30 answers · 89–100 % no answers")
    assert f"/reports/staff/{mover.id}" not in page


def test_those_who_left_are_no_members_but_their_answers_stay(
    client: FlaskClient, session: Session, lead: StaffMember
) -> None:
    gone, idle = person(session, "e-1", "李静"), person(session, "e-2", "白云")
    answered(session, gone, [5] * 30)
    gone.left_at = idle.left_at = START
    session.commit()
    names = [row.split()[0] for row in rows(client.get(f"/team?{DAYS}").text)]
    assert names == ["李静", "赵领"]


def test_a_lead_is_refused_another_team(
    client: FlaskClient, session: Session, lead: StaffMember
) -> None:
    other = person(session, "e-x", "外人", "客服二组")
    assert client.get(f"/team/{other.team_id}").status_code == 403
    assert client.get("/team/4711").status_code == 403
    assert client.get(f"/team/{lead.team_id}").status_code == 200


def test_a_lead_without_a_team_is_told_so(
    client: FlaskClient, session: Session, time: Time
) -> None:
    staff = person(session, "e-1", "李静")
    move(session, staff, None, day=TODAY, today=TODAY)
    reader(client, session, "lead", staff)
    answer = client.get("/team?lang=en")
    assert answer.status_code == 200
    assert "in no team" in answer.text


def test_managers_choose_among_all_teams(client: FlaskClient, session: Session, time: Time) -> None:
    one, two = person(session, "e-1", "李静"), person(session, "e-2", "外人", "客服二组")
    answered(session, one, [5] * 40)
    reader(client, session, "manager", None)
    page = client.get(f"/team?{DAYS}").text
    assert f'href="/team/{one.team_id}?' in page
    assert f'href="/team/{two.team_id}?' in page
    assert "100 % 40 answers · 91–100 %" in words(page)
    assert client.get("/team/4711").status_code == 404


def test_whose_figures_the_page_shows_is_kept_once_a_day(
    client: FlaskClient, session: Session, lead: StaffMember, time: Time
) -> None:
    shown, hidden = person(session, "e-1", "李静"), person(session, "e-2", "白云")
    answered(session, shown, [5] * 40)
    answered(session, hidden, [5] * 2)
    answered(session, person(session, "e-3", "丁一"), [5] * 30)
    client.get(f"/team?{DAYS}")
    client.get(f"/team?{DAYS}&period=week")
    looks = session.scalars(sa.select(Look)).all()
    assert [(look.staff_id, look.page) for look in looks] == [(shown.id, "team")]
