"""The dry run: what asking would have come to, by the same rules, equal to the last row."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from feedback.database import Base, reading
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Holiday, Invitation
from feedback.touchpoints.models import Touchpoint
from tests.factories import make_user
from tests.invitations.histories import (
    CONTACTS,
    OWN,
    Contact,
    accounts,
    forget_everything,
    leave_chat_unfollowed,
    record,
    rehearse,
    stop_a_kind,
    stop_writing_to,
    take_in,
    work_through,
)

BEGIN = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # A Monday, 09:00 in Shanghai.
FIRST, LAST = BEGIN.date(), (BEGIN + timedelta(days=80)).date()
QUICK = settings(
    max_examples=12,
    deadline=None,
    # To shorten a history that differs takes minutes.
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(
    CONTACTS,
    st.sampled_from([None, "a@example.cn", "b@example.cn"]),
    st.sampled_from([None, ("a@example.cn", "phone"), ("b@example.cn", "chat")]),
    st.integers(0, 60),
)
@QUICK
def test_its_numbers_are_those_of_the_real_run(
    app: Flask,
    session: Session,
    contacts: list[Contact],
    stopped: str | None,
    kind: tuple[str, str] | None,
    holiday: int,
) -> None:
    forget_everything(session)
    leave_chat_unfollowed(session)
    make_user(session, "manager", email=OWN)
    session.add(Holiday(day=FIRST + timedelta(days=holiday), is_working=False))
    if stopped:
        stop_writing_to(app, session, stopped, BEGIN)
    if kind:
        stop_a_kind(app, session, *kind, BEGIN)
    made = record(session, BEGIN, contacts)
    told = rehearse(app, session, FIRST, LAST)
    take_in(app, session, made)
    work_through(app, session)
    assert told.accounts == accounts(session, FIRST, LAST)
    assert told.interactions == len(made)
    # What went out about these very days is left aside: the dry run says the same again.
    assert rehearse(app, session, FIRST, LAST) == told


@given(CONTACTS, st.integers(1, 60), st.booleans())
@QUICK
def test_what_happened_before_the_days_counts_and_so_does_what_still_waits(
    app: Flask, session: Session, contacts: list[Contact], cut: int, was_on: bool
) -> None:
    forget_everything(session)
    leave_chat_unfollowed(session)
    begun = BEGIN + timedelta(days=cut)
    made = record(session, BEGIN, contacts)
    before = [one for one in made if one.day < begun.date()]
    take_in(app, session, before)
    if was_on:
        for moment in sorted({one.closed_at for one in before}):
            issue_due(app, now=moment)
        # Some follow-ups went out; the later ones wait.
        midnight = begun.replace(hour=16) - timedelta(days=1)
        due = sa.select(Invitation.due_at).where(Invitation.due_at < midnight)
        moments = sorted(session.scalars(due))
        session.rollback()
        for moment in moments:
            issue_due(app, now=moment)
    told = rehearse(app, session, begun.date(), LAST)
    take_in(app, session, [one for one in made if one.day >= begun.date()])
    if not was_on:
        issue_due(app, now=begun.replace(hour=16) - timedelta(days=1))
    work_through(app, session)
    assert told.accounts == accounts(session, begun.date(), LAST)


def test_a_contact_of_the_day_after_that_waits_stands_for_the_last_one(
    app: Flask, session: Session
) -> None:
    forget_everything(session)
    # At once there would be nothing to merge, and follow-ups reach far beyond the day after.
    session.execute(sa.update(Touchpoint).values(delay_minutes=12 * 60, follow_up="off"))
    made = record(session, BEGIN, [(60, 1, "a@example.cn", True, "phone"),
                                   (22 * 60, 1, "a@example.cn", True, "phone")])  # fmt: skip
    # It is seven in the morning in Shanghai.
    made[1].day = FIRST + timedelta(days=1)
    take_in(app, session, made)
    told = rehearse(app, session, FIRST, FIRST)
    work_through(app, session)
    assert told.accounts == accounts(session, FIRST, FIRST)
    assert told.accounts[1].withheld == {"merged": 1}


def whole_database(session: Session) -> dict[str, list[tuple[object, ...]]]:
    session.rollback()
    found = {
        table.name: sorted((tuple(row) for row in session.execute(sa.select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }
    session.rollback()
    return found


def test_it_writes_nothing_and_could_not(app: Flask, session: Session) -> None:
    record(session, BEGIN, [(day * 1440, 0, "a@example.cn", True, "phone") for day in (0, 5, 40)])
    before = whole_database(session)
    with app.app_context(), reading():
        told = rehearse(app, session, FIRST, LAST)
        with pytest.raises(sa.exc.DatabaseError):
            session.execute(sa.delete(Invitation))
        session.rollback()
    assert told.accounts[1].fates == {"invited": 2, "withheld": 1}
    assert whole_database(session) == before


def test_contacts_are_taken_in_as_they_closed_however_long_ago(
    app: Flask, session: Session
) -> None:
    [story] = record(session, BEGIN - timedelta(days=900), [(0, 0, "a@example.cn", True, "phone")])
    told = rehearse(app, session, story.day, story.day)
    assert told.accounts[1].fates == told.accounts[2].fates == {"invited": 1}


def test_what_another_system_has_the_answer_to_is_not_asked(app: Flask, session: Session) -> None:
    [story] = record(session, BEGIN, [(0, 0, "a@example.cn", True, "phone")])
    told = rehearse(app, session, FIRST, LAST, answered=[(story.id, 1)])
    assert told.accounts[1].withheld == {"answered_elsewhere": 1}
    assert told.accounts[2].withheld == {"first_wave_withheld": 1}


def test_it_says_who_would_be_asked_about_whom(app: Flask, session: Session) -> None:
    made = record(session, BEGIN, [(0, 0, "a@example.cn", True, "phone")])
    told = rehearse(app, session, FIRST, LAST)
    assert sum(told.invited.values()) == 2
    assert {asked.staff_id for asked in told.invited} == {made[0].staff_id}
    assert told.by_channel[1][made[0].channel_id] == told.accounts[1]


def test_days_without_contacts_come_to_nothing(app: Flask, session: Session) -> None:
    told = rehearse(app, session, FIRST, LAST)
    assert (told.interactions, told.accounts[1].interactions) == (0, 0)
