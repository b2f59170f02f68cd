"""The forms in which staff records and teams are kept."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from unicodedata import normalize

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import DateInput

from feedback.accounts.people import normal_email
from feedback.interactions.contacts import is_valid_address
from feedback.interactions.models import Team

_needed = InputRequired(lazy_gettext("This is needed."))


def _at_most(length: int) -> Length:
    message = lazy_gettext("At most %(length)s characters.", length=length)
    return Length(max=length, message=message)


def _trimmed(value: str | None) -> str:
    return "".join(character for character in value or "" if character.isprintable()).strip()


def _email(value: str | None) -> str:
    return normalize("NFKC", normal_email(_trimmed(value)))


def _is_address(form: FlaskForm, field: Field) -> None:
    if field.data and not is_valid_address(field.data):
        raise ValidationError(_("This is not an e-mail address."))


def _is_date(form: FlaskForm, field: Field) -> None:
    if not field.data:
        return
    try:
        if not re.fullmatch(r"(19|20)\d\d-\d\d-\d\d", field.data, re.ASCII):
            raise ValueError(field.data)
        date.fromisoformat(field.data)
    except ValueError as error:
        raise ValidationError(_("This is not a date such as 2026-09-02.")) from error


def _day(label: Any, hint: Any = "", *more: Any) -> StringField:
    return StringField(
        label,
        filters=[_trimmed],
        validators=[*more, _is_date],
        widget=DateInput(),
        description=hint,
    )


class _TeamChoice(FlaskForm):  # type: ignore[misc]
    """What both choose from."""

    team = SelectField(lazy_gettext("Team"))

    def offer(self, teams: Sequence[Team]) -> None:
        """Say which teams there are."""
        named = [SelectChoice(str(team.id), team.name) for team in teams]
        self.team.choices = [SelectChoice("", _("No team")), *named]


class NewStaffForm(_TeamChoice):
    """A staff record to be added."""

    number = StringField(
        lazy_gettext("Staff number"), filters=[_trimmed], validators=[_needed, _at_most(120)]
    )
    name = StringField(
        lazy_gettext("Full name"), filters=[_trimmed], validators=[_needed, _at_most(120)]
    )
    email = StringField(
        lazy_gettext("E-mail address"),
        filters=[_email],
        validators=[_at_most(254), _is_address],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )


class StaffForm(FlaskForm):  # type: ignore[misc]
    """What a staff record says."""

    number = StringField(
        lazy_gettext("Staff number"), filters=[_trimmed], validators=[_needed, _at_most(120)]
    )
    name = StringField(
        lazy_gettext("Full name"), filters=[_trimmed], validators=[_needed, _at_most(120)]
    )
    email = StringField(
        lazy_gettext("E-mail address"),
        filters=[_email],
        validators=[_at_most(254), _is_address],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    left_on = _day(lazy_gettext("Left on"), lazy_gettext("Empty while they are here."))

    @property
    def left_day(self) -> date | None:
        """Return the day, which has been validated."""
        return date.fromisoformat(self.left_on.data) if self.left_on.data else None


class MoveForm(_TeamChoice):
    """Another team, from a day on."""

    day = _day(
        lazy_gettext("From"),
        lazy_gettext("Today or earlier. What they did before stays with the team of then."),
        _needed,
    )


class LinkForm(FlaskForm):  # type: ignore[misc]
    """Whose record it is."""

    account = StringField(
        lazy_gettext("Account"),
        filters=[normal_email],
        validators=[_at_most(254)],
        description=lazy_gettext("The e-mail address they sign in with; empty for nobody's."),
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )


class TeamForm(FlaskForm):  # type: ignore[misc]
    """What a team is called."""

    name = StringField(
        lazy_gettext("Name"), filters=[_trimmed], validators=[_needed, _at_most(120)]
    )
