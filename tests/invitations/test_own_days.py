"""The organisation's own working days go before every package, and follow-ups move with them."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.people import NotPossible
from feedback.config import InvitationPolicy
from feedback.invitations.models import Holiday, Invitation
from feedback.invitations.own_days import own_days, set_days, unset_day
from tests.conftest import Time
from tests.factories import make_user, sign_in
from tests.invitations.stories import report

CLOSED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)  # A Monday, 11:00 in Shanghai.
FOLLOW_UP = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)  # A Wednesday.


def second(session: Session, interaction_id: int) -> Invitation:
    session.expire_all()
    return session.scalars(
        sa.select(Invitation).where(
            Invitation.interaction_id == interaction_id, Invitation.wave == 2
        )
    ).one()


def decide(
    app: Flask, session: Session, first: date, last: date, *, is_working: bool = False
) -> int:
    policy = InvitationPolicy.from_config(app.config)
    moved = set_days(
        session, first, last, is_working=is_working, name="盘点", policy=policy, now=CLOSED
    )
    session.commit()
    return moved


def test_follow_ups_that_wait_move_off_a_day_nobody_works(app: Flask, session: Session) -> None:
    story = report(app, session, CLOSED)
    assert second(session, story.id).due_at == FOLLOW_UP
    assert decide(app, session, date(2026, 7, 1), date(2026, 7, 2)) == 1
    # The Friday, as the window opens.
    moved = second(session, story.id)
    assert moved.due_at == datetime(2026, 7, 3, 1, 0, tzinfo=UTC)
    policy = InvitationPolicy.from_config(app.config)
    assert moved.expires_at - moved.due_at == policy.answer_within
    for day in list(own_days(session)):
        one = session.get_one(Holiday, day)
        unset_day(session, one, policy, CLOSED)
    session.commit()
    assert second(session, story.id).due_at == FOLLOW_UP


@pytest.mark.parametrize(
    ("undecided_at", "due_at"),
    [
        # In the afternoon it goes out at once; in the evening it waits for the next morning.
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), datetime(2026, 7, 1, 7, 0, tzinfo=UTC)),
        (datetime(2026, 7, 1, 14, 0, tzinfo=UTC), datetime(2026, 7, 2, 1, 0, tzinfo=UTC)),
    ],
)
def test_what_would_have_gone_out_by_now_goes_out_in_the_hours_for_mail(
    app: Flask, session: Session, undecided_at: datetime, due_at: datetime
) -> None:
    story = report(app, session, CLOSED)
    decide(app, session, date(2026, 7, 1), date(2026, 7, 3))
    policy = InvitationPolicy.from_config(app.config)
    for day in (1, 2, 3):
        one = session.get_one(Holiday, date(2026, 7, day))
        unset_day(session, one, policy, undecided_at)
    session.commit()
    moved = second(session, story.id)
    assert (moved.due_at, moved.expires_at) == (due_at, due_at + policy.answer_within)


def test_what_is_overdue_already_waits_for_the_worker_and_moves_no_more(
    app: Flask, session: Session
) -> None:
    story = report(app, session, CLOSED)
    policy, day = InvitationPolicy.from_config(app.config), FOLLOW_UP.date()
    late = FOLLOW_UP + timedelta(minutes=1)
    moved = set_days(session, day, day, is_working=False, name="", policy=policy, now=late)
    session.commit()
    assert (moved, second(session, story.id).due_at) == (0, FOLLOW_UP)


def test_a_weekend_people_work_on_is_a_day_like_others(app: Flask, session: Session) -> None:
    story = report(app, session, CLOSED + timedelta(days=3))
    assert second(session, story.id).due_at == datetime(2026, 7, 6, 1, 0, tzinfo=UTC)
    decide(app, session, date(2026, 7, 4), date(2026, 7, 4), is_working=True)
    assert second(session, story.id).due_at == datetime(2026, 7, 4, 3, 0, tzinfo=UTC)


def test_what_has_gone_out_or_never_will_stays_as_it_is(app: Flask, session: Session) -> None:
    story = report(app, session, CLOSED)
    withheld = second(session, story.id)
    withheld.withheld_at, withheld.withheld_because = CLOSED, "recontact"
    session.commit()
    assert decide(app, session, date(2026, 7, 1), date(2026, 7, 1)) == 0
    assert second(session, story.id).due_at == FOLLOW_UP


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 7, 2), date(2026, 7, 1), "last"),
        (date(2026, 7, 1), date(2026, 9, 1), "last"),
        (date(1, 1, 1), date(1, 1, 2), "first"),
        (date(2026, 7, 1), date(9999, 12, 31), "last"),
    ],
)
def test_what_is_no_holiday_is_refused(
    app: Flask, session: Session, first: date, last: date, field: str
) -> None:
    with app.test_request_context(), pytest.raises(NotPossible) as refusal:
        decide(app, session, first, last)
    assert refusal.value.field == field
    assert own_days(session) == {}


def test_a_year_whose_holidays_were_entered_is_not_asked_for_any_more(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    time.now = datetime(2039, 12, 20, 3, 0, tzinfo=UTC)
    admin = make_user(session, "admin")
    session.commit()
    sign_in(client, session, admin)
    assert "of 2039, 2040 are only estimated" in client.get("/admin/calendar?lang=en").text
    coverage = "/admin/coverage?wave=2&lang=en"
    assert "The working days of 2040 are only estimated" in client.get(coverage).text
    decide(app, session, date(2040, 2, 11), date(2040, 2, 17))
    assert "of 2039 are only estimated" in client.get("/admin/calendar?lang=en").text
    assert "only estimated" not in client.get(coverage).text


def test_an_administrator_decides_days_on_their_page(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    time.now = CLOSED
    report(app, session, CLOSED)
    admin = make_user(session, "admin")
    session.commit()
    sign_in(client, session, admin)
    page = client.get("/admin/calendar?lang=en").text
    assert "The public holidays of 2027 are only estimated" in page
    data = {"first": "2026-07-01", "last": "", "works": "off", "name": "盘点"}
    answer = client.post("/admin/calendar?lang=en", data=data, follow_redirects=True)
    assert "1 follow-up moves." in answer.text
    assert "2026-07-01" in answer.text
    assert own_days(session) == {date(2026, 7, 1): False}
    session.rollback()
    for wrong in ({"first": "tomorrow"}, {"last": "2026-06-01"}, {"works": "maybe"}):
        assert client.post("/admin/calendar", data=data | wrong).status_code == 422
    assert client.post("/admin/calendar/2026-07-02/remove").status_code == 404
    assert client.post("/admin/calendar/someday/remove").status_code == 404
    assert client.post("/admin/calendar/2026-07-01/remove").status_code == 303
    assert own_days(session) == {}
