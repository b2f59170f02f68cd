"""Customers to be asked: contacts reported as a source does, and invitations on their way."""

from datetime import datetime, timedelta
from itertools import count

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.interactions.fields import Report
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.invitations.take_in import Intake
from feedback.links import survey_token
from feedback.outbox.models import Message

_numbers = count(1)


def report_contacts(app: Flask, how_many: int, closed_at: datetime, **values: str) -> None:
    """Report so many contacts, each of another customer, ended at the moment."""
    with app.app_context(), Session(db.engine) as session, session.begin():
        intake = Intake(session, InvitationPolicy.from_config(app.config), app.config["SECRET_KEY"])
        reports = []
        for _each in range(how_many):
            number = next(_numbers)
            reports.append(
                Report(
                    source="faults",
                    external_id=f"f-{number}",
                    channel="phone",
                    closed_at=closed_at,
                    customer_email=values.get("email", f"customer{number}@example.cn"),
                    customer_name="王伟",
                    staff_external_id=f"e-{number % 7}",
                    staff_name=f"员工{number % 7}",
                    team="客服一组",
                )
            )
        intake.take_all(reports, closed_at)


def invited(app: Flask, how_many: int, now: datetime) -> dict[int, str]:
    """Invite so many customers, whose mails have gone; return their links by invitation."""
    report_contacts(app, how_many, now - timedelta(minutes=1))
    issue_due(app, now=now)
    with app.test_request_context(), Session(db.engine) as session, session.begin():
        waiting = (
            Message.sent_at.is_(None), Message.failed_at.is_(None), Message.cancelled_at.is_(None)
        )  # fmt: skip
        gone = sa.update(Message).where(*waiting)
        session.execute(gone.values(sent_at=now, text="", html=""))
        numbers = session.scalars(
            sa.select(Invitation.id)
            .where(Invitation.issued_at.is_not(None), Invitation.answered_at.is_(None))
            .order_by(Invitation.id)
        )
        return {number: f"/s/{survey_token(number)}" for number in numbers}
