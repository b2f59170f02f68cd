"""What may be written into logs, and how: one line per event, and nothing that is a secret.

Links are keys here, so a token never appears, only eight hex digits of its hash, by which two
lines about one link can be matched. Addresses, query strings and customers' words stay out too.
"""

import json
import logging
import re
import sys
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address, ip_network
from pathlib import PurePath
from smtplib import SMTPException
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError, ProgrammingError

_LONGEST = 2000
AUTO, JSON, TEXT = "auto", "json", "text"
_NAMES = {"gunicorn.error": "server", "gunicorn.access": "request"}
# What follows these in an address opens something by itself.
_KEYS_FOLLOW = frozenset({"s", "p", "my", "password"})
_KEY_IN_PATH = re.compile(r"(/(?:s|p|my|password)/+)([^\s/?#'\"<>]+)", re.IGNORECASE)
# Signed by itsdangerous, or an API key: whatever sentence it stands in.
_SIGNED = re.compile(r"[\w-]+(?:\.[\w-]+)?\.[\w-]{27,}")
_API_KEY = re.compile(r"\b(afk_\d+_)[\w-]+")
_QUERY = re.compile(r"((?:https?://|/)[^\s?'\"<>]*)\?[^\s'\"<>]*")
_MAIL_ADDRESS = re.compile(r"[^\s<>()\"',;:=]+@[^\s<>()\"',;:=]+")
# An exception quotes what it could not digest. Only names in our code are left in, where its kind
# quotes nothing else, and paths of files.
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_CODE = re.compile(r"['\"][\w./:()-]{0,60}['\"]", re.ASCII)
_QUOTES_CODE = (AttributeError, NameError, ImportError, TypeError, OSError, ProgrammingError)
_LONG_AS_A_KEY = re.compile(r"[\w.~-]{20,}")


def fingerprint(secret: str) -> str:
    """Return what stands for a secret in logs."""
    return f"#{sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def shown_path(path: str) -> str:
    """Return an address's path with every part that could be a key replaced by its fingerprint."""
    parts = path.split("/")
    # Doubled slashes must not hide that a key follows.
    before = ""
    for index, part in enumerate(parts):
        is_key = before.lower() in _KEYS_FOLLOW
        if part and (is_key or ("static" not in parts[:2] and _LONG_AS_A_KEY.fullmatch(part))):
            parts[index] = fingerprint(part)
        before = part or before
    return one_line("/".join(parts))


def scrub(text: str) -> str:
    """Return a sentence without tokens, keys, query strings and mail addresses, on one line."""
    text = _KEY_IN_PATH.sub(lambda found: found[1] + fingerprint(found[2]), text)
    text = _SIGNED.sub(lambda found: fingerprint(found[0]), text)
    text = _API_KEY.sub(r"\1…", text)
    text = _QUERY.sub(r"\1?…", text)
    return one_line(_MAIL_ADDRESS.sub("(address)", text))


def one_line(text: str) -> str:
    """Return the text with everything escaped that could start a line or steer a terminal."""
    shown = "".join(_escaped(character) for character in text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _escaped(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode("ascii")


def near(address: str) -> str:
    """Return the network somebody comes from, which finds an attacker and names no customer."""
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if ip.is_loopback:
        return str(ip)
    return str(ip_network((ip, 24 if ip.version == 4 else 48), strict=False).network_address)


def told(error: BaseException) -> str:
    """Return what failed, where and because of what, without the words it failed on."""
    return " because of ".join(_told(one) for one in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    next_one: BaseException | None = error
    while next_one is not None and id(next_one) not in seen:
        seen.add(id(next_one))
        yield next_one
        hidden = next_one.__suppress_context__
        next_one = next_one.__cause__ or (None if hidden else next_one.__context__)


def _told(error: BaseException) -> str:
    places = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        file = "/".join(PurePath(code.co_filename).parts[-2:])
        places.append(f"{file}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    # The database's own message goes on to quote the row; its first line says enough.
    about = str(error.orig if isinstance(error, DBAPIError) else error)
    first = about.strip().partition("\n")[0]
    is_code = isinstance(error, _QUOTES_CODE) and not isinstance(error, SMTPException)
    words = _QUOTED.sub(
        lambda found: found[0] if is_code and _CODE.fullmatch(found[0]) else "'…'", first
    )
    return f"{type(error).__name__}: {scrub(words)} (at {' > '.join(places)})"


def request_facts(
    environ: Mapping[str, Any], *, uri: str, status: int, size: int, seconds: float
) -> dict[str, Any]:
    """Return what the access log says of a request."""
    path = environ.get("PATH_INFO")
    if path is None:
        path = urlsplit(uri).path
    else:
        path = path.encode("latin-1", "replace").decode("utf-8", "replace")
    return {
        "method": one_line(str(environ.get("REQUEST_METHOD", ""))[:20]),
        "path": shown_path(path),
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 1),
        "from": near(str(environ.get("REMOTE_ADDR", ""))),
    }


class OneLine(logging.Formatter):
    """Writes each record as one line: JSON for programs, plain words for a terminal."""

    # What all of them write, whoever made them: "auto" goes by where the line goes.
    form = AUTO

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__()
        self._is_terminal = bool(stream is not None and stream.isatty())

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        facts: Mapping[str, Any] = getattr(record, "facts", {})
        message = scrub(record.getMessage())
        is_text = self._is_terminal if OneLine.form == AUTO else OneLine.form == TEXT
        if is_text:
            # The time of day is enough for whoever sits in front of it.
            said = moment.astimezone().strftime("%H:%M:%S") if self._is_terminal else _utc(moment)
            words = [said, record.levelname, message]
            words += [f"{name}={value}" for name, value in facts.items()]
            if record.exc_info and record.exc_info[1]:
                words.append(told(record.exc_info[1]))
            return " ".join(word for word in words if word)
        line: dict[str, Any] = {
            "time": _utc(moment),
            "level": record.levelname.lower(),
            "logger": _NAMES.get(record.name, record.name),
        }
        line |= ({"message": message} if message else {}) | dict(facts)
        if record.exc_info and record.exc_info[1]:
            line["error"] = told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def install_logs(form: str = AUTO) -> None:
    """Write our log to standard error in this form, unless somebody has set logging up already.

    What nobody catches is a line of the log as well. Python would print the exception with the
    words it failed on, over many lines.
    """
    OneLine.form = form
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(sys.stderr))
    root.addHandler(handler)
    logging.getLogger("feedback").setLevel(logging.INFO)
    # At DEBUG it would write down every row it reads, whatever is hidden of a statement's own.
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _write_down
    threading.excepthook = lambda args: _write_down(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )


def _write_down(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    logging.getLogger("feedback").critical("Nobody caught this", exc_info=(kind, error, trace))
