"""Words beside their score: what contradicts it, and what the lowest one makes urgent."""

import pytest

from feedback.triage.read_text import read_text


@pytest.mark.parametrize(
    ("text", "csat", "disagrees"),
    [
        ("非常好，谢谢", 1, True), ("非常好，谢谢", 2, True), ("非常好，谢谢", 3, False),
        ("非常好，谢谢", 5, False), ("太差了，失望", 5, True), ("太差了，失望", 4, False),
        ("太差了，失望", 1, False), ("星期三", 5, False), ("星期三", 1, False),
        ("太差了", None, None),
        # It reads as a complaint, but not clearly.
        ("送餐太慢", 5, False), ("味道不错", 1, False),
    ],
)  # fmt: skip
def test_only_what_cannot_be_meant_both_ways_contradicts(
    text: str, csat: int | None, disagrees: bool | None
) -> None:
    assert read_text(text, csat).disagrees is disagrees


def test_any_words_with_the_lowest_score_are_urgent() -> None:
    assert [alarm.kind for alarm in read_text("星期三", 1).urgent] == ["lowest_score"]
    assert [alarm.kind for alarm in read_text("我要投诉", 1).urgent] == ["law", "lowest_score"]
    assert read_text("星期三", 2).urgent == ()
    assert read_text(" \u200b\n", 1).urgent == ()
