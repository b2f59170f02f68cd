"""Nothing is untranslated: every word of the interface has its Chinese."""

import re
from itertools import chain
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from feedback.languages import CATALOGUE, CUSTOMERS_CATALOGUES
from feedback.translations.gather import said, said_to_customers, wanting

MAILS = Path(__file__).parent.parent / "templates" / "mail"
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


@pytest.mark.parametrize("locale", CUSTOMERS_CATALOGUES)
def test_customers_are_spoken_to_in_no_language_by_halves(locale: str) -> None:
    with CUSTOMERS_CATALOGUES[locale].open("rb") as file:
        catalogue = read_po(file, locale=locale)
    said_there = {message.id for message in catalogue if message.id}
    assert said_there == {message.id for message in said_to_customers() if message.id}
    assert wanting(catalogue) == []
    # The test mail goes to an administrator, who reads English or Chinese.
    assert {path.name for path in (MAILS / locale.replace("_", "-")).iterdir()} == {
        "invitation.txt", "follow_up.txt", "reminder.txt", "letter.txt", "letter.html",
        "own_link.txt", "own_link.html",
    }  # fmt: skip


def catalogues():
    with CATALOGUE.open("rb") as file:
        yield read_po(file, locale="zh")
    for locale, path in CUSTOMERS_CATALOGUES.items():
        with path.open("rb") as file:
            yield read_po(file, locale=locale)


def test_placeholders_survive_translation() -> None:
    for message in chain.from_iterable(catalogues()):
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
