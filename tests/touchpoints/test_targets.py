"""Targets: which applied when, and that nobody changes a begun period alone."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.touchpoints.models import Target
from feedback.touchpoints.set_target import confirm_target, decline_target
from feedback.touchpoints.targets import replaced_by, set_late, target_on, targets_during, the_log
from tests.conftest import START
from tests.factories import make_channel, make_staff, make_team, make_user
from tests.touchpoints.stories import TODAY, TOMORROW, ZONE, aim, days_on

LATER = START + timedelta(days=20)


@pytest.fixture
def one(session: Session) -> User:
    return make_user(session, "manager")


@pytest.fixture
def two(session: Session) -> User:
    return make_user(session, "admin")


def applying(
    session: Session, first: date, last: date, **where: int
) -> list[tuple[float, date, date]]:
    found = targets_during(session, "csat", 1, where, first, last)
    return [(one.value, one.first, one.last) for one in found]


def test_without_any_target_nothing_applies(session: Session) -> None:
    assert applying(session, TODAY, days_on(30)) == []
    assert target_on(session, "csat", 1, {}, TODAY) is None


def test_a_target_applies_from_its_first_day_on(session: Session, one: User) -> None:
    aim(session, one, 0.85)
    assert target_on(session, "csat", 1, {}, TODAY) is None
    found = target_on(session, "csat", 1, {}, TOMORROW)
    assert found is not None
    assert (found.value, found.is_late) == (0.85, False)
    assert applying(session, TODAY, days_on(9)) == [(0.85, TOMORROW, days_on(9))]


def test_it_is_of_its_own_metric_and_wave(session: Session, one: User) -> None:
    aim(session, one, 0.85)
    assert target_on(session, "nps", 1, {}, TOMORROW) is None
    assert target_on(session, "csat", 2, {}, TOMORROW) is None


def test_a_new_one_supersedes_it_from_its_own_first_day_on(session: Session, one: User) -> None:
    aim(session, one, 0.8)
    aim(session, one, 0.85, days_on(10))
    assert applying(session, days_on(1), days_on(20)) == [
        (0.8, days_on(1), days_on(9)),
        (0.85, days_on(10), days_on(20)),
    ]


def test_one_for_some_days_gives_way_to_what_was_there_after_them(
    session: Session, one: User
) -> None:
    aim(session, one, 0.8)
    aim(session, one, 0.85, days_on(10), days_on(12))
    assert applying(session, days_on(9), days_on(14)) == [
        (0.8, days_on(9), days_on(9)),
        (0.85, days_on(10), days_on(12)),
        (0.8, days_on(13), days_on(14)),
    ]


def test_of_two_for_the_same_days_the_one_set_last_applies(session: Session, one: User) -> None:
    aim(session, one, 0.85, days_on(10))
    aim(session, one, 0.8, days_on(5), now=START + timedelta(hours=1))
    assert applying(session, days_on(5), days_on(20)) == [(0.8, days_on(5), days_on(20))]


def test_a_line_without_a_value_ends_it(session: Session, one: User) -> None:
    aim(session, one, 0.8)
    aim(session, one, None, days_on(10))
    assert applying(session, days_on(1), days_on(20)) == [(0.8, days_on(1), days_on(9))]


def test_the_most_specific_that_has_one_applies(session: Session, one: User) -> None:
    phone, team = make_channel(session).id, make_team(session).id
    aim(session, one, 0.7)
    aim(session, one, 0.75, about=("channel", phone))
    aim(session, one, 0.8, days_on(5), about=("team", team))
    both = {"channel": phone, "team": team}
    assert applying(session, TOMORROW, days_on(9)) == [(0.7, TOMORROW, days_on(9))]
    assert applying(session, TOMORROW, days_on(9), channel=phone) == [(0.75, TOMORROW, days_on(9))]
    assert applying(session, TOMORROW, days_on(9), **both) == [
        (0.75, TOMORROW, days_on(4)),
        (0.8, days_on(5), days_on(9)),
    ]
    assert applying(session, TOMORROW, days_on(9), channel=phone + 1) == [
        (0.7, TOMORROW, days_on(9))
    ]


def test_where_the_teams_own_has_ended_everybodys_applies(session: Session, one: User) -> None:
    team = make_team(session).id
    aim(session, one, 0.7)
    aim(session, one, 0.8, about=("team", team))
    aim(session, one, None, days_on(5), about=("team", team))
    assert applying(session, days_on(4), days_on(6), team=team) == [
        (0.8, days_on(4), days_on(4)),
        (0.7, days_on(5), days_on(6)),
    ]


def test_a_staff_member_has_the_targets_of_their_team(session: Session, one: User) -> None:
    staff = make_staff(session)
    assert staff.team_id is not None
    aim(session, one, 0.8, about=("team", staff.team_id))
    assert applying(session, TOMORROW, TOMORROW, staff=staff.id) == [(0.8, TOMORROW, TOMORROW)]
    with pytest.raises(NotPossible, match="one person"):
        aim(session, one, about=("staff", staff.id))


def test_for_begun_days_it_needs_a_reason_and_a_second_person(
    session: Session, one: User, two: User
) -> None:
    aim(session, one, 0.8, days_on(1))
    with pytest.raises(NotPossible, match="second person"):
        aim(session, one, 0.6, days_on(1), now=LATER)
    line = aim(session, one, 0.6, days_on(1), now=LATER, reason="the old one was a slip")
    assert line.is_waiting
    assert applying(session, days_on(1), days_on(30)) == [(0.8, days_on(1), days_on(30))]
    with pytest.raises(NotPossible, match="Somebody else"):
        confirm_target(session, line.id, by=one, now=LATER)
    confirm_target(session, line.id, by=two, now=LATER + timedelta(days=1))
    session.refresh(line)
    found = targets_during(session, "csat", 1, {}, days_on(1), days_on(30))
    assert [(each.value, each.is_late) for each in found] == [(0.6, True)]
    assert (line.set_by_id, line.confirmed_by_id) == (one.id, two.id)


def test_the_day_that_has_begun_is_the_organisations(session: Session, one: User) -> None:
    # 23:30 in Shanghai on the 2nd is still before the 3rd; 00:30 is in it, on the 2nd in London.
    before, after = START.replace(hour=15, minute=30), START.replace(hour=16, minute=30)
    assert not aim(session, one, now=before).is_late
    late = aim(session, one, now=after, reason="a little late")
    assert (late.is_late, late.set_on) == (True, after.astimezone(ZONE).date())


def test_one_that_was_declined_never_applies_and_is_decided(
    session: Session, one: User, two: User
) -> None:
    line = aim(session, one, 0.6, days_on(-5), reason="to look better")
    decline_target(session, line.id, by=two, now=LATER)
    session.refresh(line)
    assert applying(session, days_on(-5), days_on(30)) == []
    for decide in (confirm_target, decline_target):
        with pytest.raises(NotPossible, match="decided already"):
            decide(session, line.id, by=two, now=LATER)


def test_what_began_to_count_last_applies_whenever_it_was_proposed(
    session: Session, one: User, two: User
) -> None:
    first = aim(session, one, 0.6, days_on(-5), reason="first")
    second = aim(session, one, 0.7, days_on(-5), reason="second")
    confirm_target(session, second.id, by=two, now=LATER)
    confirm_target(session, first.id, by=two, now=LATER + timedelta(hours=1))
    session.expire_all()
    assert applying(session, TODAY, TODAY) == [(0.6, TODAY, TODAY)]
    before = replaced_by(the_log(session), first)
    assert before is not None
    assert before.value == 0.7


def test_a_target_taken_back_late_needs_two_as_well(session: Session, one: User) -> None:
    aim(session, one, 0.8)
    assert aim(session, one, None, days_on(1), now=LATER, reason="missed anyway").is_waiting
    assert applying(session, TOMORROW, TOMORROW) == [(0.8, TOMORROW, TOMORROW)]


@pytest.mark.parametrize("role", ["staff", "lead", "analyst"])
def test_only_managers_and_administrators_set_and_confirm(
    session: Session, one: User, role: str
) -> None:
    other = make_user(session, role)
    waiting = aim(session, one, 0.8, TODAY, reason="forgotten")
    with pytest.raises(NotPossible, match="Only managers"):
        aim(session, other)
    with pytest.raises(NotPossible, match="Only managers"):
        confirm_target(session, waiting.id, by=other, now=LATER)


def test_somebody_who_has_left_confirms_nothing(session: Session, one: User, two: User) -> None:
    waiting = aim(session, one, 0.8, TODAY, reason="forgotten")
    two.left_at = START
    with pytest.raises(NotPossible, match="Only managers"):
        confirm_target(session, waiting.id, by=two, now=LATER)


@pytest.mark.parametrize(
    ("metric", "value"), [("csat", 85), ("csat", -0.1), ("nps", 1.2), ("ces", 0.5), ("ces", 7.1)]
)
def test_a_value_off_its_scale_is_refused(
    session: Session, one: User, metric: str, value: float
) -> None:
    with pytest.raises(NotPossible, match="lies between"):
        aim(session, one, value, metric=metric)


def test_the_log_keeps_every_line(session: Session, one: User) -> None:
    for value in (0.7, 0.8, None):
        aim(session, one, value)
    assert [line.value for line in the_log(session)] == [None, 0.8, 0.7]
    assert session.scalar(sa.select(sa.func.count()).select_from(Target)) == 3


def test_without_days_what_was_set_late_for_any_day_is_found(
    session: Session, one: User, two: User
) -> None:
    late = aim(session, one, 0.6, days_on(-5), days_on(-3), reason="agreed late")
    confirm_target(session, late.id, by=two, now=LATER)
    session.expire_all()
    lines, everything = the_log(session), [("all", 0)]
    assert set_late(lines, "csat", 1, everything) == [late]
    assert set_late(lines, "csat", 1, everything, days_on(-3), TODAY) == [late]
    assert set_late(lines, "csat", 1, everything, days_on(-2), TODAY) == []
    assert set_late(lines, "nps", 1, everything) == []
