"""Work that several people shared: who they are, and which part of it each was given beforehand."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

# More have not served one customer together; it is a column that has slipped.
_MOST = 20
_LONGEST = 120
# A third cannot be written down in full.
_SLACK = 0.001
_FIELDS = ("external_id", "name", "email", "share")


class BadShare(Exception):
    """Something about the people named that cannot be taken: where, the value, and the rule."""

    def __init__(self, place: str, value: object, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place, self.reason = place, reason
        self.value = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class Share:
    """One of several who served; `part` is theirs of the whole, None where none was agreed."""

    external_id: str
    part: float | None = None
    name: str = ""
    email: str = ""


def read_shares(value: object, tidy: Callable[[str], str]) -> tuple[Share, ...]:
    """Return who shared the work, or raise BadShare: `e-1=0.5;e-2=0.5`, or a list of objects.

    Either everybody has a part or nobody, and the parts add up to 1. `tidy` makes a text fit to be
    kept.
    """
    if isinstance(value, list):
        shares = [_read_object(one, f".{at}", tidy) for at, one in enumerate(value)]
    elif isinstance(value, str):
        texts = value.replace("；", ";").replace("＝", "=").replace("：", ":").split(";")
        shares = [_read_text(text) for text in map(tidy, texts) if text]
    else:
        raise BadShare("", value, _("must be text"))
    _check(shares)
    return tuple(shares)


def write_shares(shares: list[tuple[str, float | None]]) -> str:
    """Return the shares as a file has them."""
    return ";".join(key if part is None else f"{key}={part:g}" for key, part in shares)


def _read_text(text: str) -> Share:
    number, equals, part = (one.strip() for one in text.rpartition("="))
    if not equals and (found := re.fullmatch(r"(.+):\s*(\d?\.\d+)", text, re.ASCII)):
        # A colon is read only where it can be no part of a number such as user:27.
        number, part = found[1].strip(), found[2]
    elif not equals:
        return Share(_number(text, ""))
    if not re.fullmatch(r"\d*\.?\d+", part, re.ASCII):
        raise BadShare("", text, _("has no share such as 0.5 behind the number"))
    return Share(_number(number, ""), _part(float(part), "", text))


def _read_object(one: Any, place: str, tidy: Callable[[str], str]) -> Share:
    if not isinstance(one, dict):
        raise BadShare(place, one, _("must be an object"))
    for name, value in one.items():
        if name not in _FIELDS:
            raise BadShare(f"{place}.{name}", value, _("is no field"))
        if name != "share" and not _is_text(value, may_be_number=name == "external_id"):
            raise BadShare(f"{place}.{name}", value, _("must be text"))
    texts = {name: tidy(str(one[name])) for name in _FIELDS[:3] if one.get(name) is not None}
    for name, text in texts.items():
        if len(text) > _LONGEST:
            rule = _("is longer than %(limit)s characters", limit=_LONGEST)
            raise BadShare(f"{place}.{name}", text, rule)
    number = _number(texts.pop("external_id", ""), f"{place}.external_id")
    given = one.get("share")
    part = None if given is None else _part(given, f"{place}.share", given)
    return Share(number, part, **texts)


def _is_text(value: object, *, may_be_number: bool) -> bool:
    if value is None or isinstance(value, str):
        return True
    return may_be_number and isinstance(value, int) and not isinstance(value, bool)


def _number(text: str, place: str) -> str:
    if not text:
        raise BadShare(place, "", _("is required"))
    if len(text) > _LONGEST:
        raise BadShare(place, text, _("is longer than %(limit)s characters", limit=_LONGEST))
    if ";" in text or "=" in text:
        raise BadShare(place, text, _("has ; or =, which stand between people and their shares"))
    return text


def _part(number: object, place: str, given: object) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number <= 1:
        raise BadShare(place, given, _("is no share of more than 0, up to 1"))
    return float(number)


def _check(shares: list[Share]) -> None:
    if len(shares) > _MOST:
        raise BadShare("", len(shares), _("names more than %(most)s people", most=_MOST))
    numbers = [share.external_id for share in shares]
    twice = next((number for number in numbers if numbers.count(number) > 1), None)
    if twice is not None:
        raise BadShare("", twice, _("is named twice"))
    parts = [share.part for share in shares if share.part is not None]
    if not parts:
        return
    without = next((share.external_id for share in shares if share.part is None), None)
    if without is not None:
        raise BadShare("", without, _("has no share while others have one"))
    whole = math.fsum(parts)
    if abs(whole - 1) > _SLACK + 1e-9:
        raise BadShare("", f"{whole:.4g}", _("is what the shares add up to, and not 1"))
