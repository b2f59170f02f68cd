"""Response rates by their standard names, and the follow-up's among those whose answer is due."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from feedback.measures.response_rates import Dispositions
from feedback.reports.asked import count_asked
from feedback.reports.named_rates import named_rates
from feedback.reports.spans import Span
from feedback.reports.twice.follow_up_rate import follow_up_rate, matured_json
from feedback.responses.models import Answer
from feedback.surveys.models import Question
from tests.factories import make_response
from tests.reports.stories import person
from tests.reports.two_waves import LONG_AGO, contact, invite

EVER = Span(date(2025, 1, 1), date(2026, 12, 31))


@pytest.fixture
def staff(session: Session) -> StaffMember:
    return person(session, "e-1", "李静")


def story(
    session: Session, staff: StaffMember, times: int = 1, *, said: Any = None, **invitation: Any
) -> None:
    """Invite so many customers of whom the same becomes."""
    for _number in range(times):
        interaction = contact(session, staff)
        made = invite(session, interaction, 1, **invitation)
        if said is not None:
            make_response(session, interaction, invitation_id=made.id, **said)


def test_what_became_of_a_hundred_gives_the_published_rates(
    session: Session, staff: StaffMember
) -> None:
    story(session, staff, 50, said={"csat": 5})
    # The question that must be answered is CSAT.
    story(session, staff, 5, said={"nps": 9})
    story(session, staff, 3, stopped_at=LONG_AGO)
    story(session, staff, 40)
    story(session, staff, 2, mail={"sent_at": None, "failed_at": LONG_AGO})
    session.commit()
    found = named_rates(session, {}, 1, EVER)
    assert found.given == Dispositions(complete=50, partial=5, refused=3, no_contact=40, unknown=2)
    written = found.as_json()
    assert written["headline"] == "rr2"
    assert {name: written[name] for name in ("rr1", "rr2", "rr5", "rr6")} == {
        "rr1": 0.5,
        "rr2": 0.55,
        "rr5": 0.510204,
        "rr6": 0.561224,
    }
    assert found.asked == count_asked(session, {}, (1,), None, None).asked == 100


def test_each_other_end_has_its_place(session: Session, staff: StaffMember) -> None:
    story(session, staff, said={"comment": "…"})
    struck = {"csat": 5, "excluded_at": LONG_AGO, "excluded_because": "a test"}
    story(session, staff, said=struck)
    machine = {"csat": 5, "suspected_at": LONG_AGO, "suspected_because": "buttons"}
    story(session, staff, said=machine)
    story(session, staff, mail={"sent_at": None, "cancelled_at": LONG_AGO})
    story(session, staff, mail={"sent_at": None})
    session.commit()
    assert named_rates(session, {}, 1, EVER).given == Dispositions(
        complete=0, no_contact=1, other=2, unknown_other=2
    )


def test_an_answer_counts_though_its_customer_wants_no_more_mail(
    session: Session, staff: StaffMember
) -> None:
    story(session, staff, said={"csat": 5}, stopped_at=LONG_AGO)
    session.commit()
    assert named_rates(session, {}, 1, EVER).given == Dispositions(complete=1)


def test_a_required_question_that_was_left_out_makes_an_answer_partial(
    session: Session, staff: StaffMember
) -> None:
    interaction = contact(session, staff)
    made = invite(session, interaction, 1)
    response = make_response(session, interaction, invitation_id=made.id, survey_id=1)
    response.answers.append(Answer(question_key="easy", metric="ces", score=6))
    session.commit()
    assert named_rates(session, {}, 1, EVER).given == Dispositions(complete=0, partial=1)


def test_a_question_for_low_answers_only_makes_no_other_answer_partial(
    session: Session, staff: StaffMember
) -> None:
    asked = session.scalars(sa.select(Question).where(Question.key == "nps")).all()
    for question in asked:
        question.is_required, question.after_key, question.after_side = True, "csat", "low"
    story(session, staff, said={"csat": 5})
    session.commit()
    assert named_rates(session, {}, 1, EVER).given == Dispositions(complete=1)


def test_without_invitations_there_are_no_rates(session: Session, staff: StaffMember) -> None:
    make_response(session, contact(session, staff), csat=5)
    session.commit()
    written = named_rates(session, {}, 1, EVER).as_json()
    assert [written[name] for name in ("rr1", "rr2", "rr5", "rr6")] == [None] * 4


def test_they_are_of_the_wave_the_part_and_the_days(session: Session, staff: StaffMember) -> None:
    story(session, staff, 2)
    session.commit()
    other = person(session, "e-2", "白云")
    early = Span(EVER.first, LONG_AGO.date() - timedelta(days=2))
    assert named_rates(session, {"staff": staff.id}, 1, EVER).asked == 2
    assert named_rates(session, {"staff": other.id}, 1, EVER).asked == 0
    assert named_rates(session, {}, 2, EVER).asked == 0
    assert named_rates(session, {}, 1, early).asked == 0


class TestFollowUp:
    """Row 24 of the specification: contacts of May and June, looked at on 30 June."""

    def at(self, session: Session, staff: StaffMember, month: int, day: int, says: bool) -> None:
        closed_at = datetime.fromisoformat(f"2026-{month:02}-{day:02}T03:00:00+00:00")
        interaction = contact(session, staff, closed_at=closed_at)
        made = invite(session, interaction, 2, waits=month == 6)
        if says:
            make_response(session, interaction, wave=2, csat=5, invitation_id=made.id)

    def test_only_matured_interactions_are_in_the_denominator(
        self, session: Session, staff: StaffMember
    ) -> None:
        for month, day, says in (
            (5, 1, True), (5, 10, True), (5, 24, False), (5, 25, False), (6, 20, False),
        ):  # fmt: skip
            self.at(session, staff, month, day, says)
        session.commit()
        found = follow_up_rate(session, {}, EVER, today=date(2026, 6, 30), follow_up_days=30)
        assert matured_json(found) == {
            "answered": 2,
            "matured": 3,
            "not_yet_due": 2,
            "value": 0.666667,
            "low": pytest.approx(0.20766, abs=1e-4),
            "high": pytest.approx(0.938508, abs=1e-4),
        }

    def test_what_was_withheld_asks_nobody_and_what_waits_is_not_due(
        self, session: Session, staff: StaffMember
    ) -> None:
        invite(session, contact(session, staff), 2, withheld="follow_up_cap")
        invite(session, contact(session, staff), 2, waits=True)
        session.commit()
        found = follow_up_rate(session, {}, EVER, today=date(2026, 9, 2), follow_up_days=30)
        assert (found.matured, found.not_yet_due, found.value) == (0, 1, None)
