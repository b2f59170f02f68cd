"""What the status page shows beside the checks: the mail's own words, and how much there is."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from feedback.outbox.labels import said
from feedback.outbox.models import Message


@dataclass(frozen=True)
class MailTraffic:
    """When mail last went, and what was last refused, with the server's words."""

    last_sent_at: datetime | None
    last_refused_at: datetime | None
    refused_with: str


def mail_traffic(session: Session) -> MailTraffic:
    """Return what became of mail lately."""
    sent = session.scalar(sa.select(sa.func.max(Message.sent_at, type_=Message.sent_at.type)))
    failed = session.scalars(
        sa.select(Message)
        .options(defer(Message.text), defer(Message.html))
        .where(Message.failed_at.is_not(None))
        .order_by(Message.failed_at.desc(), Message.id.desc())
        .limit(1)
    ).first()
    return MailTraffic(sent, failed.failed_at if failed else None, said(failed) if failed else "")
