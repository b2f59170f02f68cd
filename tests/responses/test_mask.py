"""Identity and card numbers are hidden before they are stored; other numbers are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.responses.mask import is_card_number, is_identity_number, mask_numbers

# Made up, with right check digits: by GB 11643 and by Luhn.
IDENTITY = "11010519491231002X"
IDENTITY_DIGITS = "440524188001010014"
CARD_16 = "4111111111111111"
CARD_19 = "6222021234567890128"


def luhn(digits: str) -> bool:
    """An independent writing of the rule."""
    doubled = [sum(divmod(2 * int(d), 10)) if i % 2 else int(d) for i, d in enumerate(digits[::-1])]
    return sum(doubled) % 10 == 0


def test_the_numbers_used_here_are_right() -> None:
    assert is_identity_number(IDENTITY)
    assert is_identity_number(IDENTITY_DIGITS)
    assert is_card_number(CARD_16)
    assert luhn(CARD_19[:18] + CARD_19[18]) == is_card_number(CARD_19)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"我的身份证{IDENTITY}。", "我的身份证******************。"),
        (f"{IDENTITY.lower()}", "*" * 18),
        ("身份证号:１１０１０５１９４９１２３１００２Ｘ", "身份证号:" + "*" * 18),
        ("110105 19491231 002X", "****** ******** ****"),
        (f"({IDENTITY_DIGITS})", "(" + "*" * 18 + ")"),
        (f"卡号{CARD_16}，谢谢", "卡号************1111，谢谢"),
        ("4111 1111 1111 1111", "**** **** **** 1111"),
        ("4111-1111-1111-1111", "****-****-****-1111"),
        ("4111.1111.1111.1111", "****.****.****.1111"),
        ("card4111111111111111", "card************1111"),
        ("4111111111111111x", "************1111x"),
        (f"{CARD_16} 和 {CARD_16}", "************1111 和 ************1111"),
        (f"{CARD_16}\n{CARD_16}", "************1111\n************1111"),
        (f"13800138000 {CARD_16}", "13800138000 ************1111"),
        (f"{CARD_16} 13800138000", "************1111 13800138000"),
        (f"{CARD_16} {IDENTITY}", "************1111 ******************"),
    ],
)
def test_a_number_is_hidden_however_it_is_written(text: str, expected: str) -> None:
    assert mask_numbers(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "没有数字",
        "13800138000",
        "400-820-8820",
        "110105194912310021",  # the check character is wrong
        "4111111111111112",  # so is this one
        "GD20261120-0042",
        "2026-09-02 14:11:00",
        "20260902 13800138000",  # a day and a telephone, not one number of nineteen digits
        "1" * 40,
        "411111111111111",  # fifteen digits
        "41111111111111111111",  # twenty
        "٤١١١١١١١١١١١١١١١",  # digits of another script, which no form here asks for
        "X" * 18,
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_numbers(text) == text


@given(st.text())
def test_the_text_keeps_its_length_and_everything_that_is_no_digit(text: str) -> None:
    masked = mask_numbers(text)
    assert len(masked) == len(text)
    assert all(b in (a, "*") for a, b in zip(text, masked, strict=True))
    assert mask_numbers(masked) == masked


@given(st.text(alphabet="0123456789", min_size=15, max_size=15))
def test_any_card_number_is_hidden(digits: str) -> None:
    card = next(digits + last for last in "0123456789" if luhn(digits + last))
    assert mask_numbers(f"我的卡{card}") in (f"我的卡{'*' * 12}{card[-4:]}",)


@given(st.text(alphabet="0123456789 -.Xx１", max_size=4000))
def test_it_is_quick_with_nothing_but_digits(text: str) -> None:
    mask_numbers(text)
