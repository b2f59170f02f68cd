"""What a survey asks, as plain values: what the editor changes and the pages are drawn from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from feedback.surveys.scales import QUESTION_SCALES, SETTLED

Text = TypeVar("Text")

KINDS = ("csat", "nps", "ces", "expect", "rating", "resolved", "choice", "choices", "text")
# Of each of these there is one figure, so a survey asks each at most once.
FIGURES = ("csat", "nps", "ces")
# What can stand in the mail, where its answers are the links; the first of these that is asked.
LEADING = ("csat", "ces", "nps")
MOST_ITEMS = 20
LONGEST_KEY = 40

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
VALUE = re.compile(r"[a-z0-9_]{1,40}")
# What the customers' page calls fields of its own, or addresses say beside the answers.
TAKEN_KEYS = {
    "nonce", "preselected", "website", "lang", "change", "csrf_token", "privacy_agree",
    "privacy_contact",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """A question's words in one language; empty where nobody has written them yet."""

    prompt: str = ""
    low_label: str = ""
    high_label: str = ""
    hint: str = ""


@dataclass(frozen=True)
class OptionContent:
    """One thing to choose, with its label in each language."""

    value: str
    side: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ItemContent:
    """One question."""

    key: str
    kind: str
    is_required: bool = False
    texts: Mapping[str, Words] = field(default_factory=dict)
    options: tuple[OptionContent, ...] = ()
    after_key: str | None = None
    after_side: str | None = None
    stays_comparable: bool | None = None

    @property
    def has_sides(self) -> bool:
        """Tell whether some answers to it are low and some high, so that others can follow."""
        return self.kind in QUESTION_SCALES or self.kind == "resolved"

    @property
    def has_ends(self) -> bool:
        """Tell whether it is a row of numbers whose ends want names."""
        return self.kind in QUESTION_SCALES and not self.options

    @property
    def has_side_headings(self) -> bool:
        """Tell whether its choices stand under one heading for low and one for high scores."""
        return self.kind == "choices" and any(option.side for option in self.options)


@dataclass(frozen=True)
class Content:
    """A version of a survey: its languages in order, its own words in each, its questions."""

    languages: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    intros: Mapping[str, str] = field(default_factory=dict)
    items: tuple[ItemContent, ...] = ()

    def item(self, key: str) -> ItemContent | None:
        """Return the question of this key."""
        return next((item for item in self.items if item.key == key), None)

    @property
    def leading(self) -> ItemContent | None:
        """Return the question that stands in the mail."""
        return next((i for kind in LEADING for i in self.items if i.kind == kind), None)


def fixed_values(kind: str) -> tuple[str, ...]:
    """Return the values a kind's options have, best first, or nothing where they are one's own."""
    if kind == "resolved":
        return tuple(SETTLED)
    scale = QUESTION_SCALES.get(kind)
    return tuple(str(s) for s in range(scale.highest, scale.lowest - 1, -1)) if scale else ()


def moved(content: Content, place: int, by: int) -> Content:
    """Return the content with the question at a place moved up (-1) or down (1), if it can be."""
    other = place + by
    if not (0 <= place < len(content.items) and 0 <= other < len(content.items)):
        return content
    items = list(content.items)
    items[place], items[other] = items[other], items[place]
    return replace(content, items=_ruled_by_earlier(items))


def without(content: Content, place: int) -> Content:
    """Return the content without the question at a place, and without rules that named it."""
    items = [item for at, item in enumerate(content.items) if at != place]
    return replace(content, items=_ruled_by_earlier(items))


def _ruled_by_earlier(items: list[ItemContent]) -> tuple[ItemContent, ...]:
    """Return the questions with only such rules as name an earlier, unruled one that has sides."""
    found: list[ItemContent] = []
    for item in items:
        known = {one.key for one in found if one.has_sides and one.after_key is None}
        if item.after_key is not None and item.after_key not in known:
            item = replace(item, after_key=None, after_side=None)
        found.append(item)
    return tuple(found)


def with_item(content: Content, item: ItemContent) -> Content:
    """Return the content with one more question at its end, under a key nobody else has."""
    key = free_key(item.key, {one.key for one in content.items})
    return replace(content, items=(*content.items, replace(item, key=key)))


def free_key(wanted: str, taken: set[str]) -> str:
    """Return the key asked for, or the first of its numbered kin that is free: csat_2, csat_3."""
    if wanted not in taken:
        return wanted
    stem = re.sub(r"_[0-9]+$", "", wanted)[: LONGEST_KEY - 4]
    return next(k for n in range(2, 1000) if (k := f"{stem}_{n}") not in taken)


def without_language(content: Content, tag: str) -> Content:
    """Return the content without a language and everything written in it."""

    def rest(texts: Mapping[str, Text]) -> dict[str, Text]:
        return {locale: text for locale, text in texts.items() if locale != tag}

    return replace(
        content,
        languages=tuple(one for one in content.languages if one != tag),
        titles=rest(content.titles),
        intros=rest(content.intros),
        items=tuple(
            replace(
                item,
                texts=rest(item.texts),
                options=tuple(
                    replace(option, labels=rest(option.labels)) for option in item.options
                ),
            )
            for item in content.items
        ),
    )
