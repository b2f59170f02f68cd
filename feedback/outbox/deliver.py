"""Sends what waits in the outbox, one message at a time.

Commits per message, and more than once: a claim is committed before anything leaves, the moment
before the final dot is committed before it is sent, and the server's answer right after. What a
killed process leaves behind is therefore either surely unsent or marked as uncertain, and no
transaction is open while a mail server takes its time.
"""

import logging
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from feedback import links
from feedback.database import db
from feedback.interactions.contacts import (
    address_digest,
    address_key,
    ascii_address,
    is_valid_address,
)
from feedback.organisation import the_organisation
from feedback.outbox.claim import ClaimLost, claim_message, domain_of
from feedback.outbox.compose import OWN_MARK, PASSWORD_MARK, PREFERENCES_MARK, TOKEN_MARK
from feedback.outbox.mime import Outgoing
from feedback.outbox.models import ASKING, OWN_LINK, PASSWORD_LINK, Message
from feedback.outbox.pace import SERVER, Pace
from feedback.outbox.password_mail import password_key
from feedback.outbox.return_path import return_path
from feedback.outbox.settle import FAILED, SENT, mark_dot, settle
from feedback.outbox.standstill import is_about_us, note_accepted, note_turned_away, standstill
from feedback.outbox.suppress import is_own_wish, suppression_of
from feedback.outbox.transport import Patience, VerifiedConnection, keep_as_file, mail
from feedback.outbox.verdict import Fate, Verdict, absent, judge, unbuildable

log = logging.getLogger(__name__)

# A server that turns away so many in a row is not asked about the others.
_ENOUGH = 3
# What it turned away goes to the back of the queue, lest it stand in the way of all.
_BACK_OF_THE_QUEUE = timedelta(minutes=5)

SUPPRESSED = "suppressed"


def _wanted(session: Session, message: Message, now: datetime) -> str | None:
    return None


@dataclass
class Delivered:
    """What one round of sending did."""

    sent: int = 0
    failed: int = 0
    later: int = 0
    cancelled: int = 0


@dataclass
class _Round:
    """One round: its settings, and the connection it keeps while the server does."""

    app: Flask
    now: datetime
    worker: str
    unwanted: Callable[[Session, Message, datetime], str | None]
    patience: Patience
    pace: Pace
    contact: str
    # Whether somebody has written down that the server takes nothing.
    stands: bool
    kinds: Collection[str] = ()
    done: Delivered = field(default_factory=Delivered)
    connection: VerifiedConnection | None = None
    stack: ExitStack = field(default_factory=ExitStack)
    turned_away: int = 0

    @property
    def has_server(self) -> bool:
        return bool(self.app.config["MAIL_SERVER"])

    @property
    def folder(self) -> Path:
        return Path(self.app.instance_path) / "mail"

    @property
    def key(self) -> str:
        return address_key(self.app.config)


def deliver_waiting(
    app: Flask,
    *,
    now: datetime,
    worker: str,
    keep_going: Callable[[], bool] = lambda: True,
    unwanted: Callable[[Session, Message, datetime], str | None] = _wanted,
    patience: Patience | None = None,
    kinds: Collection[str] = (),
) -> Delivered:
    """Send everything that may go now; stop early when the server is away or we are told to.

    Where `kinds` are named, only mails of these.
    `unwanted` is asked, in the claim's own transaction, why a message should not go after all.
    """
    pace: Pace = app.extensions.setdefault("mail_pace", Pace())
    with app.app_context():
        with Session(db.engine) as session, session.begin():
            organisation = the_organisation(session)
            contact = organisation.contact if organisation else ""
            stands = standstill(session) is not None
        patience = patience or Patience()
        this = _Round(app, now, worker, unwanted, patience, pace, contact, stands, kinds)
        if this.has_server and SERVER in pace.resting(now):
            return this.done
        with this.stack:
            while keep_going() and this.turned_away < _ENOUGH:
                message = _claim(this)
                if message is None:
                    break
                try:
                    _write_down(this, message, _try(this, message))
                except ClaimLost as loss:
                    log.warning("Left to another worker: %s", loss)
    if this.done.sent and not this.has_server:
        log.warning("No mail server is set: %s mails kept in %s", this.done.sent, this.folder)
    return this.done


def _claim(this: _Round) -> Message | None:
    """Claim the next message that may still go; one that must not is cancelled here."""
    resting = this.pace.resting(this.now) - {SERVER} if this.has_server else ()
    while True:
        with Session(db.engine, expire_on_commit=False) as session, session.begin():
            message = claim_message(
                session, now=this.now, worker=this.worker, resting=resting, kinds=this.kinds
            )
            if message is None:
                return None
            digest = address_digest(message.recipient, this.key)
            silence = suppression_of(session, digest, this.now)
            # Whoever wants no questions may still ask for what we hold about them.
            is_asked_for = message.kind in (OWN_LINK, PASSWORD_LINK) and is_own_wish(silence)
            suppressed = silence is not None and not is_asked_for
            because = SUPPRESSED if suppressed else this.unwanted(session, message, this.now)
            if because is None:
                return message
            message.cancelled_at, message.server_reply = this.now, because
            this.done.cancelled += 1


def _try(this: _Round, message: Message) -> Verdict | str:
    """Hand the message over; return the server's words, or the verdict on its refusal."""
    try:
        outgoing = _outgoing(this, message)
        wire = outgoing.as_bytes()
    # Whatever is wrong with one message must not keep the others from going.
    except Exception as error:
        return unbuildable(error)
    try:
        if not this.has_server:
            return keep_as_file(this.folder, outgoing, wire, message.id)
        connection = _connect(this)
    except Exception as error:
        return absent(error)
    try:
        return connection.hand_over(outgoing, wire, lambda: _mark_dot(this, message))
    # Mail errors are among these; those of our own database are not, and end the round.
    except OSError as error:
        return judge(error)


def _outgoing(this: _Round, message: Message) -> Outgoing:
    text, html, unsubscribe = message.text, message.html, None
    for mark, token in _tokens(message).items():
        text, html = text.replace(mark, token), html.replace(mark, token)
    if message.token_for is not None and message.kind in ASKING:
        unsubscribe = f"{links.survey_url(message.token_for)}/stop"
    return Outgoing(
        subject=message.subject,
        recipient=ascii_address(message.recipient),
        sender=message.sender or this.app.config["MAIL_SENDER"],
        text=text,
        html=html,
        message_id=message.message_id,
        date=message.created_at,
        language=message.locale,
        unsubscribe=unsubscribe,
        reply_to=_reply_to(this, message),
        return_path=_return_path(this, message),
    )


def _return_path(this: _Round, message: Message) -> str | None:
    address = this.app.config["BOUNCE_ADDRESS"]
    return return_path(address, message.id) if address else None


def _reply_to(this: _Round, message: Message) -> str | None:
    # What goes out in another name is not answered to us.
    address = this.contact if message.sender is None else message.reply_to or ""
    return ascii_address(address) if is_valid_address(address) else None


def _tokens(message: Message) -> dict[str, str]:
    """Return what stands for what in the message's words; in no other mail opens a key anything."""
    if message.kind == PASSWORD_LINK:
        return {PASSWORD_MARK: password_key(message)}
    if message.token_for is None:
        return {}
    if message.kind == OWN_LINK:
        return {OWN_MARK: links.own_key(message.token_for, message.created_at)}
    return {
        TOKEN_MARK: links.survey_token(message.token_for),
        PREFERENCES_MARK: links.preferences_token(message.token_for),
    }


def _connect(this: _Round) -> VerifiedConnection:
    if this.connection is None or not this.connection.is_open:
        this.connection = None
        this.stack.close()
        this.connection = this.stack.enter_context(mail.connect(this.patience))
    return this.connection


def _mark_dot(this: _Round, message: Message) -> None:
    with Session(db.engine) as session, session.begin():
        mark_dot(session, message, this.now)


def _write_down(this: _Round, message: Message, outcome: Verdict | str) -> None:
    """Note what happened, on the message and for the rest of the round."""
    if isinstance(outcome, Verdict):
        # Its words may quote the mail or name the customer; the page of the queue has them.
        said = outcome.code or "no answer"
        log.warning("Message %s was not taken: %s, %s", message.id, said, outcome.fate.value)
    about_us = is_about_us(outcome, this.connection)
    again_at = _learn(this, message, outcome)
    with Session(db.engine) as session, session.begin():
        _tell_others(this, session, outcome, about_us)
        end = settle(session, message, outcome, now=this.now, again_at=again_at, key=this.key)
    if end == SENT:
        this.done.sent += 1
    elif end == FAILED:
        this.done.failed += 1
    else:
        this.done.later += 1


def _tell_others(
    this: _Round, session: Session, outcome: Verdict | str, about_us: bool | None
) -> None:
    """Note for all processes whether the server takes anything, where that is news."""
    if isinstance(outcome, str):
        if this.stands:
            note_accepted(session)
            this.stands = False
    elif about_us is not None:
        note_turned_away(session, this.now, outcome.code, is_sure=about_us)
        this.stands = True


def _learn(this: _Round, message: Message, outcome: Verdict | str) -> datetime | None:
    """Learn whom to leave alone; return when to try again what was not the message's fault."""
    domain = domain_of(message.recipient)
    if isinstance(outcome, str):
        this.turned_away = 0
        this.pace.accepted(SERVER)
        this.pace.accepted(domain)
        return None
    if outcome.fate is Fate.DOMAIN_WAITS:
        this.turned_away = 0
        return this.pace.refused(domain, this.now)
    connection, server_waits = this.connection, outcome.fate is Fate.SERVER_WAITS
    if server_waits and connection is not None and connection.carried:
        # It took other messages over this connection, and may take this one over a new one.
        this.connection = None
        return message.send_after
    if not server_waits and (connection is None or connection.is_open):
        this.turned_away = 0
        return None
    this.turned_away = _ENOUGH if connection is None else this.turned_away + 1
    if this.turned_away >= _ENOUGH:
        this.pace.refused(SERVER, this.now)
    if not server_waits:
        return None
    return message.send_after if connection is None else this.now + _BACK_OF_THE_QUEUE
