"""Working days and the moment a follow-up goes out.

The organisation's own table goes first, then `chinesecalendar` (exact, with make-up working days,
but only for years already announced), then `holidays` (estimates), then the weekend.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays

# A holiday longer than this is a mistake in somebody's table, not a reason to search for ever.
LONGEST_WAIT = 60


@lru_cache(maxsize=64)
def _estimated(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year)


def is_estimated(day: date) -> bool:
    """Tell whether the packages only estimate this day's arrangement."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return True
    return False


def estimated_years(today: date) -> list[int]:
    """Return which of this year and the next have holidays that are only estimated."""
    return [year for year in (today.year, today.year + 1) if is_estimated(date(year, 10, 1))]


def is_working_day(day: date, own_table: Mapping[date, bool]) -> bool:
    """Tell whether people work on the day; never fails, whatever the packages know."""
    return own_table[day] if day in own_table else _is_usually_working(day)


# An import asks about the same few days a hundred thousand times.
@lru_cache(maxsize=2048)
def _is_usually_working(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and day not in _estimated(day.year)


def next_working_moment(
    moment: datetime, *, zone: ZoneInfo, window: tuple[time, time], own_table: Mapping[date, bool]
) -> datetime:
    """Return the moment itself if it lies in the window of a working day, else the next start."""
    start, end = window
    local = moment.astimezone(zone)
    day = local.date()
    if is_working_day(day, own_table) and local.time() < end:
        return moment if local.time() >= start else _at(day, start, zone)
    for ahead in range(1, LONGEST_WAIT):
        if is_working_day(day + timedelta(days=ahead), own_table):
            return _at(day + timedelta(days=ahead), start, zone)
    return _at(day + timedelta(days=LONGEST_WAIT), start, zone)


def in_mail_hours(moment: datetime, *, zone: ZoneInfo, window: tuple[time, time]) -> datetime:
    """Return the moment itself if it lies in the window of any day, else the next start."""
    start, end = window
    local = moment.astimezone(zone)
    if start <= local.time() < end:
        return moment
    ahead = timedelta(days=local.time() >= end)
    return _at(local.date() + ahead, start, zone)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def follow_up_moment(
    closed_at: datetime,
    *,
    days: int,
    zone: ZoneInfo,
    window: tuple[time, time],
    own_table: Mapping[date, bool],
) -> datetime:
    """Return when to ask again: so many calendar days later, on a working day, in the window."""
    local = closed_at.astimezone(zone)
    # Wall-clock arithmetic: thirty days later at the same time of day, whatever summer time does.
    later = datetime.combine(local.date() + timedelta(days=days), local.time(), zone)
    return next_working_moment(later.astimezone(UTC), zone=zone, window=window, own_table=own_table)
