"""The form in which the next version of a privacy notice is written."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from feedback.brands.models import MODES
from feedback.brands.notice_texts import PLACES, paragraphs, unfilled, unknown_places

LONGEST = 4000


def _kept(value: str | None) -> str:
    kept = (c for c in value or "" if c.isprintable() or c in "\n\r")
    return "\n\n".join(paragraphs("".join(kept)))


def _text(label: Any, lang: str) -> Any:
    too_long = lazy_gettext("At most %(length)s characters.", length=LONGEST)
    return TextAreaField(
        label,
        filters=[_kept],
        validators=[
            InputRequired(lazy_gettext("This is needed.")),
            Length(max=LONGEST, message=too_long),
        ],
        render_kw={"rows": 14, "lang": lang, "maxlength": LONGEST},
    )


def mode_words(mode: str) -> str:
    """Return what a mode asks of the customer."""
    words = {
        "service": _("A line says so, and opens the notice"),
        "consent": _("A box must be ticked; a second one is for being contacted"),
    }
    return str(words[mode])


class NoticeForm(FlaskForm):  # type: ignore[misc]
    """A version's texts and its mode."""

    # What the places of each text stand for, by language.
    places: Mapping[str, Mapping[str, str]] = {}

    mode = RadioField(
        lazy_gettext("On the survey’s page"),
        choices=lambda: [(mode, mode_words(mode)) for mode in MODES],
        validators=[InputRequired(lazy_gettext("Choose one."))],
    )
    text_zh = _text(lazy_gettext("Text in Chinese"), "zh-Hans")
    text_en = _text(lazy_gettext("Text in English"), "en")

    def fill(self, mode: str, templates: Mapping[str, str]) -> None:
        """Show what the next version is written from."""
        self.mode.data = mode
        self.text_zh.data = templates.get("zh-Hans", "")
        self.text_en.data = templates.get("en", "")

    def validate_text_zh(self, field: Field) -> None:
        """Take a text whose places can all be filled."""
        _see_that_places_are_filled(field, self.places.get("zh-Hans", {}))

    def validate_text_en(self, field: Field) -> None:
        """Take a text whose places can all be filled."""
        _see_that_places_are_filled(field, self.places.get("en", {}))

    @property
    def templates(self) -> dict[str, str]:
        """Return the texts by their language."""
        return {"zh-Hans": self.text_zh.data, "en": self.text_en.data}


def _see_that_places_are_filled(field: Field, places: Mapping[str, str]) -> None:
    text = field.data or ""
    if strange := unknown_places(text):
        known = ", ".join(f"{{{name}}}" for name in PLACES)
        raise ValidationError(
            _("There is no %(place)s; there are %(known)s.", place=strange[0], known=known)
        )
    if empty := unfilled([text], places):
        raise ValidationError(
            _("Nothing is said for %(place)s yet; the brand’s page asks for it.",
              place=f"{{{empty[0]}}}")
        )  # fmt: skip
