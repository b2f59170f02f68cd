"""Sends what waits in the outbox, one message at a time.

Commits per message, and more than once: a claim is committed before anything leaves, the moment
before the final dot is committed before it is sent, and the server's answer right after. What a
killed process leaves behind is therefore either surely unsent or marked as uncertain, and no
transaction is open while a mail server takes its time.
"""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback import links
from feedback.database import db
from feedback.interactions.contacts import address_digest, is_valid_address
from feedback.organisation import the_organisation
from feedback.outbox.claim import claim_message
from feedback.outbox.compose import TOKEN_MARK
from feedback.outbox.models import Message
from feedback.outbox.suppress import suppress, suppression_of
from feedback.outbox.transport import Outgoing, VerifiedConnection, keep_as_file, mail
from feedback.outbox.verdict import Verdict, judge

log = logging.getLogger(__name__)

ATTEMPTS = 5
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


@dataclass
class Delivered:
    """What one round of sending did."""

    sent: int = 0
    failed: int = 0
    later: int = 0


@dataclass
class _Round:
    """One round: its settings, and the connection it keeps while the server does."""

    app: Flask
    now: datetime
    worker: str
    contact: str
    done: Delivered = field(default_factory=Delivered)
    connection: VerifiedConnection | None = None
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def config(self) -> dict[str, Any]:
        return self.app.config


def deliver_waiting(
    app: Flask,
    *,
    now: datetime,
    worker: str,
    keep_going: Callable[[], bool] = lambda: True,
) -> Delivered:
    """Send everything that may go now; stop early when the server is away or we are told to."""
    with app.app_context():
        with Session(db.engine) as session, session.begin():
            organisation = the_organisation(session)
            contact = organisation.contact if organisation else ""
        this = _Round(app, now, worker, contact)
        if not app.config["MAIL_SERVER"]:
            this.stack.callback(_say_where, this)
        with this.stack:
            while keep_going() and (message := _claim(this)) is not None:
                if _settle(this, message, _try(this, message)):
                    break
    return this.done


def _say_where(this: _Round) -> None:
    if this.done.sent:
        folder = Path(this.app.instance_path) / "mail"
        log.warning("No mail server is set: %s mails kept in %s", this.done.sent, folder)


def _claim(this: _Round) -> Message | None:
    """Claim the next message that may still go; one to a suppressed address is cancelled here."""
    while True:
        with Session(db.engine, expire_on_commit=False) as session, session.begin():
            message = claim_message(session, now=this.now, worker=this.worker)
            if message is None:
                return None
            digest = address_digest(message.recipient, this.config["SECRET_KEY"])
            if suppression_of(session, digest, this.now) is None:
                return message
            message.cancelled_at, message.claimed_at = this.now, None


def _try(this: _Round, message: Message) -> Verdict | str:
    """Hand the message over; return the server's words, or the verdict on its refusal."""
    try:
        outgoing = _outgoing(this, message)
        if not this.config["MAIL_SERVER"]:
            folder = Path(this.app.instance_path) / "mail"
            return keep_as_file(folder, outgoing, message.id)
        if this.connection is None:
            this.connection = this.stack.enter_context(mail.connect())
        return this.connection.hand_over(outgoing, lambda: _mark_dot(this, message.id))
    # Whatever goes wrong with one message must not keep the others from going.
    except Exception as error:
        verdict = judge(error)
        if verdict.server_is_away:
            this.connection = None
        log.warning("Message %s was not taken: %s", message.id, verdict.words)
        return verdict


def _outgoing(this: _Round, message: Message) -> Outgoing:
    text, html, unsubscribe = message.text, message.html, None
    if message.token_for is not None:
        token = links.survey_token(message.token_for)
        text, html = text.replace(TOKEN_MARK, token), html.replace(TOKEN_MARK, token)
        unsubscribe = f"{links.survey_url(message.token_for)}/stop"
    return Outgoing(
        subject=message.subject,
        recipient=message.recipient,
        sender=this.config["MAIL_SENDER"],
        text=text,
        html=html,
        message_id=message.message_id,
        date=message.created_at,
        language=message.locale,
        unsubscribe=unsubscribe,
        reply_to=this.contact if is_valid_address(this.contact) else None,
    )


def _mark_dot(this: _Round, message_id: int) -> None:
    _update(message_id, dot_sent_at=this.now)


def _settle(this: _Round, message: Message, outcome: Verdict | str) -> bool:
    """Write down what happened; return whether the server is away and the round is over."""
    if isinstance(outcome, str):
        _update(message.id, sent_at=this.now, server_reply=outcome, claimed_at=None)
        this.done.sent += 1
        return False
    if outcome.is_final or message.attempts >= ATTEMPTS:
        this.done.failed += 1
        _update(message.id, failed_at=this.now, server_reply=outcome.words, claimed_at=None)
        if outcome.address_is_dead:
            digest = address_digest(message.recipient, this.config["SECRET_KEY"])
            with Session(db.engine) as session, session.begin():
                suppress(session, digest, "refused", this.now)
    else:
        this.done.later += 1
        wait = BACK_OFF[min(message.attempts, len(BACK_OFF)) - 1]
        _update(
            message.id,
            send_after=this.now + wait,
            server_reply=outcome.words,
            claimed_at=None,
            dot_sent_at=None,
        )
    return outcome.server_is_away


def _update(message_id: int, **values: Any) -> None:
    with Session(db.engine) as session, session.begin():
        session.execute(sa.update(Message).where(Message.id == message_id).values(**values))
