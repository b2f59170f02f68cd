"""Settings: what may be set, how each is read, and the frozen policies made from them."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

ROOT = Path(__file__).resolve().parent.parent


class BadSetting(Exception):
    """A setting that cannot be read, with its name and what was expected."""

    def __init__(self, name: str, expected: str, given: object) -> None:
        super().__init__(f"FEEDBACK_{name}: expected {expected}, got {given!r}")


def _text(value: str) -> str:
    return value


def _whole_number(value: str) -> int:
    if not str(value).isascii() or not str(value).isdigit():
        raise ValueError(value)
    return int(value)


def _switch(value: str) -> bool:
    answers = {"1": True, "true": True, "yes": True, "on": True}
    answers |= {"0": False, "false": False, "no": False, "off": False, "": False}
    return answers[str(value).strip().lower()]


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(value)
    return value


def _locale(value: str) -> str:
    return {"zh": "zh", "en": "en"}[value]


def _worker(value: str) -> str:
    return {"embedded": "embedded", "off": "off"}[value]


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")) or any(c.isspace() for c in value):
        raise ValueError(value)
    return value.rstrip("/")


def _database(value: str) -> str:
    # Hosting services still hand out the scheme SQLAlchemy dropped years ago.
    if value.startswith("postgres://"):
        value = "postgresql://" + value.removeprefix("postgres://")
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError(value)
    return value


def _mail_window(value: str) -> str:
    start, _, end = value.partition("-")
    if time.fromisoformat(start) >= time.fromisoformat(end):
        raise ValueError(value)
    return value


def _mail_sender(value: str) -> str:
    address = r"[^\s@<>\",;]+@[^\s@<>\",;]+"
    if not re.fullmatch(rf"{address}|[^<>\r\n]*<{address}>", value.strip(), re.ASCII):
        raise ValueError(value)
    return value.strip()


@dataclass(frozen=True)
class Setting:
    """One thing an administrator may set: how it is read, what it is without, what it is for."""

    read: Callable[[str], Any]
    default: Any
    expected: str
    purpose: str


SETTINGS: Mapping[str, Setting] = {
    "SECRET_KEY": Setting(
        _text, "", "a long random text", "signs links and sessions; made in instance/ when absent"
    ),
    "SECRET_KEY_FALLBACKS": Setting(
        _text, "", "older keys, comma separated", "older keys whose links still open"
    ),
    "DATABASE_URL": Setting(
        _database, "", "sqlite:///… or postgresql://…", "where everything is kept"
    ),
    "INSTANCE_PATH": Setting(_text, "", "a folder", "what this installation writes"),
    "PUBLIC_URL": Setting(
        _web_address,
        "http://127.0.0.1:8000",
        "http(s)://host",
        "the address customers reach; links in mails begin with it",
    ),
    "TIMEZONE": Setting(
        _zone, "Asia/Shanghai", "an IANA zone such as Asia/Shanghai", "the organisation's zone"
    ),
    "DEFAULT_LOCALE": Setting(_locale, "zh", "zh or en", "language where nothing else tells"),
    "MAIL_SERVER": Setting(
        _text, "", "a host name", "SMTP server; empty keeps mail in instance/mail/"
    ),
    "MAIL_PORT": Setting(_whole_number, 25, "a port number", "its port"),
    "MAIL_USE_TLS": Setting(_switch, False, "1 or 0", "STARTTLS"),
    "MAIL_USE_SSL": Setting(_switch, False, "1 or 0", "TLS from the first byte"),
    "MAIL_USERNAME": Setting(_text, "", "a name", "sign-in at the mail server"),
    "MAIL_PASSWORD": Setting(_text, "", "a password", "sign-in at the mail server"),
    "MAIL_SENDER": Setting(
        _mail_sender,
        "Afterword <feedback@localhost>",
        "an address, with or without a name",
        "who the mails are from",
    ),
    "MAIL_WINDOW": Setting(
        _mail_window, "09:00-20:00", "HH:MM-HH:MM", "hours in which follow-ups and reminders go out"
    ),
    "RECONTACT_DAYS": Setting(
        _whole_number, 30, "days", "nobody is asked twice within so many days"
    ),
    "FOLLOW_UP_DAYS": Setting(
        _whole_number, 30, "days", "how long after the contact wave 2 asks again"
    ),
    "REMIND_AFTER_DAYS": Setting(
        _whole_number, 5, "days; 0 for never", "when the silent are reminded, once"
    ),
    "ANSWER_WITHIN_DAYS": Setting(_whole_number, 21, "days", "how long a link takes an answer"),
    "AMEND_WITHIN_HOURS": Setting(
        _whole_number, 24, "hours", "how long an answer may be changed, once"
    ),
    "MAX_AGE_DAYS": Setting(
        _whole_number, 7, "days", "contacts reported later than this are not asked about"
    ),
    "RETENTION_MONTHS": Setting(
        _whole_number, 24, "months", "what the privacy line promises about keeping answers"
    ),
    "MIN_GROUP": Setting(
        _whole_number, 5, "a number of answers", "fewer answers than this are shown to nobody else"
    ),
    "WORKER": Setting(
        _worker, "embedded", "embedded or off", "whether web processes also do due work"
    ),
    "PROXIES": Setting(_whole_number, 0, "a number", "reverse proxies whose headers are believed"),
    "LIVE": Setting(_switch, False, "1 or 0", "a live site refuses `flask work --now`"),
}


def _raw(name: str, environment: Mapping[str, str]) -> str | None:
    """Return what the environment says, following `_FILE`, or None if it says nothing."""
    if (path := environment.get(f"FEEDBACK_{name}_FILE")) is not None:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE", "a readable file", path) from error
    return environment.get(f"FEEDBACK_{name}")


def read_settings(
    *,
    environment: Mapping[str, str] = os.environ,
    overrides: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return every setting: overrides over environment over instance/config.py over defaults.

    Raises:
        BadSetting: a value cannot be read; the message names the setting and the expectation.

    """
    overrides = overrides or {}
    instance = Path(
        overrides.get("INSTANCE_PATH") or _raw("INSTANCE_PATH", environment) or ROOT / "instance"
    ).resolve()
    from_file = _read_instance_file(instance / "config.py")
    values: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        given: Any = _raw(name, environment)
        if given is None:
            given = from_file.get(name)
        if name in overrides:
            given = overrides[name]
        values[name] = setting.default if given is None else _read(name, setting, given)
    values["INSTANCE_PATH"] = str(instance)
    values["DATABASE_URL"] = values["DATABASE_URL"] or f"sqlite:///{instance / 'feedback.sqlite'}"
    values["SECRET_KEY"] = values["SECRET_KEY"] or _kept_secret(instance)
    return values


def _read(name: str, setting: Setting, given: Any) -> Any:
    try:
        return setting.read(given if isinstance(given, str) else str(given))
    except (ValueError, KeyError) as error:
        shown = "…" if "PASSWORD" in name or "KEY" in name else given
        raise BadSetting(name, setting.expected, shown) from error


def _read_instance_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    names: dict[str, Any] = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)  # noqa: S102
    return names


def _kept_secret(instance: Path) -> str:
    """Return the key kept in the instance folder, making it on the first start."""
    path = instance / "secret_key"
    instance.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL lets exactly one of several processes starting together write the key.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


@dataclass(frozen=True)
class InvitationPolicy:
    """When somebody is asked, reminded, asked again, or left alone."""

    zone: ZoneInfo
    window: tuple[time, time]
    recontact: timedelta
    follow_up_days: int
    remind_after: timedelta | None
    answer_within: timedelta
    max_age: timedelta

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "InvitationPolicy":
        """Make the policy from the application's settings."""
        start, _, end = config["MAIL_WINDOW"].partition("-")
        remind = config["REMIND_AFTER_DAYS"]
        return cls(
            zone=ZoneInfo(config["TIMEZONE"]),
            window=(time.fromisoformat(start), time.fromisoformat(end)),
            recontact=timedelta(days=config["RECONTACT_DAYS"]),
            follow_up_days=config["FOLLOW_UP_DAYS"],
            remind_after=timedelta(days=remind) if remind else None,
            answer_within=timedelta(days=config["ANSWER_WITHIN_DAYS"]),
            max_age=timedelta(days=config["MAX_AGE_DAYS"]),
        )


@dataclass(frozen=True)
class AnswerPolicy:
    """How long an answer may be changed."""

    amend_within: timedelta

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "AnswerPolicy":
        """Make the policy from the application's settings."""
        return cls(amend_within=timedelta(hours=config["AMEND_WITHIN_HOURS"]))
