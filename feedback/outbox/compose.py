"""Writes a mail: its subject, its text and its HTML, in the customer's language.

The words are in `templates/mail/<language>/`: for each kind of mail its subject (several, the
longest first) and, after an empty line, its opening; and `letter`, which is round every opening.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import current_app, render_template
from flask_babel import force_locale

from feedback.brands.colour import HOUSE
from feedback.languages import frame_of
from feedback.outbox.salutation import salutation
from feedback.outbox.tidy import tidy
from feedback.surveys.length import ONE_QUESTION, Length
from feedback.surveys.length_words import how_long_words, how_many_words

# These stand in bodies where the links' tokens go as the message is sent.
TOKEN_MARK = "0TOKEN0"  # noqa: S105 — the very opposite of a secret.
PREFERENCES_MARK = "0PREFERENCES0"
OWN_MARK = "0OWN0"
PASSWORD_MARK = "0PASSWORD0"  # noqa: S105 — as above.

# What a telephone shows of a subject.
_SUBJECT_SHOWN = {"zh": 30, "zh-Hant": 30, "en": 60, "de": 60}
_LONGEST_NAME = 60


@dataclass(frozen=True)
class MailLogo:
    """A logo in a mail: its whole address, and how large it is shown."""

    address: str
    width: int
    height: int


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
    # What the ends of a row of numbers mean; empty where the answers are words.
    ends: tuple[str, str] = ("", "")
    # The same as stands on the page.
    length: Length = ONE_QUESTION
    # Contacts the mail stands for besides: when each ended, and its channel's name.
    also: Sequence[tuple[datetime, str]] = ()
    is_demo: bool = False
    # An address and a telephone number, say; lines may stand in it.
    footer: str = ""
    logo: MailLogo | None = None
    # Of links, by day and by night.
    accents: tuple[str, str] = (HOUSE.accent, HOUSE.dark_accent)


@dataclass(frozen=True)
class Mail:
    """A mail without its envelope."""

    subject: str
    text: str
    html: str


def compose(kind: str, facts: MailFacts) -> Mail:
    """Return the mail of a kind: "invitation", "follow_up" or "reminder"."""
    frame = frame_of(facts.locale) or "en"
    language = frame.replace("_", "-")
    # Never from a request: a Host header is written by whoever sends it.
    link = f"{current_app.config['PUBLIC_URL']}/s/{TOKEN_MARK}"
    words = {
        "locale": facts.locale,
        "is_demo": facts.is_demo,
        "brand": " ".join(facts.brand.split()),
        "contact": facts.contact,
        "salutation": salutation(facts.customer_name, facts.customer_gender, facts.locale),
        "matter": tidy(facts.subject),
        "reference": _name(facts.reference),
        "days_since": facts.days_since,
        "question": facts.question,
        "options": facts.options,
        "ends": facts.ends,
        "preselect": facts.preselect,
        "link": link,
        "stop_link": f"{link}/stop",
        "privacy_link": f"{link}/privacy",
        "footer": [line for part in facts.footer.splitlines() if (line := part.strip())],
        "logo": facts.logo,
        "accent": facts.accents[0],
        "accent_dark": facts.accents[1],
        "preferences_link": f"{current_app.config['PUBLIC_URL']}/p/{PREFERENCES_MARK}",
    }
    with force_locale(frame):
        words |= _FACTS[language](facts)
    subjects, _, opening = render_template(f"mail/{language}/{kind}.txt", **words).partition("\n\n")
    words |= {
        "subject": _subject(subjects, language),
        "opening": opening.strip() + str(words["also"]),
    }
    return Mail(
        subject=str(words["subject"]),
        text=render_template(f"mail/{language}/letter.txt", **words).strip() + "\n",
        html=render_template(f"mail/{language}/letter.html", **words).strip() + "\n",
    )


def _subject(alternatives: str, language: str) -> str:
    """Return the first alternative that a telephone shows whole, else the last and shortest."""
    lines = alternatives.splitlines()
    return next((line for line in lines if len(line) <= _SUBJECT_SHOWN[language]), lines[-1])


def _in_chinese(facts: MailFacts) -> dict[str, str]:
    closed, expires = _local(facts.closed_at, facts), _local(facts.expires_at, facts)
    staff, channel = _name(facts.staff_name or ""), _name(facts.channel_name)
    return {
        "day": f"{closed.year}年{closed.month}月{closed.day}日",
        "short_day": f"{closed.month}月{closed.day}日",
        "short_last_day": f"{expires.month}月{expires.day}日",
        # To the minute, since a link that ends at noon is not good until that day's end.
        "last_moment": f"{expires.year}年{expires.month}月{expires.day}日{expires:%H:%M}",
        # Nobody says 上门服务服务.
        "service": channel if channel.endswith(("服务", "客服")) else f"{channel}服务",
        "served_by": f"（由{staff}为您服务）" if staff else "",
        "how_many": how_many_words(facts.length).replace(" ", ""),
        "how_long": how_long_words(facts.length).replace(" ", ""),
        "also": _also_in_chinese(facts, "您还于{}与我们联系过；我们只询问一次，即最近的这次。"),
    }


def _in_traditional_chinese(facts: MailFacts) -> dict[str, str]:
    staff, channel = _name(facts.staff_name or ""), _name(facts.channel_name)
    return _in_chinese(facts) | {
        "service": channel if channel.endswith(("服務", "客服")) else f"{channel}服務",
        "served_by": f"（由{staff}為您服務）" if staff else "",
        "also": _also_in_chinese(facts, "您還於{}與我們聯絡過；我們只詢問一次，即最近的這次。"),
    }


def _in_english(facts: MailFacts) -> dict[str, str]:
    closed, expires = _local(facts.closed_at, facts), _local(facts.expires_at, facts)
    staff = _name(facts.staff_name or "")
    return {
        "day": _english_day(closed),
        "short_day": _english_day(closed, "d MMMM"),
        "last_moment": f"{expires:%H:%M} on {_english_day(expires)}",
        "channel": _name(facts.channel_name),
        "served_by": f", with {staff}" if staff else "",
        "how_many": how_many_words(facts.length),
        "how_long": how_long_words(facts.length),
        "also": _also_in_english(facts),
    }


def _in_german(facts: MailFacts) -> dict[str, str]:
    closed, expires = _local(facts.closed_at, facts), _local(facts.expires_at, facts)
    staff = _name(facts.staff_name or "")
    return {
        "day": _german_day(closed),
        "short_day": _german_day(closed, "d. MMMM"),
        "last_moment": f"{_german_day(expires)} um {expires:%H:%M} Uhr",
        "channel": _name(facts.channel_name),
        "served_by": f", mit {staff}" if staff else "",
        "how_many": how_many_words(facts.length),
        "how_long": how_long_words(facts.length),
        "also": _also_in_german(facts),
    }


_FACTS = {
    "zh": _in_chinese,
    "zh-Hant": _in_traditional_chinese,
    "en": _in_english,
    "de": _in_german,
}


def _also_in_chinese(facts: MailFacts, sentence: str) -> str:
    if not facts.also:
        return ""
    contacts = [(_local(at, facts), _name(channel)) for at, channel in facts.also]
    return sentence.format("、".join(f"{at.month}月{at.day}日（{name}）" for at, name in contacts))


def _also_in_english(facts: MailFacts) -> str:
    if not facts.also:
        return ""
    contacts = [(_local(at, facts), _name(channel)) for at, channel in facts.also]
    listed = _listed([f"on {_english_day(at, 'd MMMM')} ({name})" for at, name in contacts], "and")
    return f" You were also in touch with us {listed}; we ask only once, about the latest contact."


def _also_in_german(facts: MailFacts) -> str:
    if not facts.also:
        return ""
    contacts = [(_local(at, facts), _name(channel)) for at, channel in facts.also]
    listed = _listed([f"am {_german_day(at, 'd. MMMM')} ({name})" for at, name in contacts], "und")
    return (
        f" Sie hatten auch {listed} Kontakt mit uns; wir fragen nur einmal, nach dem letzten"
        " Kontakt."
    )


def _listed(parts: Sequence[str], last: str) -> str:
    *before, end = parts
    return f" {last} ".join([", ".join(before), end] if before else [end])


def _name(text: str) -> str:
    return tidy(text, _LONGEST_NAME)


def _local(moment: datetime, facts: MailFacts) -> datetime:
    return moment.astimezone(facts.zone)


def _english_day(local: datetime, pattern: str = "d MMMM y") -> str:
    return str(format_date(local.date(), pattern, locale="en_GB"))


def _german_day(local: datetime, pattern: str = "d. MMMM y") -> str:
    return str(format_date(local.date(), pattern, locale="de_DE"))
