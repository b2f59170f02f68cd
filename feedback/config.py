"""Settings: what may be set, how each is read, and the frozen policies made from them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from feedback import setting_kinds
from feedback.mail_settings import MAIL_SETTINGS
from feedback.retention_settings import RETENTION_SETTINGS
from feedback.secret_file import make_secret
from feedback.setting_kinds import Setting
from feedback.sign_in_settings import SIGN_IN_SETTINGS

ROOT = Path(__file__).resolve().parent.parent


class UnreadableSettings(Exception):
    """The settings cannot be read; the message says which and why in one line."""


class BadSetting(UnreadableSettings):
    """A setting that cannot be read, with its name and what was expected."""

    def __init__(self, name: str, expected: str, given: object) -> None:
        super().__init__(f"FEEDBACK_{name}: expected {expected}, got {given!r}")


SETTINGS: Mapping[str, Setting] = {
    "SECRET_KEY": Setting(
        setting_kinds.text,
        "",
        "a long random text",
        "signs links and sessions; made in instance/ when absent",
    ),
    "SECRET_KEY_FALLBACKS": Setting(
        setting_kinds.keys,
        (),
        "older keys, comma separated, the oldest last",
        "older keys whose links still open; by the oldest we know whom not to write to",
    ),
    "DATABASE_URL": Setting(
        setting_kinds.database, "", "sqlite:///… or postgresql://…", "where everything is kept"
    ),
    "INSTANCE_PATH": Setting(setting_kinds.text, "", "a folder", "what this installation writes"),
    "PUBLIC_URL": Setting(
        setting_kinds.web_address,
        "http://127.0.0.1:8000",
        "http(s)://host",
        "the address customers reach; links in mails begin with it",
    ),
    "TIMEZONE": Setting(
        setting_kinds.zone,
        "Asia/Shanghai",
        "an IANA zone such as Asia/Shanghai",
        "the organisation's zone",
    ),
    "DEFAULT_LOCALE": Setting(
        setting_kinds.locale, "zh", "zh or en", "language where nothing else tells"
    ),
    **MAIL_SETTINGS,
    "RECONTACT_DAYS": Setting(
        setting_kinds.days, 30, "days", "nobody is asked twice within so many days"
    ),
    "FOLLOW_UP_DAYS": Setting(
        setting_kinds.days, 30, "days", "how long after the contact wave 2 asks again"
    ),
    "REMIND_AFTER_DAYS": Setting(
        setting_kinds.days, 5, "days; 0 for never", "when the silent are reminded, once"
    ),
    "ANSWER_WITHIN_DAYS": Setting(
        setting_kinds.days, 21, "days", "how long a link takes an answer"
    ),
    "AMEND_WITHIN_HOURS": Setting(
        setting_kinds.whole_number, 24, "hours", "how long an answer may be changed, once"
    ),
    "PRESS_AFTER_SECONDS": Setting(
        setting_kinds.whole_number,
        1,
        "seconds; 0 for at once",
        "a button pressed sooner after its page was made is held for a machine's",
    ),
    "MAX_AGE_DAYS": Setting(
        setting_kinds.days, 7, "days", "contacts reported later than this are not asked about"
    ),
    **RETENTION_SETTINGS,
    "MIN_GROUP": Setting(
        setting_kinds.whole_number,
        5,
        "a number of answers",
        "fewer answers than this are shown to nobody else",
    ),
    "TROUBLE_WORDS": Setting(
        setting_kinds.words,
        setting_kinds.words("reopened,escalated,complaint,refund,重开,升级,投诉,退款"),
        "words, comma separated",
        "kinds and statuses of contacts that mark trouble, for the check of who was asked",
    ),
    "TEXT_TRIAGE": Setting(
        setting_kinds.switch,
        True,
        "1 or 0",
        "whether comments are read for what cannot wait and for what contradicts its score",
    ),
    "URGENT_WORDS": Setting(
        setting_kinds.urgent_words,
        (),
        "words of 2 to 40 characters, comma separated, 200 at most",
        "words that make a comment urgent here, beside those it is read for anyway",
    ),
    "WORKER": Setting(
        setting_kinds.worker,
        "embedded",
        "embedded or off",
        "whether web processes also do due work",
    ),
    "LOG_FORMAT": Setting(
        setting_kinds.log_format,
        "auto",
        "auto, json or text",
        "lines of the log: text on a terminal and else JSON, or always the one or the other",
    ),
    "BACKUP_WITHIN_HOURS": Setting(
        setting_kinds.whole_number,
        26,
        "hours; 0 where everything is kept by other means",
        "a live site whose last `flask backup` is older says so",
    ),
    "PROXIES": Setting(
        setting_kinds.whole_number, 0, "a number", "reverse proxies whose headers are believed"
    ),
    "LIVE": Setting(
        setting_kinds.switch, False, "1 or 0", "a live site refuses `flask work --now`"
    ),
    **SIGN_IN_SETTINGS,
}


def _raw(name: str, environment: Mapping[str, str]) -> str | None:
    """Return what the environment says, following `_FILE`, or None if it says nothing."""
    if (path := environment.get(f"FEEDBACK_{name}_FILE")) is not None:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE", "a readable file", path) from error
    return environment.get(f"FEEDBACK_{name}")


def read_text(name: str, text: str) -> Any:
    """Return a setting's value from the text somebody gave for it; raises BadSetting."""
    return _read(name, SETTINGS[name], text)


def unknown_names(instance: Path, *, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return names somebody has set and nobody reads: most likely typing errors."""
    given = [name for name in environment if name.startswith("FEEDBACK_")]
    names = {name.removeprefix("FEEDBACK_").removesuffix("_FILE") for name in given}
    names |= {name for name in read_instance_file(instance / "config.py") if name.isupper()}
    return sorted(names - SETTINGS.keys())


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
    from_file = read_instance_file(instance / "config.py")
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
        hidden = any(word in name for word in ("PASSWORD", "KEY", "SECRET", "DATABASE"))
        shown = "…" if hidden else given
        raise BadSetting(name, setting.expected, shown) from error


def read_instance_file(path: Path) -> dict[str, Any]:
    """Return what the file says; nothing where there is none."""
    if not path.exists():
        return {}
    names: dict[str, Any] = {}
    try:
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)  # noqa: S102
    # Whatever a line of it raises, the start ends with that line and no traceback of ours.
    except Exception as error:
        raise UnreadableSettings(f"{path}: {error.__class__.__name__}: {error}") from error
    return names


def _kept_secret(instance: Path) -> str:
    """Return the key kept in the instance folder, making it on the first start."""
    path = instance / "secret_key"
    try:
        make_secret(path)
    except OSError as error:
        raise BadSetting("INSTANCE_PATH", "a folder we may write to", str(instance)) from error
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting("INSTANCE_PATH", "a key we may read in", str(path)) from error


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
    """How soon after its page an answer is taken, and how long it may be changed."""

    amend_within: timedelta
    press_after: timedelta

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "AnswerPolicy":
        """Make the policy from the application's settings."""
        return cls(
            amend_within=timedelta(hours=config["AMEND_WITHIN_HOURS"]),
            press_after=timedelta(seconds=config["PRESS_AFTER_SECONDS"]),
        )
