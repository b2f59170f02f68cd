"""Addresses and numbers: one form for each, and what finds nobody."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.interactions.contacts import (
    is_personal_phone,
    is_spoilt_phone,
    is_valid_address,
    mailbox,
    mask_address,
    normalise_phone,
)


@pytest.mark.parametrize(
    "text",
    [
        "13800138000", "138 0013 8000", "138-0013-8000", "+86 138 0013 8000", "008613800138000",
        "86 13800138000", "１３８００１３８０００", "＋８６－138 0013 8000", "(+86)13800138000",
        "13800138000转12", "13800138000 ext 12", "13800138000分机3", "13800138000/13900139000",
    ],
)  # fmt: skip
def test_one_number_however_it_is_written(text: str) -> None:
    assert normalise_phone(text) == "+8613800138000"
    assert is_personal_phone(text)


def test_numbers_from_elsewhere_keep_their_country() -> None:
    assert normalise_phone("+44 20 7946 0958") == "+442079460958"
    assert normalise_phone("0044 20 7946 0958") == "+442079460958"
    assert normalise_phone("010-12345678") == "01012345678"


@pytest.mark.parametrize(
    "text",
    [
        "400-820-8820", "800 820 8820", "+86 400 820 8820", "138****8000", "138xxxx8000",
        "138••••8000", "1380013800", "12345", "110", "", "无", "0000000000", "11111111111",
        "12345678901234567890",
    ],
)  # fmt: skip
def test_hotlines_masks_and_stumps_find_nobody(text: str) -> None:
    assert not is_personal_phone(text)


def test_what_a_spreadsheet_has_rounded_is_seen() -> None:
    assert all(map(is_spoilt_phone, ("1.3912E+10", "1.39e10", "8.61391E+12", "1.3912Ｅ+10")))
    assert not any(map(is_spoilt_phone, ("13800138000", "", "138 0013 8000 ext 12", "e10")))


@pytest.mark.parametrize("text", ["a@b.cn", "wang.wei+x@qq.com", "a@xn--fiqs8s.cn"])
def test_addresses_mail_could_go_to(text: str) -> None:
    assert is_valid_address(text)


@pytest.mark.parametrize(
    "text", ["", "无", "a@b", "a b@c.cn", "a@@b.cn", "王伟 <a@b.cn>", "a@b.cn, c@d.cn", "a@b..cn"]
)
def test_what_is_no_address(text: str) -> None:
    assert not is_valid_address(text)


def test_a_mailbox_is_one_whatever_stands_around_it() -> None:
    assert mailbox("Wang.Wei+shop@googlemail.com") == mailbox("wangwei@gmail.com")
    assert mailbox("wang.wei@qq.com") != mailbox("wangwei@qq.com")


def test_masks_show_no_whole_name() -> None:
    assert mask_address("wangwei@example.cn") == "wang***@example.cn"
    assert mask_address("w@example.cn") == "w***@example.cn"
    assert mask_address("nothing") == "***"


@given(
    st.one_of(
        st.from_regex(r"[a-zA-Z0-9_.+-]{1,66}", fullmatch=True),
        st.sampled_from(["a", "wang.wei", "a..b", ".a", "a b", '"a b"', "王", "x" * 64, "x" * 65]),
    ),
    st.one_of(
        st.from_regex(r"[a-z0-9-]{1,8}\.[a-z]{1,4}", fullmatch=True),
        st.sampled_from(
            [
                "example.cn",
                "例子.中国",
                "a.local",
                "localhost",
                "",
                "a@b.cn",
                "b.test",
                "-a.cn",
                ".".join(["d" * 60] * 3) + ".example.cn",
                "d" * 64 + ".cn",
                "b.cn ",
                "[1.2.3.4]",
            ]
        ),
    ),
)
@settings(max_examples=300, deadline=None)
def test_what_is_quick_to_see_is_what_the_whole_rule_says(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    try:
        validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        assert not is_valid_address(address)
    else:
        assert is_valid_address(address)
