"""How long each class of data is kept, and which moment that is on a given day."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS, MONTHS = "days", "months"


@dataclass(frozen=True)
class Kind:
    """A class of data: the setting that says how long it is kept, and in what that is counted."""

    setting: str
    unit: str
    # Whether it goes by whole calendar months, so that no month's figures are of a part of it.
    by_whole_months: bool = False


KINDS: Mapping[str, Kind] = {
    "contacts": Kind("KEEP_CONTACT_DAYS", DAYS),
    "words": Kind("KEEP_WORDS_MONTHS", MONTHS),
    "staff_scores": Kind("KEEP_STAFF_SCORES_MONTHS", MONTHS, by_whole_months=True),
    "answers": Kind("RETENTION_MONTHS", MONTHS),
    "traces": Kind("KEEP_TRACE_DAYS", DAYS),
    "audit": Kind("KEEP_AUDIT_MONTHS", MONTHS),
}
# By class; 0 means for ever.
Lengths = Mapping[str, int]


def lengths_set(config: Mapping[str, Any]) -> dict[str, int]:
    """Return how long each class is kept by the settings; 0 means for ever."""
    return {name: config[kind.setting] for name, kind in KINDS.items()}


def longer(one: int, other: int) -> int:
    """Return the longer of two lengths, of which 0 is for ever."""
    return 0 if 0 in (one, other) else max(one, other)


def is_shorter(one: int, than: int) -> bool:
    """Tell whether a length ends before another, of which 0 never ends."""
    return one != than and longer(one, than) == than


def cut_off(name: str, length: int, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the moment before which data of the class are too old, or None where none ever are."""
    kind = KINDS[name]
    if length == 0:
        return None
    local = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if kind.unit == DAYS:
        return (now - timedelta(days=length)).astimezone(UTC)
    months = local.year * 12 + local.month - 1 - length
    year, month = divmod(months, 12)
    if year < 1:
        return None
    day = 1 if kind.by_whole_months else min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def breaks_the_promise(lengths: Lengths) -> list[str]:
    """Return the classes of customers' data that are kept for longer than their notice says."""
    promised = lengths["answers"] * 31
    if promised == 0:
        return []
    days = {DAYS: 1, MONTHS: 31}
    return [
        name
        for name in ("contacts", "words", "traces")
        if is_shorter(promised, lengths[name] * days[KINDS[name].unit])
    ]
