"""Annotations: which stand on which chart, and that withdrawing deletes nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.reports.models import Annotation
from feedback.reports.trends.annotate import annotate, withdraw
from feedback.reports.trends.annotations import all_annotations, annotations_for
from tests.conftest import START
from tests.factories import make_channel, make_staff, make_user

DAY = date(2026, 9, 1)


@pytest.fixture
def manager(session: Session) -> User:
    return make_user(session, "manager")


def note(session: Session, by: User, text: str = "new script", **more: Any) -> Annotation:
    given = {"day": DAY, "breaks": False, "subject": "all", "subject_id": 0} | more
    return annotate(session, text=text, by=by, now=START, **given)


def texts(session: Session, first: date = DAY, last: date = DAY, **where: int) -> list[str]:
    return [one.text for one in annotations_for(session, where, first, last)]


def test_what_is_about_everything_stands_on_every_chart(session: Session, manager: User) -> None:
    note(session, manager)
    assert texts(session) == texts(session, channel=1) == texts(session, team=7) == ["new script"]


def test_what_is_about_a_channel_stands_on_its_charts_only(session: Session, manager: User) -> None:
    phone = make_channel(session).id
    note(session, manager, subject="channel", subject_id=phone)
    assert texts(session, channel=phone) == texts(session, channel=phone, team=3) == ["new script"]
    assert texts(session) == texts(session, channel=phone + 1) == texts(session, team=phone) == []


def test_a_staff_members_chart_has_what_is_about_their_team(
    session: Session, manager: User
) -> None:
    staff = make_staff(session)
    note(session, manager, subject="team", subject_id=staff.team_id)
    assert texts(session, staff=staff.id) == ["new script"]


def test_both_ends_are_included_and_days_stand_in_order(session: Session, manager: User) -> None:
    for number in (3, 1, 2, 1):
        note(session, manager, f"{number}", day=DAY + timedelta(days=number))
    found = texts(session, DAY + timedelta(days=1), DAY + timedelta(days=3))
    assert found == ["1", "1", "2", "3"]
    assert texts(session, DAY + timedelta(days=2), DAY + timedelta(days=2)) == ["2"]


def test_what_is_withdrawn_stands_on_no_chart_and_stays_in_the_list(
    session: Session, manager: User
) -> None:
    one = note(session, manager)
    withdraw(session, one.id, by=manager, now=START)
    session.refresh(one)
    assert texts(session) == []
    assert [each.withdrawn_by_id for each in all_annotations(session)] == [manager.id]
    with pytest.raises(NotPossible, match="already"):
        withdraw(session, one.id, by=manager, now=START)


@pytest.mark.parametrize(
    ("text", "kept"),
    [(" a \n b\0 ", "a b"), ("新话术 𠮷🙂", "新话术 𠮷🙂"), ("x" * 200, "x" * 200)],
)
def test_a_text_is_one_line_of_what_can_be_read(
    session: Session, manager: User, text: str, kept: str
) -> None:
    assert note(session, manager, text).text == kept


@pytest.mark.parametrize("text", ["", "  ", "\n\0", "x" * 201])
def test_no_text_and_too_long_a_one_are_refused(session: Session, manager: User, text: str) -> None:
    with pytest.raises(NotPossible):
        note(session, manager, text)


@pytest.mark.parametrize("role", ["staff", "lead", "analyst"])
def test_only_managers_and_administrators_annotate(
    session: Session, manager: User, role: str
) -> None:
    other, one = make_user(session, role), note(session, manager)
    with pytest.raises(NotPossible, match="Only managers"):
        note(session, other)
    with pytest.raises(NotPossible, match="Only managers"):
        withdraw(session, one.id, by=other, now=START)


def test_nothing_is_noted_about_one_person(session: Session, manager: User) -> None:
    with pytest.raises(NotPossible, match="one person"):
        note(session, manager, subject="staff", subject_id=1)
