"""What a page says of one person: level, best estimate, expectation, change, and what for."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from tests.conftest import Time
from tests.reports.stories import RECENTLY, answered, person, reader, words

DAYS = "from=2026-08-01&to=2026-08-31&lang=en"


@pytest.fixture
def me(client: FlaskClient, session: Session, time: Time) -> StaffMember:
    """Be one of a team of twelve who differ as people do."""
    colleagues = [
        (9, 10), (18, 20), (44, 50), (47, 50), (12, 12), (95, 100), (30, 40), (60, 80), (16, 20),
        (38, 40),
    ]  # fmt: skip
    for number, (good, n) in enumerate(colleagues):
        other = person(session, f"c-{number}", f"同事{number}")
        answered(session, other, [5] * good + [1] * (n - good))
    staff = person(session, "e-1", "李静")
    reader(client, session, "staff", staff)
    return staff


def level(client: FlaskClient, address: str = "/me") -> str:
    """Return the section on what the answers can carry; nothing where there is none."""
    page = client.get(f"{address}?{DAYS}").text
    if 'id="level"' not in page:
        return ""
    return words(page[page.index('id="level"') : page.index('class="headlines"')])


def test_twenty_answers_have_a_level_an_estimate_and_an_expectation_but_no_use_in_appraisal(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [5] * 14 + [2] * 6)
    text = level(client)
    assert "Own level 70 % · 20 answers · 48–85 %" in text
    assert "Best estimate 77 % · 60–90 % · own answers carry 55 % of it" in text
    assert "own answers carry" in text
    assert "Expected for this mix of work: 87 %." in text
    assert "Not to be used alone for pay or discipline; reliability 0." in text


def test_a_change_is_said_in_words_and_with_what_could_have_been_seen(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [5] * 41 + [1] * 9)
    answered(session, me, [5] * 45 + [1] * 5, closed_at=RECENTLY - timedelta(days=31))
    text = level(client)
    assert "No evidence of change: −8 points, range −22 to +6." in text
    assert "So many answers can show a change of 14 points or more." in text


def test_a_real_fall_is_called_lower(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [5] * 20 + [1] * 40)
    answered(session, me, [5] * 50 + [1] * 10, closed_at=RECENTLY - timedelta(days=31))
    assert "Lower: −50 points, range −63 to −33." in level(client)


@pytest.mark.parametrize("n", [1, 4, 7, 9])
def test_with_too_few_answers_nothing_is_estimated(
    client: FlaskClient, session: Session, me: StaffMember, n: int
) -> None:
    answered(session, me, [5] * n)
    text = level(client)
    assert "Best estimate" not in text
    assert "Expected" not in text
    assert "reliability" not in text
    assert ("Too few answers to judge" in text) == (n >= 5)


def test_without_answers_there_is_nothing_to_carry(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    assert level(client) == ""


def test_others_read_of_somebody_what_they_read_of_themselves(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [5] * 14 + [2] * 6)
    mine = level(client)
    reader(client, session, "manager", None)
    theirs = level(client, f"/reports/staff/{me.id}")
    assert theirs == mine.replace("Own level", "Level")


def test_with_hardly_any_colleagues_nobody_is_compared(
    client: FlaskClient, session: Session, time: Time
) -> None:
    """What two have in common, less the own answers, would be the other's."""
    staff = person(session, "e-1", "李静")
    answered(session, staff, [5] * 20)
    answered(session, person(session, "e-2", "白云"), [1] * 30)
    reader(client, session, "staff", staff)
    text = level(client)
    assert "Own level 100 % · 20 answers" in text
    assert "Best estimate" not in text
    assert "Expected" not in text


def test_where_people_do_not_differ_nobody_is_compared(
    client: FlaskClient, session: Session, time: Time
) -> None:
    staff = person(session, "e-1", "李静")
    for one in [staff, *(person(session, f"c-{k}", f"同事{k}") for k in range(5))]:
        answered(session, one, [5] * 40 + [1] * 10)
    reader(client, session, "staff", staff)
    text = level(client)
    assert "no differences between people beyond chance" in text
    assert "Best estimate" not in text


def test_a_flag_needs_enough_answers_and_control_of_false_discoveries(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [5] * 20 + [1] * 60)
    assert "Clearly below what this work leads one to expect" in level(client)


def test_a_manager_reads_ranks_on_request_only_and_as_intervals(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    reader(client, session, "manager", None)
    page = client.get(f"/reports?{DAYS}").text
    assert "Rank" not in words(page[page.index('id="staff"') :])
    assert "rank=1" in page
    ranked = words(client.get(f"/reports?{DAYS}&rank=1").text)
    assert "No order can be given." in ranked
    assert "1 to 10 of 10" not in ranked


def test_the_reports_page_says_what_a_bare_rule_would_do(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    for number in range(20):
        other = person(session, f"d-{number}", f"新人{number}")
        answered(session, other, [5] * 8 + [1] * 3)
    reader(client, session, "manager", None)
    text = words(client.get(f"/reports?{DAYS}").text)
    assert "What these answers can say about 30 people" in text
    assert "A bare rule “below 80 %” would mark 22" in text
    assert "Their whole 95 % interval lies below 80 % 0" in text
    assert "would mark" not in words(client.get(f"/reports?{DAYS}&team=客服一组").text)
