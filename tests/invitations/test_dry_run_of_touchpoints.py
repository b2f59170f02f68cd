"""The dry run goes by what touchpoints say, as the worker does: equal to the last row."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from feedback.invitations.issue import issue_due
from feedback.invitations.models import Holiday
from feedback.touchpoints.models import FOLLOW_UPS, LONGEST_DELAY
from tests.invitations.histories import (
    CONTACTS,
    Contact,
    accounts,
    answer,
    at_touchpoint,
    forget_everything,
    record,
    rehearse,
    take_in,
    work_through,
)

BEGIN = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # A Monday, 09:00 in Shanghai.
FIRST, LAST = BEGIN.date(), (BEGIN + timedelta(days=80)).date()
DAY = 1440
# Each about somebody else, so that nobody is asked too often.
FOUR: list[Contact] = [(n * 60, n, f"c{n}@example.cn", True, "phone") for n in range(4)]

SAYS = st.fixed_dictionaries(
    {
        "sampling_rate": st.sampled_from([0.0, 0.5, 0.5, 1.0]),
        "seed": st.integers(0, 99),
        "delay_minutes": st.sampled_from([0, 90, 3 * DAY, LONGEST_DELAY]),
        "follow_up": st.sampled_from(FOLLOW_UPS),
    }
)


@given(CONTACTS, SAYS, SAYS, st.sets(st.integers(0, 11)))
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_touchpoints_say_and_whoever_answers(
    app: Flask,
    session: Session,
    contacts: list[Contact],
    phone: dict[str, object],
    chat: dict[str, object],
    answering: set[int],
) -> None:
    forget_everything(session)
    at_touchpoint(session, "phone", **phone)
    at_touchpoint(session, "chat", **chat)
    made = record(session, BEGIN, contacts)
    answerers = {made[at].id for at in answering if at < len(made)}
    before = rehearse(app, session, FIRST, LAST)
    take_in(app, session, made)
    work_through(app, session, answerers)
    happened = accounts(session, FIRST, LAST)
    # Who answers is known afterwards only; the first wave does not hang on it.
    assert before.accounts[1] == happened[1]
    if not answerers:
        assert before.accounts == happened
    assert rehearse(app, session, FIRST, LAST).accounts == happened


def test_a_sampled_touchpoint_leaves_out_the_same_ones(app: Flask, session: Session) -> None:
    at_touchpoint(session, "phone", sampling_rate=0.5, seed=3)
    contacts = [
        (n * DAY, n % 4, f"c{n}@example.cn", True, "phone" if n % 2 else "chat") for n in range(40)
    ]
    made = record(session, BEGIN, contacts)
    told = rehearse(app, session, FIRST, LAST)
    phone = next(one.channel_id for one in made if one.channel.code == "phone")
    # Chance decides which, but not that all or none of twenty are drawn: once in half a million.
    assert 0 < told.by_channel[1][phone].withheld["sampled_out"] < 20
    assert told.accounts[1].withheld["sampled_out"] == told.accounts[2].withheld["sampled_out"]
    assert (
        told.by_channel[1][phone].withheld["sampled_out"]
        == (told.accounts[1].withheld["sampled_out"])
    )
    take_in(app, session, made)
    work_through(app, session)
    assert told.accounts == accounts(session, FIRST, LAST)


def test_only_those_who_answered_are_asked_again_and_nobody_is_taken_to_answer(
    app: Flask, session: Session
) -> None:
    at_touchpoint(session, "phone", follow_up="answered")
    made = record(session, BEGIN, FOUR)
    assert rehearse(app, session, FIRST, LAST).accounts[2].withheld == {"first_wave_unanswered": 4}
    take_in(app, session, made)
    work_through(app, session, {made[0].id, made[2].id})
    told = rehearse(app, session, FIRST, LAST)
    assert told.accounts[2].fates == {"invited": 2, "withheld": 2}
    assert told.accounts[2].withheld == {"first_wave_unanswered": 2}
    assert told.accounts == accounts(session, FIRST, LAST)


def test_only_the_silent_are_asked_again(app: Flask, session: Session) -> None:
    at_touchpoint(session, "phone", follow_up="unanswered")
    made = record(session, BEGIN, FOUR)
    assert rehearse(app, session, FIRST, LAST).accounts[2].fates == {"invited": 4}
    take_in(app, session, made)
    work_through(app, session, {made[0].id})
    told = rehearse(app, session, FIRST, LAST)
    assert told.accounts[2].withheld == {"first_wave_answered": 1}
    assert told.accounts == accounts(session, FIRST, LAST)


@pytest.mark.parametrize(("answers", "becomes"), [(True, {"withheld": 1}), (False, {"invited": 1})])
def test_a_follow_up_of_other_days_comes_between_only_if_its_first_mail_was_answered(
    app: Flask, session: Session, answers: bool, becomes: dict[str, int]
) -> None:
    at_touchpoint(session, "phone", follow_up="answered")
    # A holiday moves the first follow-up to within a month of the second.
    for number in range(30, 35):
        session.add(Holiday(day=FIRST + timedelta(days=number), is_working=False))
    earlier, later = record(
        session,
        BEGIN,
        [(0, 0, "a@example.cn", True, "phone"), (31 * DAY, 0, "a@example.cn", True, "chat")],
    )
    take_in(app, session, [earlier])
    issue_due(app, now=earlier.closed_at)
    if answers:
        answer(session, {earlier.id}, earlier.closed_at)
    told = rehearse(app, session, later.day, LAST)
    assert told.accounts[2].fates == becomes
    take_in(app, session, [later])
    work_through(app, session)
    assert told.accounts == accounts(session, later.day, LAST)


def test_a_rehearsal_leaves_the_touchpoint_of_a_contact_as_it_is(
    app: Flask, session: Session
) -> None:
    [story] = record(session, BEGIN, FOUR[:1])
    assert rehearse(app, session, FIRST, LAST).accounts[1].fates == {"invited": 1}
    session.commit()
    assert story.touchpoint_id is None
