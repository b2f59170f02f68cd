"""When a follow-up goes out: thirty days later, on a working day, inside the mail window."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.invitations.calendar import (
    follow_up_moment,
    in_mail_hours,
    is_estimated,
    is_working_day,
    next_working_moment,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
WINDOW = (time(9), time(20))
DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]


def follow_up(closed: datetime, own: dict[date, bool] | None = None) -> datetime:
    moment = follow_up_moment(closed, days=30, zone=SHANGHAI, window=WINDOW, own_table=own or {})
    return moment.astimezone(SHANGHAI)


@pytest.mark.parametrize(
    ("closed", "sent"),
    [
        # National Day's week off.
        (at(2026, 9, 1, 14, 30), at(2026, 10, 8, 9, 0)),
        # Spring Festival.
        (at(2026, 1, 17, 14, 30), at(2026, 2, 24, 9, 0)),
        # A Sunday, and a Saturday, on which people work to make up for a holiday.
        (at(2026, 8, 21, 14, 30), at(2026, 9, 20, 14, 30)),
        (at(2026, 9, 10, 14, 30), at(2026, 10, 10, 14, 30)),
        # New Year of a year the exact package does not know yet.
        (at(2026, 12, 2, 14, 30), at(2027, 1, 4, 9, 0)),
    ],
)
def test_the_five_worked_cases(closed: datetime, sent: datetime) -> None:
    assert follow_up(closed) == sent


def test_before_the_window_it_waits_for_the_morning() -> None:
    assert follow_up(at(2026, 6, 1, 3, 15)) == at(2026, 7, 1, 9, 0)


def test_after_the_window_it_waits_for_the_next_working_day() -> None:
    assert follow_up(at(2026, 6, 1, 20, 0)) == at(2026, 7, 2, 9, 0)
    assert follow_up(at(2026, 6, 3, 22, 0)) == at(2026, 7, 6, 9, 0)


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (at(2026, 7, 4, 8, 59), at(2026, 7, 4, 9, 0)),
        (at(2026, 7, 4, 9, 0), at(2026, 7, 4, 9, 0)),
        (at(2026, 7, 4, 19, 59), at(2026, 7, 4, 19, 59)),
        (at(2026, 7, 4, 20, 0), at(2026, 7, 5, 9, 0)),
        (at(2026, 7, 4, 23, 59), at(2026, 7, 5, 9, 0)),
    ],
)
def test_a_first_mail_waits_for_the_hours_of_any_day(moment: datetime, sent: datetime) -> None:
    # The fourth is a Saturday.
    assert in_mail_hours(moment, zone=SHANGHAI, window=WINDOW) == sent


def test_the_organisations_own_table_goes_before_every_package() -> None:
    assert follow_up(at(2026, 9, 1, 14, 30), {date(2026, 10, 1): True}) == at(2026, 10, 1, 14, 30)
    assert follow_up(at(2026, 6, 1, 14, 30), {date(2026, 7, 1): False}) == at(2026, 7, 2, 9, 0)


def test_the_time_of_day_survives_the_end_of_summer_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    moment = follow_up_moment(
        datetime(2026, 10, 13, 11, 0, tzinfo=berlin),
        days=30,
        zone=berlin,
        window=WINDOW,
        own_table={},
    )
    assert moment == datetime(2026, 11, 12, 11, 0, tzinfo=berlin)


def test_a_year_not_yet_announced_is_called_estimated() -> None:
    assert not is_estimated(date(2026, 10, 1))
    assert is_estimated(date(2027, 10, 1))


@given(DAYS)
def test_no_day_is_too_far_away_to_be_judged(day: date) -> None:
    assert is_working_day(day, {}) in (True, False)


@given(DAYS, st.times())
def test_what_goes_out_goes_out_on_a_working_day_in_the_window(day: date, at: time) -> None:
    moment = datetime.combine(day, at, SHANGHAI).astimezone(UTC)
    found = next_working_moment(moment, zone=SHANGHAI, window=WINDOW, own_table={})
    local = found.astimezone(SHANGHAI)
    assert found >= moment
    assert WINDOW[0] <= local.time() < WINDOW[1]
    assert is_working_day(local.date(), {})


def test_a_table_without_working_days_does_not_search_for_ever() -> None:
    start = date(2026, 6, 1)
    own = {start + timedelta(days=ahead): False for ahead in range(400)}
    assert follow_up(at(2026, 6, 1, 10, 0), own) > at(2026, 7, 1)
