"""Reads moments the way files write them, and refuses what could mean two days."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = re.compile(r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_CLOCK = re.compile(
    r"(?P<half>上午|下午|中午|凌晨|晚上|AM|PM|am|pm)?\s*(?P<hour>\d{1,2})[::](?P<minute>\d{2})"
    r"(?:[::](?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<late>AM|PM|am|pm)?"
)
_CHINESE_CLOCK = re.compile(
    r"(?P<half>上午|下午|中午|凌晨|晚上)?\s*(?P<hour>\d{1,2})[时点](?:(?P<minute>\d{1,2})分)?"
    r"(?:(?P<second>\d{1,2})秒)?(?P<late>)"
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|z|[+-]\d{2}:?\d{2})")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
# Serial numbers from 1954 to 2119; five digits could hardly mean anything else in a date column.
_FIRST_SERIAL, _LAST_SERIAL = 20000, 80000


def read_moment(text: str, zone: ZoneInfo, formats: tuple[str, ...] = ()) -> datetime:
    """Return the moment, in `zone` where the text names none; raise ValueError for anything else.

    `formats` are another system's own (`strptime`); where given, only they are understood.
    """
    text = text.strip()
    if formats:
        return _by_formats(text, zone, formats)
    if _ISO.fullmatch(text):
        offset = text.replace(",", ".").replace("z", "Z").replace(" +", "+").replace(" -", "-")
        return datetime.fromisoformat(offset).astimezone(UTC)
    if _SERIAL.fullmatch(text) and _FIRST_SERIAL <= float(text) <= _LAST_SERIAL:
        days = float(text)
        seconds = round(days % 1 * 86400)
        whole = datetime(1899, 12, 30, tzinfo=zone) + timedelta(days=int(days))
        return (whole + timedelta(seconds=seconds)).astimezone(UTC)
    day, rest = _read_day(text)
    return datetime.combine(day, _read_clock(rest), zone).astimezone(UTC)


def read_day(text: str, zone: ZoneInfo) -> date:
    """Return the calendar day of a moment in `zone`."""
    return read_moment(text, zone).astimezone(zone).date()


def _by_formats(text: str, zone: ZoneInfo, formats: tuple[str, ...]) -> datetime:
    for format_ in formats:
        try:
            return datetime.strptime(text, format_).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    raise ValueError(text)


def _read_day(text: str) -> tuple[date, str]:
    found = _DAY.match(text) or _COMPACT.match(text)
    if found is None:
        raise ValueError(text)
    year, month, day = (int(part) for part in found.groups() if part is not None)
    return date(year, month, day), text[found.end() :].strip().removeprefix("T").strip()


def _read_clock(text: str) -> time:
    if not text or re.fullmatch(r"星期.|周.|[(（].*[)）]", text):
        return time()
    found = _CLOCK.fullmatch(text) or _CHINESE_CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hour = int(found["hour"])
    half = (found["half"] or found["late"] or "").lower()
    if (half in ("下午", "晚上", "pm") and hour < 12) or (half == "中午" and hour < 3):
        hour += 12
    elif half in ("上午", "凌晨", "am") and hour == 12:
        hour = 0
    return time(hour, int(found["minute"] or 0), int(found["second"] or 0))
