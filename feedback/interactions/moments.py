"""Reads moments the way files write them, and refuses what could mean two days."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from unicodedata import normalize
from zoneinfo import ZoneInfo

_DAY = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})(?!\d)|年(\d{1,2})月(\d{1,2})[日号])", re.ASCII
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)", re.ASCII)
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
_WEEKDAY = re.compile(r"\(?(?:星期|礼拜|周)[一二三四五六日天]\)?\s*")
_MORNING = ("上午", "凌晨", "清晨", "早上", "am")
_NOON = ("中午",)
_AFTERNOON = ("下午", "傍晚", "pm")
_EVENING = ("晚上",)
_HALVES = "|".join((*_MORNING, *_NOON, *_AFTERNOON, *_EVENING))
_CLOCK = re.compile(
    rf"(?P<half>{_HALVES})?\s*(?P<hour>\d{{1,2}})"
    r"(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"|[时点](?:(?P<minutes>\d{1,2})分)?(?:(?P<seconds>\d{1,2})秒)?)"
    r"\s*(?P<late>am|pm)?",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(
    r"(?<=\d)\s*(?:(?P<utc>Z)|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?)$",
    re.ASCII | re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5}(\.\d+)?", re.ASCII)
# Serial numbers from 1954 to 2119; five digits could hardly mean anything else in a date column.
_FIRST_SERIAL, _LAST_SERIAL = 20000, 80000
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = re.compile(rf"(?<![a-z])({'|'.join(_MONTHS)})[a-z]*\.?", re.IGNORECASE)


def read_moment(
    text: str, zone: ZoneInfo, formats: tuple[str, ...] = (), hour_of_days: int = 0
) -> datetime:
    """Return the moment, in `zone` where the text names none; raise ValueError for anything else.

    `formats` are another system's own (`strptime`); where given, only they are understood. A day
    without a time is put at `hour_of_days`. Of an hour that summer time repeats, the first is
    meant; one that it leaves out is read as if the clock had not been put forward.
    """
    # Full-width digits and colons, and the narrow spaces of some exports, become plain ones.
    text = normalize("NFKC", text).strip()
    if formats:
        return _by_formats(text, zone, formats, hour_of_days)
    if _SERIAL.fullmatch(text) and _FIRST_SERIAL <= float(text) <= _LAST_SERIAL:
        return _by_serial(text, zone, hour_of_days)
    if stamp := _STAMP.fullmatch(text):
        return datetime(*(int(part) for part in stamp.groups()), tzinfo=zone).astimezone(UTC)  # type: ignore[arg-type,misc]
    day, rest = _read_day(text)
    if not rest:
        return _in_utc(day, time(hour_of_days), zone)
    rest, offset = _split_offset(rest, zone)
    return _in_utc(day, _read_clock(rest), offset)


def _in_utc(day: date, clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _by_serial(text: str, zone: ZoneInfo, hour_of_days: int) -> datetime:
    whole, _, part = text.partition(".")
    # Spreadsheets count days from here, and keep the time as a fraction of a day.
    moment = datetime(1899, 12, 30, tzinfo=zone) + timedelta(days=int(whole))
    seconds = round(float(f"0.{part}") * 86400) if part else hour_of_days * 3600
    return (moment + timedelta(seconds=seconds)).astimezone(UTC)


def _by_formats(text: str, zone: ZoneInfo, formats: tuple[str, ...], hour_of_days: int) -> datetime:
    for format_ in formats:
        written = text
        if "%b" in format_:
            # `strptime` knows months by the names of the server's language; exports do not change.
            format_ = format_.replace("%b", "%m")
            written, times = _MONTH_NAME.subn(_month_number, text)
            if times != 1:
                continue
        try:
            moment = datetime.strptime(written, format_)  # noqa: DTZ007 — the zone follows.
        except ValueError:
            continue
        if "%H" not in format_ and "%I" not in format_:
            moment = moment.replace(hour=hour_of_days)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    raise ValueError(text)


def _month_number(name: re.Match[str]) -> str:
    return f"{_MONTHS.index(name[1].lower()) + 1:02d}"


def _read_day(text: str) -> tuple[date, str]:
    found = _DAY.match(text) or _COMPACT.match(text)
    if found is None:
        raise ValueError(text)
    year, month, day = (int(part) for part in found.groups() if part and part.isdigit())
    rest = text[found.end() :].strip()
    return date(year, month, day), _WEEKDAY.sub("", rest.removeprefix("T").strip(), count=1)


def _split_offset(text: str, zone: ZoneInfo) -> tuple[str, tzinfo]:
    found = _OFFSET.search(text)
    if found is None:
        return text, zone
    if found["utc"]:
        return text[: found.start()], UTC
    ahead = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return text[: found.start()], timezone(-ahead if found["sign"] == "-" else ahead)


def _read_clock(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None or (found["half"] and found["late"]):
        raise ValueError(text)
    half = (found["half"] or found["late"] or "").lower()
    minute = found["minute"] or found["minutes"] or 0
    second = found["second"] or found["seconds"] or 0
    return time(_hour(int(found["hour"]), half), int(minute), int(second))


def _hour(hour: int, half: str) -> int:
    """Return the hour of the day, or raise ValueError where the two contradict each other."""
    if half in _MORNING and hour <= 12:
        return hour % 12
    if half in _NOON and (hour in (11, 12) or hour < 3):
        return hour if hour > 3 else hour + 12
    if half in _AFTERNOON:
        return hour if hour >= 12 else hour + 12
    # Twelve or one at night belongs to one day for some people and to the next for others.
    if half in _EVENING and hour >= 5 and hour != 12:
        return hour if hour > 12 else hour + 12
    if half:
        raise ValueError(f"{half} {hour}")
    return hour
