"""The forms for going live and for pausing."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import Length


class ChooseForm(FlaskForm):  # type: ignore[misc]
    """Which touchpoint to begin with, and for whom."""

    touchpoint = SelectField(
        lazy_gettext("Which contacts"),
        description=lazy_gettext("Questions, delay, limits and hours come with it."),
    )
    team = SelectField(lazy_gettext("For whom"))


class PauseForm(FlaskForm):  # type: ignore[misc]
    """Why everything is to stand still."""

    reason = StringField(
        lazy_gettext("Why"),
        filters=[lambda text: " ".join("".join(c for c in text or "" if c.isprintable()).split())],
        validators=[
            Length(max=200, message=lazy_gettext("At most %(length)s characters.", length=200))
        ],
        description=lazy_gettext("Optional; whoever looks here can read it."),
    )
