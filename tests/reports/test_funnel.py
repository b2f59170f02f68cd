"""From interactions to answers: it adds up to the last row, and agrees with the figures."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.invitations.models import Invitation
from feedback.outbox.models import Message
from feedback.reports.funnel import Funnel, funnel
from feedback.work import work_until_idle
from tests.factories import make_channel, make_interaction, make_response
from tests.invitations.stories import report
from tests.reports.conftest import Figures

CLOSED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def story(app: Flask, session: Session) -> None:
    """Five are invited, two withheld, one waits, one has no touchpoint; three answer.

    Of those one is struck out; another answers elsewhere what we had asked, and one is asked only
    there.
    """
    invited = [report(app, session, CLOSED) for _number in range(5)]
    report(app, session, CLOSED, customer_email=None)
    report(app, session, CLOSED, customer_email="no address")
    work_until_idle(app, now=CLOSED + timedelta(minutes=1), worker="one")
    report(app, session, CLOSED + timedelta(days=1), channel_id=make_channel(session, "chat").id)
    elsewhere = make_interaction(session, closed_at=CLOSED)
    make_response(session, elsewhere, csat=5, provenance="import")
    for interaction in invited[:3]:
        made = session.scalars(
            sa.select(Invitation).where(
                Invitation.interaction_id == interaction.id, Invitation.wave == 1
            )
        ).one()
        made.answered_at = CLOSED
        make_response(session, interaction, csat=4, invitation_id=made.id)
    struck = make_response(session, invited[3], csat=1, provenance="import")
    struck.excluded_at, struck.excluded_because = CLOSED, "a test"
    make_response(session, invited[4], csat=3, provenance="phone")
    # One mail is on its way still.
    message = session.scalars(sa.select(Message).order_by(Message.id).limit(1)).one()
    message.sent_at = None
    session.commit()


def of_wave(session: Session, wave: int, **given: date | None) -> Funnel:
    days = {"start": None, "end": None} | given
    return funnel(session, wave=wave, where={}, **days)


def test_every_interaction_has_one_place(session: Session, story: None) -> None:
    found = of_wave(session, 1)
    assert found == Funnel(
        interactions=9,
        invited=5,
        delivered=4,
        answered=4,
        scheduled=1,
        withheld={"invalid_address": 1, "no_address": 1},
        imported=1,
    )
    assert found.unplanned == 1


def test_the_follow_up_has_its_own(session: Session, story: None) -> None:
    found = of_wave(session, 2)
    assert (found.invited, found.delivered, found.answered, found.imported) == (0, 0, 0, 0)
    assert found.scheduled == 6
    assert found.interactions == 9 == found.scheduled + sum(found.withheld.values()) + 1


def test_it_is_of_the_days_and_the_part_that_are_asked_about(session: Session, story: None) -> None:
    assert of_wave(session, 1, end=date(2026, 6, 1)).interactions == 8
    later = of_wave(session, 1, start=date(2026, 6, 2))
    assert (later.interactions, later.scheduled, later.answered) == (1, 1, 0)
    chat = {"channel": make_channel(session, "chat").id}
    assert funnel(session, start=None, end=None, wave=1, where=chat) == later


def test_it_tells_the_same_numbers_as_the_figures(
    session: Session, story: None, figures: Figures
) -> None:
    found, of_all = of_wave(session, 1), figures()
    assert found.invited == of_all["asked"]
    assert found.answered + found.imported == of_all["answered"]
    assert of_all["response_rate"] == found.answered / found.invited == 0.8


def test_before_anything_happens_all_is_nought(session: Session) -> None:
    assert of_wave(session, 1) == Funnel(0, 0, 0, 0, 0, {}, 0)
