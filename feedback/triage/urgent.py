"""Finds what cannot wait in a text: rules that miss little, each with the words it went by.

They are for whoever has to call somebody back today. What they find says nothing about the person
who served the customer (docs/triage.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from feedback.triage.alarms_en import EN
from feedback.triage.alarms_zh import ZH
from feedback.triage.fold import fold

# What it is about, the gravest first.
KINDS = (
    "self_harm",
    "safety",
    "threat",
    "discrimination",
    "data",
    "law",
    "unanswered",
    "own",
    "lowest_score",
)
# So many of the words are shown.
_MOST_WORDS = 4
_HAN = re.compile("[\u3400-\u9fff0-9]")
_LATIN = re.compile("[a-z]")


@dataclass(frozen=True)
class Alarm:
    """Why a text is urgent: what it is about, and the words that say so."""

    kind: str
    words: tuple[str, ...]


def alarms(text: str, own: tuple[str, ...] = ()) -> tuple[Alarm, ...]:
    """Return why this text is urgent, the gravest first; nothing where it is not.

    `own` are the site's own words.
    """
    return alarms_of_folded(fold(text), own)


def alarms_of_folded(text: str, own: tuple[str, ...] = ()) -> tuple[Alarm, ...]:
    """Return why a text that has been folded is urgent."""
    rules = [
        rules for script, rules in ((_HAN, ZH), (_LATIN, EN)) if script.search(text) is not None
    ]
    found = []
    for kind in KINDS:
        words: dict[str, None] = {}
        for one in rules:
            _take(one.words(text, kind), words)
        if kind == "own" and own:
            _take((match.group() for match in _own(own).finditer(text)), words)
        if words:
            found.append(Alarm(kind, tuple(words)))
    return tuple(found)


def _take(new: Iterator[str], words: dict[str, None]) -> None:
    for word in new:
        words.setdefault(word)
        if len(words) == _MOST_WORDS:
            return


@lru_cache(maxsize=8)
def _own(words: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted({fold(word) for word in words}, key=lambda word: (-len(word), word))
    # A word in letters must stand by itself; Chinese has no blanks to stand between.
    alone = [
        (r"(?<![a-z0-9])" if re.match("[a-z0-9]", word) else "")
        + re.escape(word)
        + (r"(?![a-z0-9])" if re.search("[a-z0-9]$", word) else "")
        for word in longest
        if word.strip()
    ]
    return re.compile("|".join(alone) if alone else r"(?!)")
