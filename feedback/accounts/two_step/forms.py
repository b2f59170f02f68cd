"""The forms for codes of the second step."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

_needed = InputRequired(lazy_gettext("This is needed."))
_PHONES = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "maxlength": 10,
    "spellcheck": "false",
}
_ANY = {"autocomplete": "off", "autocapitalize": "none", "maxlength": 40, "spellcheck": "false"}


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code from the phone, or one of those for when it is lost."""

    code = StringField(
        lazy_gettext("Code from the app"),
        description=lazy_gettext("Six digits that change every half minute."),
        render_kw=_PHONES | {"autofocus": True},
    )
    recovery = StringField(lazy_gettext("Recovery code"), render_kw=_ANY)

    @property
    def said(self) -> str:
        """Return whichever was typed."""
        return (self.code.data or "").strip() or (self.recovery.data or "").strip()


class SetUpForm(FlaskForm):  # type: ignore[misc]
    """The first code of a phone that has been given the secret."""

    sealed = HiddenField()
    code = StringField(
        lazy_gettext("Code from the app"),
        validators=[_needed],
        description=lazy_gettext("Shows that the app has the secret."),
        render_kw=_PHONES,
    )
    present = StringField(
        lazy_gettext("Code of the phone used so far"),
        description=lazy_gettext("Or one of your recovery codes."),
        render_kw=_ANY,
    )


class TurnOffForm(FlaskForm):  # type: ignore[misc]
    """A last code."""

    code = StringField(
        lazy_gettext("Code from the app"),
        validators=[_needed],
        description=lazy_gettext("Or one of your recovery codes."),
        render_kw=_ANY,
    )
