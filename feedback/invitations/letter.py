"""Writes an invitation's mail from what is known of its interaction, and queues it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.brands.face import Face, face_of
from feedback.brands.models import OWN
from feedback.brands.notice import kept_notice
from feedback.brands.views import logo_address_in_mail
from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.languages import survey_language
from feedback.outbox.compose import MailFacts, MailLogo, compose
from feedback.outbox.enqueue import enqueue
from feedback.outbox.models import MailLanguage, Message
from feedback.outbox.sender import Sender
from feedback.surveys.models import Question, Survey
from feedback.surveys.wording import option_label, question_text
from feedback.touchpoints.models import Touchpoint


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

    faces: dict[int, Face] = field(default_factory=dict)
    touchpoints: dict[int | None, int] = field(default_factory=dict)
    surveys: dict[tuple[int, str], _SurveyWords] = field(default_factory=dict)

    def face(self, session: Session, invitation: Invitation, months: int) -> Face:
        """Return as whom an invitation asks: as before, else as its touchpoint says."""
        brand_id = invitation.brand_id or self._brand_at(
            session, invitation.interaction.touchpoint_id
        )
        if brand_id not in self.faces:
            self.faces[brand_id] = face_of(session, brand_id)
            # Whoever opens a link is told how we handle data, by a version that is kept.
            kept_notice(session, brand_id, invitation.planned_at, months)
        return self.faces[brand_id]

    def survey(self, invitation: Invitation, locale: str) -> _SurveyWords:
        """Return the words of an invitation's survey."""
        key = invitation.survey_id, locale
        if key not in self.surveys:
            self.surveys[key] = _survey_words(invitation.survey, locale)
        return self.surveys[key]

    def _brand_at(self, session: Session, touchpoint_id: int | None) -> int:
        if touchpoint_id not in self.touchpoints:
            query = sa.select(Touchpoint.brand_id).where(Touchpoint.id == touchpoint_id)
            self.touchpoints[touchpoint_id] = session.scalar(query) or OWN
        return self.touchpoints[touchpoint_id]


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
    face = known.face(session, invitation, config["RETENTION_MONTHS"])
    invitation.brand_id = face.brand_id
    facts = MailFacts(
        locale=locale,
        brand=face.name(locale),
        contact=face.contact,
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
        is_demo=face.is_demo,
        footer=face.footer(locale),
        logo=_logo(face),
        accents=(face.palette.accent, face.palette.dark_accent),
    )
    return enqueue(
        session,
        compose(kind, facts),
        kind=kind,
        recipient=interaction.customer_email or "",
        locale=locale,
        sender=sender_as(face, locale, config["MAIL_SENDER"]),
        now=now,
        token_for=invitation.id,
    )


def sender_as(face: Face, locale: str, default: str) -> Sender:
    """Return in whose name a brand's mail goes out."""
    return Sender.of(
        name=face.sender_name or ("" if face.is_own else face.name(locale)),
        address=face.sender_address,
        reply_to=face.reply_to,
        contact=face.contact,
        default=default,
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


def _logo(face: Face) -> MailLogo | None:
    logo = face.logo
    return MailLogo(logo_address_in_mail(logo), *logo.shown) if logo else None


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
