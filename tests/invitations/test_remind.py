"""Reminding the silent: once, in time, and only of a mail they can have got."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.invitations import remind
from feedback.invitations.do_not_ask import stop_asking
from feedback.invitations.models import Invitation
from feedback.invitations.remind import remind_silent
from feedback.outbox.models import Message
from feedback.work import one_round
from tests.factories import make_user
from tests.invitations.stories import report
from tests.invitations.test_withholding import CLOSED, DAY


def change_mail(session: Session, **values: object) -> None:
    session.execute(sa.update(Message).values(**values))
    session.commit()


def test_the_days_count_from_when_the_mail_left_us(app: Flask, session: Session) -> None:
    report(app, session, CLOSED)
    one_round(app, now=CLOSED, worker="w")
    # The mail server was away for three days.
    change_mail(session, sent_at=CLOSED + 3 * DAY)
    assert remind_silent(app, now=CLOSED + 7 * DAY) == 0
    assert remind_silent(app, now=CLOSED + 8 * DAY) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"sent_at": None, "failed_at": CLOSED},
        {"sent_at": None, "cancelled_at": CLOSED},
        {"sent_at": None, "dot_sent_at": CLOSED},
    ],
)
def test_nobody_is_reminded_of_a_mail_that_failed_or_is_uncertain(
    app: Flask, session: Session, values: dict[str, object]
) -> None:
    report(app, session, CLOSED)
    one_round(app, now=CLOSED, worker="w")
    change_mail(session, **values)
    assert remind_silent(app, now=CLOSED + 7 * DAY) == 0


def test_nobody_is_reminded_of_a_link_that_has_ended(app: Flask, session: Session) -> None:
    report(app, session, CLOSED)
    one_round(app, now=CLOSED, worker="w")
    assert remind_silent(app, now=CLOSED + 21 * DAY) == 0


def test_a_reminder_lengthens_nothing_and_says_so(app: Flask, session: Session) -> None:
    report(app, session, CLOSED)
    one_round(app, now=CLOSED, worker="w")
    remind_silent(app, now=CLOSED + 7 * DAY)
    expires = session.scalar(sa.select(Invitation.expires_at).where(Invitation.wave == 1))
    text = session.scalar(sa.select(Message.text).where(Message.kind == "reminder"))
    session.rollback()
    assert expires == CLOSED + 21 * DAY
    assert "链接有效期至2026年6月22日11:00" in (text or "")


def test_nobody_is_reminded_of_what_is_not_asked_about_any_more(
    app: Flask, session: Session
) -> None:
    report(app, session, CLOSED, kind="Court  case", customer_email="a@example.cn")
    report(app, session, CLOSED, tags="b;court", customer_email="b@example.cn")
    report(app, session, CLOSED, kind="court cases", customer_email="c@example.cn")
    one_round(app, now=CLOSED, worker="w")
    by = make_user(session, "admin")
    stop_asking(session, "kind", "court case", "They are in court.", by, CLOSED + DAY)
    stop_asking(session, "tag", "Court", "They are in court.", by, CLOSED + DAY)
    session.commit()
    assert remind_silent(app, now=CLOSED + 7 * DAY) == 1
    reminded = sa.select(Message.recipient).where(Message.kind == "reminder")
    assert session.scalars(reminded).all() == ["c@example.cn"]


def test_the_follow_up_is_reminded_of_too_once(app: Flask, session: Session) -> None:
    report(app, session, CLOSED)
    for days in (0, 7, 30, 37, 44):
        one_round(app, now=CLOSED + days * DAY, worker="w")
        one_round(app, now=CLOSED + days * DAY, worker="w")
    kinds = session.scalars(sa.select(Message.kind).order_by(Message.id)).all()
    session.rollback()
    assert kinds == ["invitation", "reminder", "follow_up", "reminder"]


def test_one_that_cannot_be_written_holds_up_nobody_else(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = report(app, session, CLOSED)
    report(app, session, CLOSED + timedelta(minutes=1))
    one_round(app, now=CLOSED + timedelta(minutes=1), worker="w")
    real = remind.send_letter

    def send(session: Session, config: object, invitation: Invitation, *rest: object) -> Message:
        if invitation.interaction_id == broken.id:
            raise ValueError("no words for this one")
        return real(session, config, invitation, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(remind, "send_letter", send)
    assert remind_silent(app, now=CLOSED + 7 * DAY + timedelta(minutes=2)) == 1
