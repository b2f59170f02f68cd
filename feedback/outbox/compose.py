"""Writes a mail: its subject, its text and its HTML, in the customer's language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import current_app, render_template

from feedback.outbox.salutation import salutation

# Stands in bodies where the link's token goes as the message is sent.
TOKEN_MARK = "0TOKEN0"  # noqa: S105 — the very opposite of a secret.

_ADDRESSES = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class MailFacts:
    """What a survey mail says of its interaction."""

    locale: str
    brand: str
    contact: str
    customer_name: str
    customer_gender: str
    staff_name: str | None
    channel_name: str
    subject: str
    reference: str
    closed_at: datetime
    expires_at: datetime
    zone: ZoneInfo
    days_since: int
    question: str
    options: Sequence[tuple[str, str]]
    preselect: str
    is_demo: bool = False


@dataclass(frozen=True)
class Mail:
    """A mail without its envelope."""

    subject: str
    text: str
    html: str


def compose(kind: str, facts: MailFacts) -> Mail:
    """Return the mail of a kind: "invitation", "follow_up" or "reminder"."""
    language = "zh" if facts.locale.startswith("zh") else "en"
    base = f"{current_app.config['PUBLIC_URL']}/s/{TOKEN_MARK}"
    words = {
        "facts": facts,
        "salutation": salutation(facts.customer_name, facts.customer_gender, facts.locale),
        "day": _day(facts.closed_at, facts),
        "short_day": _day(facts.closed_at, facts, with_year=False),
        "last_day": _day(facts.expires_at, facts),
        "matter": tidy(facts.subject),
        "link": base,
        "stop_link": f"{base}/stop",
    }
    parts = {
        name: render_template(f"mail/{kind}/{language}.{name}", **words)
        for name in ("subject.txt", "text.txt", "html")
    }
    return Mail(
        subject=_SPACES.sub(" ", parts["subject.txt"]).strip(),
        text=parts["text.txt"].strip() + "\n",
        html=parts["html"],
    )


def tidy(subject: str) -> str:
    """Return somebody else's subject fit for our mail: no addresses, one line, short."""
    text = _SPACES.sub(" ", _ADDRESSES.sub("…", subject)).strip()
    return text if len(text) <= 80 else text[:79] + "…"


def _day(moment: datetime, facts: MailFacts, *, with_year: bool = True) -> str:
    local = moment.astimezone(facts.zone)
    if facts.locale.startswith("zh"):
        return (
            f"{local.year}年{local.month}月{local.day}日"
            if with_year
            else f"{local.month}月{local.day}日"
        )
    return format_date(local.date(), "d MMMM y" if with_year else "d MMMM", locale="en_GB")
