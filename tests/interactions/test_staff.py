"""A list of staff: new ones are added, known ones brought up to date, contradictions refused."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.database import reading
from feedback.interactions.fields import Refused
from feedback.interactions.import_rows import Fate
from feedback.interactions.models import StaffMember, Team
from feedback.interactions.staff import Listed, StaffTaker
from tests.factories import make_staff, make_team

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW, SAME, CHANGED = Fate.CREATED, Fate.DUPLICATE, Fate.UPDATED
LEFT = datetime(2026, 10, 31, 16, tzinfo=UTC)


def listed(number: str = "e-1", name: str = "李静", email: str = "", team: str = "") -> Listed:
    return Listed(number, name, email, team, None, says_who_left=False)


def take(session: Session, *rows: Listed) -> list[Fate | str]:
    """Look first, as a dry run does, then take; both must come to the same."""
    session.commit()
    with reading():
        looked = told(StaffTaker(session, SHANGHAI).look(rows))
        assert not session.new
        session.rollback()
    taken = told(StaffTaker(session, SHANGHAI).take(rows))
    assert looked == taken
    session.commit()
    return taken


def told(fates: Sequence[Fate | Refused]) -> list[Fate | str]:
    return [fate.column if isinstance(fate, Refused) else fate for fate in fates]


def member(session: Session, number: str = "e-1") -> StaffMember:
    session.expire_all()
    return session.scalars(sa.select(StaffMember).where(StaffMember.external_id == number)).one()


def test_new_staff_come_in_with_their_team(session: Session) -> None:
    assert take(session, listed(email="li@example.cn", team="客服一组"), listed("e-2")) == [
        NEW,
        NEW,
    ]
    one = member(session)
    assert (one.name, one.email) == ("李静", "li@example.cn")
    assert one.team is not None
    assert one.team.name == "客服一组"


def test_the_same_list_again_changes_nothing(session: Session) -> None:
    rows = [listed(email="li@example.cn", team="A"), listed("e-2", "张敏", team="A")]
    take(session, *rows)
    assert take(session, *rows) == [SAME, SAME]
    assert session.scalar(sa.select(sa.func.count()).select_from(Team)) == 1


def test_known_staff_are_brought_up_to_date(session: Session) -> None:
    make_staff(session, "e-1", name="李静", email="old@example.cn")
    assert take(session, listed(name="李婧", email="new@example.cn", team="客服二组")) == [CHANGED]
    one = member(session)
    assert (one.name, one.email) == ("李婧", "new@example.cn")
    assert one.team is not None
    assert one.team.name == "客服二组"


def test_an_empty_cell_takes_nothing_away(session: Session) -> None:
    make_staff(session, "e-1", email="li@example.cn", left_at=LEFT, team_id=make_team(session).id)
    assert take(session, listed()) == [SAME]
    one = member(session)
    assert (one.email, one.left_at) == ("li@example.cn", LEFT)
    assert one.team_id is not None


def test_who_has_left_is_said_by_the_column(session: Session) -> None:
    make_staff(session, "e-1", left_at=LEFT)
    make_staff(session, "e-2", name="张敏")
    back = Listed("e-1", "李静", "", "", None, says_who_left=True)
    gone = Listed("e-2", "张敏", "", "", LEFT, says_who_left=True)
    assert take(session, back, gone) == [CHANGED, CHANGED]
    assert (member(session).left_at, member(session, "e-2").left_at) == (None, LEFT)


def test_one_person_twice_in_a_file_is_a_duplicate_and_a_contradiction_is_refused(
    session: Session,
) -> None:
    rows = [listed(), listed(), listed(name="张敏"), listed("e-2")]
    assert take(session, *rows) == [NEW, SAME, "external_id", NEW]
    assert member(session).name == "李静"


def test_two_people_cannot_share_an_address(session: Session) -> None:
    make_staff(session, "e-1", email="desk@example.cn")
    rows = [
        listed("e-2", email="desk@example.cn"),
        listed("e-3", email="new@example.cn"),
        listed("e-4", email="new@example.cn"),
    ]
    assert take(session, *rows) == ["email", NEW, "email"]


def test_an_address_may_be_handed_on(session: Session) -> None:
    make_staff(session, "e-1", email="a@example.cn", left_at=LEFT)
    make_staff(session, "e-2", email="b@example.cn")
    make_staff(session, "e-3", email="c@example.cn")
    rows = [
        listed("e-4", email="a@example.cn"),
        listed("e-2", email="b2@example.cn"),
        listed("e-5", email="b@example.cn"),
        Listed("e-3", "李静", "", "", LEFT, says_who_left=True),
        listed("e-6", email="c@example.cn"),
    ]
    assert take(session, *rows) == [NEW, CHANGED, NEW, CHANGED, NEW]


def test_whoever_contacts_made_known_by_address_gets_their_number(session: Session) -> None:
    made = make_staff(session, "li@example.cn", name="李静", email="li@example.cn")
    assert take(session, listed("e-1", email="li@example.cn")) == [CHANGED]
    assert member(session).id == made.id


def test_batches_of_one_list_know_of_each_other(session: Session) -> None:
    for dry in (True, False):
        taker = StaffTaker(session, SHANGHAI)
        do = taker.look if dry else taker.take
        assert told(do([listed(email="a@example.cn")])) == [NEW]
        session.rollback() if dry else session.commit()
        rows = [
            listed(email="a@example.cn"),
            listed(name="张敏"),
            listed("e-2", email="a@example.cn"),
        ]
        assert told(do(rows)) == [SAME, "external_id", "email"]


def test_what_was_rolled_back_was_not_said(session: Session) -> None:
    taker = StaffTaker(session, SHANGHAI)
    taker.take([listed("e-9")])
    session.commit()
    taker.take([listed()])
    session.rollback()
    taker.forget()
    assert told(taker.take([listed(), listed("e-9")])) == [NEW, SAME]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("external_id", ""), ("name", " "), ("external_id", "x" * 121), ("name", "长" * 121),
        ("team", "x" * 121), ("email", "no address"), ("email", "a@b.cn, c@d.cn"),
        ("left_at", "10/31/2026"), ("left_at", "2026-02-30"),
    ],
)  # fmt: skip
def test_bad_cells_are_refused_with_their_column(session: Session, column: str, value: str) -> None:
    cells = {"external_id": "e-1", "name": "李静", column: value}
    with pytest.raises(Refused) as refused:
        StaffTaker(session, SHANGHAI).read(cells)
    assert (refused.value.column, refused.value.value) == (column, value.strip())


def test_cells_are_tidied(session: Session) -> None:
    one = StaffTaker(session, SHANGHAI).read(
        {
            "external_id": " 0027 ",
            "name": "李\x00静",
            "email": "Li＠Example.cn",
            "left_at": "2026-11-01",
        }
    )
    assert one == Listed("0027", "李静", "li@example.cn", "", LEFT, says_who_left=True)


def test_another_team_in_the_list_ends_one_membership_and_begins_the_next(
    session: Session,
) -> None:
    take(session, listed(team="A"))
    when = datetime(2026, 9, 1, 16, tzinfo=UTC)  # 2 September in Shanghai.
    StaffTaker(session, SHANGHAI, now=when).take([listed(team="B")])
    session.commit()
    spans = [(one.team.name, one.from_day, one.to_day) for one in member(session).memberships]
    assert spans == [("A", None, date(2026, 9, 1)), ("B", date(2026, 9, 2), None)]
    # Without a team, a list says nothing about it.
    StaffTaker(session, SHANGHAI, now=when).take([listed(name="李婧")])
    assert member(session).team_id == spans_team(session, "B")


def spans_team(session: Session, name: str) -> int | None:
    return session.scalar(sa.select(Team.id).where(Team.name == name))
