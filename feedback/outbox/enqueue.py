"""Puts a mail into the transaction of the fact that causes it: both stand or fall together."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from feedback.outbox.compose import Mail
from feedback.outbox.mime import split_sender
from feedback.outbox.models import Message
from feedback.outbox.sender import Sender


def enqueue(
    session: Session,
    mail: Mail,
    *,
    kind: str,
    recipient: str,
    locale: str,
    sender: Sender,
    now: datetime,
    token_for: int | None = None,
) -> Message:
    """Add a message that may go at once; flushed, so that it has its number."""
    domain = split_sender(sender.sender)[1].rpartition("@")[2]
    message = Message(
        kind=kind,
        recipient=recipient,
        locale=locale,
        sender=None if sender.is_default else sender.sender,
        reply_to=None if sender.is_default else sender.reply_to,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        token_for=token_for,
        # Random, so that it tells no stranger how many mails we send; kept, so that it is stable.
        message_id=f"<{kind}.{secrets.token_hex(12)}@{domain}>",
        created_at=now,
        send_after=now,
    )
    session.add(message)
    session.flush()
    return message
