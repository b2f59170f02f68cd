"""How long a survey takes: counted from its questions, by one rule, for the page and every mail.

A question to tick counts as one and takes ten seconds; a box for words that may stay empty counts
as none, one that must be filled in as one of thirty seconds. Of questions shown only after a low or
only after a high answer to the same question, the longer side counts: nobody sees both.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

TICK_SECONDS = 10
WRITE_SECONDS = 30


class _Asked(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def is_required(self) -> bool: ...
    @property
    def after_key(self) -> str | None: ...
    @property
    def after_side(self) -> str | None: ...


@dataclass(frozen=True)
class Length:
    """What a survey takes of its customer's time."""

    questions: int
    seconds: int
    has_comment: bool


ONE_QUESTION = Length(1, TICK_SECONDS, has_comment=False)


def length_of(items: Iterable[_Asked]) -> Length:
    """Return the most one customer is asked."""
    questions = seconds = 0
    has_comment = False
    sides: dict[str, dict[str, list[int]]] = defaultdict(lambda: {"low": [], "high": []})
    for item in items:
        takes = TICK_SECONDS if item.kind != "text" else WRITE_SECONDS
        if item.kind == "text" and not item.is_required:
            has_comment = True
        elif item.after_key and item.after_side:
            sides[item.after_key][item.after_side].append(takes)
        else:
            questions, seconds = questions + 1, seconds + takes
    for by_side in sides.values():
        longer = max(by_side.values(), key=lambda side: (len(side), sum(side)))
        questions, seconds = questions + len(longer), seconds + sum(longer)
    return Length(questions, seconds, has_comment)
