"""The form in which a touchpoint is written down."""

from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import normalize

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from feedback.accounts.people import is_email
from feedback.brands.models import OWN
from feedback.reports.touchpoint_words import asking_words, follow_up_words
from feedback.touchpoints.models import FOLLOW_UPS, LONGEST_DELAY, Touchpoint

_needed = InputRequired(lazy_gettext("This is needed."))
# What stands in the list of owners for somebody who does not sign in here.
BY_NAME = "other"


def _trimmed(value: str | None) -> str:
    # PostgreSQL takes no NUL; lines may stand in norms, and any space parts words.
    spaced = (" " if c.isspace() and c not in "\r\n" else c for c in value or "")
    return "".join(c for c in spaced if c.isprintable() or c == "\n").strip()


def _one_line(value: str | None) -> str:
    return _trimmed(value).replace("\n", " ")


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


def _text(label: Any, length: int, lang: str, rows: int) -> Any:
    return TextAreaField(
        label,
        filters=[_trimmed],
        validators=[_at_most(length)],
        render_kw={"maxlength": length, "lang": lang, "rows": rows},
    )


class TouchpointForm(FlaskForm):  # type: ignore[misc]
    """Everything the plan says of a touchpoint."""

    key = _line(
        lazy_gettext("Name for programs"),
        60,
        hint=lazy_gettext("Small letters and digits; it stays as it is."),
    )
    name_zh = _line(lazy_gettext("Name in Chinese"), 120, needed=True, lang="zh-Hans")
    name_en = _line(lazy_gettext("Name in English"), 120, needed=True, lang="en")
    goal_zh = _text(lazy_gettext("Goal in Chinese"), 300, "zh-Hans", 2)
    goal_en = _text(lazy_gettext("Goal in English"), 300, "en", 2)
    kind = _line(
        lazy_gettext("Kind of contact"),
        200,
        hint=lazy_gettext("As the source calls it; several with commas. Left empty, any."),
    )
    channel = SelectField(lazy_gettext("Channel"))
    team = SelectField(lazy_gettext("Team"))
    delay = _line(
        lazy_gettext("Minutes until it asks"),
        6,
        hint=lazy_gettext("0 is at once; two days are 2880."),
        inputmode="numeric",
    )
    asking = SelectField(
        lazy_gettext("It asks"), choices=lambda: [SelectChoice("mail", asking_words("mail"))]
    )
    share = _line(
        lazy_gettext("Share asked, in per cent"),
        8,
        hint=lazy_gettext("Which contacts are drawn follows from a stored seed."),
        inputmode="decimal",
    )
    survey = SelectField(lazy_gettext("Survey right after"))
    follow_up = SelectField(
        lazy_gettext("Asked again"),
        choices=lambda: [SelectChoice(rule, follow_up_words(rule)) for rule in FOLLOW_UPS],
    )
    follow_up_survey = SelectField(lazy_gettext("Survey later"))
    brand = SelectField(lazy_gettext("As whom it asks"), default=str(OWN))
    owner = SelectField(lazy_gettext("Who answers for it"))
    owner_name = StringField(
        lazy_gettext("Their name"),
        filters=[_one_line],
        validators=[_at_most(120)],
        description=lazy_gettext("Of somebody who does not sign in here."),
    )
    owner_email = StringField(
        lazy_gettext("Their e-mail address"),
        filters=[_one_line],
        validators=[Optional(), _at_most(254)],
        render_kw={"autocapitalize": "none", "spellcheck": "false", "inputmode": "email"},
    )
    responsible = _line(lazy_gettext("Responsible team or department"), 120)
    norms_zh = _text(lazy_gettext("Norms in Chinese"), 2000, "zh-Hans", 4)
    norms_en = _text(lazy_gettext("Norms in English"), 2000, "en", 4)

    def offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        """Say what may be chosen in one of the lists, each by its value and its name."""
        self[name].choices = [SelectChoice(value, label) for value, label in choices]

    def fill(self, one: Touchpoint) -> None:
        """Show what a touchpoint says now."""
        for name in ("key", "name_zh", "name_en", "goal_zh", "goal_en", "norms_zh", "norms_en",
                     "responsible", "owner_name", "owner_email", "follow_up"):  # fmt: skip
            self[name].data = getattr(one, name)
        self.kind.data = one.kind or ""
        self.channel.data = one.channel_code or ""
        self.team.data = str(one.team_id or "")
        self.delay.data = str(one.delay_minutes)
        self.asking.data = one.asking_channel
        self.share.data = f"{100 * one.sampling_rate:.10g}"
        self.survey.data = one.survey_key
        self.follow_up_survey.data = one.follow_up_survey_key or ""
        self.brand.data = str(one.brand_id or OWN)
        self.owner.data = str(one.owner_id or (BY_NAME if one.owner_name else ""))

    def validate_delay(self, field: Field) -> None:
        """Take whole minutes, up to two weeks."""
        text = normalize("NFKC", field.data or "")
        if not (text.isascii() and text.isdigit()) or int(text) > LONGEST_DELAY:
            raise ValidationError(
                _("A whole number of minutes from 0 to %(most)s.", most=LONGEST_DELAY)
            )

    def validate_share(self, field: Field) -> None:
        """Take a share between nobody and everybody."""
        if self.chosen_share is None:
            raise ValidationError(_("It lies between %(low)g and %(high)g.", low=0, high=100))

    def validate_owner_name(self, field: Field) -> None:
        """Ask for a name where somebody is named who does not sign in."""
        if self.owner.data == BY_NAME and not field.data:
            raise ValidationError(_("This is needed."))

    def validate_owner_email(self, field: Field) -> None:
        """Ask for an address where somebody is named who does not sign in."""
        if self.owner.data == BY_NAME and not is_email(field.data or ""):
            raise ValidationError(_("This is not an e-mail address."))

    @property
    def chosen_share(self) -> float | None:
        """Return the share in 0 … 1, or None where it cannot be read."""
        text = normalize("NFKC", self.share.data or "").strip().removesuffix("%").strip()
        try:
            share = float(text) / 100
        except ValueError:
            return None
        return share if 0 <= share <= 1 else None

    @property
    def values(self) -> Mapping[str, object]:
        """Return what has been validated, by the touchpoint's columns."""
        by_name = self.owner.data == BY_NAME
        return {
            "name_zh": self.name_zh.data,
            "name_en": self.name_en.data,
            "goal_zh": self.goal_zh.data,
            "goal_en": self.goal_en.data,
            "norms_zh": self.norms_zh.data,
            "norms_en": self.norms_en.data,
            "kind": self.kind.data or None,
            "channel_code": self.channel.data or None,
            "team_id": int(self.team.data) if self.team.data else None,
            "delay_minutes": int(normalize("NFKC", self.delay.data)),
            "asking_channel": self.asking.data,
            "sampling_rate": self.chosen_share,
            "survey_key": self.survey.data,
            "follow_up": self.follow_up.data,
            "follow_up_survey_key": self.follow_up_survey.data or None,
            "brand_id": int(self.brand.data),
            "owner_id": int(self.owner.data) if self.owner.data and not by_name else None,
            "owner_name": self.owner_name.data if by_name else "",
            "owner_email": self.owner_email.data if by_name else "",
            "responsible": self.responsible.data,
        }
