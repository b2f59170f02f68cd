"""Draws a survey as its customers would get it: the real templates, about a contact made up."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g, render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from feedback import clock
from feedback.brands.face import face_of
from feedback.brands.notice import notice_at
from feedback.brands.views import logo_address_in_mail
from feedback.interactions.channel_words import channel_words
from feedback.interactions.models import Channel, Interaction, StaffMember
from feedback.invitations.letter import survey_words
from feedback.invitations.models import Invitation
from feedback.languages import frame_of
from feedback.outbox.compose import TOKEN_MARK, MailFacts, MailLogo, compose
from feedback.responses.brand_pages.preview import with_logo
from feedback.responses.forms import LONGEST_COMMENT
from feedback.responses.opening import Opened
from feedback.responses.pages import Filled
from feedback.responses.sheet import sheet_of_content
from feedback.surveys.content import Content
from feedback.surveys.length_words import length_words

_NAMES = {"zh": ("王伟", "李静"), "de": ("Anna Schmidt", "Jonas Weber")}
_OTHERS = ("Grace Miller", "Li Jing")


def page_of(session: Session, content: Content, tag: str) -> str:
    """Return the survey's page; nothing on it leads anywhere."""
    sheet = sheet_of_content(content, tag)
    opened = _opened(session, content, tag)
    g.language, g.languages, g.is_rated = tag, content.languages, False
    with force_locale(frame_of(tag) or "en"):
        return render_template(
            "survey/page.html",
            opened=opened,
            sheet=sheet,
            filled=Filled(),
            amending=False,
            nonce="",
            longest=LONGEST_COMMENT,
            privacy=opened.privacy(tag, current_app.config["RETENTION_MONTHS"]),
            length=length_words(sheet.length),
            channel=channel_words(opened.interaction.channel, tag),
            survey_url=lambda _name, **_query: "#",
        )


def mail_of(session: Session, content: Content, tag: str) -> str | None:
    """Return the invitation's mail, or None while no question can stand in it."""
    if content.leading is None:
        return None
    words = survey_words(content, tag)
    opened = _opened(session, content, tag)
    interaction, face = opened.interaction, opened.brand
    assert interaction.staff is not None  # noqa: S101 — somebody was made up.
    facts = MailFacts(
        locale=tag,
        brand=face.name(tag),
        contact=face.contact,
        customer_name=interaction.customer_name,
        customer_gender=interaction.customer_gender,
        staff_name=interaction.staff.name,
        channel_name=channel_words(interaction.channel, tag),
        subject=interaction.subject,
        reference=interaction.external_id,
        closed_at=interaction.closed_at,
        expires_at=opened.invitation.expires_at,
        zone=ZoneInfo(current_app.config["TIMEZONE"]),
        days_since=0,
        question=words.question,
        options=words.options,
        ends=words.ends,
        preselect=words.preselect,
        length=words.length,
        is_demo=face.is_demo,
        footer=face.footer(tag),
        logo=MailLogo(logo_address_in_mail(face.logo), *face.logo.shown) if face.logo else None,
        accents=(face.palette.accent, face.palette.dark_accent),
    )
    html = compose("invitation", facts).html
    # Shown as it looks, but its links lead nowhere.
    return re.sub(r'href="[^"]*"', 'href="#"', html).replace(TOKEN_MARK, "…")


def _opened(session: Session, content: Content, tag: str) -> Opened:
    now = clock.now()
    customer, staff = _NAMES.get(tag.split("-")[0], _OTHERS)
    values: Mapping[str, Any] = {
        "external_id": "GD20260902-0042",
        "subject": "",
        "closed_at": now,
        "customer_name": customer,
        "customer_gender": "",
        "customer_email": "name@example.com",
    }
    interaction = Interaction(
        channel=Channel(code="phone", name_en="Phone", name_zh="电话"),
        staff=StaffMember(name=staff),
        **values,
    )
    invitation = Invitation(interaction=interaction, expires_at=now + timedelta(days=21))
    # With its logo in itself, so that the frame need fetch none.
    face = with_logo(session, face_of(session, None))
    return Opened(
        invitation,
        None,
        brand=face,
        notice=notice_at(session, face.brand_id, now),
        state="open",
        languages=content.languages,
    )
