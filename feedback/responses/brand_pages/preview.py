"""What customers would see of a brand: the real page and the real mail, by day and by night."""

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.validators import ValidationError

from feedback.brands.colour import is_readable, nearest_readable, read_colour, stylesheet
from feedback.brands.face import Face, Picture
from feedback.brands.logo import MadeLogo
from feedback.brands.models import Logo, Notice
from feedback.brands.notice import words_of
from feedback.brands.views import logo_address_in_mail
from feedback.config import ROOT
from feedback.outbox.compose import PREFERENCES_MARK, TOKEN_MARK, MailFacts, MailLogo, compose
from feedback.responses.brand_pages.form import BrandForm
from feedback.responses.forms import LONGEST_COMMENT
from feedback.responses.pages import Filled
from feedback.responses.sheet import Sheet, load_sheet
from feedback.surveys.length_words import length_words
from feedback.surveys.models import Survey

_LOCALES = ("zh-Hans", "en")
_SCHEMES = ("light", "dark")
_STYLE_LINK = re.compile(r'<link rel="stylesheet"[^>]*>')
# What is looked at is not pressed.
_STILL = "a, button, input, label, summary, textarea { pointer-events: none; }"


@dataclass(frozen=True)
class Shot:
    """One page or mail as it would look."""

    title: str
    html: str


@dataclass(frozen=True)
class _Example:
    """Whom and what an example is about, in one language."""

    name: str
    gender: str
    staff: str
    channel: str
    subject: str


def _examples() -> dict[str, _Example]:
    return {
        "zh-Hans": _Example("王伟", "male", "李静", "电话", "空调不制冷"),
        "en": _Example("Grace Miller", "", "Li Jing", "Phone", "Air conditioner does not cool"),
    }


def face_in_form(session: Session, form: BrandForm, face: Face) -> Face:
    """Return the brand as the form says, as far as it can be shown; what cannot stays as it is."""
    words: dict[str, Any] = {
        name: form[name].data or ""
        for name in ("name_zh", "name_en", "contact", "company_zh", "company_en", "sender_name",
                     "sender_address", "footer_zh", "footer_en")
    }  # fmt: skip
    words["name_zh"] = words["name_zh"] or words["name_en"] or face.name_zh
    words["name_en"] = words["name_en"] or words["name_zh"] or face.name_en
    with suppress(ValidationError):
        form.validate_logo(form.logo)
    logo = _inline(form.made) if form.made else with_logo(session, face).logo
    if form.without_logo.data:
        logo = None
    return replace(face, **words, accent=_readable(form.accent.data or ""), logo=logo)


def with_logo(session: Session, face: Face) -> Face:
    """Return the brand with its logo in itself, since a preview fetches nothing."""
    kept = session.get(Logo, face.logo.digest) if face.logo else None
    made = MadeLogo(kept.png, kept.width, kept.height) if kept else None
    return replace(face, logo=_inline(made) if made else None)


def shots(session: Session, face: Face, notice: Notice | None, now: datetime) -> Iterator[Shot]:
    """Yield the page and the mail, by day and by night, in each language."""
    # The words of what is shown are the customer's; those beside it, the reader's.
    titles = {
        ("page", "light"): _("Page, by day"),
        ("page", "dark"): _("Page, at night"),
        ("mail", "light"): _("Mail, by day"),
        ("mail", "dark"): _("Mail, at night"),
    }
    names = {"zh-Hans": "中文", "en": "English"}
    for locale in _LOCALES:
        sheet, example = _sheet(session, locale), _examples()[locale]
        with force_locale("zh" if locale.startswith("zh") else "en"):
            drawn = {
                "page": _page(face, notice, sheet, example, now),
                "mail": _mail(face, sheet, example, now),
            }
        for kind, html in drawn.items():
            for scheme in _SCHEMES:
                title = f"{names[locale]} · {titles[kind, scheme]}"
                yield Shot(title, _in_scheme(html, scheme))


def _page(face: Face, notice: Notice | None, sheet: Sheet, example: _Example, now: datetime) -> str:
    """Return the survey's page with everything it would load in it."""
    opened = SimpleNamespace(
        brand=face,
        state="open",
        matter=example.subject,
        recipient=example.name,
        interaction=SimpleNamespace(
            closed_at=now - timedelta(hours=1),
            channel=SimpleNamespace(name=lambda locale: example.channel),
            staff=SimpleNamespace(name=example.staff),
        ),
    )
    html = render_template(
        "survey/page.html",
        opened=opened,
        sheet=sheet,
        filled=Filled(),
        amending=False,
        nonce="",
        longest=LONGEST_COMMENT,
        length=length_words(sheet.length),
        channel=example.channel,
        privacy=words_of(notice, face, sheet.locale, _months()),
        survey_url=lambda *place, **query: "#",
        # Nobody was invited by an example, so it has no preferences to lead to.
        preferences_path=lambda opened: "#",
    )
    own = (ROOT / "static" / "survey.css").read_text(encoding="utf-8")
    palette = stylesheet(face.palette) if face.accent else ""
    style = f"<style>{own}\n{palette}\n{_STILL}</style>"
    return _STYLE_LINK.sub("", html).replace("</head>", f"{style}</head>", 1)


def _mail(face: Face, sheet: Sheet, example: _Example, now: datetime) -> str:
    """Return the invitation as a mail program would show it."""
    leading = sheet.leading
    logo = face.logo
    facts = MailFacts(
        locale=sheet.locale,
        brand=face.name(sheet.locale),
        contact=face.contact,
        customer_name=example.name,
        customer_gender=example.gender,
        staff_name=example.staff,
        channel_name=example.channel,
        subject=example.subject,
        reference="GD-0042",
        closed_at=now - timedelta(hours=1),
        expires_at=now + timedelta(days=current_app.config["ANSWER_WITHIN_DAYS"]),
        zone=ZoneInfo(current_app.config["TIMEZONE"]),
        days_since=0,
        question=leading.prompt if leading else sheet.title,
        options=[(one.value, one.label) for one in leading.choices] if leading else [],
        preselect=leading.key if leading else "",
        ends=sheet.ends,
        length=sheet.length,
        is_demo=face.is_demo,
        footer=face.footer(sheet.locale),
        logo=MailLogo(logo_address_in_mail(logo), *logo.shown) if logo else None,
        accents=(face.palette.accent, face.palette.dark_accent),
    )
    mail = compose("invitation", facts)
    html = mail.html.replace(TOKEN_MARK, "…").replace(PREFERENCES_MARK, "…")
    return html.replace("</head>", f"<style>{_STILL}</style></head>", 1)


def _in_scheme(html: str, scheme: str) -> str:
    """Return the page as it is by day or at night, whichever it is where it is looked at."""
    media = "all" if scheme == "dark" else "not all"
    there = html.replace("(prefers-color-scheme: dark)", media)
    return there.replace("color-scheme: light dark", f"color-scheme: {scheme}").replace(
        'content="light dark"', f'content="{scheme}"'
    )


def _sheet(session: Session, locale: str) -> Sheet:
    """Return the survey most are asked, as it is now."""
    live = sa.and_(Survey.published_at.is_not(None), Survey.retired_at.is_(None))
    order = (Survey.key != "after", Survey.id)
    survey_id = session.scalars(sa.select(Survey.id).where(live).order_by(*order)).first()
    return load_sheet(session, survey_id, locale) if survey_id else Sheet(locale, "", "", [])


def _readable(text: str) -> str:
    try:
        colour = read_colour(text)
    except ValueError:
        return ""
    return colour if is_readable(colour) else nearest_readable(colour)


def _inline(made: MadeLogo) -> Picture:
    address = f"data:image/png;base64,{b64encode(made.png).decode()}"
    return Picture(made.digest, made.width, made.height, address)


def _months() -> int:
    return int(current_app.config["RETENTION_MONTHS"])
