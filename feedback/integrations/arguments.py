"""Reads a call's query: every name known, none given twice, and no letters nobody can type."""

from collections.abc import Collection

from flask import request
from flask_babel import gettext as _

from feedback.integrations.answers import Refusal, cannot_be_taken, field_error
from feedback.reports.request import BadRequest

# The language of labels and of what is wrong may be asked for everywhere.
_EVERYWHERE = frozenset({"lang"})


def read_arguments(known: Collection[str], lists: Collection[str] = ()) -> dict[str, str]:
    """Return the arguments that are given once; those in `lists` may be given more often.

    A misspelt name is refused: left unread, it would give other figures than were asked for.

    Raises:
        Refusal: 422, naming the argument.

    """
    given: dict[str, str] = {}
    for name, values in request.args.lists():
        if name not in {*known, *lists, *_EVERYWHERE}:
            raise cannot_be_taken(field_error(name, values[0], _("is no field")))
        if name in lists:
            continue
        if len(values) > 1:
            raise cannot_be_taken(field_error(name, values[1], _("is given twice")))
        given[name] = values[0].strip()
    return given


def read_number(name: str, text: str, least: int, most: int) -> int:
    """Return the whole number, or refuse what is none or lies outside."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(most)):
        number = int(text)
        if least <= number <= most:
            return number
    rule = _("must be a whole number from %(low)s to %(high)s", low=least, high=most)
    raise cannot_be_taken(field_error(name, text, rule))


def refused(bad: BadRequest) -> Refusal:
    """Return the refusal of what cannot be asked of the figures."""
    return cannot_be_taken(field_error(bad.field, bad.value, bad.rule))
