"""A mail that waited too long: is it still wanted as it goes?"""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message
from feedback.work import one_round
from tests.invitations.stories import report
from tests.invitations.test_withholding import CLOSED, DAY


def fate(session: Session) -> tuple[bool, str | None]:
    """Return whether the first mail was cancelled, and why."""
    with Session(session.get_bind()) as other:
        message = other.scalars(sa.select(Message).order_by(Message.id)).first()
        assert message is not None
        return message.cancelled_at is not None, message.server_reply


@pytest.mark.parametrize(
    ("moment", "reason"), [("answered_at", "answered"), ("stopped_at", "stopped")]
)
def test_what_was_answered_or_stopped_meanwhile_does_not_go_out(
    app: Flask, session: Session, moment: str, reason: str
) -> None:
    report(app, session, CLOSED)
    issue_due(app, now=CLOSED)
    session.execute(sa.update(Invitation).where(Invitation.wave == 1).values({moment: CLOSED}))
    session.commit()
    assert one_round(app, now=CLOSED + DAY, worker="w").sent == 0
    assert fate(session) == (True, reason)


def test_a_link_that_has_ended_is_sent_to_nobody(app: Flask, session: Session) -> None:
    report(app, session, CLOSED)
    issue_due(app, now=CLOSED)
    assert one_round(app, now=CLOSED + 21 * DAY, worker="w").sent == 0
    assert fate(session) == (True, "expired")


def test_until_then_it_goes(app: Flask, session: Session) -> None:
    report(app, session, CLOSED)
    issue_due(app, now=CLOSED)
    assert one_round(app, now=CLOSED + 21 * DAY - timedelta(minutes=1), worker="w").sent == 1


def test_a_message_that_is_no_invitation_is_always_wanted(app: Flask, session: Session) -> None:
    session.add(
        Message(
            kind="account",
            recipient="lead@example.cn",
            locale="en",
            subject="Hello",
            text="Hello\n",
            html="<p>Hello</p>",
            message_id="<hello@example.cn>",
            created_at=CLOSED,
            send_after=CLOSED,
        )
    )
    session.commit()
    assert one_round(app, now=CLOSED + 100 * DAY, worker="w").sent == 1
