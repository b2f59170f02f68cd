"""Mails the key to everything held about somebody, to nobody but their own address."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.brands.face import face_of
from feedback.interactions.contacts import is_valid_address, normalise_address
from feedback.invitations.letter import letter_language, logo_in_mail, sender_as
from feedback.invitations.models import Invitation
from feedback.languages import OWN_LANGUAGES
from feedback.links import OWN_KEY_LASTS
from feedback.outbox.compose_key import KeyFacts, compose_key
from feedback.outbox.enqueue import enqueue
from feedback.outbox.models import OWN_LINK, Message

# Whoever has a forwarded link can have this mail sent: not so often that it becomes a nuisance.
ONCE_IN = timedelta(minutes=10)


def mail_key(
    session: Session, invitation: Invitation, config: Mapping[str, Any], now: datetime
) -> Message | None:
    """Queue the mail with the key; None where one has gone, or waits, or the address is none.

    The key itself is made as the mail goes out: none rests in the database.
    """
    interaction = invitation.interaction
    address = interaction.customer_email or ""
    if not is_valid_address(address) or _is_under_way(session, address, now):
        return None
    locale = letter_language(session, invitation, config["DEFAULT_LOCALE"], OWN_LANGUAGES)
    # As whoever asked: one brand's customers know nothing of another.
    face = face_of(session, invitation.brand_id)
    facts = KeyFacts(
        locale=locale,
        brand=face.name(locale),
        contact=face.contact,
        customer_name=interaction.customer_name,
        customer_gender=interaction.customer_gender,
        hours=int(OWN_KEY_LASTS.total_seconds() // 3600),
        footer=face.footer(locale),
        logo=logo_in_mail(face),
        accents=(face.palette.accent, face.palette.dark_accent),
        is_demo=face.is_demo,
    )
    return enqueue(
        session,
        compose_key(facts),
        kind=OWN_LINK,
        recipient=address,
        locale=locale,
        sender=sender_as(face, locale, config["MAIL_SENDER"]),
        now=now,
        token_for=invitation.id,
    )


def _is_under_way(session: Session, address: str, now: datetime) -> bool:
    lately = sa.select(Message.id).where(
        Message.kind == OWN_LINK,
        sa.func.lower(Message.recipient) == normalise_address(address),
        Message.created_at > now - ONCE_IN,
        Message.failed_at.is_(None),
        Message.cancelled_at.is_(None),
    )
    return session.scalar(lately.limit(1)) is not None
