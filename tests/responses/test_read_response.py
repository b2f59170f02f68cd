"""A response in a file: scores are never coerced, words keep every character."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feedback.interactions.fields import Refused
from feedback.responses.read_response import LONGEST_COMMENT, GivenResponse, read_response

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def read(**more: str) -> GivenResponse:
    raw = {"answered_at": "2026-11-20 14:11", "csat": "4"} | more
    return read_response(raw, zone=ZoneInfo("Asia/Shanghai"), now=NOW)


def refusal(**more: str) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        read(**more)
    return refused.value.column, refused.value.value


@pytest.mark.parametrize(
    ("metric", "scores"), [("csat", range(1, 6)), ("nps", range(11)), ("ces", range(1, 8))]
)
def test_every_score_of_its_scale_is_taken(metric: str, scores: range) -> None:
    for score in scores:
        assert read(**{"csat": "", metric: str(score)}).scores == {metric: score}


@pytest.mark.parametrize(
    ("metric", "text"),
    [
        ("csat", "0"), ("csat", "6"), ("nps", "11"), ("nps", "-1"), ("ces", "0"), ("ces", "8"),
        ("csat", "4.0"), ("csat", "4,0"), ("csat", " 4"), ("csat", "4 "), ("csat", "+4"),
        ("csat", "04"), ("csat", "５"), ("csat", "٤"), ("csat", "5_0"), ("csat", "1e0"),
        ("csat", "four"), ("csat", "满意"), ("csat", "4/5"), ("csat", "NaN"), ("nps", "5" * 5000),
        ("csat", "4\n"), ("csat", "4\x00"),
    ],
)  # fmt: skip
def test_what_is_no_score_is_refused_and_never_made_one(metric: str, text: str) -> None:
    assert refusal(**{metric: text}) == (metric, text[:200])


def test_one_bad_score_refuses_the_whole_row() -> None:
    assert refusal(csat="5", nps="11") == ("nps", "11")


def test_a_blank_is_no_score_and_not_zero() -> None:
    assert read(csat="4", nps=" ", ces="").scores == {"csat": 4}
    assert read(csat="", nps="0").scores == {"nps": 0}


def test_a_comment_keeps_every_character() -> None:
    words = "  𠮷野家 🎉👩‍👩‍👧 مرحبا \u202bשלום\u202c\n\n第二行\t=1+1 \u2028 e\u0301  "
    assert read(comment=words).comment == words
    assert read(comment="a\r\nb\rc").comment == "a\nb\nc"
    assert read(comment="a\x00b").comment == "ab"
    assert len(read(comment="长" * LONGEST_COMMENT).comment) == LONGEST_COMMENT
    assert refusal(comment="长" * (LONGEST_COMMENT + 1))[0] == "comment"


def test_a_comment_alone_is_a_response_and_nothing_is_none() -> None:
    assert read(csat="", comment="谢谢").scores == {}
    assert refusal(csat="", comment="  \n ") == ("csat", "")


@pytest.mark.parametrize("wave", ["0", "3", "2.0", "first", "１"])
def test_there_are_two_waves(wave: str) -> None:
    assert refusal(wave=wave) == ("wave", wave)
    assert (read().wave, read(wave=" 2 ").wave) == (1, 2)


def test_how_it_came_is_one_of_a_list() -> None:
    assert read().provenance == "import"
    assert read(provenance=" Phone ").provenance == "phone"
    assert refusal(provenance="pigeon") == ("provenance", "pigeon")


@pytest.mark.parametrize(
    "text", ["", " ", "11/20/2026", "2026-02-30", "2026-11-22 13:00", "2027-01-01", "soon"]
)
def test_an_answer_was_given_at_a_moment_that_has_been(text: str) -> None:
    assert refusal(answered_at=text) == ("answered_at", text.strip())


def answers(**more: Any) -> datetime:
    return read(**more).answered_at


def test_moments_are_read_in_the_organisations_zone() -> None:
    assert answers(answered_at="2026-11-20 14:11") == datetime(2026, 11, 20, 6, 11, tzinfo=UTC)
