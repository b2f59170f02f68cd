"""A report: what is taken as it is, what is put into one form, and what is refused and why."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feedback.interactions.fields import LIMITS, Refused, Report, clean, read_report

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def read(**more: Any) -> Report:
    raw = {
        "source": "crm",
        "external_id": "GD-1",
        "channel": "phone",
        "closed_at": "2026-11-20 14:11",
        "customer_external_id": "c-1",
    } | more
    return read_report(raw, zone=SHANGHAI, now=NOW)


def refusal(**more: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        read(**more)
    assert refused.value.reason
    return refused.value.column, refused.value.value


def test_texts_keep_every_character() -> None:
    words = '𠮷野家 🎉 مرحبا \u202bשלום\u202c e\u0301 "quoted" =1+1'
    assert read(subject=f"  {words}\r\nand\rmore\t ").subject == f"{words}\nand\nmore"


def test_what_no_database_can_hold_is_taken_out() -> None:
    report = read(customer_name="王\x00伟\x07", subject="half \ud83d of a letter")
    assert (report.customer_name, report.subject) == ("王伟", "half \ufffd of a letter")
    assert clean("a\x00b\x1fc") == "abc"


@pytest.mark.parametrize("column", ["external_id", "channel", "closed_at"])
@pytest.mark.parametrize("value", ["", "   ", "\x00", None])
def test_what_is_required_is_required(column: str, value: str | None) -> None:
    assert refusal(**{column: value}) == (column, "")


@pytest.mark.parametrize("column", LIMITS)
def test_no_text_is_longer_than_its_column(column: str) -> None:
    own_rules = (
        "status", "customer_phone", "customer_locale", "customer_gender", "tags",
        "staff_shares",
    )  # fmt: skip
    if column not in own_rules:
        longest = "a" * LIMITS[column]
        assert getattr(read(**{column: longest}), column) == longest
    assert refusal(**{column: "长" * (LIMITS[column] + 1)})[0] == column


def test_letters_that_grow_in_small_script_do_not_outgrow_their_column() -> None:
    # In lower case İ is two letters, and an address is kept in lower case too.
    assert refusal(staff_email="İ" * LIMITS["staff_email"])[0] == "staff_email"
    assert refusal(channel="㍿" * (LIMITS["channel"] // 2))[0] == "channel"


@pytest.mark.parametrize("value", [1.5, True, ["a"], {"a": 1}, 10**40])
def test_only_texts_and_whole_numbers_are_texts(value: object) -> None:
    assert refusal(external_id=value)[0] == "external_id"
    assert read(external_id=27).external_id == "27"


@pytest.mark.parametrize(
    "status", ["", "closed", "Closed", " SOLVED ", "resolved", "completed", "done", "已关闭",
               "已解决", "已完成", "结束"],
)  # fmt: skip
def test_finished_contacts_are_taken(status: str) -> None:
    assert read(status=status).status == status.strip()


@pytest.mark.parametrize("status", ["open", "pending", "new", "处理中", "reopened", "closed?"])
def test_a_contact_still_going_on_is_refused(status: str) -> None:
    assert refusal(status=status) == ("status", status)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("closed_at", "11/20/2026"), ("closed_at", "26-11-20"), ("closed_at", "2026-02-30"),
        ("closed_at", "1899-12-31"), ("closed_at", "2026-11-22 13:00"),
        ("closed_at", "2126-11-20"), ("occurred_at", "sometime"), ("occurred_at", "2026-11-25"),
        ("closed_at", "0001-01-01 00:00"), ("closed_at", "9999-12-31 23:59"),
    ],
)  # fmt: skip
def test_bad_moments_are_refused_with_what_was_written(column: str, value: str) -> None:
    assert refusal(**{column: value}) == (column, value)


def test_a_clock_a_little_ahead_of_ours_is_no_future() -> None:
    ahead = (NOW + timedelta(minutes=5)).isoformat()
    assert read(closed_at=ahead).closed_at == NOW + timedelta(minutes=5)
    assert refusal(closed_at=(NOW + timedelta(minutes=20)).isoformat())[0] == "closed_at"


def test_a_day_without_a_time_may_be_today() -> None:
    raw = {
        "external_id": "1",
        "channel": "x",
        "closed_at": "2026-11-22",
        "customer_email": "a@b.cn",
    }
    report = read_report(raw, zone=SHANGHAI, now=NOW, hour_of_days=18)
    assert report.closed_at == datetime(2026, 11, 21, 16, tzinfo=UTC)


def test_what_ended_before_it_began_is_kept_and_marked() -> None:
    assert read(occurred_at="2026-11-20 14:12").is_out_of_order
    assert not read(occurred_at="2026-11-20 14:11").is_out_of_order
    assert not read().is_out_of_order


def test_a_channel_has_one_code_however_it_is_spelled() -> None:
    for spelled in ("phone", "Phone", " PHONE ", "ｐｈｏｎｅ"):
        assert read(channel=spelled).channel == "phone"
    report = read(channel="Live \u3000 Chat")
    assert (report.channel, report.channel_name) == ("live chat", "Live   Chat")


def test_the_customer_is_known_by_the_first_key_there_is() -> None:
    whole = {"customer_email": "Wang@Example.cn", "customer_phone": "138 0013 8000"}
    assert read(**whole).customer_key == "id:crm:c-1"
    assert read(**whole, customer_external_id="").customer_key == "email:wang@example.cn"
    phone = {"customer_external_id": "", "customer_phone": "0086-13800138000"}
    assert read(**phone).customer_key == "phone:+8613800138000"
    assert read(**phone).customer_phone == "+8613800138000"


def test_a_full_width_at_sign_is_put_right() -> None:
    assert read(customer_email="zhangsan＠example.cn").customer_email == "zhangsan@example.cn"


def test_a_bad_address_is_kept_since_the_invitation_will_say_so() -> None:
    report = read(customer_external_id="", customer_email="no address")
    assert report.customer_email == "no address"


@pytest.mark.parametrize("nothing", ["", "-", "无", "N/A", "null"])
def test_words_for_nothing_are_no_key(nothing: str) -> None:
    nobody = {"customer_external_id": "", "customer_email": nothing}
    assert refusal(**nobody) == ("customer_external_id", "")
    assert refusal(**nobody, customer_phone=nothing or "-") == ("customer_phone", nothing or "-")
    report = read(customer_email=nothing, customer_phone=nothing)
    assert (report.customer_email, report.customer_phone) == ("", "")


@pytest.mark.parametrize("phone", ["400-820-8820", "138****8000", "1380013800", "call me"])
def test_a_number_that_finds_nobody_is_no_key_but_does_no_harm(phone: str) -> None:
    assert refusal(customer_external_id="", customer_phone=phone) == ("customer_phone", phone)
    report = read(customer_phone=phone)
    assert (report.customer_phone, report.customer_key) == (phone, "id:crm:c-1")


def test_a_rounded_number_is_refused_and_never_guessed() -> None:
    assert refusal(customer_phone="1.3912E+10") == ("customer_phone", "1.3912E+10")


@pytest.mark.parametrize(
    ("gender", "read_as"), [("男", "male"), ("F", "female"), ("先生", "male"), ("?", ""), ("", "")]
)
def test_genders_in_either_language(gender: str, read_as: str) -> None:
    assert read(customer_gender=gender).customer_gender == read_as


@pytest.mark.parametrize(
    ("locale", "read_as"), [("zh_CN", "zh-Hans"), ("zh-TW", "zh-Hant"), ("en-GB", "en"),
                            ("de-at", "de-AT"), ("fr", "fr"), ("x", None), ("", None)],
)  # fmt: skip
def test_languages_we_can_write_in(locale: str, read_as: str | None) -> None:
    assert read(customer_locale=locale).customer_locale == read_as


def test_a_refusal_shows_no_more_of_a_value_than_helps() -> None:
    assert len(refusal(subject="x" * 3000)[1]) == 200
