"""The list of surveys: every version with its moments, where it is used, and how long it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from feedback.editing.measured import Measured, measured_seconds
from feedback.languages import own_name
from feedback.responses.models import Response
from feedback.surveys.length import length_of
from feedback.surveys.length_words import length_words
from feedback.surveys.models import Survey
from feedback.surveys.wording import in_language
from feedback.touchpoints.models import Touchpoint


@dataclass(frozen=True)
class Version:
    """One version: its number and moments, how often it was answered, how long that took."""

    survey: Survey
    answers: int
    measured: Measured

    @property
    def is_live(self) -> bool:
        """Tell whether it is asked now."""
        return self.survey.published_at is not None and self.survey.retired_at is None


@dataclass(frozen=True)
class Listed:
    """One survey with all its versions, the newest first."""

    key: str
    title: str
    purpose: str
    owner: str
    used_at: Sequence[str]
    languages: Sequence[str]
    declared: str
    versions: Sequence[Version]

    @property
    def live(self) -> Version | None:
        """Return the version that is asked now."""
        return next((one for one in self.versions if one.is_live), None)

    @property
    def draft(self) -> Version | None:
        """Return the draft."""
        return next((one for one in self.versions if one.survey.published_at is None), None)

    @property
    def shown(self) -> Version:
        """Return the version the row is about: the one that is asked, else the newest."""
        return self.live or self.versions[0]


def overview(session: Session, locale: str) -> list[Listed]:
    """Return every survey, by key."""
    surveys = session.scalars(
        sa.select(Survey)
        .order_by(Survey.key, Survey.version.desc())
        .options(selectinload(Survey.texts), selectinload(Survey.questions))
    )
    answers = dict(
        session.execute(
            sa.select(Response.survey_id, sa.func.count()).group_by(Response.survey_id)
        ).all()
    )
    used = _used_at(session, locale)
    found = []
    for key, rows in groupby(surveys, key=lambda one: one.key):
        versions = [_version(session, one, answers.get(one.id, 0)) for one in rows]
        found.append(_listed(key, versions, used.get(key, []), locale))
    return found


def _version(session: Session, survey: Survey, answers: int) -> Version:
    measured = measured_seconds(session, survey.id) if answers else Measured(None, 0)
    return Version(survey, answers, measured)


def _listed(key: str, versions: list[Version], used_at: list[str], locale: str) -> Listed:
    one = next((version for version in versions if version.is_live), versions[0]).survey
    tag = "zh-Hans" if locale.startswith("zh") else "en"
    return Listed(
        key=key,
        title=in_language({text.locale: text.title for text in one.texts}, tag) or key,
        purpose=one.purpose(locale),
        owner=one.owner_name,
        used_at=used_at,
        languages=[own_name(text.locale) for text in sorted(one.texts, key=lambda t: t.locale)],
        declared=length_words(length_of(one.questions)),
        versions=versions,
    )


def _used_at(session: Session, locale: str) -> dict[str, list[str]]:
    """Return the names of the live touchpoints that ask each survey."""
    found: dict[str, list[str]] = {}
    for touchpoint in session.scalars(sa.select(Touchpoint).order_by(Touchpoint.id)):
        if touchpoint.is_live:
            keys = {touchpoint.survey_key}
            if touchpoint.follow_up != "off" and touchpoint.follow_up_survey_key:
                keys.add(touchpoint.follow_up_survey_key)
            for key in keys:
                found.setdefault(key, []).append(touchpoint.name(locale))
    return found
