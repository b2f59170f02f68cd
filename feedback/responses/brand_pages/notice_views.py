"""A brand's privacy notice: what is in force, what was, and the next version."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.accounts.models import User
from feedback.brands.face import Face, face_of
from feedback.brands.models import Brand, Notice
from feedback.brands.notice import (
    is_behind,
    places_of,
    publish,
    versions,
    words_of,
)
from feedback.brands.notice_texts import DEFAULT, LOCALES
from feedback.database import db
from feedback.responses.brand_pages.notice_form import NoticeForm, mode_words
from feedback.responses.models import Response

blueprint = Blueprint("notices", __name__, url_prefix="/admin/brands/<int:brand_id>/notice")


@dataclass(frozen=True)
class Version:
    """A version as it is listed."""

    notice: Notice
    mode: str
    # Whoever published it; nobody for the one that comes with the house.
    by: str
    # How many answers were given under it.
    answers: int
    is_in_force: bool


@blueprint.get("")
@roles_allowed("admin")
def page(brand_id: int) -> ResponseReturnValue:
    """Show the notice, its versions, and the form for the next."""
    face, form = _face(brand_id), NoticeForm()
    latest = _latest(brand_id)
    templates = {text.locale: text.template for text in latest.texts} if latest else DEFAULT
    form.fill(latest.mode if latest else "service", templates)
    return _show(form, face)


@blueprint.post("")
@roles_allowed("admin")
def publish_next(brand_id: int) -> ResponseReturnValue:
    """Publish the next version, which is in force from now on."""
    face, form, session = _face(brand_id), NoticeForm(), db.session()
    months = current_app.config["RETENTION_MONTHS"]
    form.places = {locale: places_of(face, locale, months) for locale in LOCALES}
    if not form.validate_on_submit():
        return _show(form, face, 422)
    made = publish(
        session,
        brand_id,
        mode=form.mode.data,
        templates=form.templates,
        months=months,
        by=current_user.id,
        now=clock.now(),
    )
    if made is not None:
        said = {"version": made.version, "mode": made.mode}
        note_done("notice.published", About("brand", brand_id, face.name("en")), said)
    session.commit()
    if made is None:
        flash(_("That is what is in force already; nothing was published."), "wait")
    else:
        flash(_("Version %(version)s is in force.", version=made.version), "good")
    return redirect(url_for("notices.page", brand_id=brand_id), 303)


@blueprint.get("/<int:version>")
@roles_allowed("admin")
def version_page(brand_id: int, version: int) -> ResponseReturnValue:
    """Show one version as it was published."""
    face, session = _face(brand_id), db.session()
    found = next(
        (one for one in _versions(session, brand_id) if one.notice.version == version), None
    )
    if found is None:
        abort(404)
    texts = [
        (text.locale, words_of(found.notice, face, text.locale, 0).paragraphs)
        for text in sorted(found.notice.texts, key=lambda text: text.locale, reverse=True)
    ]
    return make_response(
        render_template(
            "admin/notice_version.html", face=face, name=_name(face), one=found, texts=texts
        )
    )


def _face(brand_id: int) -> Face:
    db.get_or_404(Brand, brand_id)
    return face_of(db.session(), brand_id)


def _name(face: Face) -> str:
    return face.name(str(get_locale()))


def _latest(brand_id: int) -> Notice | None:
    return next(iter(versions(db.session(), brand_id)), None)


def _versions(session: Session, brand_id: int) -> list[Version]:
    found = versions(session, brand_id)
    counted = sa.select(Response.notice_id, sa.func.count()).group_by(Response.notice_id)
    ids = [notice.id for notice in found]
    rows = session.execute(counted.where(Response.notice_id.in_(ids))).all()
    answers: dict[int | None, int] = {row[0]: row[1] for row in rows}
    by_ids = {notice.published_by_id for notice in found} - {None}
    people = {
        user.id: user.name or user.email
        for user in session.scalars(sa.select(User).where(User.id.in_(by_ids)))
    }
    return [
        Version(
            notice,
            mode_words(notice.mode),
            people.get(notice.published_by_id or 0, ""),
            answers.get(notice.id, 0),
            place == 0,
        )
        for place, notice in enumerate(found)
    ]


def _show(form: NoticeForm, face: Face, status: int = 200) -> ResponseReturnValue:
    session, months = db.session(), current_app.config["RETENTION_MONTHS"]
    locale = str(get_locale())
    latest = _latest(face.brand_id)
    text = render_template(
        "admin/notice.html",
        form=form,
        face=face,
        name=_name(face),
        in_force=words_of(latest, face, locale, months),
        is_behind=latest is not None and is_behind(latest, face, months),
        versions=_versions(session, face.brand_id),
        stands_for=places_of(face, locale, months),
    )
    return make_response(text, status)
