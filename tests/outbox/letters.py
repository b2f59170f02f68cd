"""Messages that wait, and what is known of them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.outbox.deliver import Delivered, deliver_waiting
from feedback.outbox.models import Message
from feedback.outbox.transport import Patience

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# A test that lets a server hang waits this long for it.
SHORT = Patience(step=0.3, answer=0.3)

_numbers = count(1)


def make_message(session: Session, recipient: str = "", **values: Any) -> Message:
    """Make a message that may go now, to somebody else each time, and commit it."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "kind": "invitation",
        "recipient": recipient or f"customer{number}@example.cn",
        "locale": "zh-Hans",
        "subject": "请为6月1日的电话服务评分",
        "text": "您好！\n",
        "html": "<p>您好！</p>\n",
        "message_id": f"<test.{number}@example.cn>",
        "created_at": NOW,
        "send_after": NOW,
    }
    message = Message(**(defaults | values))
    session.add(message)
    session.commit()
    return message


def deliver(app: Flask, now: datetime = NOW, worker: str = "one", **more: Any) -> Delivered:
    return deliver_waiting(app, now=now, worker=worker, patience=SHORT, **more)


def look(session: Session, message: Message) -> Message:
    """Return the message as it is now, holding no transaction open."""
    with Session(session.get_bind()) as other:
        return other.get_one(Message, message.id)


def all_messages(session: Session) -> list[Message]:
    with Session(session.get_bind()) as other:
        return list(other.scalars(sa.select(Message).order_by(Message.id)))
