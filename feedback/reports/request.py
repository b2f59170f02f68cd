"""Reads what somebody wants to know: a metric, how to part it, which days, which part."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _

from feedback.measures.estimate import DEFINITIONS
from feedback.reports.periods import PERIODS

PARTS = ("channel", "staff", "team", "touchpoint", "wave")


class BadRequest(Exception):
    """Something that cannot be asked: the field, the value, and the rule."""

    def __init__(self, field_: str, value: str, rule: str) -> None:
        super().__init__(f"{field_}: {rule}")
        self.field, self.value, self.rule = field_, value, rule


@dataclass(frozen=True)
class ScoreRequest:
    """What somebody wants to know; days are the organisation's, both ends included."""

    metric: str
    by: str | None = None
    period: str | None = None
    start: date | None = None
    end: date | None = None
    wave: int | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    # Only with `by="staff"`: between which ranks each person can be meant to stand.
    rank: bool = False


def read_score_request(given: Mapping[str, str | None], where: Sequence[str] = ()) -> ScoreRequest:
    """Return the request, or raise BadRequest for the first thing wrong with it."""
    texts = {name: (value or "").strip() for name, value in given.items()}
    metric = _one_of("metric", texts.get("metric", ""), tuple(DEFINITIONS))
    if metric is None:
        raise BadRequest("metric", "", _("is one of %(list)s", list=", ".join(DEFINITIONS)))
    filters = [read_filter(text) for text in where]
    if len(dict(filters)) < len(filters):
        raise BadRequest("where", " ".join(where), _("names the same thing twice"))
    start, end = read_date("from", texts.get("from", "")), read_date("to", texts.get("to", ""))
    if start and end and start > end:
        raise BadRequest("from", texts["from"], _("is after the end"))
    wave = _one_of("wave", texts.get("wave", ""), ("1", "2"))
    by = _one_of("by", texts.get("by", ""), PARTS)
    period = _one_of("period", texts.get("period", ""), PERIODS)
    rank = _one_of("rank", texts.get("rank", ""), ("1",)) is not None
    if rank and (by, metric, period) != ("staff", "csat", None):
        raise BadRequest("rank", "1", _("is for csat by staff, over all days together"))
    return ScoreRequest(
        metric=metric,
        by=by,
        period=period,
        start=start,
        end=end,
        wave=int(wave) if wave else None,
        where=dict(filters),
        rank=rank,
    )


def read_filter(text: str) -> tuple[str, str]:
    """Return the field and the value of `channel=phone`."""
    name, equals, value = text.partition("=")
    known = tuple(part for part in PARTS if part != "wave")
    # No name holds a NUL, and PostgreSQL takes none, not even to compare with.
    if not equals or name not in known or not value or "\0" in value:
        rule = _("is written channel=phone, with one of %(list)s", list=", ".join(known))
        raise BadRequest("where", text, rule)
    return name, value


def read_date(name: str, text: str) -> date | None:
    """Return the day, None for nothing; anything that is no ISO date is refused."""
    if not text:
        return None
    try:
        # Years beyond these are slips of the finger, and some of them cannot be reckoned with.
        if not re.fullmatch(r"(19|2[01])\d\d-\d\d-\d\d", text, re.ASCII):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(name, text, _("is a date such as 2026-09-02")) from error


def _one_of(name: str, text: str, known: tuple[str, ...]) -> str | None:
    if text and text not in known:
        raise BadRequest(name, text, _("is one of %(list)s", list=", ".join(known)))
    return text or None
