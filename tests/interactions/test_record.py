"""An interaction is recorded once, with everybody as they were when it ended."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.fields import LIMITS, Report
from feedback.interactions.models import Customer, Interaction, StaffMember, Team
from feedback.interactions.record import Recorded, Recorder
from feedback.interactions.staff import Listed, StaffTaker
from tests.factories import make_staff, make_team

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
CLOSED = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)  # Half past midnight of the 21st in Shanghai.


def report(external_id: str = "GD-1", **more: Any) -> Report:
    values = {"source": "crm", "channel": "phone", "closed_at": CLOSED}
    values |= {"customer_external_id": "c-1"} | more
    return Report(external_id=external_id, **values)


def record(session: Session, *reports: Report) -> list[tuple[int, Recorded | None]]:
    return Recorder(session, SHANGHAI).record(reports, NOW)


def only(session: Session) -> Interaction:
    return session.scalars(sa.select(Interaction)).one()


def test_everything_reported_is_kept(session: Session) -> None:
    record(
        session,
        report(
            kind="call",
            status="closed",
            subject="续签 𠮷",
            occurred_at=CLOSED,
            customer_name="王伟",
            customer_gender="male",
            customer_email="Wang@Example.cn",
            customer_phone="+8613800138000",
            customer_locale="zh-Hans",
            segment="A",
            staff_external_id="e-1",
            staff_name="李静",
            staff_email="LiJing@example.cn",
            team="客服一组",
            location="杭州西湖店",
            product="标准版",
        ),
    )
    kept = only(session)
    assert (kept.kind, kept.status, kept.subject, kept.occurred_at) == (
        "call", "closed", "续签 𠮷", CLOSED,
    )  # fmt: skip
    assert (kept.customer_email, kept.customer_phone) == ("Wang@Example.cn", "+8613800138000")
    assert (kept.customer_name, kept.customer_gender, kept.customer_locale) == (
        "王伟", "male", "zh-Hans",
    )  # fmt: skip
    assert (kept.segment, kept.location, kept.product) == ("A", "杭州西湖店", "标准版")
    assert (kept.closed_at, kept.day, kept.recorded_at) == (CLOSED, date(2026, 11, 21), NOW)
    assert kept.staff is not None
    assert (kept.staff.external_id, kept.staff.name) == ("e-1", "李静")
    assert kept.staff.email == "lijing@example.cn"
    assert kept.team is not None
    assert kept.team.name == "客服一组"
    assert (kept.channel.code, kept.customer.key) == ("phone", "id:crm:c-1")


def test_every_column_holds_the_longest_text_that_is_let_in(session: Session) -> None:
    read = ("customer_locale", "customer_gender", "staff_shares")
    names = [name for name in LIMITS if name not in read]
    record(
        session, report(**{name: "长" * LIMITS[name] for name in names if name != "external_id"})
    )
    record(
        session,
        report("b", customer_external_id="", customer_email="长" * LIMITS["customer_email"]),
        report("c", staff_email="长" * LIMITS["staff_email"]),
        report("长" * LIMITS["external_id"]),
    )
    assert session.scalar(sa.select(sa.func.count()).select_from(Interaction)) == 4


def test_a_second_report_of_the_same_contact_changes_nothing(session: Session) -> None:
    [(first, made)] = record(session, report(subject="as it was", team="A"))
    assert made is not None
    [(second, again)] = record(session, report(subject="as it was told later", team="B"))
    assert (second, again) == (first, None)
    assert only(session).subject == "as it was"


def test_of_two_reports_in_one_list_the_first_counts(session: Session) -> None:
    (first, made), (second, again), (other, also) = record(
        session, report(subject="first"), report(subject="second"), report("GD-2")
    )
    assert made is not None
    assert (second, again) == (first, None)
    assert also is not None
    assert other != first
    assert session.get_one(Interaction, first).subject == "first"


def test_two_sources_may_number_alike(session: Session) -> None:
    (_first, made), (_second, also) = record(session, report(), report(source="shop"))
    assert made is not None
    assert also is not None


def test_one_customer_is_one_and_keys_of_different_kinds_are_not_mixed(session: Session) -> None:
    record(
        session,
        report("1"),
        report("2"),
        report("3", customer_external_id="", customer_email="a@b.cn"),
        report("4", customer_external_id="", customer_email="A@B.cn"),
        report("5", customer_external_id="", customer_phone="13800138000"),
    )
    record(session, report("6", customer_external_id="", customer_phone="+86 138 0013 8000"))
    keys = sorted(session.scalars(sa.select(Customer.key)))
    assert keys == ["email:a@b.cn", "id:crm:c-1", "phone:+8613800138000"]


def test_what_was_true_stays_true_when_staff_move(session: Session) -> None:
    make_staff(session, "e-1", name="李静", email="old@example.cn", team_id=make_team(session).id)
    record(session, report("1", staff_external_id="e-1"))
    taker = StaffTaker(session, SHANGHAI)
    taker.take([Listed("e-1", "李静", "new@example.cn", "客服二组", None, says_who_left=False)])
    record(session, report("2", staff_external_id="e-1"))
    session.expire_all()
    before, after = session.scalars(sa.select(Interaction).order_by(Interaction.id))
    assert before.team is not None
    assert after.team is not None
    assert (before.team.name, after.team.name) == ("客服一组", "客服二组")
    assert before.staff is after.staff


def test_the_team_a_report_names_goes_before_todays(session: Session) -> None:
    make_staff(session, "e-1", team_id=make_team(session, "客服一组").id)
    record(session, report(staff_external_id="e-1", team="夜班"))
    kept = only(session)
    assert kept.team is not None
    assert kept.team.name == "夜班"
    assert session.scalars(sa.select(StaffMember)).one().team_id == make_team(session).id


def test_without_staff_there_is_none_and_a_team_may_stand_alone(session: Session) -> None:
    record(session, report(team="自助"))
    kept = only(session)
    assert kept.staff_id is None
    assert kept.team_id == session.scalar(sa.select(Team.id).where(Team.name == "自助"))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"staff_external_id": "0027"}, "0027"),
        ({"staff_external_id": "27"}, "0027"),
        ({"staff_external_id": "7"}, "7"),
        ({"staff_email": "LI@example.cn"}, "0027"),
        ({"staff_name": "李静"}, "李静"),
    ],
)
def test_staff_are_found_by_number_then_address_and_never_by_name_alone(
    session: Session, given: dict[str, str], found: str
) -> None:
    make_staff(session, "0027", name="李静", email="li@example.cn")
    make_staff(session, "007", name="张敏")
    make_staff(session, "7", name="陈晨")
    record(session, report(**given))
    staff = only(session).staff
    assert staff is not None
    assert staff.external_id == found


def test_a_dropped_zero_is_not_guessed_at_where_two_could_be_meant(session: Session) -> None:
    make_staff(session, "027", name="李静")
    make_staff(session, "0027", name="张敏")
    record(session, report(staff_external_id="27"))
    staff = only(session).staff
    assert staff is not None
    assert staff.external_id == "27"


def test_an_address_handed_on_finds_who_has_it_today(session: Session) -> None:
    make_staff(session, "e-1", email="desk@example.cn", left_at=CLOSED)
    today = make_staff(session, "e-2", email="desk@example.cn")
    record(session, report(staff_email="desk@example.cn"))
    assert only(session).staff_id == today.id


def test_what_ended_before_it_began_is_marked(session: Session) -> None:
    record(session, report(occurred_at=NOW))
    assert only(session).out_of_order


def test_after_a_rollback_nothing_remembered_is_trusted(session: Session) -> None:
    recorder = Recorder(session, SHANGHAI)
    everything = {"staff_external_id": "e-1", "team": "A"}
    recorder.record([report(**everything)], NOW)
    session.rollback()
    recorder.forget()
    recorder.record([report(**everything)], NOW)
    assert only(session).staff_id is not None


def test_what_is_remembered_stays_small(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedback.interactions.record._MOST_REMEMBERED", 2)
    reports = [report(str(n), staff_external_id=f"e-{n}", team=f"t-{n}") for n in range(5)]
    recorder = Recorder(session, SHANGHAI)
    recorder.record(reports, NOW)
    assert len(recorder._staff) <= 2
    assert session.scalar(sa.select(sa.func.count()).select_from(StaffMember)) == 5
