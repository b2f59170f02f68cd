"""A manager with a browser cannot take the list of a day from its total to see who is left."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction, StaffMember
from feedback.responses.models import Response
from tests.conftest import Time
from tests.reports.stories import answered, person, reader, words
from tests.reports.two_waves import LONG_AGO, contact, invite, twice

YEAR = "from=2025-10-01&to=2026-09-02&lang=en"
THE_DAY = datetime(2026, 7, 16, 2, tzinfo=UTC)
DAY = "from=2026-07-16&to=2026-07-16&lang=en"
JULY = "from=2026-07-01&to=2026-07-31&lang=en"
HIDDEN = "too few answers to show"
ALL = "from=2020-01-01&to=2026-09-02&lang=en"
LEFT_OUT = "People with too few answers to show are not compared in these days"


@pytest.fixture
def newcomer(session: Session, time: Time) -> StaffMember:
    """Let a company be answered to over the year, and one colleague three times on one day.

    That day only two others have answers; 赵 covers, by the day before.
    """
    for number in range(6):
        staff = person(session, f"e-{number}", "赵钱孙李周吴"[number], f"{'一二'[number % 2]}组")
        for month in range(1, 9):
            closed = datetime(2026, month, 15, 2, tzinfo=UTC)
            answered(session, staff, [5, 4, 2, 4, 5], closed_at=closed)
    answered(session, staff, [5, 4, 4, 2, 5, 4, 4], closed_at=THE_DAY)
    answered(session, person(session, "e-4", "周", "一组"), [5, 3, 4, 2, 5, 4], closed_at=THE_DAY)
    newcomer = person(session, "new", "新人", "一组")
    answered(session, newcomer, [1, 1, 5], closed_at=THE_DAY, comments=["催了三次"])
    return newcomer


@pytest.fixture
def manager(client: FlaskClient, session: Session, newcomer: StaffMember) -> FlaskClient:
    reader(client, session, "manager", None)
    return client


def test_the_total_of_the_day_is_not_shown_and_that_of_the_year_is(manager: FlaskClient) -> None:
    assert "256 answers" in words(manager.get(f"/reports?{YEAR}").text)
    assert "46 answers" in words(manager.get(f"/reports?{JULY}").text)
    for narrowed in ("", "&channel=phone", "&period=week", "&touchpoint="):
        the_day = words(manager.get(f"/reports?{DAY}{narrowed}").text)
        assert HIDDEN in the_day
        assert "16 answers" not in the_day


def test_the_list_of_the_day_says_neither_whose_nor_how_many_it_leaves_out(
    manager: FlaskClient,
) -> None:
    page = manager.get(f"/responses?{DAY}&metric=csat&wave=1").text
    assert "7 answers are listed" in words(page)
    assert "16 answers" not in words(page)
    assert "催了三次" not in page
    assert "How many is not told for these days and filters" in words(page)
    for score in ("1", "low", "high"):
        found = manager.get(f"/responses?{DAY}&metric=csat&wave=1&score={score}").text
        assert "not listed" not in words(found)
    # Of the whole year it is told how many there are.
    assert "256 answers" in words(manager.get(f"/responses?{YEAR}&metric=csat&wave=1").text)


def test_how_many_left_words_is_not_told_of_days_with_secret_answers(manager: FlaskClient) -> None:
    page = words(manager.get(f"/responses?{YEAR}&metric=csat&wave=1&comments=1").text)
    assert "1 answer" not in page


def test_the_cover_is_in_no_list_of_the_days_before_either(
    manager: FlaskClient, session: Session
) -> None:
    spring = "from=2026-02-01&to=2026-04-30&lang=en"
    page = words(manager.get(f"/responses?{spring}&metric=csat&wave=1").text)
    # Nothing of spring is in a block, so how many there are may be told.
    assert "90 answers" in page
    assert "15 of them are about people with too few answers" in page


def test_no_file_to_recompute_the_day_by_is_sent(manager: FlaskClient) -> None:
    answer = manager.get(f"/responses/recompute.csv?{DAY}&metric=csat&wave=1")
    assert answer.status_code == 302
    assert manager.get(f"/responses/recompute.csv?{YEAR}&metric=csat&wave=1").status_code == 200


def test_who_is_secret_is_not_compared_and_moves_nobody_elses_estimate(
    manager: FlaskClient, session: Session, newcomer: StaffMember
) -> None:
    for name, good in (("一", 39), ("二", 35), ("三", 12)):
        colleague = person(session, f"far-{name}", name, "三组")
        answered(session, colleague, [5] * good + [1] * (40 - good), closed_at=LONG_AGO)
    session.commit()
    other = person(session, "far-三", "三", "三组")

    def told() -> tuple[str, bytes]:
        page = words(manager.get(f"/reports/staff/{other.id}?{ALL}").text)
        assert "Best estimate" in page
        assert LEFT_OUT in page
        assert LEFT_OUT in words(manager.get(f"/reports?{ALL}").text)
        funnel = manager.get(f"/reports/chart.svg?{ALL}&draw=funnel")
        assert funnel.status_code == 200
        return page[page.index("Best estimate") : page.index(LEFT_OUT)], funnel.data

    before = told()
    # Whatever the three answers about the newcomer are, nothing of this moves.
    for response in session.scalars(
        sa.select(Response).join(Interaction).where(Interaction.staff_id == newcomer.id)
    ):
        response.changed_at += timedelta(days=1)
        for answer in response.answers:
            if answer.metric == "csat" and answer.score is not None:
                answer.score = 6 - answer.score
    session.commit()
    assert told() == before
    # In days in which nobody is secret, everybody is compared as ever.
    assert LEFT_OUT not in words(manager.get("/reports?from=2026-09-01&to=2026-09-02&lang=en").text)


def test_ones_own_page_shows_the_day_as_ever(
    client: FlaskClient, session: Session, newcomer: StaffMember
) -> None:
    reader(client, session, "staff", newcomer)
    page = words(client.get(f"/me?{DAY}").text)
    assert "3 answers" in page
    assert LEFT_OUT not in page
    assert "催了三次" in page


def test_who_was_asked_says_of_no_day_how_many_answered_about_a_secret_person(
    client: FlaskClient, session: Session, newcomer: StaffMember
) -> None:
    for _contact in range(6):
        invite(session, contact(session, newcomer, closed_at=THE_DAY), 1)
    session.commit()
    reader(client, session, "manager", None)
    page = client.get(f"/reports/asked?{DAY}").text
    row = re.search(r"新人.*?</tr>", page, re.S)
    assert row
    assert "too few" in words(row[0])


def test_pairs_of_days_that_part_a_block_are_not_shown(
    client: FlaskClient, session: Session, time: Time
) -> None:
    before = LONG_AGO - timedelta(days=31)
    for number in range(5):
        staff = person(session, f"e-{number}", f"成员{number}", "一组")
        twice(session, staff, (30, 10, 10, 10), silent=(10, 10), closed_at=before)
        twice(session, staff, (30, 10, 10, 10), silent=(10, 10))
    few = person(session, "new", "新人", "一组")
    twice(session, few, (1, 1, 0, 0))
    reader(client, session, "manager", None)
    whole = client.get("/reports?from=2026-01-01&to=2026-09-02&lang=en").text
    assert "Of 401 customers satisfied right after" not in words(whole)
    spring = client.get(f"/reports?from=2026-05-01&to={before.date()}&lang=en").text
    assert "Of 200 customers satisfied right after, 150 still were" in words(spring)
