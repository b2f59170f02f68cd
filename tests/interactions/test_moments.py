"""Moments in every spelling files have them in, and what could mean two days is refused."""

import locale
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from feedback.interactions.moments import read_moment

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 11, 20, 6, 11, tzinfo=UTC)  # 14:11 in Shanghai.


@pytest.mark.parametrize(
    "text",
    [
        # The five of `people-and-places` 4.1, then what else means the same to everybody.
        "2026-11-20 14:11", "2026/11/20 14:11", "2026.11.20 14:11", "2026年11月20日 14:11",
        "20261120 14:11", "46346.59097222", "2026-11-20 14:11:00", "2026-11-20 下午2:11",
        "2026/11/20 下午 02:11:00", "2026年11月20日14时11分", "2026年11月20日 下午2点11分",
        "2026年11月20日星期五 14:11", "2026/11/20（周五）14:11", "20261120141100",
        "2026-11-20 2:11 PM", "2026-11-20 2:11:00\u202fpm", "2026-11-20T14:11:00+08:00",
        "2026-11-20T06:11:00Z", "2026-11-20 06:11:00.1234567z", "2026-11-20 14:11 +0800",
        "2026-11-20T14:11+08", "2026-11-20T01:11:00-05:00", "  2026-11-20　14：11  ",
        "２０２６－１１－２０　１４：１１",
    ],
)  # fmt: skip
def test_every_spelling_gives_the_same_instant(text: str) -> None:
    assert read_moment(text, SHANGHAI) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20", "2026/11/20", "2026.11.20", "2026年11月20日", "2026年11月20号", "20261120",
        "46346", "2026-11-20 上午12:00", "2026-11-20 凌晨12:00", "2026-11-20 00:00",
    ],
)  # fmt: skip
def test_a_day_alone_begins_at_midnight(text: str) -> None:
    assert read_moment(text, SHANGHAI) == datetime(2026, 11, 19, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("上午9:00", 9), ("早上7:00", 7), ("中午11:00", 11), ("中午12:00", 12), ("中午1:00", 13),
     ("下午12:00", 12), ("傍晚6:00", 18), ("晚上8:00", 20), ("下午14:00", 14), ("12:00 am", 0),
     ("12:00 pm", 12), ("PM 1:00", 13)],
)  # fmt: skip
def test_halves_of_the_day(text: str, hour: int) -> None:
    read = read_moment(f"2026-11-20 {text}", SHANGHAI)
    assert read.astimezone(SHANGHAI).hour == hour


@pytest.mark.parametrize(
    "text",
    [
        # Which day, which century?
        "11/20/2026", "20/11/2026", "26-11-20", "26/11/20 14:11", "1120", "2026-11",
        # No such day or time.
        "2026-02-30", "2026-02-29 10:00", "2026-13-01", "2026-00-10", "20261320",
        "2026-11-20 24:00",
        "2026-11-20 14:60", "2026-11-20 23:59:60", "2026-11-20 25:00", "0000-01-01",
        # Contradictions, and midnights that are today's for some and tomorrow's for others.
        "2026-11-20 上午14:11", "2026-11-20 14:11 AM", "2026-11-20 晚上12:00",
        "2026-11-20 晚上1:00", "2026-11-20 中午8:00", "2026-11-20 下午2:11 pm",
        # No dates at all.
        "", "-", "yesterday", "1e5", "1700000000", "1700000000000", "12345", "99999", "4634",
        "2026-11-20 14", "2026-11-20 14:1", "2026-11-201:11", "2026-11/20", "٢٠٢٦-١١-٢٠",
        "2026-11-20 14:11 +25:00", "2026-11-20 -08:00", "2026-11-20 14:11 CST", "46346.5x",
        "2026-11-20\x0014:11", "2026-11-20 14:11; DROP",
    ],
)  # fmt: skip
def test_what_could_mean_two_things_or_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_moment(text, SHANGHAI)


def test_the_first_moment_there_is_does_not_break_the_reckoning() -> None:
    with pytest.raises((ValueError, OverflowError)):
        read_moment("0001-01-01 00:00", SHANGHAI)


def test_serial_numbers_are_rounded_to_the_second() -> None:
    assert read_moment("46346.6", SHANGHAI) == datetime(2026, 11, 20, 6, 24, tzinfo=UTC)
    assert read_moment("46346.5909722222", SHANGHAI) == MOMENT
    assert read_moment("46346.999999", SHANGHAI) == datetime(2026, 11, 20, 16, tzinfo=UTC)


def test_summer_time_breaks_nothing() -> None:
    # 02:30 does not exist on the first of these days in Berlin, and comes twice on the second.
    assert read_moment("2026-03-29 02:30", BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert read_moment("2026-10-25 02:30", BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert read_moment("46110.5", BERLIN) == datetime(2026, 3, 29, 10, 0, tzinfo=UTC)
    assert read_moment("2026-07-01 12:00", BERLIN) == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


def test_another_systems_forms_are_the_only_ones_understood_where_given() -> None:
    forms = ("%d/%m/%Y %H:%M", "%d/%m/%Y")
    assert read_moment("20/11/2026 14:11", SHANGHAI, forms) == MOMENT
    assert read_moment("20/11/2026", SHANGHAI, forms) == datetime(2026, 11, 19, 16, tzinfo=UTC)
    for text in ("2026-11-20 14:11", "11/20/2026 14:11", "20/11/26 14:11"):
        with pytest.raises(ValueError):
            read_moment(text, SHANGHAI, forms)


def test_a_form_may_bring_its_own_offset() -> None:
    assert read_moment("20.11.2026 07:11 +0100", SHANGHAI, ("%d.%m.%Y %H:%M %z",)) == MOMENT


@pytest.mark.parametrize("text", ["26-Aug-23", "26-AUG-23", "26-aug-23", "26-August-23"])
def test_english_months_are_read_on_a_chinese_server(text: str) -> None:
    spoken = locale.setlocale(locale.LC_TIME)
    try:
        for name in ("zh_CN.UTF-8", "de_DE.UTF-8", "C"):
            try:
                locale.setlocale(locale.LC_TIME, name)
            except locale.Error:
                continue
            read = read_moment(text, SHANGHAI, ("%d-%b-%y",), 12)
            assert read == datetime(2023, 8, 26, 4, tzinfo=UTC)
    finally:
        locale.setlocale(locale.LC_TIME, spoken)


@pytest.mark.parametrize("text", ["26-8-23", "26-Aug-Aug-23", "31-Feb-23", "26-Abc-23"])
def test_no_month_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        read_moment(text, SHANGHAI, ("%d-%b-%y",))


def test_only_a_day_without_a_time_is_put_at_the_hour_of_days() -> None:
    noon = datetime(2026, 11, 20, 4, tzinfo=UTC)
    for text in ("2026-11-20", "46346", "20261120", "2026年11月20日"):
        assert read_moment(text, SHANGHAI, hour_of_days=12) == noon
    for text in ("2026-11-20 14:11", "46346.59097222", "2026年11月20日14时11分"):
        assert read_moment(text, SHANGHAI, hour_of_days=12) == MOMENT
    midnight = datetime(2026, 11, 19, 16, tzinfo=UTC)
    assert read_moment("20/11/2026 00:00", SHANGHAI, ("%d/%m/%Y %H:%M",), 12) == midnight
