"""Gathers every word of the interface and brings the catalogues up to it.

`python -m feedback.translations.gather` keeps what is translated, adds what is new with nothing
beside it, and drops what nobody says any more. Words that come from code and templates are found
by Babel; the help of commands is read off the commands themselves.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from feedback.commands import every_command
from feedback.config import ROOT
from feedback.languages import CATALOGUE, CUSTOMERS_CATALOGUES

_WHERE = [
    ("feedback/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
]
_MARKS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "N_": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}


# Where words stand that customers read, in more languages than whoever is signed in reads.
_CUSTOMERS = (
    "templates/survey/",
    "templates/own/",
    "feedback/responses/",
    "feedback/customers/",
    "feedback/surveys/length_words.py",
    "feedback/interactions/channel_words.py",
)
# In the same folder, but said to whoever imports a file or looks after a brand.
_NOT_CUSTOMERS = (
    "feedback/responses/read_response.py",
    "feedback/responses/record_import.py",
    "feedback/responses/brand_pages/",
    "feedback/responses/held_views.py",
)


def said() -> Catalog:
    """Return every message of the interface, untranslated."""
    catalogue = _in_code(("feedback/", "templates/"))
    for text in command_help():
        catalogue.add(text, locations=[("flask --help", 0)])
    return catalogue


def said_to_customers() -> Catalog:
    """Return every message that customers read round the questions of a survey."""
    return _in_code(_CUSTOMERS, _NOT_CUSTOMERS)


def _in_code(places: tuple[str, ...], but: tuple[str, ...] = ()) -> Catalog:
    catalogue = Catalog(project="Afterword", charset="utf-8")
    for place, _, message, _, _ in extract_from_dir(ROOT, _WHERE, keywords=_MARKS):
        if place.startswith(places) and not place.startswith(but):
            catalogue.add(message, locations=[(place, 0)])
    return catalogue


def command_help() -> Iterator[str]:
    """Yield each help text of our commands, their groups and their options."""
    waiting: list[click.Command] = list(every_command())
    while waiting:
        command = waiting.pop()
        if command.help:
            yield command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.help:
                yield parameter.help
        if isinstance(command, click.Group):
            waiting.extend(command.commands.values())


def update() -> int:
    """Rewrite the catalogues; return how many messages still want a translation."""
    left = _update(CATALOGUE, "zh", said())
    for locale, path in CUSTOMERS_CATALOGUES.items():
        left += _update(path, locale, said_to_customers())
    return left


def _update(path: Path, locale: str, messages: Catalog) -> int:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale, domain="messages")
    catalogue.update(messages, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.revision_date = catalogue.creation_date
    with path.open("wb") as file:
        write_po(
            file, catalogue, width=100, sort_output=True, no_location=True, ignore_obsolete=True
        )
    return len(wanting(catalogue))


def wanting(catalogue: Catalog) -> list[str]:
    """Return the messages that have no translation."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and (message.fuzzy or not all(_strings(message.string)))
    ]


def _strings(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ("",))


if __name__ == "__main__":
    left = update()
    sys.stdout.write(f"{left} messages want a translation\n")
    sys.exit(bool(left))
