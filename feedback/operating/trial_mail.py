"""The mail an administrator sends themselves to see whether mail arrives."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template
from markupsafe import Markup, escape

from feedback.outbox.mime import Outgoing, split_sender


def trial_mail(config: Mapping[str, Any], address: str, locale: str, now: datetime) -> Outgoing:
    """Return the test mail, its words in the reader's language; it goes to nobody else."""
    sender = config["MAIL_SENDER"]
    written = render_template(
        f"mail/{locale}/test.txt",
        address=config["PUBLIC_URL"],
        moment=f"{now.astimezone(ZoneInfo(config['TIMEZONE'])):%Y-%m-%d %H:%M}",
        sender=sender,
    )
    subject, _, text = written.partition("\n")
    domain = split_sender(sender)[1].rpartition("@")[2]
    paragraphs = (escape(part.strip()) for part in text.strip().split("\n\n"))
    html = Markup("\n").join(Markup("<p>{}</p>").format(part) for part in paragraphs)
    return Outgoing(
        subject=subject,
        recipient=address,
        sender=sender,
        text=text.strip() + "\n",
        html=str(html),
        message_id=f"<test.{secrets.token_hex(12)}@{domain}>",
        date=now,
        language="zh-Hans" if locale == "zh" else "en",
        unsubscribe=None,
    )
