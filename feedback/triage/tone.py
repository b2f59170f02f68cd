"""Tells whether a text reads as praise or as a complaint, or that it cannot tell.

Words of a list, turned round by a negation before them, weighed by "very" and "a bit", and what
follows "but" above what stood before it. This is right about five times in six where it decides
(docs/triage.md), which is enough to sort what to read first, and nowhere near enough to judge
anybody by: no figure may be made of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from feedback.triage.fold import fold
from feedback.triage.lexicon import Entry, Lexicon, Role
from feedback.triage.words_en import EN
from feedback.triage.words_zh import ZH

Side = Literal["positive", "negative", "undecided"]

# A sum nearer to nought than this is none.
DECIDES = 0.75
_MORE, _LESS = 1.4, 0.6
# "Not good" is bad, but less so than "bad".
_TURNED = -0.8
_BEFORE_TURN, _AFTER_TURN, _ASIDE, _SOFT = 0.6, 1.5, 0.5, 0.7
# So many characters on, "very" no longer belongs to a word.
_ADVERB_REACH = 3
_MOST_WORDS = 6
_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[a-z]")


@dataclass(frozen=True)
class Tone:
    """Which way a text reads, by how much, and the words that decided."""

    side: Side
    total: float
    words: tuple[str, ...]


def tone(text: str) -> Tone:
    """Return how a text reads; each script is read by the words of its language."""
    return tone_of_folded(fold(text))


def tone_of_folded(text: str) -> Tone:
    """Return how a text reads that has been folded."""
    total, found = 0.0, dict[str, float]()
    for script, lexicon in ((_HAN, ZH), (_LATIN, EN)):
        if script.search(text) is None:
            continue
        reading = _Reading(lexicon)
        for word, weight in reading.read(text):
            if len(found) < 10_000 or word in found:
                found[word] = found.get(word, 0.0) + weight
        total += reading.total
    if abs(total) < DECIDES:
        return Tone("undecided", total, ())
    sign = 1 if total > 0 else -1
    ordered = sorted(found.items(), key=lambda item: -sign * item[1])
    words = tuple(word for word, weight in ordered if sign * weight > 0)[:_MOST_WORDS]
    return Tone("positive" if sign > 0 else "negative", total, words)


class _Reading:
    """One pass over a text: what has been said so far, and what still reaches ahead."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.total = 0.0
        self._sentence = 0.0
        self._scale = 1.0
        self._forget()

    def _forget(self) -> None:
        self._negator: re.Match[str] | None = None
        self._adverb: re.Match[str] | None = None

    def read(self, text: str) -> Iterator[tuple[str, float]]:
        """Yield the words that say something, as they stand in the text, with their weights."""
        for match in self.lexicon.pattern.finditer(text):
            if match.lastgroup is not None:
                yield from self._left_over(match)
                self._scale = 1.0 if match.lastgroup == "end" else self._scale
                if match.lastgroup == "end":
                    self._close_sentence()
                continue
            entry = self.lexicon.entries[match.group()]
            if entry.role is Role.NEGATOR:
                yield from self._left_over(match)
                self._negator = match
            elif entry.role in (Role.MORE, Role.LESS):
                yield from self._left_over(match, adverb_only=True)
                self._adverb = match
            elif entry.role is not Role.WORD:
                yield from self._left_over(match)
                self._turn(entry.role)
            elif entry.weight:
                yield self._said(match, entry, text)
        yield from self._left_over(None)
        self._close_sentence()

    def _close_sentence(self) -> None:
        self.total += self._sentence
        self._sentence, self._scale = 0.0, 1.0

    def _turn(self, role: Role) -> None:
        if role is Role.TURN:
            self._sentence *= _BEFORE_TURN
            self._scale = _AFTER_TURN
        else:
            self._scale = _ASIDE if role is Role.ASIDE else _SOFT

    def _said(self, match: re.Match[str], entry: Entry, text: str) -> tuple[str, float]:
        """Return the word, with what negates it, and what it weighs here."""
        weight, start = entry.weight * self._scale, match.start()
        if (adverb := self._adverb) and match.start() - adverb.end() <= _ADVERB_REACH:
            more = self.lexicon.entries[adverb.group()].role is Role.MORE
            weight *= _MORE if more else _LESS
        if (negator := self._negator) and match.start() - negator.end() <= self.lexicon.reach:
            weight, start = weight * _TURNED, negator.start()
        self._forget()
        self._sentence += weight
        return text[start : match.end()], weight

    def _left_over(
        self, match: re.Match[str] | None, *, adverb_only: bool = False
    ) -> Iterator[tuple[str, float]]:
        """Yield what a negation or an adverb says by itself, where it had nothing to change."""
        left = [self._adverb] if adverb_only else [self._negator, self._adverb]
        for one in left:
            if one is not None and (weight := self.lexicon.entries[one.group()].weight):
                self._sentence += weight * self._scale
                yield one.group(), weight * self._scale
        self._adverb = None
        if not adverb_only:
            self._negator = None
