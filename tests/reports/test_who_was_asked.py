"""Who was asked: how far contacts came, what others invite, and when something is to be asked."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback.interactions.models import InteractionShare, StaffMember
from feedback.invitations.eligibility import REASONS
from feedback.reports.people.asked_counts import FIXED_RULES, Work, marks_trouble
from feedback.reports.people.asked_words import finding, marks_of
from feedback.reports.people.who_was_asked import AskedPerson, WhoWasAsked, who_was_asked
from feedback.reports.spans import Span
from feedback.reports.subjects import id_of
from tests.factories import make_response
from tests.reports.conftest import Figures
from tests.reports.stories import person
from tests.reports.two_waves import LONG_AGO, contact, invite

EVER = Span(date(2025, 1, 1), date(2026, 12, 31))
TROUBLE = ("reopened", "投诉")


def ask(session: Session, where: Mapping[str, int] | None = None, **given: Any) -> WhoWasAsked:
    session.commit()
    given = {"wave": 1, "trouble_words": TROUBLE, "min_group": 5, "span": EVER} | given
    return who_was_asked(session, where or {}, given.pop("wave"), given.pop("span"), **given)


def work(
    session: Session,
    staff: StaffMember,
    invited: int,
    left_out: int = 0,
    *,
    troubled_invited: int = 0,
    troubled: int = 0,
    channel: str = "phone",
    because: str = "no_address",
) -> None:
    """Give somebody contacts, the first of each kind marked with trouble."""
    for number in range(invited):
        status = "Reopened" if number < troubled_invited else "closed"
        invite(session, contact(session, staff, channel=channel, status=status), 1)
    for number in range(left_out):
        status = "Reopened" if number < troubled else "closed"
        one = contact(session, staff, channel=channel, status=status)
        invite(session, one, 1, withheld=because)


@pytest.fixture(autouse=True)
def in_english(app: Flask) -> Iterator[None]:
    with app.test_request_context("/?lang=en"):
        yield


@pytest.fixture
def staff(session: Session) -> StaffMember:
    return person(session, "e-1", "李静")


@pytest.fixture
def peer(session: Session) -> StaffMember:
    return person(session, "e-2", "白云")


def of(found: WhoWasAsked, staff: StaffMember) -> AskedPerson:
    return found.people[staff.id]


class TestTheWay:
    def test_each_step_is_counted_with_its_interval(
        self, session: Session, staff: StaffMember
    ) -> None:
        work(session, staff, 5, 2)
        one = contact(session, staff)
        failed = {"sent_at": None, "failed_at": LONG_AGO}
        invite(session, one, 1, mail=failed)
        for _number in range(6):
            one = contact(session, staff)
            made = invite(session, one, 1)
            make_response(session, one, csat=4, invitation_id=made.id)
        found = of(ask(session), staff)
        assert found.work == Work(eligible=14, invited=12, delivered=11, answered=6)
        assert (found.invited.number, found.invited.of) == (12, 14)
        assert found.invited.low == pytest.approx(0.6006, abs=1e-4)
        assert (found.delivered.of, found.answered.of if found.answered else 0) == (12, 12)

    def test_what_no_touchpoint_asks_about_or_waits_is_not_eligible(
        self, session: Session, staff: StaffMember
    ) -> None:
        contact(session, staff)
        invite(session, contact(session, staff), 1, waits=True)
        assert ask(session).people == {}

    # What is merged names the one it is merged into; it has a test of its own.
    @pytest.mark.parametrize("reason", sorted({*REASONS} - {"merged"}))
    def test_what_a_fixed_rule_withholds_is_not_eligible_and_all_else_is(
        self, session: Session, staff: StaffMember, reason: str
    ) -> None:
        work(session, staff, 1, 1, because=reason)
        by_how_it_was_written_down = {"no_address", "invalid_address", "own_staff", "too_old"}
        assert (reason in FIXED_RULES) == (reason not in by_how_it_was_written_down)
        expected = 1 if reason in FIXED_RULES else 2
        assert of(ask(session), staff).work.eligible == expected

    def test_what_a_later_contact_stands_for_is_not_eligible(
        self, session: Session, staff: StaffMember
    ) -> None:
        early = invite(session, contact(session, staff), 1, waits=True)
        late = invite(session, contact(session, staff), 1)
        early.withheld_at, early.withheld_because = LONG_AGO, "merged"
        early.merged_into_id = late.id
        session.flush()
        assert of(ask(session), staff).work == Work(eligible=1, invited=1, delivered=1, answered=0)

    def test_struck_and_imported_answers_raise_nothing(
        self, session: Session, staff: StaffMember
    ) -> None:
        work(session, staff, 2)
        one = contact(session, staff)
        struck = make_response(session, one, csat=1, invitation_id=invite(session, one, 1).id)
        struck.excluded_at, struck.excluded_because = LONG_AGO, "a test"
        make_response(session, contact(session, staff), csat=5)
        assert of(ask(session), staff).work.answered == 0

    def test_the_waves_stand_apart(self, session: Session, staff: StaffMember) -> None:
        one = contact(session, staff)
        invite(session, one, 1)
        invite(session, one, 2, withheld="first_wave_withheld")
        assert ask(session, wave=2).people == {}

    def test_how_many_answered_is_not_told_of_whom_has_too_few(
        self, session: Session, staff: StaffMember, peer: StaffMember
    ) -> None:
        for who, times in ((staff, 3), (peer, 6), (person(session, "e-3", "丁一"), 20)):
            for _number in range(times):
                one = contact(session, who)
                make_response(session, one, csat=5, invitation_id=invite(session, one, 1).id)
        found = ask(session).people
        # 白云 covers, since the sum of all three is told.
        assert [found[id_].answered is None for id_ in sorted(found)] == [True, True, False]
        assert found[staff.id].invited.number == 3
        own = ask(session, own=staff.id).people
        assert own[staff.id].answered is not None


class TestExpected:
    def test_it_is_what_all_others_invite_on_the_same_channels(
        self, session: Session, staff: StaffMember, peer: StaffMember
    ) -> None:
        work(session, peer, 30, 10, channel="phone")
        work(session, peer, 10, 30, channel="chat")
        work(session, staff, 3, 0, channel="phone")
        work(session, staff, 0, 1, channel="chat")
        found = of(ask(session), staff)
        assert found.expected == pytest.approx((3 * 0.75 + 1 * 0.25) / 4)
        assert (found.compared, found.compared_invited) == (4, 3)

    def test_a_channel_nobody_else_works_on_is_not_compared(
        self, session: Session, staff: StaffMember, peer: StaffMember
    ) -> None:
        work(session, peer, 40)
        work(session, staff, 10)
        work(session, staff, 0, 90, channel="chat")
        found = of(ask(session), staff)
        assert (found.expected, found.compared) == (1.0, 10)
        assert found.leaves_out is False

    def test_nobody_works_alone_and_is_tested(self, session: Session, staff: StaffMember) -> None:
        work(session, staff, 10, 90)
        found = of(ask(session), staff)
        assert found.expected is None
        assert marks_of(found) == []

    def test_a_team_narrows_who_is_shown_and_not_who_the_others_are(
        self, session: Session, staff: StaffMember
    ) -> None:
        stranger = person(session, "e-9", "外人", "客服二组")
        work(session, stranger, 20, 20)
        work(session, staff, 5)
        team = {"team": id_of(session, "team", "客服一组") or 0}
        found = ask(session, team)
        assert list(found.people) == [staff.id]
        assert of(found, staff).expected == 0.5


class TestChecks:
    def test_the_published_case_is_marked_for_its_rate(
        self, session: Session, staff: StaffMember, peer: StaffMember
    ) -> None:
        work(session, peer, 920, 80)
        work(session, staff, 170, 30)
        found = of(ask(session), staff)
        assert found.checks is not None
        assert found.checks.invited == pytest.approx(0.000965, abs=1e-6)
        assert marks_of(found) == [
            "Invited less often than others doing the same work: 170 of 200, 92 % expected."
            " Ask why."
        ]
        assert finding(ask(session)) == (
            "2 people have 60 contacts or more and were tested. For 1 of them there is something"
            " to ask about."
        )

    def test_the_published_case_is_marked_for_whom_it_left_out(
        self, session: Session, staff: StaffMember, peer: StaffMember
    ) -> None:
        work(session, peer, 190, 12)
        work(session, staff, 190, 12, troubled_invited=30, troubled=9)
        found = of(ask(session), staff)
        assert found.checks is not None
        assert found.checks.selective == pytest.approx(2.30e-5, abs=1e-7)
        assert (found.leaves_out, found.selective) == (False, True)
        assert marks_of(found) == [
            "More trouble among those not invited: 9 of 12 (75 %), against 30 of 190 (16 %) of"
            " those invited. Ask why."
        ]

    def test_who_invites_more_than_others_is_not_marked(
        self, session: Session, staff: StaffMember, peer: StaffMember
    ) -> None:
        work(session, peer, 160, 40)
        work(session, staff, 200)
        found = ask(session)
        assert of(found, staff).checks is not None
        assert of(found, staff).leaves_out is False

    def test_fewer_than_sixty_contacts_are_never_marked(
        self, session: Session, staff: StaffMember, peer: StaffMember
    ) -> None:
        work(session, peer, 200)
        work(session, staff, 1, 58, troubled=58)
        found = of(ask(session), staff)
        assert found.checks is None
        assert marks_of(found) == ["Fewer than 60 contacts: too few to tell."]
        work(session, staff, 0, 1)
        assert of(ask(session), staff).leaves_out is True

    def test_what_one_alone_would_be_marked_for_many_are_not(self, session: Session) -> None:
        """The same P among ten people more is one of the false ones to be expected."""
        people = [person(session, f"e-{number}", f"员工{number}") for number in range(12)]
        for one in people[1:]:
            work(session, one, 48, 12)
        work(session, people[0], 40, 20)
        found = of(ask(session), people[0])
        assert found.checks is not None
        assert found.checks.invited is not None
        assert 0.005 < found.checks.invited < 0.05
        assert found.leaves_out is False

    def test_where_all_is_usual_nothing_is_said_of_anybody(
        self, session: Session, staff: StaffMember, peer: StaffMember
    ) -> None:
        work(session, peer, 90, 10)
        work(session, staff, 90, 10)
        found = ask(session)
        assert [marks_of(one) for one in found.people.values()] == [[], []]
        assert finding(found).endswith("Nothing says that anybody left customers out.")
        assert found.has_marks is False


@pytest.mark.parametrize(
    ("value", "is_trouble"),
    [
        ("Reopened", True), ("REOPENED ", True), ("closed; reopened", True), ("投诉", True),
        ("关闭，投诉", True), ("", False), ("closed", False), ("not reopened", False),
        ("未投诉", False),
    ],
)  # fmt: skip
def test_a_mark_of_trouble_is_a_word_by_itself(value: str, is_trouble: bool) -> None:
    assert marks_trouble(value, TROUBLE) is is_trouble


def test_the_mapping_has_every_step(session: Session, staff: StaffMember) -> None:
    work(session, staff, 3, 1)
    written = of(ask(session), staff).as_json()
    assert written["eligible"] == 4
    assert written["invited"]["value"] == 0.75
    assert written["answered"] == {"number": 0, "of": 3, "value": 0.0, "low": 0.0,
                                   "high": pytest.approx(0.5615, abs=1e-4)}  # fmt: skip


class TestForPrograms:
    """What `scores()` says of it, which the API and the command answer with."""

    def answer(self, session: Session, staff: StaffMember, times: int, **values: Any) -> None:
        for _number in range(times):
            one = contact(session, staff, **values)
            make_response(session, one, csat=5, invitation_id=invite(session, one, 1).id)

    def people(self, found: Mapping[str, Any]) -> dict[str, Any]:
        return {one["key"]["staff"]: one for one in found["who_was_asked"]["people"]}

    def test_of_small_groups_a_program_sees_nothing(
        self, session: Session, staff: StaffMember, peer: StaffMember, figures: Figures
    ) -> None:
        other = person(session, "e-3", "丁一")
        for who, times in ((staff, 3), (peer, 6), (other, 20)):
            self.answer(session, who, times)
            work(session, who, 70)
        everything = self.people(figures(by="staff"))
        assert [everything[key]["answered"]["number"] for key in sorted(everything)] == [3, 6, 20]
        told = self.people(figures(by="staff", sees_all=False))
        # 白云 covers for 李静; of neither is anything said, not even how much they worked.
        assert list(told) == ["e-3"]
        assert told["e-3"] == everything["e-3"]
        of_one = figures(by="staff", where=("staff=e-1",), sees_all=False)
        assert self.people(of_one) == {}

    def test_a_figure_hidden_for_its_days_hides_what_was_asked(
        self, session: Session, staff: StaffMember, figures: Figures
    ) -> None:
        self.answer(session, staff, 20)
        self.answer(session, staff, 3, closed_at=LONG_AGO + timedelta(days=1))
        until = {"to": LONG_AGO.date().isoformat()}
        assert list(self.people(figures(by="staff", sees_all=False))) == ["e-1"]
        assert self.people(figures(by="staff", sees_all=False, **until)) == {}

    def test_whoever_sees_all_sees_those_nobody_answered_about(
        self, session: Session, staff: StaffMember, peer: StaffMember, figures: Figures
    ) -> None:
        self.answer(session, peer, 30)
        work(session, staff, 0, 80)
        found = self.people(figures(by="staff", metric="nps"))
        assert (found["e-1"]["eligible"], found["e-1"]["invited"]["number"]) == (80, 0)
        assert found["e-1"]["invited_less_often"] is True
        assert "e-1" not in self.people(figures(by="staff", sees_all=False))

    def test_by_period_or_other_parts_it_is_not_given(
        self, session: Session, staff: StaffMember, figures: Figures
    ) -> None:
        work(session, staff, 3)
        assert "who_was_asked" not in figures(by="staff", period="month")
        assert "who_was_asked" not in figures(by="channel")

    def test_contacts_several_shared_are_nobodys_own_and_among_the_others(
        self, session: Session, staff: StaffMember, figures: Figures
    ) -> None:
        work(session, staff, 10)
        for number in range(40):
            one = contact(session, None, staff_id=None)
            for external_id in ("e-1", "e-2"):
                who = person(session, external_id, external_id)
                session.add(InteractionShare(interaction_id=one.id, staff_id=who.id, part=0.5))
            invite(session, one, 1, withheld="no_address" if number < 20 else None)
        found = self.people(figures(by="staff"))
        assert list(found) == ["e-1"]
        assert (found["e-1"]["eligible"], found["e-1"]["expected"]) == (10, 0.5)
