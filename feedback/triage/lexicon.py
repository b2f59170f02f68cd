"""A list of words with what each says, and one pattern that finds all of them in one pass."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a word does to those around it."""

    WORD = "word"
    NEGATOR = "negator"
    MORE = "more"
    LESS = "less"
    # What follows a turn ("but") is what was meant.
    TURN = "turn"
    # What stands in an aside ("although") is conceded.
    ASIDE = "aside"
    # What follows a "just that …" is a small thing.
    SOFT = "soft"


@dataclass(frozen=True)
class Entry:
    """A word's weight by itself, below nought where it is bad news, and its role."""

    weight: float
    role: Role = Role.WORD


# Where a sentence ends, and where only a part of it does.
_ENDS = r"[。！？!?\n；;]|\.(?![a-z0-9])"
_BREAKS = r"[，,、：:…~～（）()]"


@dataclass(frozen=True)
class Lexicon:
    """Words of one language; `reach` is how many characters a negation carries."""

    entries: Mapping[str, Entry]
    pattern: re.Pattern[str]
    reach: int

    @classmethod
    def of(
        cls,
        weighed: Mapping[float, str],
        *,
        good: str,
        negators: str,
        more: str,
        less: str,
        turns: str,
        asides: str,
        softs: str,
        reach: int,
        spaced: bool,
    ) -> "Lexicon":
        """Return the lexicon of these words, which stand between blanks.

        `spaced` tells whether the language puts blanks between words; in the lists an underscore
        stands for a blank within one.
        """
        weights: dict[str, float] = {}
        for weight, words in weighed.items():
            weights |= dict.fromkeys(_words(words), weight)
        weights |= dict.fromkeys(_words(good), 1.0)
        entries = {word: Entry(weight) for word, weight in weights.items()}
        roles = {
            Role.NEGATOR: negators,
            Role.MORE: more,
            Role.LESS: less,
            Role.TURN: turns,
            Role.ASIDE: asides,
            Role.SOFT: softs,
        }
        for role, words in roles.items():
            entries |= {word: Entry(weights.get(word, 0.0), role) for word in _words(words)}
        return cls(entries, _pattern(entries, spaced), reach)


def _words(text: str) -> list[str]:
    return [word.replace("_", " ") for word in text.split()]


def _pattern(words: Iterable[str], spaced: bool) -> re.Pattern[str]:
    listed = _tree(set(words))
    found = rf"(?<![a-z'])(?:{listed})(?![a-z'])" if spaced else listed
    return re.compile(f"(?P<end>{_ENDS})|(?P<break>{_BREAKS})|{found}")


def _tree(words: set[str]) -> str:
    """Return what matches the longest of these words.

    Words with the same beginning share it: trying a thousand one by one took 15 µs a character.
    """
    after: dict[str, set[str]] = {}
    for word in words - {""}:
        after.setdefault(word[0], set()).add(word[1:])
    if not after:
        return ""
    ways = [re.escape(first) + _tree(rest) for first, rest in sorted(after.items())]
    # Greedy: a word that is whole here ends only where no longer one goes on.
    return f"(?:{'|'.join(ways)})" + ("?" if "" in words else "")
