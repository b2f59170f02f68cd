"""Whoever is erased or has stopped our mails since a backup stays unmailed after it is put back."""

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.interactions.contacts import address_digest
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.outbox.models import KindSuppression, Message, Suppression
from feedback.outbox.suppress import suppress, suppress_kind
from tests.conftest import START, Time
from tests.invitations.stories import report
from tests.retention.passing import pass_at, say_yes

ERASED, STOPPED, BOUNCED = "chenjie@example.cn", "stopped@example.cn", "dead@example.cn"


def test_they_stay_unmailed_after_restore_purge_and_import(
    app: Flask, session: Session, runner: FlaskCliRunner, time: Time, tmp_path: Path
) -> None:
    key = app.config["SECRET_KEY"]
    for address in (ERASED, STOPPED):
        report(app, session, START, customer_email=address)
    channel_id = session.execute(sa.text("SELECT id FROM channel LIMIT 1")).scalar_one()
    suppress(session, address_digest(BOUNCED, key), "hard_bounce", START)
    session.commit()
    file = tmp_path / "all.backup"
    assert runner.invoke(args=["backup", str(file)]).exit_code == 0
    assert runner.invoke(args=["erase", ERASED, "--yes"]).exit_code == 0
    suppress(session, address_digest(STOPPED, key), "unsubscribed", START)
    # A wish of their own since goes before what the mail system said.
    suppress(session, address_digest(BOUNCED, key), "unsubscribed", START)
    suppress_kind(session, "a-digest", channel_id, START)
    session.commit()
    assert runner.invoke(args=["restore", str(file), "--replace"]).exit_code == 0
    session.expire_all()
    reasons = dict(session.execute(sa.select(Suppression.address_digest, Suppression.reason)).all())
    assert reasons == {
        address_digest(ERASED, key): "erased",
        address_digest(STOPPED, key): "unsubscribed",
        address_digest(BOUNCED, key): reasons[address_digest(BOUNCED, key)],
    }
    assert session.scalars(sa.select(KindSuppression.address_digest)).all() == ["a-digest"]
    session.commit()
    say_yes(app, session, START)
    for days in (0, 31, 400, 800):
        now = START + timedelta(days=days)
        pass_at(app, session, now)
        for address in (ERASED, STOPPED.upper()):
            report(app, session, now, customer_email=address)
        issue_due(app, now=now)
    assert session.scalars(sa.select(Message.recipient)).all() == []
    first = sa.select(Invitation.withheld_because).where(Invitation.wave == 1).distinct()
    assert set(session.scalars(first)) == {"suppressed"}
