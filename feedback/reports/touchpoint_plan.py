"""The plan: one row per touchpoint, every column filled, as its page and its export show it."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session, joinedload

from feedback.accounts.models import User
from feedback.brands.face import every_face
from feedback.brands.models import OWN
from feedback.interactions.channels import channel_names
from feedback.interactions.models import Channel, Team
from feedback.reports.aims.outcomes import target_value_words
from feedback.reports.figures import metric_words, wave_words
from feedback.reports.files.sheet import Cell, Column, Sheet
from feedback.reports.touchpoint_words import (
    asking_words,
    audience_words,
    delay_words,
    follow_up_words,
    state_words,
)
from feedback.surveys.models import Survey
from feedback.touchpoints.match import specificity
from feedback.touchpoints.models import Target, Touchpoint
from feedback.touchpoints.readiness import live_surveys
from feedback.touchpoints.set_target import RANGES
from feedback.touchpoints.targets import applied, lines_of


@dataclass(frozen=True)
class PlanRow:
    """One touchpoint of the plan, in the reader's words."""

    touchpoint: Touchpoint
    name: str
    state: str
    goal: str
    kind: str
    channel: str
    team: str
    delay: str
    asking: str
    brand: str
    audience: str
    survey: str
    purpose: str
    follow_up: str
    follow_up_survey: str
    follow_up_purpose: str
    owner: str
    owner_email: str
    # Nobody is named, and whoever administers the place stands in.
    is_stand_in: bool
    responsible: str
    targets: tuple[str, ...]
    norms: str

    @property
    def purposes(self) -> list[tuple[str, str]]:
        """Return the surveys it asks, each with what it is for."""
        first, later = (self.survey, self.purpose), (self.follow_up_survey, self.follow_up_purpose)
        return [first] if later[1] == "–" else [first, later]


def the_plan(session: Session, locale: str, today: date) -> list[PlanRow]:
    """Return every touchpoint in the order in which they are tried, those in use first."""
    people = (joinedload(Touchpoint.owner), joinedload(Touchpoint.team))
    touchpoints = sorted(
        session.scalars(sa.select(Touchpoint).options(*people)),
        key=lambda one: (not one.is_live, specificity(one)),
    )
    reading = _Reading(
        locale,
        channel_names(session),
        {code: id_ for id_, code in session.execute(sa.select(Channel.id, Channel.code))},
        live_surveys(session),
        {face.brand_id: face.name(locale) for face in every_face(session)},
        _stand_in(session),
        lines_of(session, today, today),
        today,
    )
    return [reading.row(one) for one in touchpoints]


@dataclass(frozen=True)
class _Reading:
    """What all rows are read with, looked up once."""

    locale: str
    channels: Mapping[str, tuple[str, str]]
    channel_ids: Mapping[str, int]
    surveys: Mapping[str, Survey]
    brands: Mapping[int, str]
    stand_in: User | None
    lines: Sequence[Target]
    today: date

    def row(self, one: Touchpoint) -> PlanRow:
        """Return a touchpoint in words."""
        owner, email, is_stand_in = self._owner(one)
        survey, purpose = self._survey(one.survey_key)
        asked_again = one.follow_up != "off" and one.follow_up_survey_key is not None
        again, again_purpose = self._survey(one.follow_up_survey_key if asked_again else None)
        return PlanRow(
            touchpoint=one,
            name=one.name(self.locale),
            state=state_words(one),
            goal=one.goal(self.locale) or _("None said yet"),
            kind=one.kind or _("Any kind"),
            channel=self._channel(one.channel_code),
            team=_team(one.team) if one.team else _("Any team"),
            delay=delay_words(one.delay_minutes),
            asking=asking_words(one.asking_channel),
            brand=self.brands[one.brand_id or OWN],
            audience=audience_words(one),
            survey=survey,
            purpose=purpose,
            follow_up=follow_up_words(one.follow_up if asked_again else "off"),
            follow_up_survey=again,
            follow_up_purpose=again_purpose,
            owner=owner,
            owner_email=email,
            is_stand_in=is_stand_in,
            responsible=one.responsible or (one.team.name if one.team else _("All teams")),
            targets=tuple(self._targets(one)) or (_("None set"),),
            norms=one.norms(self.locale) or _("None said yet"),
        )

    def _channel(self, code: str | None) -> str:
        if code is None:
            return str(_("Any channel"))
        name_en, name_zh = self.channels.get(code, (code, code))
        return name_zh if self.locale.startswith("zh") else name_en

    def _owner(self, one: Touchpoint) -> tuple[str, str, bool]:
        if one.owner is not None:
            name = one.owner.name or one.owner.email
            if one.owner.left_at is not None:
                name = str(_("%(name)s (has left)", name=name))
            return name, one.owner.email, False
        if one.owner_name:
            return one.owner_name, one.owner_email, False
        if self.stand_in is not None:
            return self.stand_in.name or self.stand_in.email, self.stand_in.email, True
        return str(_("Nobody yet")), "–", True

    def _survey(self, key: str | None) -> tuple[str, str]:
        if key is None:
            return "–", "–"
        survey = self.surveys.get(key)
        if survey is None:
            return key, str(_("Not published"))
        language = "zh-Hans" if self.locale.startswith("zh") else "en"
        titles = {text.locale: text.title for text in survey.texts}
        return titles.get(language, key), survey.purpose(self.locale) or str(_("None said yet"))

    def _targets(self, one: Touchpoint) -> Generator[str]:
        """Yield what is aimed at today, the touchpoint's own target before a wider one."""
        about = [("touchpoint", one.id)]
        if one.team_id is not None:
            about.append(("team", one.team_id))
        if (channel_id := self.channel_ids.get(one.channel_code or "")) is not None:
            about.append(("channel", channel_id))
        about.append(("all", 0))
        for wave in (1, 2):
            for metric in RANGES:
                for on in applied(self.lines, metric, wave, about, self.today, self.today):
                    value = target_value_words(metric, on.value)
                    yield f"{metric_words(metric)} {value} · {wave_words(wave)}"


def _team(team: Team) -> str:
    if team.closed_at is None:
        return team.name
    return str(_("%(name)s (closed)", name=team.name))


def _stand_in(session: Session) -> User | None:
    """Return who answers where nobody is named: the administrator who has been here longest."""
    admins = sa.select(User).where(User.role == "admin", User.left_at.is_(None))
    return session.scalars(admins.order_by(User.id).limit(1)).first()


COLUMNS = (
    Column("key", lazy_gettext("The touchpoint's name for programs.")),
    Column("name", lazy_gettext("What it is called.")),
    Column("state", lazy_gettext("Whether it takes contacts now.")),
    Column("live_since", lazy_gettext("Since when; “–” where it never has.")),
    Column("goal", lazy_gettext("What is to be reached there.")),
    Column("kind", lazy_gettext("Which kinds of contact it takes.")),
    Column("channel", lazy_gettext("The channel whose contacts it takes.")),
    Column("team", lazy_gettext("The team whose contacts it takes.")),
    Column("delay", lazy_gettext("How long after the contact it asks.")),
    Column("asking_channel", lazy_gettext("By what it asks.")),
    Column("brand", lazy_gettext("As whom it asks.")),
    Column("audience", lazy_gettext("Whom it asks, of the contacts it takes.")),
    Column("sampling_rate", lazy_gettext("The share of contacts asked about, from 0 to 1.")),
    Column("survey", lazy_gettext("What it asks right after.")),
    Column("purpose", lazy_gettext("What the answers are for.")),
    Column("follow_up", lazy_gettext("Whom it asks again later.")),
    Column("follow_up_survey", lazy_gettext("What it asks then.")),
    Column("owner", lazy_gettext("Who answers for it.")),
    Column("owner_email", lazy_gettext("Where to reach them.")),
    Column("responsible", lazy_gettext("The team or department responsible.")),
    Column("target", lazy_gettext("What is aimed at today.")),
    Column("norms", lazy_gettext("How it is to be done there.")),
)


def plan_sheet(rows: Sequence[PlanRow]) -> Sheet:
    """Return the plan as a table for a file."""
    return Sheet("touchpoints", COLUMNS, (_cells(row) for row in rows), len(rows))


def _cells(row: PlanRow) -> Sequence[Cell]:
    one = row.touchpoint
    since: datetime | str = one.live_since or "–"
    return (
        one.key, row.name, row.state, since, row.goal, row.kind, row.channel, row.team, row.delay,
        row.asking, row.brand, row.audience, one.sampling_rate, row.survey, row.purpose,
        row.follow_up, row.follow_up_survey, row.owner, row.owner_email, row.responsible,
        "; ".join(row.targets), row.norms,
    )  # fmt: skip
