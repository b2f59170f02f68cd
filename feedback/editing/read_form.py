"""Reads the editor's form into plain values, and says of each field what is wrong with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from feedback.accounts.people import is_email
from feedback.languages import survey_language
from feedback.surveys.content import (
    KEY,
    KINDS,
    MOST_ITEMS,
    TAKEN_KEYS,
    VALUE,
    Content,
    ItemContent,
    OptionContent,
    Words,
    fixed_values,
    free_key,
)
from feedback.surveys.gaps import Upkeep

MOST_LANGUAGES = 12
MOST_OPTIONS = 30
_LENGTHS = {
    "title": 200, "intro": 500, "prompt": 500, "low": 120, "high": 120, "hint": 300, "label": 120,
    "purpose": 300, "owner_name": 120, "owner_email": 254,
}  # fmt: skip
# What holds an emoji of several together, and parts letters in Persian: no text is without them.
_JOINERS = "\u200c\u200d"
_PLACE = re.compile(r"[0-9]{1,2}")


@dataclass
class Read:
    """What was sent: the draft as it would be, and what keeps it from being saved, by field."""

    content: Content = field(default_factory=Content)
    upkeep: Upkeep = field(default_factory=Upkeep)
    errors: dict[str, str] = field(default_factory=dict)


def read_form(sent: MultiDict[str, str], live_keys: set[str] | None = None) -> Read:
    """Return what the form says; `live_keys` are those a question with a new key may not have."""
    return _Reading(sent).all(live_keys or set())


def read_upkeep(sent: MultiDict[str, str]) -> tuple[Upkeep, dict[str, str]]:
    """Return what the form says about the survey, and what is wrong with it."""
    reading = _Reading(sent)
    return reading.upkeep(), reading.errors


class _Reading:
    def __init__(self, sent: MultiDict[str, str]) -> None:
        self.sent = sent
        self.errors: dict[str, str] = {}

    def all(self, live_keys: set[str]) -> Read:
        languages = tuple(
            dict.fromkeys(tag for tag in self.sent.getlist("language") if survey_language(tag))
        )[:MOST_LANGUAGES]
        places = [place for place in self.sent.getlist("item") if _PLACE.fullmatch(place)]
        items = [self._item(place, languages) for place in places[:MOST_ITEMS]]
        items = self._with_rules(places, self._with_new_keys(places, items, live_keys))
        self._check_keys(places, items)
        content = Content(
            languages=languages,
            titles={tag: self._line("title", f"title.{tag}") for tag in languages},
            intros={tag: self._line("intro", f"intro.{tag}") for tag in languages},
            items=tuple(items),
        )
        return Read(content, self.upkeep(), self.errors)

    def upkeep(self) -> Upkeep:
        email = self._line("owner_email", "owner_email")
        if email and not is_email(email):
            self.errors["owner_email"] = _("This is not an e-mail address.")
        most = self.sent.get("most_questions", "").strip()
        if not (_PLACE.fullmatch(most) and 1 <= int(most) <= MOST_ITEMS):
            self.errors["most_questions"] = _(
                "A whole number from %(low)s to %(high)s.", low=1, high=MOST_ITEMS
            )
            most = "3"
        return Upkeep(
            purpose_en=self._line("purpose", "purpose_en"),
            purpose_zh=self._line("purpose", "purpose_zh"),
            owner_name=self._line("owner_name", "owner_name"),
            owner_email=email,
            most_questions=int(most),
        )

    def _item(self, place: str, languages: tuple[str, ...]) -> ItemContent:
        name = f"q{place}"
        kind = self.sent.get(f"{name}.kind", "")
        texts = {
            tag: Words(
                prompt=self._line("prompt", f"{name}.prompt.{tag}"),
                low_label=self._line("low", f"{name}.low.{tag}"),
                high_label=self._line("high", f"{name}.high.{tag}"),
                hint=self._line("hint", f"{name}.hint.{tag}"),
            )
            for tag in languages
        }
        return ItemContent(
            key=self.sent.get(f"{name}.key", "").strip(),
            # A kind is chosen as the question is added, and is no field to type in.
            kind=kind if kind in KINDS else "text",
            is_required=self.sent.get(f"{name}.required") == "1",
            texts=texts,
            options=tuple(self._options(name, kind, languages)),
            stays_comparable={"keep": True}.get(self.sent.get(f"{name}.comparable", "")),
        )

    def _options(self, name: str, kind: str, languages: tuple[str, ...]) -> Iterator[OptionContent]:
        places = [one for one in self.sent.getlist(f"{name}.option") if _PLACE.fullmatch(one)]
        fixed, seen = fixed_values(kind), set[str]()
        for place in places[:MOST_OPTIONS]:
            at = f"{name}.o{place}"
            value = self.sent.get(f"{at}.value", "").strip()
            if value in seen:
                self.errors[f"{at}.value"] = _("Another answer of this question is called so.")
            elif not (value in fixed if fixed else VALUE.fullmatch(value)):
                self.errors[f"{at}.value"] = _("Up to 40 small letters, digits and “_”.")
            seen.add(value)
            side = self.sent.get(f"{at}.side", "")
            yield OptionContent(
                value,
                side if side in ("low", "high") and kind == "choices" else None,
                {tag: self._line("label", f"{at}.label.{tag}") for tag in languages},
            )

    def _with_new_keys(
        self, places: list[str], items: list[ItemContent], live_keys: set[str]
    ) -> list[ItemContent]:
        """Give those said not to be comparable a key that no question of either version has."""
        taken = {item.key for item in items} | live_keys
        found = []
        for place, item in zip(places, items, strict=False):
            if self.sent.get(f"q{place}.comparable") == "new":
                item = replace(item, key=free_key(item.key, taken))
                taken.add(item.key)
            found.append(item)
        return found

    def _with_rules(self, places: list[str], items: list[ItemContent]) -> list[ItemContent]:
        """Put in the rules, which name a question by its place in the form."""
        by_place = dict(zip(places, items, strict=False))
        found: list[ItemContent] = []
        for place, item in zip(places, items, strict=False):
            lead, _dot, side = self.sent.get(f"q{place}.after", "").partition(":")
            leading = by_place.get(lead)
            earlier = {one.key for one in found if one.has_sides and one.after_key is None}
            if leading is not None and leading.key in earlier and side in ("low", "high"):
                item = replace(item, after_key=leading.key, after_side=side)
            found.append(item)
        return found

    def _check_keys(self, places: list[str], items: list[ItemContent]) -> None:
        seen = set[str]()
        for place, item in zip(places, items, strict=False):
            if not KEY.fullmatch(item.key) or item.key in TAKEN_KEYS:
                self.errors[f"q{place}.key"] = _(
                    "Up to 40 small letters, digits and “_”, a letter first."
                )
            elif item.key in seen:
                self.errors[f"q{place}.key"] = _("Another question of this survey is called so.")
            seen.add(item.key)

    def _line(self, what: str, name: str) -> str:
        # PostgreSQL takes no NUL, and a text for customers is one line wherever it stands.
        sent = self.sent.get(name, "")
        kept = "".join(c if c.isprintable() or c in _JOINERS else " " for c in sent)
        text = " ".join(kept.split())
        if len(text) > _LENGTHS[what]:
            self.errors[name] = _("At most %(length)s characters.", length=_LENGTHS[what])
        return text
