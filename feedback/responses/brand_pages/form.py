"""The form in which a brand is written down."""

from contextlib import closing
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, FileField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from feedback.brands.colour import (
    DARK_GROUNDS,
    ENOUGH,
    LIGHT_GROUNDS,
    is_readable,
    nearest_readable,
    read_colour,
    worst_contrast,
)
from feedback.brands.face import Face
from feedback.brands.logo import BadLogo, MadeLogo, make_logo
from feedback.interactions.contacts import is_valid_address

_needed = InputRequired(lazy_gettext("This is needed."))
_WORDS = (
    "name_zh", "name_en", "company_zh", "company_en", "contact", "accent", "sender_name",
    "sender_address", "reply_to", "footer_zh", "footer_en",
)  # fmt: skip


def _one_line(value: str | None) -> str:
    # PostgreSQL takes no NUL, and a line that ends within a header would begin another.
    return "".join(c for c in value or "" if c.isprintable()).strip()


def _lines(value: str | None) -> str:
    found = (_one_line(line) for line in (value or "").splitlines())
    return "\n".join(line for line in found if line)


def _at_most(length: int) -> Length:
    return Length(max=length, message=lazy_gettext("At most %(length)s characters.", length=length))


def _line(label: Any, length: int, *, hint: Any = "", needed: bool = False, **more: Any) -> Any:
    return StringField(
        label,
        filters=[_one_line],
        validators=[*([_needed] if needed else []), _at_most(length)],
        description=hint,
        render_kw={"maxlength": length, **more},
    )


def _address(label: Any, hint: Any) -> Any:
    return _line(
        label, 254, hint=hint, autocapitalize="none", spellcheck="false", inputmode="email"
    )


def _foot(label: Any, lang: str) -> Any:
    return TextAreaField(
        label,
        filters=[_lines],
        validators=[_at_most(300)],
        description=lazy_gettext("An address and a telephone number, say; up to four lines."),
        render_kw={"maxlength": 300, "lang": lang, "rows": 2},
    )


class BrandForm(FlaskForm):  # type: ignore[misc]
    """Everything a brand says and looks like."""

    # Whether it is the organisation's own, which has the settings' sender to fall back on.
    is_own = False
    made: MadeLogo | None = None

    name_zh = _line(lazy_gettext("Name in Chinese"), 120, needed=True, lang="zh-Hans")
    name_en = _line(lazy_gettext("Name in English"), 120, needed=True, lang="en")
    contact = _line(
        lazy_gettext("Whom customers can ask"),
        200,
        hint=lazy_gettext("A telephone number or an address; the privacy notice names it."),
    )
    logo = FileField(
        lazy_gettext("Logo"),
        description=lazy_gettext("A PNG or a JPEG of up to 512 kB and 2,000 pixels a side."),
        render_kw={"accept": "image/png,image/jpeg"},
    )
    without_logo = BooleanField(lazy_gettext("Without a logo"))
    accent = _line(
        lazy_gettext("Colour"),
        7,
        hint=lazy_gettext(
            "As #0d5c63. Left empty, the house’s own. At night a lighter one is used."
        ),
        autocapitalize="none",
        spellcheck="false",
    )
    # The nearest colour that passes, taken by its button in the place of the one that does not.
    take = StringField()
    sender_name = _line(lazy_gettext("Sender’s name"), 120)
    sender_address = _address(
        lazy_gettext("Sender’s address"),
        lazy_gettext("Its domain must let your mail server send for it (SPF, DKIM)."),
    )
    reply_to = _address(
        lazy_gettext("Answers go to"),
        lazy_gettext("Left empty, to whom customers can ask, if that is an address."),
    )
    footer_zh = _foot(lazy_gettext("Foot in Chinese"), "zh-Hans")
    footer_en = _foot(lazy_gettext("Foot in English"), "en")
    company_zh = _line(
        lazy_gettext("Company in Chinese"),
        200,
        hint=lazy_gettext("Whom the law names for the data. Left empty, the brand’s name."),
        lang="zh-Hans",
    )
    company_en = _line(lazy_gettext("Company in English"), 200, lang="en")

    def fill(self, face: Face) -> None:
        """Show what a brand says now."""
        for name in _WORDS:
            self[name].data = getattr(face, name)

    def validate_accent(self, field: Field) -> None:
        """Take a colour in which every text can be read, and on which white can."""
        field.data = self.take.data or field.data
        if not field.data:
            return
        try:
            colour = read_colour(field.data)
        except ValueError as error:
            raise ValidationError(_("A colour is six digits as in #0d5c63.")) from error
        if not is_readable(colour):
            raise ValidationError(
                _(
                    "It has a contrast of %(ratio)s to 1 with the pages; %(least)s to 1 is needed.",
                    ratio=_ratio(worst_contrast(colour, LIGHT_GROUNDS)),
                    least=ENOUGH,
                )
            )
        field.data = colour

    @property
    def nearest(self) -> str:
        """Return the nearest colour that can be read where the one given cannot; else nothing."""
        try:
            colour = read_colour(self.accent.data or "")
        except ValueError:
            return ""
        return "" if is_readable(colour) else nearest_readable(colour)

    def validate_logo(self, field: Field) -> None:
        """Take a picture that can be drawn anew, and draw it."""
        # What is sent as words is no file, and a field left empty has one without a name.
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            return
        try:
            with closing(field.data) as sent:
                self.made = make_logo(sent.read())
        except BadLogo as bad:
            raise ValidationError(str(bad)) from bad

    def validate_sender_address(self, field: Field) -> None:
        """Take an address mail can come from; another brand needs one of its own."""
        if not field.data and not self.is_own:
            raise ValidationError(
                _("This is needed: the organisation’s own address would tell whose brand it is.")
            )
        _see_that_it_is_an_address(field)

    def validate_reply_to(self, field: Field) -> None:
        """Take an address mail can go to."""
        _see_that_it_is_an_address(field)

    def validate_footer_zh(self, field: Field) -> None:
        """Take up to four lines."""
        if len((field.data or "").splitlines()) > 4:
            raise ValidationError(_("At most four lines."))

    validate_footer_en = validate_footer_zh

    @property
    def values(self) -> dict[str, object]:
        """Return what has been validated, by the brand's columns; the logo is not among it."""
        return {name: self[name].data or "" for name in _WORDS}


def contrasts(face: Face) -> list[tuple[str, str, str]]:
    """Return a brand's colours by day and by night, each with its worst contrast."""
    day, night = face.palette.accent, face.palette.dark_accent
    return [
        (_("By day"), day, _ratio(worst_contrast(day, LIGHT_GROUNDS))),
        (_("At night"), night, _ratio(worst_contrast(night, DARK_GROUNDS))),
    ]


def _see_that_it_is_an_address(field: Field) -> None:
    if field.data and not is_valid_address(field.data):
        raise ValidationError(_("This is not an e-mail address."))


def _ratio(value: float) -> str:
    # Rounded down, so that 4.49 is not said to be the 4.5 it is not.
    return f"{int(10 * value) / 10:.1f}"
