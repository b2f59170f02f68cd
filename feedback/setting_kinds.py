"""Reads the text of each kind of setting; what cannot be read is a ValueError or a KeyError."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones


@dataclass(frozen=True)
class Setting:
    """One thing an administrator may set: how it is read, what it is without, what it is for."""

    read: Callable[[str], Any]
    default: Any
    expected: str
    purpose: str


def text(value: str) -> str:
    """Return the text as it is."""
    return value


def whole_number(value: str, highest: int = 1_000_000) -> int:
    """Return the number."""
    if not value.isascii() or not value.isdigit() or len(value) > 9 or int(value) > highest:
        raise ValueError(value)
    return int(value)


def days(value: str) -> int:
    """Return a number of days; beyond a century a date would leave the calendar."""
    return whole_number(value, 36_500)


def months(value: str) -> int:
    """Return a number of months; beyond a century a date would leave the calendar."""
    return whole_number(value, 1200)


def minutes(value: str) -> int:
    """Return a number of minutes within a day; under five nobody could work."""
    if (found := whole_number(value, 1440)) < 5:
        raise ValueError(value)
    return found


def roles(value: str) -> tuple[str, ...]:
    """Return roles of people who may sign in, each once."""
    found = words(value)
    if not set(found) <= {"staff", "lead", "manager", "analyst", "admin"}:
        raise ValueError(value)
    return found


def port(value: str) -> int:
    """Return the number of a port."""
    if (port := whole_number(value, 65_535)) == 0:
        raise ValueError(value)
    return port


def switch(value: str) -> bool:
    """Return whether it says yes."""
    answers = {"1": True, "true": True, "yes": True, "on": True}
    answers |= {"0": False, "false": False, "no": False, "off": False, "": False}
    return answers[str(value).strip().lower()]


def keys(value: str) -> tuple[str, ...]:
    """Return the keys between commas, each as it is; Flask takes a text for a key a letter."""
    return tuple(key for key in value.split(",") if key)


def words(value: str) -> tuple[str, ...]:
    """Return the words between commas as they are compared: without case, each once."""
    found = (word.strip().casefold() for word in value.replace("，", ",").split(","))
    return tuple(dict.fromkeys(word for word in found if word))


def urgent_words(value: str) -> tuple[str, ...]:
    """Return the site's own words; one of a single letter, or of none, would be everywhere."""
    found = words(unicodedata.normalize("NFKC", value))
    for word in found:
        letters = sum(character.isalnum() for character in word)
        if letters < 2 or len(word) > 40 or not word.isprintable():
            raise ValueError(word)
    if len(found) > 200:
        raise ValueError(value)
    return found


def zone(value: str) -> str:
    """Return the name of a time zone there is."""
    if value not in available_timezones():
        raise ValueError(value)
    return value


def role_or_none(value: str) -> str:
    """Return a role one may be given by itself, or nothing; an administrator is made by another."""
    if value not in ("", "staff", "lead", "manager", "analyst"):
        raise ValueError(value)
    return value


def issuer(value: str) -> str:
    """Return the address of an OpenID provider, which may have a path, or nothing."""
    parts = urlsplit(value)
    is_address = bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)
    # Without TLS only on this very machine, where nobody can listen in between.
    is_private = parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost")
    is_address = is_address and parts.scheme in ("http", "https") and is_private
    if value and (not is_address or any(character.isspace() for character in value)):
        raise ValueError(value)
    return value


def locale(value: str) -> str:
    """Return the language."""
    return {"zh": "zh", "en": "en"}[value]


def erased_answers(value: str) -> str:
    """Return what becomes of the scores of somebody who is erased."""
    return {"remove": "remove", "keep": "keep"}[value]


def worker(value: str) -> str:
    """Return where the worker is."""
    return {"embedded": "embedded", "off": "off"}[value]


def log_format(value: str) -> str:
    """Return how lines of the log are written."""
    return {"auto": "auto", "json": "json", "text": "text"}[value]


def web_address(value: str) -> str:
    """Return the address without a slash at its end; a path would break every link to a page."""
    parts = urlsplit(value.rstrip("/"))
    # Reading the port checks it.
    is_bare = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    is_bare = is_bare and not (parts.path or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not is_bare or any(c.isspace() for c in value):
        raise ValueError(value)
    return value.rstrip("/")


def database(value: str) -> str:
    """Return the database's address as SQLAlchemy wants it."""
    # Hosting services still hand out the scheme SQLAlchemy dropped years ago.
    if value.startswith("postgres://"):
        value = "postgresql://" + value.removeprefix("postgres://")
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError(value)
    # Reading the port checks it; SQLAlchemy would only stumble over it, showing the password.
    _port = urlsplit(value).port
    return value


def mail_sender(value: str) -> str:
    """Return the sender: one address, alone or in <> behind a name."""
    address = r"[^\s@<>\",;]+@[^\s@<>\",;]+"
    sender = value.strip()
    if not re.fullmatch(rf"{address}|[^<>\r\n]*<{address}>", sender):
        raise ValueError(value)
    # A name may have any characters; an address in a mail server's commands may not.
    if not sender.rpartition("<")[2].isascii():
        raise ValueError(value)
    return sender


def bare_address(value: str) -> str:
    """Return one address without a name, or nothing."""
    address = value.strip()
    # The return path adds 28 characters to the part before the @, which may have 64.
    if address and not re.fullmatch(r"[A-Za-z0-9._-]{1,36}@[A-Za-z0-9.-]+", address):
        raise ValueError(value)
    return address


def mailbox(value: str) -> str:
    """Return the address of a mailbox, which holds no password, or nothing."""
    if value.startswith("maildir:/") or not value:
        return value
    parts = urlsplit(value)
    # Reading the port checks it.
    is_whole = bool(parts.hostname and parts.username) and (parts.port is None or parts.port > 0)
    if parts.scheme not in ("imap", "imaps") or not is_whole or parts.password is not None:
        raise ValueError(value)
    return value


def mail_window(value: str) -> str:
    """Return the hours, which begin before they end."""
    start, _, end = value.partition("-")
    if time.fromisoformat(start) >= time.fromisoformat(end):
        raise ValueError(value)
    return value
