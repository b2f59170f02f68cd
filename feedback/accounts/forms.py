"""The forms for signing in, setting up, one's own account, and administration."""

from collections.abc import Callable
from zoneinfo import available_timezones

from flask import current_app
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    PasswordField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from feedback.accounts.keys import SCOPES
from feedback.accounts.passwords import LEAST, MOST, why_weak
from feedback.accounts.people import is_email, normal_email
from feedback.accounts.sight import ROLES
from feedback.config import BadSetting, read_text

_CONTINENTS = frozenset(
    ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian")
) | {"Pacific"}

_needed = InputRequired(lazy_gettext("This is needed."))


def _at_most(length: int) -> Length:
    message = lazy_gettext("At most %(length)s characters.", length=length)
    return Length(max=length, message=message)


def _trimmed(value: str | None) -> str:
    # PostgreSQL takes no NUL, and nobody's name holds a control character.
    return "".join(character for character in value or "" if character.isprintable()).strip()


def _address(form: FlaskForm, field: Field) -> None:
    if not is_email(field.data or ""):
        raise ValidationError(_("This is not an e-mail address."))


def _strong(form: FlaskForm, field: Field) -> None:
    email = form["email"].data if "email" in form else getattr(form, "email_of_account", "")
    if weakness := why_weak(field.data or "", email or ""):
        raise ValidationError(weakness)


def _email_field() -> EmailField:
    return EmailField(
        lazy_gettext("E-mail address"),
        filters=[normal_email],
        validators=[_needed, _at_most(254), _address],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


def _new_password_field() -> PasswordField:
    return PasswordField(
        lazy_gettext("New password"),
        validators=[_needed, _strong],
        description=lazy_gettext("At least %(least)s characters.", least=LEAST),
        render_kw={"autocomplete": "new-password", "minlength": LEAST, "maxlength": MOST},
    )


def _again_field() -> PasswordField:
    return PasswordField(
        lazy_gettext("The same password again"),
        validators=[
            _needed,
            EqualTo("password", lazy_gettext("The two passwords are not the same.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class SignInForm(FlaskForm):  # type: ignore[misc]
    """An address and a password; nothing about either is refused before they are compared."""

    email = EmailField(
        lazy_gettext("E-mail address"),
        filters=[normal_email],
        validators=[_needed],
        render_kw={
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        },
    )
    password = PasswordField(
        lazy_gettext("Password"),
        validators=[_needed],
        render_kw={"autocomplete": "current-password"},
    )


class ForgottenForm(FlaskForm):  # type: ignore[misc]
    """Where a link for a password may be mailed to."""

    email = _email_field()


class OrganisationForm(FlaskForm):  # type: ignore[misc]
    """Who we are, in both languages."""

    name_zh = StringField(
        lazy_gettext("Name in Chinese"),
        filters=[_trimmed],
        validators=[_needed, _at_most(120)],
        render_kw={"autocomplete": "organization", "lang": "zh-Hans"},
    )
    name_en = StringField(
        lazy_gettext("Name in English"),
        filters=[_trimmed],
        validators=[_needed, _at_most(120)],
        render_kw={"autocomplete": "organization", "lang": "en"},
    )
    contact = StringField(
        lazy_gettext("Whom customers can ask"),
        filters=[_trimmed],
        validators=[_at_most(200)],
        description=lazy_gettext("A telephone number or an address; it stands in every mail."),
    )


def _zones() -> list[str]:
    # Those named after a place; the others are abbreviations and leftovers.
    named = {zone for zone in available_timezones() if zone.partition("/")[0] in _CONTINENTS}
    return sorted(named | {"UTC", current_app.config["TIMEZONE"]})


def _readable(name: str, message: LazyString) -> Callable[[FlaskForm, Field], None]:
    """Return a validator: the text must be one the setting of this name can be read from."""

    def check(form: FlaskForm, field: Field) -> None:
        try:
            read_text(name, field.data or "")
        except BadSetting as error:
            raise ValidationError(message) from error

    return check


class SiteForm(OrganisationForm):
    """Who we are, where customers reach us, and in which zone and language."""

    public_url = StringField(
        lazy_gettext("Address of this site"),
        filters=[_trimmed],
        validators=[
            _needed,
            _readable("PUBLIC_URL", lazy_gettext("https:// and a name, nothing after it.")),
        ],
        description=lazy_gettext("Where customers reach it; every link in a mail begins with it."),
        render_kw={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"},
    )
    zone = SelectField(lazy_gettext("Time zone"), choices=_zones)
    language = SelectField(
        lazy_gettext("Language where nothing else tells"),
        choices=[SelectChoice("zh", "中文"), SelectChoice("en", "English")],
    )


class SetUpForm(SiteForm):
    """The organisation, the site, and its first administrator."""

    quietly = BooleanField(
        lazy_gettext("Begin quietly: nobody is asked until I go live"),
    )
    email = _email_field()
    password = _new_password_field()
    again = _again_field()


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """A password chosen by the one who has the link."""

    email_of_account = ""
    password = _new_password_field()
    again = _again_field()


class ChangePasswordForm(NewPasswordForm):
    """Another password, from somebody who knows the present one."""

    old = PasswordField(
        lazy_gettext("Present password"),
        validators=[_needed],
        render_kw={"autocomplete": "current-password"},
    )


class PreferencesForm(FlaskForm):  # type: ignore[misc]
    """How somebody is called and which language they read."""

    name = StringField(
        lazy_gettext("Your name"),
        filters=[_trimmed],
        validators=[_at_most(120)],
        render_kw={"autocomplete": "name"},
    )
    locale = SelectField(
        lazy_gettext("Language"),
        choices=[
            SelectChoice("", lazy_gettext("As the browser says")),
            SelectChoice("zh", "中文"),
            SelectChoice("en", "English"),
        ],
    )


def _roles() -> list[SelectChoice]:
    # Called for each form, when the reader's language is known.
    names = (_("Staff"), _("Lead"), _("Manager"), _("Analyst"), _("Admin"))
    return [SelectChoice(role, name) for role, name in zip(ROLES, names, strict=True)]


class NewPersonForm(FlaskForm):  # type: ignore[misc]
    """A person who may sign in."""

    email = _email_field()
    name = StringField(lazy_gettext("Their name"), filters=[_trimmed], validators=[_at_most(120)])
    role = SelectField(lazy_gettext("Role"), choices=_roles)
    staff = StringField(
        lazy_gettext("Staff record"),
        filters=[_trimmed],
        validators=[_at_most(254)],
        description=lazy_gettext("Number, e-mail address or name; for staff and leads."),
    )


class RoleForm(FlaskForm):  # type: ignore[misc]
    """Another role for somebody."""

    role = SelectField(lazy_gettext("Role"), choices=_roles)


class NewKeyForm(FlaskForm):  # type: ignore[misc]
    """A program's key."""

    name = StringField(
        lazy_gettext("Name"),
        filters=[_trimmed],
        validators=[_needed, _at_most(120)],
        description=lazy_gettext("Which program uses it."),
    )
    scopes = SelectMultipleField(
        lazy_gettext("What it may do"),
        choices=[SelectChoice(scope, scope) for scope in SCOPES],
        validators=[InputRequired(lazy_gettext("Choose at least one."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class EmptyForm(FlaskForm):  # type: ignore[misc]
    """A button."""
