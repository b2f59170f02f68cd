"""No text is calculated by a spreadsheet, and each comes back as it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.interactions.formula_guard import guarded, unguarded


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+8613800138000", "-", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1",
        "＠x", " =1", "\u3000=1", "\u00a0@x", "'=1", "''+1",
    ],
)  # fmt: skip
def test_what_might_be_calculated_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    "text", ["", "谢谢", "5", "a=b", "'tis", "it's", "😀", "(-1)", "…=", "'", "李静 -1", "１２"]
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


texts = st.text(st.one_of(st.sampled_from("'=+-@＝＋－＠ \t\r\n"), st.characters()), max_size=8)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(texts)
def test_each_text_comes_back_and_none_begins_like_a_formula(text: str) -> None:
    safe = guarded(text)
    assert unguarded(safe) == text
    assert not safe.strip().startswith(tuple("=+-@＝＋－＠"))
    assert not safe.startswith(("\t", "\r", "\n"))
