"""Collects what came back: from the mailbox that is set, every few minutes, by any worker."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from feedback.bounces.mailbox import MailboxAddress, MailboxAway, read_mailbox_address, read_new
from feedback.bounces.record import message_of, record_return
from feedback.bounces.report import read_return
from feedback.database import db
from feedback.interactions.contacts import address_key

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)


@dataclass
class Collected:
    """What was read: returns that are news, returns known already, and mail that is none."""

    news: int = 0
    known: int = 0
    other: int = 0


def take_return(app: Flask, wire: bytes, now: datetime, into: Collected) -> bool:
    """Take one mail that came in; return whether it was a return of one of ours."""
    try:
        returned = read_return(wire)
    # Whatever somebody sends us, the next mail is read all the same.
    except Exception:
        log.exception("A mail in the mailbox for returns could not be read")
        returned = None
    if returned is not None:
        with Session(db.engine) as session, session.begin():
            message = message_of(session, returned)
            if message is not None:
                key = address_key(app.config)
                news = record_return(session, message, returned, now=now, key=key)
                into.news += news
                into.known += not news
                return True
    into.other += 1
    return False


def collect_returns(app: Flask, *, now: datetime, at_once: bool = False) -> Collected:
    """Read the mailbox if one is set, and if it was not read just now; nothing is waited for long.

    Raises:
        MailboxAway: it cannot be read.

    """
    done = Collected()
    address = mailbox_of(app)
    last: datetime | None = app.extensions.get("returns_read_at")
    if address is None or (not at_once and last is not None and last <= now < last + EVERY):
        return done
    # Before it is read: a mailbox that is away is not asked again in every round.
    app.extensions["returns_read_at"] = now
    with app.app_context():
        read_new(
            address,
            app.config["BOUNCE_MAILBOX_PASSWORD"],
            lambda wire: take_return(app, wire, now, done),
        )
    if done.news or done.other:
        log.info("Returned mail: %s new, %s known, %s other", done.news, done.known, done.other)
    return done


def collect_quietly(app: Flask, now: datetime) -> None:
    """Read the mailbox; one that is away is told to the log, and by the health page."""
    try:
        collect_returns(app, now=now)
    except MailboxAway as away:
        log.warning("The mailbox for returned mail: %s", away)


def mailbox_of(app: Flask) -> MailboxAddress | None:
    """Return the mailbox that is set, or None."""
    text = app.config["BOUNCE_MAILBOX"]
    return read_mailbox_address(text) if text else None
