"""The forms in which targets are set and days annotated."""

import re
from datetime import date
from typing import Any
from unicodedata import normalize

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import DateInput

from feedback.reports.aims.aim_subjects import AimSubject, subject_kind
from feedback.reports.figures import metric_words, wave_words
from feedback.reports.request import BadRequest, read_date
from feedback.touchpoints.set_target import RANGES

_needed = InputRequired(lazy_gettext("This is needed."))
_short = Length(max=200, message=lazy_gettext("At most %(length)s characters.", length=200))


def _trimmed(value: str | None) -> str:
    return "".join(character for character in value or "" if character.isprintable()).strip()


def _is_date(form: FlaskForm, field: Field) -> None:
    try:
        read_date(field.name, field.data or "")
    except BadRequest as bad:
        raise ValidationError(_("This is not a date such as 2026-09-02.")) from bad


def _day_field(label: Any, *, needed: bool = True, hint: Any = "") -> StringField:
    return StringField(
        label,
        filters=[_trimmed],
        validators=[_needed, _is_date] if needed else [_is_date],
        widget=DateInput(),
        description=hint,
    )


class _AboutForm(FlaskForm):  # type: ignore[misc]
    """What both are about."""

    about = SelectField(lazy_gettext("About"))

    def offer(self, subjects: list[AimSubject]) -> None:
        """Say what may be chosen."""
        self.about.choices = [
            SelectChoice(one.value, one.label, optgroup=subject_kind(one.subject) or None)
            for one in subjects
        ]

    @property
    def subject(self) -> tuple[str, int]:
        """Return what was chosen, of what was offered."""
        subject, _colon, id_ = self.about.data.partition(":")
        return subject, int(id_)


class AnnotationForm(_AboutForm):
    """What happened on a day."""

    day = _day_field(lazy_gettext("Day"))
    text = StringField(
        lazy_gettext("What happened"),
        filters=[_trimmed],
        validators=[_needed, _short],
        description=lazy_gettext("In a few words; it stands on the charts."),
        render_kw={"maxlength": 200},
    )
    breaks = BooleanField(
        lazy_gettext("The process changed here: start a new baseline"),
        description=lazy_gettext("A new script, another text of the survey, a new way of working."),
    )

    @property
    def chosen_day(self) -> date:
        """Return the day, which has been validated."""
        return date.fromisoformat(self.day.data)


class TargetForm(_AboutForm):
    """What is aimed at, and in which days."""

    metric = SelectField(
        lazy_gettext("Figure"),
        choices=lambda: [SelectChoice(metric, metric_words(metric)) for metric in RANGES],
    )
    wave = SelectField(
        lazy_gettext("Wave"),
        choices=lambda: [SelectChoice(str(wave), wave_words(wave)) for wave in (1, 2)],
    )
    value = StringField(
        lazy_gettext("Target"),
        filters=[_trimmed],
        description=lazy_gettext("CSAT in per cent, NPS from −100 to +100, CES from 1 to 7."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    ends = BooleanField(lazy_gettext("No target in these days"))
    start = _day_field(lazy_gettext("From"))
    end = _day_field(
        lazy_gettext("To"), needed=False, hint=lazy_gettext("Left empty, until it is changed.")
    )
    reason = StringField(
        lazy_gettext("Reason"),
        filters=[_trimmed],
        validators=[_short],
        description=lazy_gettext(
            "Needed where the days have begun already; it stands beside the target."
        ),
        render_kw={"maxlength": 200},
    )

    def validate_value(self, field: Field) -> None:
        """Take a number on the figure's scale, or none where there shall be no target."""
        if self.ends.data:
            if field.data:
                raise ValidationError(_("Give a target, or tick “No target in these days”."))
        elif not field.data:
            raise ValidationError(_("Give a target, or tick “No target in these days”."))
        else:
            read_value(self.metric.data, field.data)

    @property
    def chosen_value(self) -> float | None:
        """Return the target in the metric's own unit, None where there shall be none."""
        return None if self.ends.data else read_value(self.metric.data, self.value.data)

    @property
    def days(self) -> tuple[date, date | None]:
        """Return both ends, which have been validated."""
        return date.fromisoformat(self.start.data), (
            date.fromisoformat(self.end.data) if self.end.data else None
        )


def read_value(metric: str, text: str) -> float:
    """Return what people write, "85 %" or "+20", in the metric's own unit.

    Raises ValidationError for what is no number on its scale, or finer than a tenth: it could
    neither be read nor reached.
    """
    written = normalize("NFKC", text).replace("−", "-").removesuffix("%").strip()
    rules = {
        "csat": _("CSAT is a percentage from 0 to 100, such as 85 or 82.5."),
        "nps": _("NPS lies between −100 and +100, such as 20."),
        "ces": _("CES lies between 1 and 7, such as 5.5."),
    }
    if not re.fullmatch(r"[+-]?\d{1,3}(\.\d)?", written, re.ASCII) or metric not in rules:
        raise ValidationError(rules.get(metric, _("There is no such figure.")))
    value = float(written) if metric == "ces" else round(float(written) / 100, 4)
    low, high = RANGES[metric]
    if not low <= value <= high:
        raise ValidationError(rules[metric])
    return value
