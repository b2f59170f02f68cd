"""Whom we do not ask, and why; and that every interaction has exactly one fate in each wave."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from feedback.interactions.contacts import address_digest
from feedback.invitations.coverage import Which, accounting, by_channel, by_month
from feedback.invitations.fate import fates
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Holiday, Invitation
from feedback.invitations.remind import remind_silent
from feedback.outbox.models import Message, Suppression
from feedback.outbox.suppress import suppress
from feedback.work import one_round, work_until_idle
from tests.factories import make_channel, make_customer, make_interaction, make_staff, make_user
from tests.invitations.stories import report

CLOSED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)  # A Monday, 11:00 in Shanghai.
DAY = timedelta(days=1)


def reasons(session: Session, interaction_id: int) -> list[str | None]:
    """Return why each wave was withheld, None where it was not."""
    session.rollback()
    found = session.scalars(
        sa.select(Invitation.withheld_because)
        .where(Invitation.interaction_id == interaction_id)
        .order_by(Invitation.wave)
    ).all()
    session.rollback()
    return list(found)


def stop_writing_to(app: Flask, session: Session, address: str, now: datetime) -> None:
    suppress(session, address_digest(address, app.config["SECRET_KEY"]), "unsubscribed", now)
    session.commit()


@pytest.mark.parametrize("address", ["e-1@example.cn", "E-1+shop@Example.CN"])
def test_nobody_who_works_here_is_asked_about_themselves(
    app: Flask, session: Session, address: str
) -> None:
    make_staff(session, email="e-1@example.cn")
    story = report(app, session, CLOSED, customer_email=address)
    assert reasons(session, story.id) == ["own_staff", "own_staff"]


def test_dots_in_a_gmail_address_hide_nobody(app: Flask, session: Session) -> None:
    make_user(session, "manager", email="lijing@gmail.com")
    story = report(app, session, CLOSED, customer_email="Li.Jing+x@googlemail.com")
    assert reasons(session, story.id) == ["own_staff", "own_staff"]


def test_somebody_hired_after_the_contact_is_not_asked_either(app: Flask, session: Session) -> None:
    story = report(app, session, CLOSED, customer_email="wang@example.cn")
    make_staff(session, "e-2", email="wang@example.cn")
    session.commit()
    issue_due(app, now=CLOSED)
    assert reasons(session, story.id)[0] == "own_staff"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"customer_email": None}, "no_address"),
        ({"customer_email": "wang@"}, "invalid_address"),
        ({"staff_id": None, "team_id": None}, "nobody"),
        ({"now": CLOSED + timedelta(days=400)}, "too_old"),
    ],
)
def test_what_is_plain_on_arrival_withholds_both_waves(
    app: Flask, session: Session, values: dict[str, object], reason: str
) -> None:
    story = report(app, session, CLOSED, **values)  # type: ignore[arg-type]
    assert reasons(session, story.id) == [reason, reason]


def test_a_withheld_invitation_still_says_when_it_would_have_been_due(
    app: Flask, session: Session
) -> None:
    report(app, session, CLOSED, customer_email=None)
    first, second = session.scalars(sa.select(Invitation).order_by(Invitation.wave))
    assert first.due_at == CLOSED
    assert second.due_at == CLOSED + 30 * DAY
    assert second.expires_at > second.due_at


def test_planning_twice_is_impossible(app: Flask, session: Session) -> None:
    story = report(app, session, CLOSED)
    again = Invitation(
        interaction_id=story.id,
        customer_id=story.customer_id,
        survey_id=1,
        wave=1,
        planned_at=CLOSED,
        due_at=CLOSED,
        expires_at=CLOSED,
    )
    session.add(again)
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()
    session.rollback()


def test_who_asked_not_to_be_written_to_is_neither_asked_nor_followed_up(
    app: Flask, session: Session
) -> None:
    story = report(app, session, CLOSED, customer_email="Wang@example.cn")
    stop_writing_to(app, session, "wang@EXAMPLE.cn", CLOSED)
    work_until_idle(app, now=CLOSED, worker="w")
    work_until_idle(app, now=CLOSED + 30 * DAY, worker="w")
    assert reasons(session, story.id) == ["suppressed", "suppressed"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 0
    session.rollback()


def test_a_frequent_customer_is_asked_once_within_the_interval_and_again_after_it(
    app: Flask, session: Session
) -> None:
    customer = make_customer(session).id
    stories = []
    for days in (0, 10, 29, 31):
        now = CLOSED + days * DAY
        stories.append(report(app, session, now, customer_id=customer))
        issue_due(app, now=now)
    assert [reasons(session, story.id)[0] for story in stories] == [
        None,
        "recontact",
        "recontact",
        None,
    ]


def test_two_customers_with_one_address_count_as_one(app: Flask, session: Session) -> None:
    first = report(app, session, CLOSED, customer_email="family@example.cn")
    second = report(app, session, CLOSED, customer_email="Family@example.cn")
    issue_due(app, now=CLOSED)
    assert [reasons(session, story.id)[0] for story in (first, second)] == [None, "recontact"]


def test_who_was_not_invited_is_not_followed_up(app: Flask, session: Session) -> None:
    customer = make_customer(session).id
    report(app, session, CLOSED, customer_id=customer)
    second = report(app, session, CLOSED + DAY, customer_id=customer)
    issue_due(app, now=CLOSED + DAY)
    issue_due(app, now=CLOSED + 40 * DAY)
    assert reasons(session, second.id) == ["recontact", "first_wave_withheld"]


def test_one_follow_up_for_each_customer_within_the_interval(app: Flask, session: Session) -> None:
    app.config["RECONTACT_DAYS"] = 0
    customer = make_customer(session).id
    for days in (0, 1):
        report(app, session, CLOSED + days * DAY, customer_id=customer)
        issue_due(app, now=CLOSED + days * DAY)
    app.config["RECONTACT_DAYS"] = 30
    for days in (30, 31):
        issue_due(app, now=CLOSED + days * DAY)
    follow_ups = session.scalars(
        sa.select(Invitation.withheld_because).where(Invitation.wave == 2).order_by(Invitation.id)
    ).all()
    assert follow_ups == [None, "follow_up_cap"]


def test_a_worker_that_slept_too_long_asks_nobody_about_last_month(
    app: Flask, session: Session
) -> None:
    story = report(app, session, CLOSED)
    issue_due(app, now=CLOSED + 22 * DAY)
    assert reasons(session, story.id)[0] == "too_old"


def test_an_invitation_is_open_for_its_whole_time_from_when_it_goes_out(
    app: Flask, session: Session
) -> None:
    report(app, session, CLOSED)
    issue_due(app, now=CLOSED + DAY)
    first = session.scalar(sa.select(Invitation).where(Invitation.wave == 1))
    assert first is not None
    assert first.expires_at == CLOSED + 22 * DAY
    session.rollback()


def test_fates_tell_each_wave_with_its_moments(app: Flask, session: Session) -> None:
    story = report(app, session, CLOSED)
    issue_due(app, now=CLOSED)
    session.rollback()
    first, second = fates(session, story, CLOSED)
    assert (first["state"], second["state"]) == ("invited", "scheduled")
    assert first["issued_at"] == "2026-06-01T03:00:00Z"
    assert second["due_at"] == "2026-07-01T03:00:00Z"
    assert fates(session, story, CLOSED + 22 * DAY)[0]["state"] == "expired"


# Reminders


def test_the_silent_are_reminded_once_and_with_the_same_invitation(
    app: Flask, session: Session
) -> None:
    report(app, session, CLOSED)
    one_round(app, now=CLOSED, worker="w")
    # Five days later is a Saturday: the reminder waits for Monday.
    assert remind_silent(app, now=CLOSED + 5 * DAY) == 0
    assert remind_silent(app, now=CLOSED + 7 * DAY - timedelta(hours=3)) == 0
    assert remind_silent(app, now=CLOSED + 7 * DAY) == 1
    assert remind_silent(app, now=CLOSED + 8 * DAY) == 0
    tokens = session.scalars(sa.select(Message.token_for).order_by(Message.id)).all()
    assert len(set(tokens)) == 1
    assert len(tokens) == 2


@pytest.mark.parametrize("what", ["answered_at", "stopped_at"])
def test_who_answered_or_stopped_is_not_reminded(app: Flask, session: Session, what: str) -> None:
    report(app, session, CLOSED)
    one_round(app, now=CLOSED, worker="w")
    session.execute(sa.update(Invitation).where(Invitation.wave == 1).values({what: CLOSED}))
    session.commit()
    assert remind_silent(app, now=CLOSED + 7 * DAY) == 0


def test_the_suppressed_are_not_reminded(app: Flask, session: Session) -> None:
    story = report(app, session, CLOSED)
    one_round(app, now=CLOSED, worker="w")
    stop_writing_to(app, session, story.customer_email or "", CLOSED + DAY)
    assert remind_silent(app, now=CLOSED + 7 * DAY) == 0


def test_nobody_is_reminded_of_a_mail_they_never_got(app: Flask, session: Session) -> None:
    report(app, session, CLOSED)
    issue_due(app, now=CLOSED)
    assert remind_silent(app, now=CLOSED + 7 * DAY) == 0


def test_reminders_can_be_switched_off(app: Flask, session: Session) -> None:
    app.config["REMIND_AFTER_DAYS"] = 0
    report(app, session, CLOSED)
    one_round(app, now=CLOSED, worker="w")
    assert remind_silent(app, now=CLOSED + 7 * DAY) == 0


def test_reminders_respect_the_organisations_own_holidays(app: Flask, session: Session) -> None:
    session.add(Holiday(day=(CLOSED + 7 * DAY).date(), is_working=False, name="搬家"))
    report(app, session, CLOSED)
    one_round(app, now=CLOSED, worker="w")
    assert remind_silent(app, now=CLOSED + 7 * DAY) == 0
    assert remind_silent(app, now=CLOSED + 8 * DAY) == 1


# Every story, whatever happens in it

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 90),  # the day
        st.integers(0, 2),  # the customer
        st.sampled_from(["contact", "contact", "contact", "no address", "stop", "work"]),
    ),
    min_size=1,
    max_size=14,
)


@given(EVENTS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens_nobody_is_asked_too_often_or_against_their_will(
    app: Flask, session: Session, events: list[tuple[int, int, str]]
) -> None:
    for table in (Invitation, Message, Suppression):
        session.execute(sa.delete(table))
    session.commit()
    before = session.scalar(sa.text("SELECT coalesce(max(id), 0) FROM interaction")) or 0
    customers = [make_customer(session).id for _number in range(3)]
    stopped: dict[str, datetime] = {}
    for day, who, what in sorted(events):
        now, address = CLOSED + day * DAY, f"customer{who}@example.cn"
        if what == "stop":
            stop_writing_to(app, session, address, now)
            stopped.setdefault(address, now)
        elif what == "work":
            work_until_idle(app, now=now, worker="w")
        else:
            email = address if what == "contact" else None
            report(app, session, now, customer_id=customers[who], customer_email=email)
            issue_due(app, now=now)
    work_until_idle(app, now=CLOSED + 130 * DAY, worker="w")
    session.rollback()
    for customer in customers:
        for wave in (1, 2):
            asked = session.scalars(
                sa.select(Invitation.issued_at)
                .where(Invitation.customer_id == customer, Invitation.wave == wave)
                .where(Invitation.issued_at.is_not(None))
                .order_by(Invitation.issued_at)
            ).all()
            gaps = [later - earlier for earlier, later in pairwise(filter(None, asked))]
            assert all(gap >= timedelta(days=30) for gap in gaps)
    for address, since in stopped.items():
        mails = sa.select(Message.id).where(
            Message.recipient == address, Message.created_at > since
        )
        assert session.scalars(mails).all() == []
    left, withheld, issued = session.execute(
        sa.select(
            sa.func.count().filter(
                Invitation.issued_at.is_(None), Invitation.withheld_at.is_(None)
            ),
            sa.func.count(Invitation.withheld_at),
            sa.func.count(Invitation.issued_at),
        )
    ).one()
    contacts = session.scalar(
        sa.text("SELECT count(*) FROM interaction WHERE id > :before"), {"before": before}
    )
    session.rollback()
    assert (left, withheld + issued) == (0, 2 * (contacts or 0))


# Coverage


def test_coverage_adds_up_to_the_last_interaction(app: Flask, session: Session) -> None:
    chat = make_channel(session, "chat").id
    report(app, session, CLOSED)
    report(app, session, CLOSED, customer_email=None)
    report(app, session, CLOSED, customer_email="wang@", channel_id=chat)
    report(app, session, CLOSED + 40 * DAY, channel_id=chat)
    make_interaction(session, closed_at=CLOSED, channel_id=chat)  # It came with an answer.
    session.commit()
    issue_due(app, now=CLOSED)
    session.rollback()
    total = accounting(session, Which(wave=1))
    assert total.interactions == 5
    assert dict(total.fates) == {"invited": 1, "scheduled": 1, "withheld": 2, "not_planned": 1}
    assert dict(total.withheld) == {"no_address": 1, "invalid_address": 1}
    parts = by_channel(session, Which(wave=1))
    assert sum(part.interactions for part in parts.values()) == 5
    assert parts[chat].fates["withheld"] == 1
    months = by_month(session, Which(wave=1))
    assert [(f"{day:%Y-%m}", part.interactions) for day, part in months.items()] == [
        ("2026-07", 1),
        ("2026-06", 4),
    ]
    assert accounting(session, Which(wave=2, start=(CLOSED + DAY).date())).interactions == 1
    assert accounting(session, Which(channel_id=chat)).interactions == 3
    session.rollback()
