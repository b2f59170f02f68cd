"""Writes an invitation's mail from what is known of its interaction, and queues it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedback.invitations.models import Invitation
from feedback.languages import survey_language
from feedback.organisation import the_organisation
from feedback.outbox.compose import MailFacts, compose
from feedback.outbox.enqueue import enqueue
from feedback.outbox.models import Message
from feedback.surveys.models import Question, Survey
from feedback.surveys.wording import option_label, question_text


def letter_language(invitation: Invitation, default: str) -> str:
    """Return the language to write in: the customer's, else the organisation's."""
    own = survey_language(invitation.interaction.customer_locale)
    return own or survey_language(default) or "en"


def send_letter(
    session: Session, config: Mapping[str, Any], invitation: Invitation, kind: str, now: datetime
) -> Message:
    """Queue the mail of a kind for an invitation, in the caller's transaction."""
    locale = letter_language(invitation, config["DEFAULT_LOCALE"])
    interaction, organisation = invitation.interaction, the_organisation(session)
    question = _first_scale(invitation.survey)
    zone = ZoneInfo(config["TIMEZONE"])
    facts = MailFacts(
        locale=locale,
        brand=organisation.name(locale) if organisation else "Afterword 回音",
        contact=organisation.contact if organisation else "",
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
        question=question_text(question, locale).prompt,
        options=[(option.value, option_label(option, locale)) for option in question.options],
        preselect=question.key,
        is_demo=bool(organisation and organisation.is_demo),
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


def _days_since(closed_at: datetime, now: datetime, zone: ZoneInfo) -> int:
    return (now.astimezone(zone).date() - closed_at.astimezone(zone).date()).days


def _first_scale(survey: Survey) -> Question:
    """Return the question whose answers stand in the mail."""
    return next(question for question in survey.questions if question.kind in ("csat", "ces"))
