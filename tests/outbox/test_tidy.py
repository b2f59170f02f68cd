"""What others wrote, made fit for our mail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.outbox.tidy import tidy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("空调不制冷", "空调不制冷"),
        ("  one\r\n\ttwo  ", "one two"),
        ("见 https://evil.test/x?y=1 谢谢", "见 … 谢谢"),
        ("javascript://x", "…"),
        ("www.evil.test/x", "…"),
        ("go to evil.com/x now", "go to … now"),
        ("请登录evil.com领取", "请登录…领取"),
        ("写信到 a.b@evil.test", "写信到 …"),
        ("Report.pdf v2.0 for Node.js", "Report.pdf v2.0 for Node.js"),
        ("GD20261120-0042", "GD20261120-0042"),
        ("a\u202eb\u2066c\u200bd\ufeff", "abcd"),
        ("👨‍👩‍👧 𠮷 ❤️ 🫩", "👨‍👩‍👧 𠮷 ❤️ 🫩"),
        ("مرحبا", "مرحبا"),
        ("<b>1 & 2</b>", "<b>1 & 2</b>"),
        ("nul\x00 bell\x07", "nul bell"),
    ],
)
def test_it_keeps_the_words_and_takes_what_could_harm(text: str, expected: str) -> None:
    assert tidy(text) == expected


def test_what_is_too_long_is_cut_and_says_so() -> None:
    assert tidy("长" * 300) == "长" * 119 + "…"
    assert tidy("x" * 300, 10) == "xxxxxxxxx…"
    assert tidy("x" * 8 + "e\u0301" * 3, 10) == "x" * 8 + "…"


@given(st.text(max_size=400))
def test_it_is_always_one_line_of_the_length_asked_for(text: str) -> None:
    found = tidy(text)
    assert len(found) <= 120
    assert found == found.strip()
    assert len(found.splitlines()) <= 1
