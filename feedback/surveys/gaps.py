"""What a draft still wants before it can be published: each gap by its place, none left out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from feedback.surveys.content import FIGURES, Content, ItemContent, Words
from feedback.surveys.length import length_of


@dataclass(frozen=True)
class Gap:
    """One thing that is missing or wrong: the rule, and the question, option and language."""

    rule: str
    item: str = ""
    option: str = ""
    language: str = ""


@dataclass(frozen=True)
class Upkeep:
    """What is said about a survey rather than in it."""

    purpose_en: str = ""
    purpose_zh: str = ""
    owner_name: str = ""
    owner_email: str = ""
    most_questions: int = 3


def gaps_of(content: Content, upkeep: Upkeep, reworded: set[str], framed: set[str]) -> list[Gap]:
    """Return everything that keeps a draft from being published, in the order of the page.

    `reworded` are the keys whose words differ from the version in use; `framed` the languages in
    which the words round the questions exist.
    """
    found = list(_of_upkeep(upkeep))
    if not content.languages:
        found.append(Gap("language"))
    found += [Gap("frame", language=tag) for tag in content.languages if tag not in framed]
    found += [Gap("title", language=t) for t in content.languages if not content.titles.get(t)]
    if content.leading is None:
        found.append(Gap("leading"))
    asked = Counter(item.kind for item in content.items)
    found += [Gap("figure_twice", item=kind) for kind in FIGURES if asked[kind] > 1]
    for item in content.items:
        found += _of_item(content, item)
        if item.key in reworded and item.stays_comparable is None:
            found.append(Gap("comparable", item=item.key))
    if length_of(content.items).questions > upkeep.most_questions:
        found.append(Gap("too_many"))
    return found


def _of_upkeep(upkeep: Upkeep) -> Iterator[Gap]:
    if not upkeep.purpose_en and not upkeep.purpose_zh:
        yield Gap("purpose")
    if not upkeep.owner_name:
        yield Gap("owner")


def _of_item(content: Content, item: ItemContent) -> Iterator[Gap]:
    if item.kind in ("choice", "choices", "resolved") and len(item.options) < 2:
        yield Gap("options", item=item.key)
    for tag in content.languages:
        words = item.texts.get(tag, Words())
        if not words.prompt:
            yield Gap("prompt", item=item.key, language=tag)
        sides = {option.side for option in item.options if item.has_side_headings}
        if (item.has_ends or "low" in sides) and not words.low_label:
            yield Gap("low_label", item=item.key, language=tag)
        if (item.has_ends or "high" in sides) and not words.high_label:
            yield Gap("high_label", item=item.key, language=tag)
        for option in item.options:
            if not option.labels.get(tag):
                yield Gap("label", item=item.key, option=option.value, language=tag)
