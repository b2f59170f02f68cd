"""Who shared a contact: how it is written, what is refused, and how it is kept."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.interactions.fields import Refused, Report, read_report
from feedback.interactions.models import Interaction, InteractionShare, StaffMember
from feedback.interactions.record import Recorded, Recorder
from feedback.interactions.shares import Share, write_shares
from tests.factories import make_interaction, make_staff, make_team

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def read(shares: object, **more: Any) -> Report:
    raw = {
        "source": "crm", "external_id": "GD-1", "channel": "phone",
        "closed_at": "2026-11-20 14:11", "customer_external_id": "c-1", "staff_shares": shares,
    } | more  # fmt: skip
    return read_report(raw, zone=SHANGHAI, now=NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e-1=0.5;e-2=0.5", [("e-1", 0.5), ("e-2", 0.5)]),
        (" e-1 = .75 ； e-2 ＝ 0.25; ", [("e-1", 0.75), ("e-2", 0.25)]),
        # A colon is read where it can be no part of a number.
        ("e-1:0.5；e-2：0.5", [("e-1", 0.5), ("e-2", 0.5)]),
        ("user:27=0.4;user:28=0.6", [("user:27", 0.4), ("user:28", 0.6)]),
        ("user:27;user:28", [("user:27", None), ("user:28", None)]),
        # Three thirds.
        ("a=0.333;b=0.333;c=0.333", [("a", 0.333), ("b", 0.333), ("c", 0.333)]),
    ],
)
def test_a_file_names_people_and_their_shares_in_one_cell(
    text: str, expected: list[tuple[str, float | None]]
) -> None:
    report = read(text)
    assert [(one.external_id, one.part) for one in report.shares] == expected
    assert report.staff_external_id == ""
    assert read(write_shares(expected)).shares == report.shares


@pytest.mark.parametrize("alone", ["e-1", "e-1=1", "e-1;", [{"external_id": "e-1", "share": 1}]])
def test_one_who_is_named_alone_served_alone(alone: object) -> None:
    report = read(alone)
    assert (report.staff_external_id, report.shares) == ("e-1", ())


def test_nobody_named_is_nobody() -> None:
    for nothing in ("", " ", None, [], ";"):
        assert (read(nothing).shares, read(nothing).staff_external_id) == ((), "")


def test_a_call_names_them_one_by_one_with_name_and_address() -> None:
    first = {"external_id": 27, "name": " 李静 ", "email": "li@example.cn", "share": 0.5}
    second = {"external_id": "28", "name": None, "share": 0.5}
    assert read([first, second]).shares == (
        Share("27", 0.5, "李静", "li@example.cn"), Share("28", 0.5),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shares", "column", "value"),
    [
        ("e-1=0.5;e-2=0.4", "staff_shares", "0.9"),
        ("e-1=0.5;e-2=0.5;e-3=0.5", "staff_shares", "1.5"),
        ("e-1=0.7", "staff_shares", "0.7"),
        ("e-1=1;e-2=0", "staff_shares", "e-2=0"),
        ("e-1=1.5;e-2=0.5", "staff_shares", "e-1=1.5"),
        ("e-1=50%;e-2=50%", "staff_shares", "e-1=50%"),
        ("e-1=-0.5;e-2=1.5", "staff_shares", "e-1=-0.5"),
        ("e-1=0.5;e-2", "staff_shares", "e-2"),
        ("e-1=0.5;e-1=0.5", "staff_shares", "e-1"),
        ("=0.5;e-2=0.5", "staff_shares", ""),
        (";".join(f"e-{n}" for n in range(21)), "staff_shares", "21"),
        ("长" * 121 + ";b", "staff_shares", "长" * 121),
        (5.0, "staff_shares", "5.0"),
        (["e-1"], "staff_shares.0", "e-1"),
        ([{"external_id": "e-1", "part": 1}], "staff_shares.0.part", "1"),
        ([{"share": 1}], "staff_shares.0.external_id", ""),
        ([{"external_id": True}], "staff_shares.0.external_id", "true"),
        ([{"external_id": "a=b"}], "staff_shares.0.external_id", "a=b"),
        ([{"external_id": "a"}, {"external_id": "b", "name": 5}], "staff_shares.1.name", "5"),
        ([{"external_id": "a", "name": "长" * 121}], "staff_shares.0.name", "长" * 121),
        ([{"external_id": "a", "share": "0.5"}], "staff_shares.0.share", "0.5"),
        ([{"external_id": "a", "share": True}], "staff_shares.0.share", "true"),
        ([{"external_id": "a", "share": float("nan")}], "staff_shares.0.share", "NaN"),
    ],
)
def test_what_cannot_be_taken_is_named(shares: object, column: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        read(shares)
    assert (refused.value.column, refused.value.value) == (column, value)
    assert refused.value.reason


def test_who_served_is_said_once() -> None:
    with pytest.raises(Refused) as refused:
        read("e-1=0.5;e-2=0.5", staff_name="李静")
    assert refused.value.column == "staff_shares"
    assert "staff_name" in refused.value.reason


def record(session: Session, *reports: Report) -> list[tuple[int, Recorded | None]]:
    made = Recorder(session, SHANGHAI).record(reports, NOW)
    session.commit()
    return made


def kept(session: Session) -> dict[str, float | None]:
    session.expire_all()
    interaction = session.scalars(sa.select(Interaction)).one()
    assert interaction.staff_id is None
    return {share.staff.external_id: share.part for share in interaction.shares}


def test_a_shared_contact_is_nobodys_alone_and_keeps_its_parts(session: Session) -> None:
    people = [
        {"external_id": "e-1", "name": "李静", "email": "Li@example.cn", "share": 0.25},
        {"external_id": "e-2", "share": 0.75},
    ]
    [(_id, made)] = record(session, read(people, team="客服一组"))
    assert kept(session) == {"e-1": 0.25, "e-2": 0.75}
    assert made is not None
    assert (made.has_staff, made.staff_emails) == (True, ("Li@example.cn",))
    first = session.scalars(sa.select(StaffMember).where(StaffMember.external_id == "e-1")).one()
    assert (first.name, first.email) == ("李静", "li@example.cn")


def test_the_parts_of_the_first_report_stand(session: Session) -> None:
    record(session, read("e-1=0.5;e-2=0.5"))
    [(_id, again)] = record(session, read("e-1=0.9;e-3=0.1"))
    assert again is None
    assert kept(session) == {"e-1": 0.5, "e-2": 0.5}


def test_without_parts_it_is_known_who_served_and_nobody_is_given_any(session: Session) -> None:
    record(session, read("e-1;e-2"))
    assert kept(session) == {"e-1": None, "e-2": None}


@pytest.mark.parametrize(("other_team", "expected"), [("客服一组", True), ("客服二组", False)])
def test_the_team_is_the_one_all_of_them_are_of(
    session: Session, other_team: str, expected: bool
) -> None:
    for key, team in (("e-1", "客服一组"), ("e-2", other_team)):
        make_staff(session, key, team_id=make_team(session, team).id)
    record(session, read("e-1=0.5;e-2=0.5"))
    team = session.scalars(sa.select(Interaction)).one().team
    assert (team is not None) == expected


def test_two_spellings_of_one_number_are_one_person(session: Session) -> None:
    make_staff(session, "0027")
    record(session, read("27=0.25;0027=0.25;e-2=0.5"))
    assert kept(session) == {"0027": 0.5, "e-2": 0.5}


def test_two_spellings_of_one_number_alone_served_alone(session: Session) -> None:
    alone = make_staff(session, "0027").id
    record(session, read("27=0.5;0027=0.5"))
    assert session.scalars(sa.select(Interaction)).one().staff_id == alone
    assert session.scalars(sa.select(InteractionShare)).all() == []


@pytest.mark.parametrize("part", [0, 1, -0.5, 1.5])
def test_the_database_forbids_what_no_part_can_be(session: Session, part: float) -> None:
    interaction, staff = make_interaction(session, staff_id=None), make_staff(session)
    session.add(InteractionShare(interaction_id=interaction.id, staff_id=staff.id, part=part))
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_database_lets_nobody_share_a_contact_twice(session: Session) -> None:
    interaction, staff = make_interaction(session, staff_id=None), make_staff(session)
    row = {"interaction_id": interaction.id, "staff_id": staff.id, "part": 0.5}
    with pytest.raises(IntegrityError):
        session.execute(sa.insert(InteractionShare), [row, row])
