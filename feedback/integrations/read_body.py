"""Reads a call's body strictly: JSON in UTF-8, of a size and a depth that a report can have."""

import json
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from feedback.integrations.answers import Refusal, shown

# A thousand reports with long subjects fit; the rest of the site takes a quarter of it.
LARGEST = 4 * 1024 * 1024
DEEPEST = 16


def read_body() -> bytes:
    """Return the body's bytes, or raise Refusal for what nobody here could read.

    Raises:
        Refusal: 413 for too many bytes, 415 for another kind of body.

    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        # Nothing is unpacked: a kilobyte can hold a gigabyte.
        raise _unsupported(_("Send the body as it is, without Content-Encoding."))
    if not request.is_json:
        raise _unsupported(_("Send JSON, with Content-Type: application/json."))
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise _unsupported(_("Send JSON in UTF-8."))
    # One more than may be: a body sent in chunks is cut off there without a word.
    request.max_content_length = LARGEST + 1
    try:
        body = request.get_data()
    except RequestEntityTooLarge as error:
        raise _too_large() from error
    if len(body) > LARGEST:
        raise _too_large()
    return body


def parse(body: bytes) -> Any:
    """Return what the JSON says, or raise Refusal for what is none or could be read two ways."""
    try:
        text = body.decode("utf-8-sig")
        parsed = json.loads(text, object_pairs_hook=_members, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise _no_json(_("It breaks at line %(line)s, column %(column)s.", **where)) from error
    except UnicodeDecodeError as error:
        raise _no_json(_("It is not UTF-8 from byte %(at)s on.", at=error.start)) from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        # The interpreter itself refuses numbers of more than some thousand digits.
        raise _no_json(_("A number in it has too many digits.")) from error
    _refuse_depth(parsed)
    return parsed


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            # Readers differ in which of two they take, so neither is.
            raise _no_json(_("It says “%(name)s” twice in one object.", name=shown(name)))
        members[name] = value
    return members


def _no_number(name: str) -> Any:
    raise _no_json(_("%(name)s is no number in JSON.", name=name))


def _refuse_depth(parsed: Any) -> None:
    level = [parsed]
    for _depth in range(DEEPEST + 1):
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise _too_deep()


def _too_large() -> Refusal:
    detail = _("A body has at most %(most)s bytes.", most=f"{LARGEST:,}")
    return Refusal(413, _("That is too much at once"), detail)


def _no_json(detail: str) -> Refusal:
    return Refusal(400, _("The body is not JSON"), detail)


def _too_deep() -> Refusal:
    return _no_json(_("It is nested more than %(most)s levels deep.", most=DEEPEST))


def _unsupported(detail: str) -> Refusal:
    return Refusal(415, _("This kind of body is not understood"), detail)
