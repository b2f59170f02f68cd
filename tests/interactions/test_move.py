"""Memberships: one team a day, a move ends one and begins the next, and the database agrees."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from feedback.interactions.models import Membership, StaffMember, Team
from feedback.interactions.move import CannotMove, move, team_on
from tests.factories import make_staff, make_team

TODAY = date(2026, 9, 2)


@pytest.fixture
def li(session: Session) -> StaffMember:
    return make_staff(session, "e-1", team_id=make_team(session, "A").id)


def go(session: Session, member: StaffMember, name: str | None, day: date = TODAY) -> bool:
    team = make_team(session, name) if name else None
    return move(session, member, team, day=day, today=TODAY)


def spans(member: StaffMember) -> list[tuple[str, date | None, date | None]]:
    return [(one.team.name, one.from_day, one.to_day) for one in member.memberships]


def on(number: int) -> date:
    return TODAY + timedelta(days=number)


def test_whoever_was_there_at_first_was_there_all_along(session: Session, li: StaffMember) -> None:
    assert spans(li) == [("A", None, None)]
    assert li.team is not None
    assert (li.team.name, li.team_id) == ("A", li.team.id)


def test_a_move_ends_one_membership_and_begins_the_next(session: Session, li: StaffMember) -> None:
    assert go(session, li, "B", on(-3))
    assert spans(li) == [("A", None, on(-4)), ("B", on(-3), None)]
    assert [team.name for team in (team_on(li, on(-4)), team_on(li, on(-3))) if team] == ["A", "B"]
    assert not go(session, li, "B")
    assert go(session, li, None)
    assert (li.team, li.team_id, team_on(li, TODAY)) == (None, None, None)
    assert spans(li)[-1] == ("B", on(-3), on(-1))


def test_a_second_move_on_the_same_day_corrects_and_moving_back_undoes(
    session: Session, li: StaffMember
) -> None:
    go(session, li, "B")
    go(session, li, "C")
    assert spans(li) == [("A", None, on(-1)), ("C", TODAY, None)]
    go(session, li, "A")
    assert spans(li) == [("A", None, None)]


@pytest.mark.parametrize(
    ("day", "why"), [(on(1), "future"), (on(-6), "before"), (on(-5), None), (on(-4), None)]
)
def test_a_move_is_not_ahead_of_today_or_of_the_last_one(
    day: date, why: str | None, session: Session, li: StaffMember
) -> None:
    go(session, li, "B", on(-5))
    if why is None:
        assert go(session, li, "C", day)
        return
    with pytest.raises(CannotMove, match=why):
        go(session, li, "C", day)


def test_nobody_moves_into_a_closed_team(session: Session, li: StaffMember) -> None:
    make_team(session, "B").closed_at = sa.func.now()
    session.flush()
    session.expire_all()
    with pytest.raises(CannotMove, match="closed"):
        go(session, li, "B")


def test_somebody_who_has_a_team_moves_and_is_not_rewritten(li: StaffMember) -> None:
    with pytest.raises(AttributeError):
        li.team_id = None


def test_todays_team_can_be_asked_for_in_the_database(session: Session, li: StaffMember) -> None:
    go(session, li, "B")
    make_staff(session, "e-2", team_id=make_team(session, "A").id)
    make_staff(session, "e-3", team_id=None)
    rows = session.execute(
        sa.select(StaffMember.external_id, StaffMember.team_id).order_by(StaffMember.external_id)
    ).all()
    b, a = make_team(session, "B").id, make_team(session, "A").id
    assert [(row.external_id, row.team_id) for row in rows] == [
        ("e-1", b),
        ("e-2", a),
        ("e-3", None),
    ]
    joined = sa.select(StaffMember.external_id).join(Team, Team.id == StaffMember.team_id)
    assert session.scalars(joined.where(Team.name == "B")).all() == ["e-1"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((None, None), (None, None)),
        ((None, None), (on(0), on(1))),
        ((on(0), on(5)), (on(5), None)),
        ((on(0), on(5)), (None, on(0))),
        ((on(0), None), (on(9), on(9))),
        ((on(5), on(1)), None),
    ],
)
def test_the_database_lets_nobody_be_in_two_teams_on_one_day(
    first: tuple[date | None, date | None], second: tuple[date | None, date | None] | None,
    session: Session,
) -> None:  # fmt: skip
    staff = make_staff(session, "e-9", team_id=None).id
    teams = make_team(session, "A").id, make_team(session, "B").id
    rows = [
        {"staff_id": staff, "team_id": team_id, "from_day": span[0], "to_day": span[1]}
        for span, team_id in zip((first, second or first), teams, strict=True)
    ]
    with pytest.raises(DatabaseError):
        session.execute(sa.insert(Membership), rows)


def test_memberships_side_by_side_are_fine_and_cannot_be_stretched_over_each_other(
    session: Session, li: StaffMember
) -> None:
    go(session, li, "B", on(-3))
    with pytest.raises(DatabaseError):
        session.execute(
            sa.update(Membership).where(Membership.to_day == on(-4)).values(to_day=on(-3))
        )
