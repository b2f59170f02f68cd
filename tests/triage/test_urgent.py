"""What cannot wait is found; what only looks like it is not."""

import pytest

from bench.triage import HELD_OUT, confirmed, found
from feedback.measures.wilson import wilson
from feedback.triage.urgent import KINDS, alarms
from tests.triage.test_tone import made_up


def kinds(text: str, own: tuple[str, ...] = ()) -> list[str]:
    return [alarm.kind for alarm in alarms(text, own)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我真的不想活了", "self_harm"), ("I want to kill myself", "self_harm"),
        ("孩子烫伤了", "safety"), ("The heater caught fire", "safety"),
        ("我要砸了你们的店", "threat"), ("I will come and smash your shop", "threat"),
        ("这是歧视", "discrimination"), ("I was harassed by the driver", "discrimination"),
        ("我的个人信息被泄露了", "data"),
        ("Somebody else's account details were sent to me", "data"),
        ("我要投诉", "law"), ("打１２３１５", "law"), ("我會找律師", "law"),
        ("投\u200b诉你们", "law"),
        ("I will SUE you", "law"), ("ｌａｗｙｅｒ", "law"), ("to the ombudsman", "law"),
        ("打了五次电话都没人接", "unanswered"),
        ("I called six times and nobody answered", "unanswered"),
    ],
)  # fmt: skip
def test_each_kind_is_found_however_it_is_spelt(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "不投诉了", "没有投诉过", "不想投诉", "从没投诉", "撤销投诉", "系好安全带", "很有安全感",
        "骨折价", "跳楼价", "打死也不换", "想死你们的面了", "咸得冒烟", "好吃到爆炸", "没有漏气",
        "We did not want to pursue the issue", "a tissue", "Thanks Sue", "the food court",
        "no injuries", "nothing to complain about", "I would never sue", "by accident",
        "a discriminating palate", "to die for", "killing it", "the hospitality",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert alarms(text) == ()


@pytest.mark.parametrize("text", ["不得不投诉", "If it is not solved I will sue", "不能不投诉你们"])
def test_a_negation_that_denies_nothing_takes_nothing_back(text: str) -> None:
    assert kinds(text) == ["law"]


def test_the_words_that_say_so_are_told_the_gravest_kind_first() -> None:
    told = alarms("烫伤了也没人管，我要找律师，还要投诉到12315")
    assert [(alarm.kind, alarm.words) for alarm in told] == [
        ("safety", ("烫伤",)), ("law", ("律师", "投诉", "12315")), ("unanswered", ("没人管",)),
    ]  # fmt: skip
    assert [KINDS.index(alarm.kind) for alarm in told] == [1, 5, 6]


def test_the_words_of_a_site_are_found_by_themselves() -> None:
    own = ("acid", "刮痕", "model x")
    assert kinds("placid and flaccid, no acids", own) == []
    assert kinds("ACID!", own) == ["own"]
    assert kinds("车门有刮痕", own) == ["own"]
    assert kinds("my Ｍodel Ｘ again", own) == ["own"]
    assert kinds("any text", ()) == []


@pytest.mark.parametrize("word", ["(", "a+b", ".*", "\\d", "[投诉]", "投|诉"])
def test_a_word_of_a_site_is_no_pattern(word: str) -> None:
    assert kinds("aab 投诉x 9", (word,)) == (["law"])
    assert "own" in kinds(f"so {word} it is", (word,))


@pytest.mark.parametrize("seed", range(60))
def test_any_text_is_read_and_always_the_same_way(seed: int) -> None:
    text = made_up(seed)
    assert alarms(text, ("vip",)) == alarms(text, ("vip",))


@pytest.mark.parametrize(
    "piece",
    ["投诉", "三", "一直", "三次电话", "信息", "9", "no ", "called ",
     "three times ", "my data ", "a"],
)  # fmt: skip
def test_half_a_megabyte_of_anything_is_read_in_one_pass(piece: str) -> None:
    # Where a rule took the square of the length, this would not end today.
    text = piece * (500_000 // len(piece.encode()))
    assert len(alarms(text)) <= len(KINDS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_of_the_confirmed_sentences_hardly_one_is_missed(language: str) -> None:
    sentences = confirmed(language)
    urgent, hits, others = found(sentences)
    assert 2 * urgent == len(sentences)
    assert len(sentences) == {"zh": 120, "en": 80}[language]
    assert hits / urgent >= 0.95
    precision = wilson(hits, hits + others)
    assert precision is not None
    assert precision[0] >= 0.8


def test_what_was_held_out_is_found_as_well() -> None:
    held_out = [one for language in ("zh", "en") for one in confirmed(language)[HELD_OUT - 1 :: 3]]
    urgent, hits, _others = found(held_out)
    # Fewer than the others, since no rule was made for them; docs/triage.md gives the interval.
    assert urgent == 33
    assert hits / urgent >= 0.9
