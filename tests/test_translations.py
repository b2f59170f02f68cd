"""Nothing is untranslated: every word of the interface has its Chinese."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

from feedback.languages import CATALOGUE
from feedback.translations.gather import said, wanting

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


def chinese():
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


def test_every_message_is_in_the_catalogue() -> None:
    catalogue = chinese()
    missing = [message.id for message in said() if message.id and message.id not in catalogue]
    assert not missing, f"run `make translations`: {missing[:5]}"


def test_every_message_has_its_chinese() -> None:
    assert wanting(chinese()) == []


def test_placeholders_survive_translation() -> None:
    for message in chinese():
        if not message.id:
            continue
        singular = message.id if isinstance(message.id, str) else message.id[1]
        strings = [message.string] if isinstance(message.string, str) else message.string
        for string in strings:
            assert set(PLACEHOLDER.findall(string)) <= set(PLACEHOLDER.findall(singular)), singular
            if isinstance(message.id, str):
                assert sorted(PLACEHOLDER.findall(string)) == sorted(
                    PLACEHOLDER.findall(singular)
                ), singular


def test_templates_hold_no_words_of_their_own() -> None:
    """Latin words between tags must come through gettext; mails are written once per language."""
    words = re.compile(r">\s*([A-Za-z][a-z]+(?: [A-Za-z]+)+)[^<{]*<")
    root = Path(__file__).parent.parent / "templates"
    for path in root.rglob("*.html"):
        if "mail" in path.parts:
            continue
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
        assert not words.findall(text), f"{path.relative_to(root)}: {words.findall(text)[:3]}"
