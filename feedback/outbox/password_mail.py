"""Mails a link for a password to whoever signs in with an address and has asked for one.

Asking looks nobody up; it leaves a row, known address or not. The worker does the rest, where no
stranger can measure how long it takes.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask, current_app, render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from feedback.accounts.audit import About, Actor, note
from feedback.accounts.models import ResetRequest, User
from feedback.accounts.people import fingerprint
from feedback.brands.colour import HOUSE
from feedback.database import db, reading
from feedback.languages import html_language, interface_language
from feedback.links import RESET_KEY_LASTS, reset_key
from feedback.organisation import the_organisation
from feedback.outbox.compose import PASSWORD_MARK, Mail
from feedback.outbox.enqueue import enqueue
from feedback.outbox.mime import UnsafeMail
from feedback.outbox.models import PASSWORD_LINK, Message
from feedback.outbox.sender import Sender

# Who asks again before a mail can have arrived gets no second one.
_ONCE_IN = timedelta(minutes=2)
_WORKER = Actor("worker", "worker")


def mail_password_links(app: Flask, now: datetime) -> bool:
    """Turn what was asked for into mails; return whether any such mail waits to go."""
    with app.app_context(), Session(db.engine) as session:
        with reading():
            asked = session.scalars(sa.select(ResetRequest.id)).all()
            session.rollback()
        for number in asked:
            request = session.get(ResetRequest, number, with_for_update=True)
            # Another worker may have been a moment faster.
            if request is not None:
                _answer(session, request, now)
                session.delete(request)
            session.commit()
        with reading():
            return session.scalar(_waiting().limit(1)) is not None


def _answer(session: Session, request: ResetRequest, now: datetime) -> None:
    if now >= request.asked_at + RESET_KEY_LASTS:
        return
    user = session.scalar(
        sa.select(User).where(User.email == request.email, User.left_at.is_(None))
    )
    if user is None or _is_under_way(session, user, request.asked_at):
        return
    locale = interface_language(user.locale) or request.locale
    enqueue(
        session,
        compose_password_link(session, user, locale, request.asked_at),
        kind=PASSWORD_LINK,
        recipient=user.email,
        locale=html_language(locale),
        sender=Sender(current_app.config["MAIL_SENDER"]),
        now=request.asked_at,
    )
    about = About("user", user.id, user.email)
    note(session, now, _WORKER, "user.password_link_mailed", about)


def compose_password_link(session: Session, user: User, locale: str, at: datetime) -> Mail:
    """Return the mail; where the key goes stands a mark until it is sent."""
    organisation = the_organisation(session)
    until = (at + RESET_KEY_LASTS).astimezone(ZoneInfo(current_app.config["TIMEZONE"]))
    words = {
        "locale": html_language(locale),
        "accent": HOUSE.accent,
        "accent_dark": HOUSE.dark_accent,
        "brand": organisation.name(locale) if organisation else "Afterword",
        "contact": organisation.contact if organisation else "",
        "is_demo": bool(organisation and organisation.is_demo),
        # A name from a list may have line ends in it.
        "name": " ".join(user.name.split()),
        "email": user.email,
        "until": f"{until:%H:%M}",
        "link": f"{current_app.config['PUBLIC_URL']}/password/{PASSWORD_MARK}",
    }
    with force_locale(locale):
        text = render_template(f"mail/{locale}/password_link.txt", **words)
        subject, _, body = text.partition("\n\n")
        words["subject"] = subject.strip()
        html = render_template(f"mail/{locale}/password_link.html", **words)
    return Mail(subject=subject.strip(), text=body.strip() + "\n", html=html.strip() + "\n")


def password_key(message: Message) -> str:
    """Return what the mark becomes as the mail goes out; no key rests in the database.

    Raises:
        UnsafeMail: nobody signs in with this address any more.

    """
    with reading(), Session(db.engine) as session:
        user = session.scalar(sa.select(User).where(User.email == message.recipient))
        if user is None:
            raise UnsafeMail("nobody signs in with this address")
        return reset_key(user.id, fingerprint(user), message.created_at)


def why_no_link(session: Session, message: Message, now: datetime) -> str | None:
    """Return why the mail need not go any more, else None."""
    if now >= message.created_at + RESET_KEY_LASTS:
        return "expired"
    here = sa.select(User.id).where(User.email == message.recipient, User.left_at.is_(None))
    return None if session.scalar(here) is not None else "account_closed"


def _is_under_way(session: Session, user: User, asked_at: datetime) -> bool:
    lately = sa.select(Message.id).where(
        Message.kind == PASSWORD_LINK,
        Message.recipient == user.email,
        Message.created_at > asked_at - _ONCE_IN,
        Message.failed_at.is_(None),
        Message.cancelled_at.is_(None),
    )
    return session.scalar(lately.limit(1)) is not None


def _waiting() -> sa.Select[int]:
    return sa.select(Message.id).where(
        Message.kind == PASSWORD_LINK,
        Message.sent_at.is_(None),
        Message.failed_at.is_(None),
        Message.cancelled_at.is_(None),
    )
