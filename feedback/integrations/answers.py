"""How the API answers: JSON as it stands, or a problem that names each field and its rule."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response
from flask_babel import gettext as _

PROBLEM = "application/problem+json"
_LONGEST_SHOWN = 200
_HALVES = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: as it was named, what stood in it, and the rule it breaks."""

    field: str
    value: str
    rule: str


class Refusal(Exception):
    """A call that is not carried out, with the status and the words it is answered with."""

    def __init__(
        self, status: int, title: str, detail: str = "", errors: Sequence[FieldError] = ()
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.errors = status, title, detail, errors

    def body(self) -> dict[str, Any]:
        """Return the problem's members, RFC 9457."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [asdict(error) for error in self.errors]
        return body


def field_error(field: str, value: object, rule: str) -> FieldError:
    """Return what is wrong with a field, fit to be shown."""
    return FieldError(shown(field), shown(value), rule)


def cannot_be_taken(*errors: FieldError) -> Refusal:
    """Return the refusal of these fields."""
    detail = f"{errors[0].field}: {errors[0].rule}"
    return Refusal(422, _("Something in the call cannot be taken"), detail, errors)


def shown(value: object) -> str:
    """Return what was sent, short enough to show and fit for every reader of JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Half a character, which JSON can spell, is none that could be written out again.
    return _HALVES.sub("�", text[:_LONGEST_SHOWN])


def write(body: object) -> str:
    """Return the JSON text of a body: Chinese as Chinese, and never NaN."""
    return json.dumps(body, ensure_ascii=False, allow_nan=False)


def answer(text: str, status: int = 200) -> Response:
    """Return the answer that carries this JSON; from 400 on it is a problem."""
    return Response(text, status, mimetype=PROBLEM if status >= 400 else "application/json")
