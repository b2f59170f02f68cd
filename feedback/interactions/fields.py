"""Turns the fields of a file's row or of a call into a report, or says what is wrong with which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unicodedata import normalize
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from feedback.interactions.contacts import is_personal_phone, is_spoilt_phone, normalise_phone
from feedback.interactions.moments import read_moment
from feedback.interactions.shares import BadShare, Share, read_shares
from feedback.languages import survey_language

COLUMNS = (
    "source", "external_id", "kind", "channel", "status", "occurred_at", "closed_at", "subject",
    "customer_external_id", "customer_name", "customer_gender", "customer_email", "customer_phone",
    "customer_locale", "segment", "staff_external_id", "staff_name", "staff_email", "team",
    "location", "product", "tags", "staff_shares",
)  # fmt: skip
REQUIRED = ("external_id", "channel", "closed_at")
CUSTOMER_KEYS = ("customer_external_id", "customer_email", "customer_phone")

LIMITS = {
    "source": 60, "external_id": 200, "kind": 60, "channel": 60, "status": 60, "subject": 2000,
    "customer_external_id": 200, "customer_name": 200, "customer_gender": 20,
    "customer_email": 320, "customer_phone": 60, "customer_locale": 20, "segment": 120,
    "staff_external_id": 120, "staff_name": 120, "staff_email": 120, "team": 120,
    "location": 200, "product": 200, "tags": 2000, "staff_shares": 2000,
}  # fmt: skip
# What ended. Any other word may mean a contact still going on, and is refused.
FINISHED = (
    "closed", "solved", "resolved", "completed", "complete", "done", "finished", "ended",
    "已关闭", "已解决", "已完成", "已结束", "已办结", "已处理",
    "关闭", "解决", "完成", "结束", "办结",
)  # fmt: skip
# A Chinese keyboard makes a full-width ＠, which no address has.
_PLAIN = ("channel", "customer_email", "staff_email")
_NO_CONTACT = ("-", "--", "/", "n/a", "na", "none", "null", "无", "没有")
# Sources' clocks run a little ahead of ours; a contact closed later than this has not ended.
_CLOCKS_DIFFER = timedelta(minutes=15)
_GENDERS = {"male": "male", "m": "male", "男": "male", "先生": "male"} | {
    "female": "female", "f": "female", "女": "female", "女士": "female",
}  # fmt: skip
_LONGEST_TAG, _MOST_TAGS = 60, 20
_BETWEEN_TAGS = re.compile(r"[,;，；、\n]")
# Who served, where it was one; several are named in `staff_shares`.
SHARED = "staff_shares"
_STAFF = ("staff_external_id", "staff_name", "staff_email")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


class Refused(Exception):
    """A value that cannot be taken: the column, the value, and the rule it breaks."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column, self.value, self.reason = column, value[:200], reason


@dataclass(frozen=True)
class Report:
    """A finished contact as somebody reports it; texts are clean, moments aware."""

    source: str
    external_id: str
    channel: str
    closed_at: datetime
    # As the source spells it: what a channel nobody has met before is called.
    channel_name: str = field(default="", compare=False)
    occurred_at: datetime | None = None
    kind: str = ""
    status: str = ""
    subject: str = ""
    customer_external_id: str = ""
    customer_name: str = ""
    customer_gender: str = ""
    customer_email: str = ""
    customer_phone: str = ""
    customer_locale: str | None = None
    segment: str = ""
    staff_external_id: str = ""
    staff_name: str = ""
    staff_email: str = ""
    team: str = ""
    location: str = ""
    product: str = ""
    tags: str = ""
    # Several who served together; then nobody is named as the one who did.
    shares: tuple[Share, ...] = ()

    @property
    def identity(self) -> tuple[str, str]:
        """Return what makes a second report of the same contact recognisable."""
        return self.source, self.external_id

    @property
    def is_out_of_order(self) -> bool:
        """Tell whether it ended before it began, which is kept and listed."""
        return self.occurred_at is not None and self.occurred_at > self.closed_at

    @property
    def customer_key(self) -> str:
        """Return the key the customer is found by, the first that is known."""
        if self.customer_external_id:
            return f"id:{self.source}:{self.customer_external_id}"
        if self.customer_email:
            return f"email:{self.customer_email.lower()}"
        return f"phone:{normalise_phone(self.customer_phone)}"


def clean(text: str, *, trim: bool = True) -> str:
    """Return the text without what no database, page or mail can carry; the rest stays as it is."""
    if not text.isprintable():
        text = _SURROGATES.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
        text = _CONTROLS.sub("", text)
    return text.strip() if trim else text


def channel_code(name: str) -> str:
    """Return the code of a channel however it is spelled: " Live  Chat" is "live chat"."""
    return " ".join(normalize("NFKC", name).lower().split())


def read_report(
    raw: Mapping[str, object],
    *,
    zone: ZoneInfo,
    now: datetime,
    formats: Mapping[str, tuple[str, ...]] | None = None,
    default_source: str = "file",
    hour_of_days: int = 0,
) -> Report:
    """Return the report, or raise Refused for the first thing wrong with it."""
    texts = {column: _text(column, raw.get(column)) for column in COLUMNS if column != SHARED}
    for column in REQUIRED:
        if not texts[column]:
            raise Refused(column, "", _("is required"))
    if texts["status"] and texts["status"].lower() not in FINISHED:
        raise Refused(
            "status",
            texts["status"],
            _("does not say that it has ended: closed, solved, resolved, completed, done or empty"),
        )
    _tidy_contacts(texts)
    texts["tags"] = _tags(texts["tags"])
    shares = _shares(raw.get(SHARED), texts)
    moments = {
        column: past_moment(
            column, texts[column], zone, now, (formats or {}).get(column, ()), hour_of_days
        )
        for column in ("closed_at", "occurred_at")
        if texts[column]
    }
    gender = texts.pop("customer_gender").lower()
    locale = texts.pop("customer_locale")
    written = ("source", "channel", "closed_at", "occurred_at")
    return Report(
        source=texts["source"] or default_source,
        channel=channel_code(texts["channel"]),
        channel_name=texts["channel"],
        closed_at=moments["closed_at"],
        occurred_at=moments.get("occurred_at"),
        customer_gender=_GENDERS.get(gender, ""),
        customer_locale=survey_language(locale),
        shares=shares,
        **{column: text for column, text in texts.items() if column not in written},
    )


def _tags(text: str) -> str:
    """Return the tags once each, with semicolons between, or refuse what is none."""
    tags = list(dict.fromkeys(tag for part in _BETWEEN_TAGS.split(text) if (tag := part.strip())))
    if len(tags) > _MOST_TAGS:
        raise Refused("tags", text, _("are more than %(most)s", most=_MOST_TAGS))
    if long := [tag for tag in tags if len(tag) > _LONGEST_TAG]:
        raise Refused("tags", long[0], _("has one over %(limit)s characters", limit=_LONGEST_TAG))
    return ";".join(tags)


def _tidy_contacts(texts: dict[str, str]) -> None:
    """Put the customer's address and number into one form, or refuse what finds nobody."""
    if texts["customer_email"].lower() in _NO_CONTACT:
        texts["customer_email"] = ""
    if not any(texts[column] for column in CUSTOMER_KEYS):
        raise Refused(
            "customer_external_id",
            "",
            _("one of customer_external_id, customer_email and customer_phone is required"),
        )
    phone = texts["customer_phone"]
    if is_spoilt_phone(phone):
        raise Refused(
            "customer_phone", phone, _("has been rounded by a spreadsheet; keep it as text there")
        )
    if is_personal_phone(phone):
        if (number := normalise_phone(phone)).startswith("+"):
            texts["customer_phone"] = number
    elif not texts["customer_external_id"] and not texts["customer_email"]:
        # Whoever is known by a "-" or a hotline alone would be one and the same for everybody.
        raise Refused("customer_phone", phone, _("is no number one person is known by"))
    elif phone.lower() in _NO_CONTACT:
        texts["customer_phone"] = ""


def _shares(value: object, texts: dict[str, str]) -> tuple[Share, ...]:
    """Return who shared the work; one alone becomes the one who served."""
    try:
        # A list comes from a call; a file has text.
        shares = read_shares(value if isinstance(value, list) else _text(SHARED, value), clean)
    except BadShare as bad:
        raise Refused(SHARED + bad.place, bad.value, bad.reason) from bad
    if shares and (named := next((name for name in _STAFF if texts[name]), None)):
        rule = _("names who served, and so does %(other)s", other=named)
        raise Refused(SHARED, "; ".join(share.external_id for share in shares), rule)
    if len(shares) == 1:
        (only,) = shares
        texts.update(zip(_STAFF, (only.external_id, only.name, only.email), strict=True))
        return ()
    return shares


def past_moment(
    column: str,
    text: str,
    zone: ZoneInfo,
    now: datetime,
    formats: tuple[str, ...] = (),
    hour_of_days: int = 0,
) -> datetime:
    """Return the moment in the column, or refuse one that is yet to come."""
    latest = now + _CLOCKS_DIFFER
    found = moment(column, text, zone, formats, hour_of_days)
    if found > latest:
        # A day without a time may be today, and the hour it is put at still ahead of us.
        found = moment(column, text, zone, formats)
    if found > latest:
        raise Refused(column, text, _("lies in the future"))
    return found


def moment(
    column: str,
    text: str,
    zone: ZoneInfo,
    formats: tuple[str, ...] = (),
    hour_of_days: int = 0,
) -> datetime:
    """Return the moment in the column, or refuse it with the spellings that are understood."""
    try:
        read = read_moment(text, zone, formats, hour_of_days)
        # Years beyond these are slips of the finger, and some of them cannot be reckoned with.
        if not 1900 <= read.year < 2200:
            raise ValueError(text)
        return read
    except (ValueError, OverflowError) as error:
        expected = _("is not a date and time such as 2026-11-20 14:11")
        if formats:
            expected = _("is not a date written %(forms)s", forms=" / ".join(formats))
        raise Refused(column, text, expected) from error


def _text(column: str, value: object) -> str:
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        if isinstance(value, bool | float | list | dict) or not isinstance(value, int):
            raise Refused(column, str(value), _("must be text"))
        value = str(value) if abs(value) < 10**30 else ""
        if not value:
            raise Refused(column, "", _("must be text"))
    text = clean(value)
    if column in _PLAIN:
        text = normalize("NFKC", text)
    limit = LIMITS.get(column, 200)
    # Addresses are also kept in lower case, which is longer for a few letters.
    if len(text) > limit or (not text.isascii() and len(text.lower()) > limit):
        raise Refused(column, text, _("is longer than %(limit)s characters", limit=limit))
    return text
