"""The versions of a brand's privacy notice: which is in force, and how the next is published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.brands.face import Face, face_of
from feedback.brands.models import MODES, Brand, Notice, NoticeText
from feedback.brands.notice_texts import DEFAULT, TRANSLATED, filled, paragraphs
from feedback.languages import nearest, survey_language
from feedback.surveys.wording import in_language


@dataclass(frozen=True)
class Words:
    """What a customer is told, in one language."""

    # None: the house's wording, which nobody has been asked under yet.
    version: int | None
    mode: str
    published_at: datetime | None
    text: str
    # The language the text is in, which need not be the one asked for.
    locale: str

    @property
    def asks_consent(self) -> bool:
        """Tell whether nothing is taken without a tick."""
        return self.mode == "consent"

    @property
    def paragraphs(self) -> list[str]:
        """Return the text, paragraph by paragraph."""
        return paragraphs(self.text)


def places_of(face: Face, locale: str, months: int) -> dict[str, str]:
    """Return what the places of a text stand for."""
    return {
        "company": face.company(locale),
        "contact": face.contact,
        "months": str(months),
    }


def words_of(notice: Notice | None, face: Face, locale: str, months: int) -> Words:
    """Return a version's words in the language, or in the nearest it exists in."""
    asked = survey_language(locale) or "en"
    if notice is None:
        house = DEFAULT | TRANSLATED
        tag = nearest([asked, "en"], tuple(house)) or "en"
        text = filled(house[tag], places_of(face, tag, months))
        return Words(None, "service", None, text, tag)
    texts = {text.locale: text for text in notice.texts}
    found = in_language(texts, asked) or notice.texts[0]
    ours = nearest([asked], tuple(TRANSLATED))
    if ours and ours not in texts and asked not in texts and _is_house(found):
        # The house's wording is the same in whichever language it is read.
        text = filled(TRANSLATED[ours], places_of(face, ours, months))
        return Words(notice.version, notice.mode, notice.published_at, text, ours)
    return Words(notice.version, notice.mode, notice.published_at, found.text, found.locale)


def _is_house(text: NoticeText) -> bool:
    return text.template == DEFAULT.get(text.locale)


def notice_at(session: Session, brand_id: int, moment: datetime) -> Notice | None:
    """Return the version in force at a moment: the latest published by then, else the first."""
    is_out = Notice.published_at <= moment
    found = session.scalars(
        sa.select(Notice)
        .where(Notice.brand_id == brand_id)
        .options(joinedload(Notice.texts))
        .order_by(
            is_out.desc(),
            sa.case((is_out, Notice.version), else_=-Notice.version).desc(),
        )
        .limit(1)
    )
    return found.unique().first()


def versions(session: Session, brand_id: int) -> list[Notice]:
    """Return all versions of a brand, the latest first."""
    query = sa.select(Notice).where(Notice.brand_id == brand_id)
    return list(session.scalars(query.order_by(Notice.version.desc())))


def kept_notice(session: Session, brand_id: int, moment: datetime, months: int) -> Notice:
    """Return the version in force at a moment, keeping the house's wording as the first if needed.

    Adds and flushes; the caller commits.
    """
    found = notice_at(session, brand_id, moment)
    if found is not None:
        return found
    brand = _locked(session, brand_id)
    # Somebody else may have kept it while we waited for the lock.
    return notice_at(session, brand_id, moment) or _add(
        session,
        brand,
        version=1,
        mode="service",
        templates=DEFAULT,
        months=months,
        # It has been what customers read since there is the brand.
        at=brand.created_at,
    )


def publish(
    session: Session,
    brand_id: int,
    *,
    mode: str,
    templates: Mapping[str, str],
    months: int,
    by: int,
    now: datetime,
) -> Notice | None:
    """Publish the next version; return None where it would say just what is in force.

    Adds and flushes; the caller commits.
    """
    if mode not in MODES:
        raise ValueError(mode)
    brand = _locked(session, brand_id)
    kept_notice(session, brand_id, now, months)
    latest = versions(session, brand_id)[0]
    if latest.mode == mode and not _differs(latest, templates, face_of(session, brand_id), months):
        return None
    return _add(
        session,
        brand,
        version=latest.version + 1,
        mode=mode,
        templates=templates,
        months=months,
        at=now,
        by=by,
    )


def is_behind(notice: Notice, face: Face, months: int) -> bool:
    """Tell whether what it says of the company, the contact or the months is no longer so."""
    templates = {text.locale: text.template for text in notice.texts}
    return _differs(notice, templates, face, months)


def _differs(notice: Notice, templates: Mapping[str, str], face: Face, months: int) -> bool:
    as_it_is = {text.locale: text.text for text in notice.texts}
    return as_it_is != {
        locale: filled(template, places_of(face, locale, months))
        for locale, template in templates.items()
    }


def _locked(session: Session, brand_id: int) -> Brand:
    # Two who publish at the same time take turns; SQLite's writers do so by themselves.
    return session.scalars(sa.select(Brand).where(Brand.id == brand_id).with_for_update()).one()


def _add(
    session: Session,
    brand: Brand,
    *,
    version: int,
    mode: str,
    templates: Mapping[str, str],
    months: int,
    at: datetime,
    by: int | None = None,
) -> Notice:
    face = face_of(session, brand.id)
    notice = Notice(
        brand_id=brand.id,
        version=version,
        mode=mode,
        published_at=at,
        published_by_id=by,
        texts=[
            NoticeText(
                locale=locale,
                template=template,
                text=filled(template, places_of(face, locale, months)),
            )
            for locale, template in templates.items()
        ],
    )
    session.add(notice)
    session.flush()
    return notice
