"""One team first: what goes live, what stays off, and what came in while all stood still."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback import work
from feedback.invitations.models import Invitation
from feedback.milestones import REHEARSED, milestones
from feedback.pauses import begin_pause
from feedback.touchpoints.models import Touchpoint
from tests.conftest import Time
from tests.factories import make_channel, make_staff, make_team
from tests.invitations.stories import report
from tests.operating.pages import administrator, post

PAGE = "/admin/go-live"


@pytest.fixture
def teams(session: Session) -> dict[str, int]:
    make_channel(session)
    found = {}
    for number, name in enumerate(("客服一组", "客服二组")):
        found[name] = make_team(session, name).id
        make_staff(session, f"e-{number}", team_id=found[name])
    session.commit()
    return found


def contact(app: Flask, session: Session, time: Time, teams: dict[str, int], team: str) -> int:
    staff = make_staff(session, f"e-{list(teams).index(team)}")
    made = report(app, session, time.now, staff_id=staff.id, team_id=teams[team])
    return made.id


def phone(session: Session) -> Touchpoint:
    return session.scalars(sa.select(Touchpoint).where(Touchpoint.key == "phone")).one()


def make_ready(client: FlaskClient, session: Session, team_id: int | str) -> None:
    number = phone(session).id
    session.rollback()
    answer = post(client, f"{PAGE}/choose", PAGE, touchpoint=str(number), team=str(team_id))
    assert answer.status_code == 303


def live(session: Session) -> list[str]:
    with Session(session.get_bind()) as other:
        found = other.scalars(sa.select(Touchpoint).order_by(Touchpoint.id))
        return [one.key for one in found if one.is_live]


def fate(session: Session, interaction_id: int) -> str | None:
    with Session(session.get_bind()) as other:
        one = other.scalars(
            sa.select(Invitation).where(
                Invitation.interaction_id == interaction_id, Invitation.wave == 1
            )
        ).one()
        return "issued" if one.issued_at else one.withheld_because


def test_one_team_is_asked_and_the_other_is_not(
    app: Flask, client: FlaskClient, session: Session, time: Time, teams: dict[str, int]
) -> None:
    begin_pause(session, now=time.now, by="set-up")
    administrator(client, session)
    before = {team: contact(app, session, time, teams, team) for team in teams}
    make_ready(client, session, teams["客服一组"])
    assert len(live(session)) == 14
    time.forward(minutes=30)
    assert post(client, PAGE).status_code == 303
    key = f"phone-{teams['客服一组']}"
    assert live(session) == [key]
    page = client.get(PAGE).text
    assert "Live: 客服一组" in page
    work.work_until_idle(app, now=time.forward(minutes=1), worker="one")
    assert fate(session, before["客服一组"]) == "issued"
    assert fate(session, before["客服二组"]) == "not_live"
    time.forward(days=1)
    # What arrives from now on belongs to the team's touchpoint, or to none.
    after = {team: contact(app, session, time, teams, team) for team in teams}
    planned = session.scalars(
        sa.select(Invitation.interaction_id).where(Invitation.wave == 1)
    ).all()
    assert after["客服一组"] in planned
    assert after["客服二组"] not in planned


def test_the_others_are_switched_on_again_by_one_button(
    client: FlaskClient, session: Session, time: Time, teams: dict[str, int]
) -> None:
    administrator(client, session)
    make_ready(client, session, teams["客服一组"])
    post(client, PAGE)
    assert post(client, f"{PAGE}/everywhere", PAGE).status_code == 303
    assert len(live(session)) == 15
    # None is live without somebody who answers for it.
    assert all(one.owner_id for one in session.scalars(sa.select(Touchpoint)))


def test_a_second_team_goes_live_beside_the_first(
    client: FlaskClient, session: Session, time: Time, teams: dict[str, int]
) -> None:
    administrator(client, session)
    for team in teams.values():
        make_ready(client, session, team)
        time.forward(minutes=10)
        assert post(client, PAGE).status_code == 303
    assert live(session) == [f"phone-{team}" for team in teams.values()]
    assert "Live: 客服一组, 客服二组" in client.get(PAGE).text
    # What was switched off for the first is still there to be switched on.
    post(client, f"{PAGE}/everywhere", PAGE)
    assert len(live(session)) == 16


def test_going_live_for_everybody_takes_the_touchpoint_itself(
    client: FlaskClient, session: Session, time: Time, teams: dict[str, int]
) -> None:
    administrator(client, session)
    make_ready(client, session, "")
    post(client, PAGE)
    assert live(session) == ["phone"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Touchpoint)) == 14


def test_the_simulation_is_of_what_was_made_ready_and_equals_the_run(
    app: Flask, client: FlaskClient, session: Session, time: Time, teams: dict[str, int]
) -> None:
    begin_pause(session, now=time.now, by="set-up")
    session.commit()
    for team, number in (("客服一组", 3), ("客服二组", 2)):
        for _number in range(number):
            contact(app, session, time, teams, team)
    time.forward(days=1)
    administrator(client, session)
    make_ready(client, session, teams["客服一组"])
    answer = post(client, f"{PAGE}/simulate", PAGE)
    assert answer.status_code == 303
    assert milestones(session)[REHEARSED].detail.endswith(": 5 → 3")
    session.rollback()
    page = client.get(answer.location).text
    assert "As if only" in page
    assert "5 → 3" in client.get(PAGE).text
    post(client, PAGE)
    done = work.work_until_idle(app, now=time.forward(minutes=1), worker="one")
    assert done.issued == 3


def test_a_touchpoint_that_lost_what_it_needs_does_not_go_live(
    client: FlaskClient, session: Session, time: Time, teams: dict[str, int]
) -> None:
    administrator(client, session)
    make_ready(client, session, teams["客服一组"])
    one = session.scalars(sa.select(Touchpoint).where(Touchpoint.team_id.is_not(None))).one()
    one.goal_en = one.goal_zh = ""
    session.commit()
    answer = post(client, PAGE)
    assert answer.status_code == 422
    assert "only with a goal" in answer.text
    assert len(live(session)) == 14


def test_before_anything_is_ready_there_is_nothing_to_go_live_with(
    client: FlaskClient, session: Session
) -> None:
    administrator(client, session)
    assert post(client, PAGE, f"{PAGE}").status_code == 404


def test_a_button_above_every_page_of_administration_pauses(
    app: Flask, client: FlaskClient, session: Session, time: Time, teams: dict[str, int]
) -> None:
    administrator(client, session)
    page = client.get("/admin/people").text
    assert 'action="/admin/pause"' in page
    assert post(client, "/admin/pause", "/admin/people").status_code == 303
    waiting = contact(app, session, time, teams, "客服一组")
    assert work.work_until_idle(app, now=time.now, worker="one") == work.Round()
    page = client.get("/admin/pause").text
    assert "admin@example.cn" in page
    assert "Paused" in client.get("/admin/queue").text
    time.forward(minutes=50)
    answer = post(client, "/admin/pause/resume", "/admin/pause")
    assert answer.status_code == 303
    assert "Asking goes on." in client.get("/admin/pause").text
    work.work_until_idle(app, now=time.now + timedelta(seconds=1), worker="one")
    assert fate(session, waiting) == "issued"


def test_nobody_else_sees_the_strip(client: FlaskClient, session: Session) -> None:
    assert "strip-line" not in client.get("/sign-in").text
    administrator(client, session)
    assert "strip-line" not in client.get("/reports").text
