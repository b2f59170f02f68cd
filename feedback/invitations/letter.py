"""Writes an invitation's mail from what is known of its interaction, and queues it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.languages import survey_language
from feedback.organisation import the_organisation
from feedback.outbox.compose import MailFacts, compose
from feedback.outbox.enqueue import enqueue
from feedback.outbox.models import MailLanguage, Message
from feedback.surveys.models import Question, Survey
from feedback.surveys.wording import option_label, question_text


@dataclass(frozen=True)
class _SurveyWords:
    """What a mail says of its survey, in one language."""

    question: str
    options: list[tuple[str, str]]
    preselect: str
    ticks: int
    has_comment: bool


@dataclass
class Known:
    """What the letters of one round share, looked up once."""

    brands: dict[str, str] = field(default_factory=dict)
    contact: str = ""
    is_demo: bool = False
    surveys: dict[tuple[int, str], _SurveyWords] = field(default_factory=dict)

    def brand(self, session: Session, locale: str) -> str:
        """Return our name in the language; look up the organisation the first time."""
        if locale not in self.brands:
            organisation = the_organisation(session)
            self.brands[locale] = organisation.name(locale) if organisation else "Afterword 回音"
            self.contact = organisation.contact if organisation else ""
            self.is_demo = bool(organisation and organisation.is_demo)
        return self.brands[locale]

    def survey(self, invitation: Invitation, locale: str) -> _SurveyWords:
        """Return the words of an invitation's survey."""
        key = invitation.survey_id, locale
        if key not in self.surveys:
            self.surveys[key] = _survey_words(invitation.survey, locale)
        return self.surveys[key]


def letter_language(session: Session, invitation: Invitation, default: str) -> str:
    """Return the language to write in, looking up whether one was chosen."""
    chosen = None
    if invitation.address_digest is not None:
        chosen = session.get(MailLanguage, invitation.address_digest)
    return language_of(invitation, chosen.locale if chosen else None, default)


def language_of(invitation: Invitation, chosen: str | None, default: str) -> str:
    """Return the language as it was chosen, else as recorded, else the organisation's."""
    own = survey_language(invitation.interaction.customer_locale)
    return chosen or own or survey_language(default) or "en"


def send_letter(
    session: Session,
    config: Mapping[str, Any],
    invitation: Invitation,
    kind: str,
    now: datetime,
    known: Known | None = None,
) -> Message:
    """Queue the mail of a kind for an invitation, in the caller's transaction."""
    known = known or Known()
    locale = letter_language(session, invitation, config["DEFAULT_LOCALE"])
    interaction, words = invitation.interaction, known.survey(invitation, locale)
    zone = ZoneInfo(config["TIMEZONE"])
    facts = MailFacts(
        locale=locale,
        brand=known.brand(session, locale),
        contact=known.contact,
        customer_name=interaction.customer_name,
        customer_gender=interaction.customer_gender,
        staff_name=interaction.staff.name if interaction.staff else None,
        channel_name=interaction.channel.name(locale),
        subject=interaction.subject,
        reference=interaction.external_id,
        closed_at=interaction.closed_at,
        expires_at=invitation.expires_at,
        zone=zone,
        days_since=_days_since(interaction.closed_at, now, zone),
        question=words.question,
        options=words.options,
        preselect=words.preselect,
        ticks=words.ticks,
        has_comment=words.has_comment,
        also=_asked_with(session, invitation, locale),
        is_demo=known.is_demo,
    )
    return enqueue(
        session,
        compose(kind, facts),
        kind=kind,
        recipient=interaction.customer_email or "",
        locale=locale,
        sender=config["MAIL_SENDER"],
        now=now,
        token_for=invitation.id,
    )


def _asked_with(
    session: Session, invitation: Invitation, locale: str
) -> list[tuple[datetime, str]]:
    """Return the contacts this one stands for besides, in the order in which they ended."""
    found: list[Interaction] = []
    into = [invitation.id]
    # What was merged into one that was then merged itself is asked about here too.
    while into:
        merged = session.scalars(
            sa.select(Invitation)
            .where(Invitation.merged_into_id.in_(into))
            .options(joinedload(Invitation.interaction).joinedload(Interaction.channel))
        ).all()
        found += [one.interaction for one in merged]
        into = [one.id for one in merged]
    found.sort(key=lambda one: (one.closed_at, one.id))
    return [(one.closed_at, one.channel.name(locale)) for one in found]


def _days_since(closed_at: datetime, now: datetime, zone: ZoneInfo) -> int:
    return (now.astimezone(zone).date() - closed_at.astimezone(zone).date()).days


def _survey_words(survey: Survey, locale: str) -> _SurveyWords:
    question = _first_scale(survey)
    kinds = [asked.kind for asked in survey.questions]
    return _SurveyWords(
        question=question_text(question, locale).prompt,
        options=[(option.value, option_label(option, locale)) for option in question.options],
        preselect=question.key,
        ticks=len(kinds) - kinds.count("text"),
        has_comment="text" in kinds,
    )


def _first_scale(survey: Survey) -> Question:
    """Return the question whose answers stand in the mail."""
    return next(question for question in survey.questions if question.kind in ("csat", "ces"))
