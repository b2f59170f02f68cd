"""The same customers, twice, as pages show them; and the list of those who were won, then lost."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from tests.conftest import START, Time
from tests.factories import make_response
from tests.reports.stories import answered, person, reader, words
from tests.reports.two_waves import LONG_AGO, contact, invite, twice

DAYS = "from=2026-01-01&to=2026-09-02&lang=en"
NOTHING = (
    "Too few to show: to others, no group of fewer than 5 customers is shown here, nor what it"
    " could be worked out from."
)


@pytest.fixture
def staff(session: Session, time: Time) -> StaffMember:
    return person(session, "e-1", "李静")


def section(page: str) -> str:
    found = re.search(r'<section class="stack" id="pairs".*?</section>', page, re.S)
    assert found, "the page has no such section"
    return found[0]


def test_sentences_come_first_with_their_intervals(
    client: FlaskClient, session: Session, staff: StaffMember
) -> None:
    twice(session, staff, (60, 15, 5, 8), silent=(10, 20))
    reader(client, session, "manager", None)
    said = words(section(client.get(f"/reports?{DAYS}").text))
    assert "Of 75 customers satisfied right after, 60 still were 30 days later: 80 %, 70–87 %." in (
        said.replace("\N{NO-BREAK SPACE}", " ")
    )
    assert "Of 13 not satisfied right after, 5 were 30 days later." in said
    assert "Lower 30 days later among the same 88 customers: −11 points, range −22 to −2." in said
    assert "Those who did not answer again were less satisfied at first: 33" in said
    assert "The averages of the two waves must not be compared" in said


def test_what_cannot_be_told_is_said_so(
    client: FlaskClient, session: Session, staff: StaffMember
) -> None:
    twice(session, staff, (30, 6, 5, 8), silent=(16, 4))
    reader(client, session, "manager", None)
    said = words(section(client.get(f"/reports?{DAYS}").text))
    assert "No evidence of change among the same 49 customers: −2 points, range" in said
    assert "Whether those who did not answer again were less satisfied at first cannot be told" in (
        said
    )


def test_an_interval_beside_zero_is_not_rounded_onto_it(
    client: FlaskClient, session: Session, staff: StaffMember
) -> None:
    # 23 lost and 39 won back of 452: higher by 0.13 points at least.
    twice(session, staff, (303, 23, 39, 87))
    reader(client, session, "manager", None)
    said = words(section(client.get(f"/reports?{DAYS}").text))
    assert "Higher 30 days later among the same 452 customers: +4 points, range +0.1 to +7." in said


@pytest.mark.parametrize("path", ["/reports", "/team/{team}", "/reports/staff/{staff}"])
def test_others_are_shown_no_small_group_on_any_page(
    client: FlaskClient, session: Session, staff: StaffMember, path: str
) -> None:
    twice(session, staff, (60, 15, 3, 8))
    reader(client, session, "manager", None)
    address = path.format(team=staff.team_id, staff=staff.id)
    found = section(client.get(f"{address}?{DAYS}").text)
    assert NOTHING in words(found)
    assert "60" not in words(found)
    assert "turned=bad" not in found


def test_where_only_the_dissatisfied_are_few_the_satisfied_are_shown(
    client: FlaskClient, session: Session, staff: StaffMember
) -> None:
    twice(session, staff, (60, 15, 3, 9))
    for _number in range(6):
        make_response(session, contact(session, staff), wave=2, csat=5)
    session.commit()
    reader(client, session, "manager", None)
    found = section(client.get(f"/reports/staff/{staff.id}?{DAYS}").text)
    said = words(found)
    assert "Of 75 customers satisfied right after, 60 still were 30 days later" in said
    assert "12 were not satisfied right after; what became of them is too few to show." in said
    assert "12 won back, or stayed dissatisfied" in said
    assert "range" not in said
    assert "turned=bad" in found


def test_ones_own_page_shows_all(client: FlaskClient, session: Session, staff: StaffMember) -> None:
    twice(session, staff, (2, 1, 0, 0))
    reader(client, session, "staff", staff)
    found = section(client.get(f"/me?{DAYS}").text)
    said = words(found).replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "Of 3 customers satisfied right after, 2 still were 30 days later: 67 %, 21–94 %." in said
    )
    assert "1 won, then lost" in said


def test_without_a_follow_up_there_is_no_such_section(
    client: FlaskClient, session: Session, staff: StaffMember
) -> None:
    answered(session, staff, [5] * 20)
    reader(client, session, "manager", None)
    assert 'id="pairs"' not in client.get(f"/reports?{DAYS}").text


def test_before_anybody_answered_twice_the_page_says_so(
    client: FlaskClient, session: Session, staff: StaffMember
) -> None:
    for _number in range(10):
        interaction = contact(session, staff, closed_at=START - timedelta(days=3))
        make_response(session, interaction, csat=5)
        invite(session, interaction, 2, waits=True)
    session.commit()
    reader(client, session, "manager", None)
    page = client.get(f"/reports?{DAYS}").text
    assert "Nobody has answered both times whose 30 days are over." in words(section(page))
    assert "No follow-up is due yet; 10 still to come." in words(page)


class TestWonThenLost:
    def test_the_page_leads_to_exactly_those(
        self, client: FlaskClient, session: Session, staff: StaffMember
    ) -> None:
        twice(session, staff, (60, 15, 5, 8))
        # Answered early: their month is not over, and they are in no pair yet.
        twice(session, staff, (0, 5, 0, 0), closed_at=START - timedelta(days=31))
        reader(client, session, "manager", None)
        found = section(client.get(f"/reports?{DAYS}").text)
        link = re.search(r'href="(/responses[^"]*turned=bad[^"]*)"[^>]*>15<', found)
        assert link
        page = client.get(unescape(link[1])).text
        assert '<h2 id="count">15 answers</h2>' in page
        assert page.count('<li class="entry') == 15
        assert "李静" not in page[page.index('id="count"') :]

    def test_whoever_may_not_know_the_pairs_is_not_told_by_the_list(
        self, client: FlaskClient, session: Session, staff: StaffMember
    ) -> None:
        twice(session, staff, (60, 3, 5, 8))
        reader(client, session, "manager", None)
        page = client.get(f"/responses?{DAYS}&turned=bad&staff=e-1").text
        assert '<h2 id="count">too few answers to show</h2>' in page
        assert '<li class="entry' not in page

    def test_ones_own_are_listed_however_few(
        self, client: FlaskClient, session: Session, staff: StaffMember
    ) -> None:
        twice(session, staff, (6, 1, 1, 1))
        reader(client, session, "staff", staff)
        page = client.get(f"/responses?{DAYS}&turned=bad").text
        assert '<h2 id="count">1 answer</h2>' in page

    def test_what_was_struck_is_not_among_them(
        self, client: FlaskClient, session: Session, staff: StaffMember
    ) -> None:
        interaction = contact(session, staff)
        make_response(session, interaction, csat=5)
        struck = make_response(session, interaction, wave=2, csat=1)
        struck.excluded_at, struck.excluded_because = LONG_AGO, "a test"
        twice(session, staff, (1, 1, 0, 0))
        reader(client, session, "staff", staff)
        page = client.get(f"/responses?{DAYS}&turned=bad").text
        assert page.count('<li class="entry') == 1


class TestBounds:
    def invited(self, session: Session, staff: StaffMember, good: int, silent: int) -> None:
        for number in range(good + silent):
            interaction = contact(session, staff)
            made = invite(session, interaction, 1)
            if number < good:
                make_response(session, interaction, csat=5, invitation_id=made.id)
        session.commit()

    def test_they_stand_beside_a_low_response_rate(
        self, client: FlaskClient, session: Session, staff: StaffMember
    ) -> None:
        self.invited(session, staff, 20, 80)
        reader(client, session, "manager", None)
        said = words(client.get(f"/reports?{DAYS}").text)
        assert (
            "CSAT, right after If everybody who did not answer had been dissatisfied, it would be"
            " 20 %; if satisfied, 100 %." in said
        )
        assert (
            "Response rate, right after 20 % of all that went out (RR2); 20 % of those delivered"
            " (RR6)" in said
        )

    def test_a_high_response_rate_needs_none(
        self, client: FlaskClient, session: Session, staff: StaffMember
    ) -> None:
        self.invited(session, staff, 60, 40)
        reader(client, session, "manager", None)
        assert "If everybody" not in client.get(f"/reports?{DAYS}").text

    def test_nothing_of_it_is_told_of_whom_has_too_few(
        self, client: FlaskClient, session: Session, staff: StaffMember
    ) -> None:
        self.invited(session, staff, 4, 40)
        reader(client, session, "manager", None)
        said = words(client.get(f"/reports/staff/{staff.id}?{DAYS}").text)
        assert "If everybody" not in said
        assert "(RR2)" not in said
        assert "complete" not in said[said.index("Response rates by their standard names") :][:600]
