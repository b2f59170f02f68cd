"""What the silent could change: the worst case and the best, of those we asked."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from feedback.reports.bounds import Bounds, bounds_of, bounds_words
from feedback.reports.spans import Span
from tests.factories import make_response
from tests.reports.stories import answered, person
from tests.reports.two_waves import contact, invite

EVER = Span(date(2025, 1, 1), date(2026, 12, 31))


def ask(session: Session, where: Mapping[str, int] | None = None, **given: Any) -> Bounds | None:
    session.commit()
    given = {"min_group": 5, "sees_all": True} | given
    return bounds_of(session, where or {}, given.pop("wave", 1), EVER, **given)


def asked(
    session: Session, staff: StaffMember, good: int, bad: int, silent: int, wave: int = 1
) -> None:
    """Have some customers answer, and some not."""
    for score, times in ((5, good), (3, bad), (None, silent)):
        for _number in range(times):
            interaction = contact(session, staff)
            invitation = invite(session, interaction, wave)
            if score is not None:
                make_response(
                    session, interaction, wave=wave, csat=score, invitation_id=invitation.id
                )


@pytest.fixture
def staff(session: Session) -> StaffMember:
    return person(session, "e-1", "李静")


@pytest.mark.parametrize(
    ("silent", "low", "high"),
    [(80, 0.18, 0.98), (5, 0.72, 0.92)],
)
def test_eighteen_of_twenty_may_be_as_low_and_as_high_as_this(
    session: Session, staff: StaffMember, silent: int, low: float, high: float
) -> None:
    asked(session, staff, 18, 2, silent)
    found = ask(session)
    assert found is not None
    assert found.as_json() == {
        "good": 18,
        "answered": 20,
        "asked": 20 + silent,
        "low": low,
        "high": high,
    }


def test_the_waves_stand_apart(session: Session, staff: StaffMember) -> None:
    asked(session, staff, 3, 1, 6)
    asked(session, staff, 1, 0, 1, wave=2)
    assert ask(session) == Bounds(3, 4, 10, 0.3, 0.9)
    assert ask(session, wave=2) == Bounds(1, 1, 2, 0.5, 1.0)


def test_what_another_system_collected_is_not_among_them(
    session: Session, staff: StaffMember
) -> None:
    asked(session, staff, 3, 1, 6)
    answered(session, staff, [1] * 50)
    assert ask(session) == Bounds(3, 4, 10, 0.3, 0.9)


def test_who_left_only_a_comment_may_have_thought_anything(
    session: Session, staff: StaffMember
) -> None:
    asked(session, staff, 3, 1, 5)
    interaction = contact(session, staff)
    invitation = invite(session, interaction, 1)
    make_response(session, interaction, comment="…", invitation_id=invitation.id)
    assert ask(session) == Bounds(3, 4, 10, 0.3, 0.9)


def test_where_nobody_was_asked_there_are_none(session: Session, staff: StaffMember) -> None:
    answered(session, staff, [5] * 20)
    assert ask(session) is None


class TestToOthers:
    def test_they_are_hidden_with_the_figure(self, session: Session, staff: StaffMember) -> None:
        asked(session, staff, 4, 0, 20)
        assert ask(session, sees_all=False) is None
        asked(session, staff, 1, 0, 0)
        assert ask(session, sees_all=False) == Bounds(5, 5, 25, 0.2, 1.0)

    def test_they_do_not_tell_of_a_few_imported_answers(
        self, session: Session, staff: StaffMember
    ) -> None:
        """The figure less the bounds would be those answers' scores."""
        asked(session, staff, 20, 0, 20)
        answered(session, staff, [1] * 3)
        assert ask(session, {"staff": staff.id}, sees_all=False) is None
        assert ask(session, {"staff": staff.id}, sees_all=False, own=staff.id) is not None
        answered(session, staff, [1] * 2)
        assert ask(session, {"staff": staff.id}, sees_all=False) is not None
        # Days less days are fewer again.
        assert ask(session, {"staff": staff.id}, sees_all=False, guards_days=True) is None


def test_both_cases_are_said_in_one_sentence(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert bounds_words(Bounds(18, 20, 100, 0.18, 0.98)) == (
            "If everybody who did not answer had been dissatisfied, it would be 18 %; if"
            " satisfied, 98 %."
        )
