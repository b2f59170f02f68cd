"""How a text reads: what decides, what turns it round, and when it cannot be told."""

import random

import pytest

from feedback.triage.lexicon import Lexicon
from feedback.triage.tone import DECIDES, tone
from feedback.triage.words_en import EN
from feedback.triage.words_zh import ZH

# What comments are made of, what they should not be made of, and what breaks readers of text.
PIECES = (
    "好", "不", "太慢", "没有", "但是", "虽然", "not", "good", "but", "n't", " ", ",", "。", ".",
    "投诉", "sue", "\x00", "\ud800", "\udfff", "\u202e", "\u200d", "👩‍👩‍👧", "\u0301", "ﷺ", "𠮷",
    "<b>", "%s", "{0}", "\\", "\n", "'", "(", "[", "*", "12315", "５星",
)  # fmt: skip


def made_up(seed: int) -> str:
    dice = random.Random(seed)  # noqa: S311
    return "".join(dice.choices(PIECES, k=dice.randrange(200)))


@pytest.mark.parametrize(
    ("text", "side"),
    [
        # Chinese.
        ("服务很好，谢谢", "positive"), ("太慢了，等了两个小时", "negative"),
        ("态度恶劣", "negative"),
        ("不好吃", "negative"), ("不是很满意", "negative"), ("没有以前好吃", "negative"),
        ("不错", "positive"), ("不贵，还送货上门", "positive"), ("没得说", "positive"),
        ("一点没洒，不油腻", "positive"), ("不会再来", "negative"), ("没想到这么好吃", "positive"),
        ("虽然等了很久，但是态度非常好，谢谢", "positive"),
        ("味道不错，但是送餐太慢了！！！", "negative"),
        ("服務很差，非常失望", "negative"), ("今天是星期三", "undecided"),
        ("买了一台空调", "undecided"),
        # English.
        ("Very good, thank you", "positive"), ("The worst service ever", "negative"),
        ("not good", "negative"), ("never helpful", "negative"),
        ("I didn't like it at all", "negative"),
        ("no problem at all, quick and polite", "positive"), ("can't complain", "positive"),
        ("The agent was polite but the refund is still pending and I am disappointed", "negative"),
        ("The box was damaged but the staff were wonderful and very helpful", "positive"),
        ("It is Wednesday", "undecided"), ("I bought a kettle", "undecided"),
        # Both in one, and neither.
        ("其他都 ok，very good，很满意", "positive"), ("???", "undecided"), ("", "undecided"),
        ("مرحبا", "undecided"), ("😀😀", "undecided"), ("Отлично", "undecided"),
    ],
)  # fmt: skip
def test_a_text_reads_as_it_was_meant(text: str, side: str) -> None:
    assert tone(text).side == side


def test_the_words_that_decided_are_told_with_what_turns_them_round() -> None:
    assert tone("停车不方便，态度太差").words == ("太差", "不方便")
    assert tone("The staff were rude and not helpful").words == ("rude", "not helpful")


def test_what_is_undecided_names_no_words() -> None:
    assert tone("今天星期三").words == ()


def test_what_follows_but_weighs_more_than_what_stood_before_it() -> None:
    assert tone("很快，但是难吃").total < 0 < tone("难吃，但是很快很好").total


def test_a_negation_reaches_no_further_than_its_clause() -> None:
    assert tone("不辣，好吃").side == "positive"
    assert tone("No, the staff were friendly and helpful").side == "positive"


def test_very_and_a_bit_change_the_weight() -> None:
    assert tone("非常失望").total < tone("失望").total < tone("有点失望").total < 0


@pytest.mark.parametrize("seed", range(60))
def test_any_text_is_read_and_always_the_same_way(seed: int) -> None:
    text = made_up(seed)
    first = tone(text)
    assert tone(text) == first
    assert (first.side == "undecided") == (abs(first.total) < DECIDES)


@pytest.mark.parametrize(
    ("piece", "size"),
    [
        ("好", 10_000_000), ("不", 500_000), ("很", 500_000), ("没有，", 500_000),
        ("not ", 500_000), ("a", 500_000), ("'", 500_000), ("差。", 500_000),
    ],
)  # fmt: skip
def test_megabytes_of_anything_are_read_in_one_pass(piece: str, size: int) -> None:
    # Where reading took the square of the length, this would not end today.
    text = piece * (size // len(piece.encode()))
    assert tone(text).side in ("positive", "negative", "undecided")


@pytest.mark.parametrize("lexicon", [ZH, EN], ids=["zh", "en"])
def test_every_word_of_a_list_is_found_as_it_is_written(lexicon: Lexicon) -> None:
    for word in lexicon.entries:
        match = lexicon.pattern.search(word)
        assert match is not None
        assert match.group() == word
