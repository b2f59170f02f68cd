"""Issuing: a mail and its invitation stand or fall together, and one bad letter stops no other."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.invitations import issue
from feedback.invitations.issue import Issued, issue_due
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message
from feedback.work import work_until_idle
from tests.invitations.stories import report
from tests.invitations.test_withholding import CLOSED, DAY, reasons


def end_first_mail(session: Session, **moments: object) -> None:
    """Let the first mail have ended otherwise than by being sent."""
    session.execute(sa.update(Message).values(sent_at=None, **moments))
    session.commit()


@pytest.mark.parametrize("end", ["failed_at", "cancelled_at"])
def test_whom_the_first_mail_never_reached_is_not_asked_whether_all_is_still_well(
    app: Flask, session: Session, end: str
) -> None:
    story = report(app, session, CLOSED)
    work_until_idle(app, now=CLOSED, worker="w")
    end_first_mail(session, **{end: CLOSED})
    work_until_idle(app, now=CLOSED + 30 * DAY, worker="w")
    assert reasons(session, story.id) == [None, "first_wave_withheld"]


def test_who_may_have_got_the_first_mail_is_followed_up(app: Flask, session: Session) -> None:
    story = report(app, session, CLOSED)
    work_until_idle(app, now=CLOSED, worker="w")
    # Uncertain: the server has it, and did not say so.
    end_first_mail(session, dot_sent_at=CLOSED)
    issue_due(app, now=CLOSED + 30 * DAY)
    assert reasons(session, story.id) == [None, None]


def test_who_answered_is_followed_up_however_the_mail_ended(app: Flask, session: Session) -> None:
    story = report(app, session, CLOSED)
    work_until_idle(app, now=CLOSED, worker="w")
    end_first_mail(session, cancelled_at=CLOSED)
    session.execute(sa.update(Invitation).where(Invitation.wave == 1).values(answered_at=CLOSED))
    session.commit()
    issue_due(app, now=CLOSED + 30 * DAY)
    assert reasons(session, story.id) == [None, None]


def test_an_invitation_without_its_mail_does_not_exist(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(app, session, CLOSED)
    real = issue.send_letter

    def send_and_fall(*arguments: object) -> Message:
        real(*arguments)  # type: ignore[arg-type]
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(issue, "send_letter", send_and_fall)
        assert issue_due(app, now=CLOSED) == Issued()
    assert session.scalars(sa.select(Message)).all() == []
    assert session.scalars(sa.select(Invitation.issued_at)).all() == [None, None]
    session.rollback()
    assert issue_due(app, now=CLOSED) == Issued(issued=1)


def test_it_stops_when_told_to(app: Flask, session: Session) -> None:
    for _number in range(3):
        report(app, session, CLOSED)
    answers = iter([True, True, False])
    assert issue_due(app, now=CLOSED, keep_going=lambda: next(answers)).issued == 2


def test_the_oldest_go_first(app: Flask, session: Session) -> None:
    late = report(app, session, CLOSED + timedelta(hours=1))
    early = report(app, session, CLOSED)
    issue_due(app, now=CLOSED + timedelta(hours=2))
    recipients = session.scalars(sa.select(Message.recipient).order_by(Message.id)).all()
    session.rollback()
    assert recipients == [early.customer_email, late.customer_email]
