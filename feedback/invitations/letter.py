"""Writes an invitation's mail from what is known of its interaction, and queues it."""

from collections.abc import Mapping, Sequence
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
from feedback.interactions.channel_words import channel_words
from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.languages import FRAMES, nearest, survey_language
from feedback.outbox.compose import MailFacts, MailLogo, compose
from feedback.outbox.enqueue import enqueue
from feedback.outbox.models import MailLanguage, Message
from feedback.outbox.sender import Sender
from feedback.surveys.content import Content, Words, fixed_values
from feedback.surveys.length import Length, length_of
from feedback.surveys.read import content_of
from feedback.surveys.spoken import survey_languages
from feedback.touchpoints.models import Touchpoint


@dataclass(frozen=True)
class SurveyWords:
    """What a mail says of its survey, in one language."""

    question: str
    options: list[tuple[str, str]]
    # What the first and the last of a row of numbers mean; empty where the answers are words.
    ends: tuple[str, str]
    preselect: str
    length: Length


@dataclass
class Known:
    """What the letters of one round share, looked up once."""

    faces: dict[int, Face] = field(default_factory=dict)
    touchpoints: dict[int | None, int] = field(default_factory=dict)
    surveys: dict[tuple[int, str], SurveyWords] = field(default_factory=dict)
    languages: dict[int, list[str]] = field(default_factory=dict)

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

    def offered(self, session: Session, survey_id: int) -> list[str]:
        """Return the languages an invitation's survey can be answered in."""
        if survey_id not in self.languages:
            self.languages[survey_id] = survey_languages(session, survey_id)
        return self.languages[survey_id]

    def survey(self, invitation: Invitation, locale: str) -> SurveyWords:
        """Return the words of an invitation's survey."""
        key = invitation.survey_id, locale
        if key not in self.surveys:
            self.surveys[key] = survey_words(content_of(invitation.survey), locale)
        return self.surveys[key]

    def _brand_at(self, session: Session, touchpoint_id: int | None) -> int:
        if touchpoint_id not in self.touchpoints:
            query = sa.select(Touchpoint.brand_id).where(Touchpoint.id == touchpoint_id)
            self.touchpoints[touchpoint_id] = session.scalar(query) or OWN
        return self.touchpoints[touchpoint_id]


def letter_language(
    session: Session,
    invitation: Invitation,
    default: str,
    offered: Sequence[str] = tuple(FRAMES),
) -> str:
    """Return the language to write in, looking up whether one was chosen."""
    chosen = None
    if invitation.address_digest is not None:
        chosen = session.get(MailLanguage, invitation.address_digest)
    return language_of(invitation, chosen.locale if chosen else None, default, offered)


def language_of(
    invitation: Invitation,
    chosen: str | None,
    default: str,
    offered: Sequence[str] = tuple(FRAMES),
) -> str:
    """Return of those offered the language chosen, else as recorded, else the organisation's."""
    own = survey_language(invitation.interaction.customer_locale)
    return nearest([chosen, own, survey_language(default), "en"], offered) or offered[0]


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
    offered = known.offered(session, invitation.survey_id)
    locale = letter_language(session, invitation, config["DEFAULT_LOCALE"], offered)
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
        channel_name=channel_words(interaction.channel, locale),
        subject=interaction.subject,
        reference=interaction.external_id,
        closed_at=interaction.closed_at,
        expires_at=invitation.expires_at,
        zone=zone,
        days_since=_days_since(interaction.closed_at, now, zone),
        question=words.question,
        options=words.options,
        preselect=words.preselect,
        ends=words.ends,
        length=words.length,
        also=_asked_with(session, invitation, locale),
        is_demo=face.is_demo,
        footer=face.footer(locale),
        logo=logo_in_mail(face),
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
    return [(one.closed_at, channel_words(one.channel, locale)) for one in found]


def logo_in_mail(face: Face) -> MailLogo | None:
    """Return the logo as a mail shows it, if the brand has one."""
    logo = face.logo
    return MailLogo(logo_address_in_mail(logo), *logo.shown) if logo else None


def _days_since(closed_at: datetime, now: datetime, zone: ZoneInfo) -> int:
    return (now.astimezone(zone).date() - closed_at.astimezone(zone).date()).days


def survey_words(content: Content, locale: str) -> SurveyWords:
    """Return what a mail says of a survey, also of one that is being written."""
    asked = content.leading
    if asked is None:
        raise LookupError("no question of this survey can stand in a mail")
    words = asked.texts.get(locale, Words())
    options = [(option.value, option.labels.get(locale, "")) for option in asked.options]
    numbers = [(value, value) for value in reversed(fixed_values(asked.kind))]
    return SurveyWords(
        question=words.prompt,
        options=options or numbers,
        ends=("", "") if options else (words.low_label, words.high_label),
        preselect=asked.key,
        length=length_of(content.items),
    )
