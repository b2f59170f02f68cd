"""What the editor's buttons do to a draft: move, add and remove, without a script."""

from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.editing.read_form import MOST_LANGUAGES, MOST_OPTIONS
from feedback.languages import survey_language
from feedback.surveys.content import (
    KEY,
    KINDS,
    MOST_ITEMS,
    Content,
    ItemContent,
    OptionContent,
    free_key,
    moved,
    with_item,
    without,
    without_language,
)
from feedback.surveys.library import names, own_question, question, with_language
from feedback.surveys.models import Survey


def do(asked: str, content: Content, sent: Mapping[str, str], errors: dict[str, str]) -> Content:
    """Return the draft after a button was pressed; what it cannot do it says in `errors`."""
    action, *rest = asked.split(":")
    places = [int(part) for part in rest if part.isascii() and part.isdigit() and len(part) < 3]
    if action in ("up", "down") and places:
        return moved(content, places[0], -1 if action == "up" else 1)
    if action == "remove" and places and places[0] < len(content.items):
        return without(content, places[0])
    if action == "add":
        return _add(content, sent.get("add", ""), errors)
    if action == "add-option" and places and places[0] < len(content.items):
        return _with_option(content, places[0], errors)
    if action == "remove-option" and len(places) == 2 and places[0] < len(content.items):
        return _without_option(content, *places)
    if action == "language-add":
        return _add_language(content, sent.get("new_language", ""), errors)
    if action == "language-remove" and rest:
        return without_language(content, rest[0])
    return content


def own_key(session: Session, key: str) -> dict[str, str]:
    """Return what is wrong with the key of a survey that is to be begun."""
    if not KEY.fullmatch(key):
        return {"key": _("Up to 40 small letters, digits and “_”, a letter first.")}
    if session.scalar(sa.select(Survey.id).where(Survey.key == key).limit(1)) is not None:
        return {"key": _("There is a survey of this key already.")}
    return {}


def _add(content: Content, which: str, errors: dict[str, str]) -> Content:
    source, _colon, name = which.partition(":")
    if len(content.items) >= MOST_ITEMS:
        errors["add"] = _("A survey has at most %(most)s questions.", most=MOST_ITEMS)
    elif source == "library" and name in names():
        return with_item(content, question(name, content.languages))
    elif source == "own" and name in KINDS:
        return with_item(content, own_question(name, content.languages))
    else:
        errors["add"] = _("Please choose one.")
    return content


def _with_option(content: Content, place: int, errors: dict[str, str]) -> Content:
    item = content.items[place]
    if item.kind not in ("choice", "choices") or len(item.options) >= MOST_OPTIONS:
        errors["add"] = _("A question has at most %(most)s answers.", most=MOST_OPTIONS)
        return content
    value = free_key("answer", {option.value for option in item.options})
    return _put(content, place, replace(item, options=(*item.options, OptionContent(value))))


def _without_option(content: Content, place: int, option: int) -> Content:
    item = content.items[place]
    if item.kind not in ("choice", "choices"):
        return content
    left = tuple(one for at, one in enumerate(item.options) if at != option)
    return _put(content, place, replace(item, options=left))


def _put(content: Content, place: int, item: ItemContent) -> Content:
    items = (*content.items[:place], item, *content.items[place + 1 :])
    return replace(content, items=items)


def _add_language(content: Content, text: str, errors: dict[str, str]) -> Content:
    tag = survey_language(text)
    if tag is None:
        errors["new_language"] = _("This is no language tag (BCP 47), such as de or zh-Hant.")
    elif tag in content.languages:
        errors["new_language"] = _("This language is there already.")
    elif len(content.languages) >= MOST_LANGUAGES:
        errors["new_language"] = _("A survey has at most %(most)s languages.", most=MOST_LANGUAGES)
    else:
        return with_language(content, tag)
    return content
