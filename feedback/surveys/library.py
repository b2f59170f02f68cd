"""The question library: ready questions in every language customers are spoken to in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from feedback.surveys.content import Content, ItemContent, OptionContent, Words, fixed_values

_FILE = Path(__file__).parent / "questions.json"
# What a new survey can begin with.
TEMPLATES = ("short", "contact", "phone")


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found


def names() -> list[str]:
    """Return the names of the library's questions, in its order."""
    return [str(one["name"]) for one in _file()["questions"]]


def question(name: str, languages: Sequence[str]) -> ItemContent:
    """Return a question of the library in these languages; KeyError for one that is not there."""
    found = next((one for one in _file()["questions"] if one["name"] == name), None)
    if found is None:
        raise KeyError(name)
    texts = {
        part: _in_languages(found.get(part), languages)
        for part in ("prompt", "low", "high", "hint")
    }
    return ItemContent(
        key=found["key"],
        kind=found["kind"],
        is_required=found["required"],
        texts={
            tag: Words(*(texts[part].get(tag, "") for part in ("prompt", "low", "high", "hint")))
            for tag in languages
        },
        options=tuple(
            OptionContent(
                option["value"], option.get("side"), _in_languages(option["label"], languages)
            )
            for option in found.get("options", ())
        ),
    )


def own_question(kind: str, languages: Sequence[str]) -> ItemContent:
    """Return an empty question of a kind: its words are to be written."""
    values = fixed_values(kind) if kind in ("csat", "expect", "resolved") else ()
    options = tuple(OptionContent(value, None, {}) for value in values)
    if kind in ("choice", "choices"):
        options = (OptionContent("one"), OptionContent("two"))
    return ItemContent(
        key=f"own_{kind}", kind=kind, texts={tag: Words() for tag in languages}, options=options
    )


def template(name: str, languages: Sequence[str]) -> Content:
    """Return what a new survey of a kind begins with."""
    return Content(
        languages=tuple(languages),
        titles=_in_languages(_file()["titles"], languages),
        intros={},
        items=tuple(question(one, languages) for one in _file()["templates"][name]),
    )


def with_language(content: Content, tag: str) -> Content:
    """Return the content in one language more, with the library's words where they are its own.

    A question, or a title, whose English is as the library has it is filled in; whatever was
    written otherwise stays empty, and is a gap till somebody writes it.
    """
    known = _dictionary(tag)
    return replace(
        content,
        languages=(*content.languages, tag),
        titles={**content.titles, tag: _known(known, content.titles)},
        items=tuple(_item_in(item, tag, known) for item in content.items),
    )


def _item_in(item: ItemContent, tag: str, known: Mapping[tuple[str, str], str]) -> ItemContent:
    def part(name: str) -> str:
        return _known(known, {at: getattr(words, name) for at, words in item.texts.items()})

    words = Words(part("prompt"), part("low_label"), part("high_label"), part("hint"))
    options = tuple(
        replace(option, labels={**option.labels, tag: _known(known, option.labels)})
        for option in item.options
    )
    return replace(item, texts={**item.texts, tag: words}, options=options)


def _known(known: Mapping[tuple[str, str], str], texts: Mapping[str, str]) -> str:
    found = (known.get((at, text)) for at, text in texts.items() if text)
    return next((text for text in found if text), "")


def _dictionary(tag: str) -> dict[tuple[str, str], str]:
    """Return the library's words in a language, by its words in the other ones."""
    languages = _file()["languages"]
    if tag not in languages:
        return {}
    place = languages.index(tag)
    found: dict[tuple[str, str], str] = {}
    for words in _every_text():
        for at, text in zip(languages, words, strict=True):
            found.setdefault((at, text), words[place])
    return found


def _every_text() -> list[list[str]]:
    texts: list[list[str]] = [_file()["titles"]]
    for one in _file()["questions"]:
        texts += [one[part] for part in ("prompt", "low", "high", "hint") if part in one]
        texts += [option["label"] for option in one.get("options", ())]
    return texts


def _in_languages(words: Sequence[str] | None, languages: Sequence[str]) -> dict[str, str]:
    by_tag = dict(zip(_file()["languages"], words or (), strict=False))
    return {tag: by_tag[tag] for tag in languages if tag in by_tag}
