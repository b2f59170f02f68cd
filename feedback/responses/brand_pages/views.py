"""The list of brands, and the page of each with what customers would see of it."""

from dataclasses import asdict

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.access import roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About, changes
from feedback.accounts.set_up import name_organisation
from feedback.brands.change import NameTaken, add_brand, change_brand, keep_logo
from feedback.brands.face import Face, every_face, face_of
from feedback.brands.models import OWN, Brand
from feedback.brands.notice import is_behind, kept_notice, notice_at, versions, words_of
from feedback.database import db
from feedback.headers import let_be_framed, let_frame
from feedback.responses.brand_pages.form import BrandForm, contrasts
from feedback.responses.brand_pages.preview import face_in_form, shots, with_logo

blueprint = Blueprint("brands", __name__, url_prefix="/admin/brands")

# Above what a logo may have, so that one that is too large is told so by its field.
LARGEST_BODY = 4 * 1024 * 1024
_NEW = 0


def let_logos_in() -> None:
    """Let a body with a logo in; to be asked before anything reads the body."""
    if request.blueprint == blueprint.name:
        request.max_content_length = LARGEST_BODY


@blueprint.get("")
@roles_allowed("admin")
def list_page() -> ResponseReturnValue:
    """List the brands."""
    session, now, months = db.session(), clock.now(), current_app.config["RETENTION_MONTHS"]
    rows = []
    for face in every_face(session):
        notice = notice_at(session, face.brand_id, now)
        words = words_of(notice, face, str(get_locale()), months)
        rows.append((face, words, notice is not None and is_behind(notice, face, months)))
    text = render_template("admin/brands.html", rows=rows, sender=current_app.config["MAIL_SENDER"])
    return make_response(text)


@blueprint.get("/new")
@roles_allowed("admin")
def new() -> ResponseReturnValue:
    """Show an empty brand."""
    return _show(BrandForm(), None)


@blueprint.post("/new")
@roles_allowed("admin")
def add() -> ResponseReturnValue:
    """Make a brand, with the house's wording as its first privacy notice."""
    form, session, now = BrandForm(), db.session(), clock.now()
    if not form.validate_on_submit():
        return _show(form, None, 422)
    logo = keep_logo(session, form.made, now) if form.made else None
    try:
        brand = add_brand(session, form.values | {"logo_digest": logo}, now)
    except NameTaken as taken:
        session.rollback()
        form[taken.field].errors = [taken.reason]
        return _show(form, None, 422)
    kept_notice(session, brand.id, now, current_app.config["RETENTION_MONTHS"])
    note_done("brand.added", _about(brand.id), _said_of(face_of(session, brand.id)))
    session.commit()
    flash(_("Made. Touchpoints can now ask in its name."), "good")
    return redirect(url_for("brands.page", brand_id=brand.id), 303)


@blueprint.get("/<int:brand_id>")
@roles_allowed("admin")
def page(brand_id: int) -> ResponseReturnValue:
    """Show a brand and let it be changed."""
    face = _face(brand_id)
    form = BrandForm()
    form.fill(face)
    return _show(form, face)


@blueprint.post("/<int:brand_id>")
@roles_allowed("admin")
def change(brand_id: int) -> ResponseReturnValue:
    """Change a brand: from the next page and the next mail on."""
    session, now, face = db.session(), clock.now(), _face(brand_id)
    form = BrandForm()
    form.is_own = face.is_own
    before = _said_of(face)
    if not form.validate_on_submit():
        return _show(form, face, 422)
    brand, values = session.get_one(Brand, brand_id), form.values
    if form.made or form.without_logo.data:
        values["logo_digest"] = keep_logo(session, form.made, now) if form.made else None
    try:
        change_brand(session, brand, values)
    except NameTaken as taken:
        session.rollback()
        form[taken.field].errors = [taken.reason]
        return _show(form, _face(brand_id), 422)
    if brand_id == OWN:
        name_organisation(
            session,
            name_en=form.name_en.data,
            name_zh=form.name_zh.data,
            contact=form.contact.data,
            now=now,
        )
    session.flush()
    after = _said_of(face_of(session, brand_id))
    if found := changes(before, after):
        note_done("brand.changed", _about(brand_id), found)
    session.commit()
    flash(_("Saved."), "good")
    return redirect(url_for("brands.page", brand_id=brand_id), 303)


@blueprint.get("/<int:brand_id>/preview", endpoint="preview")
@roles_allowed("admin")
def show_preview(brand_id: int) -> ResponseReturnValue:
    """Show what customers see of a brand, or would see of a new one that says nothing yet."""
    return _preview(with_logo(db.session(), _face_or_none(brand_id)))


@blueprint.post("/<int:brand_id>/preview", endpoint="preview_form")
@roles_allowed("admin")
def preview_form(brand_id: int) -> ResponseReturnValue:
    """Show what customers would see if the form were saved; nothing is."""
    face = _face_or_none(brand_id)
    return _preview(face_in_form(db.session(), BrandForm(), face))


def _about(brand_id: int) -> About:
    return About("brand", brand_id, face_of(db.session(), brand_id).name("en"))


def _said_of(face: Face) -> dict[str, object]:
    """Return what the log keeps of a brand."""
    said: dict[str, object] = {
        name: value for name, value in asdict(face).items() if isinstance(value, str)
    }
    return said | {"logo": face.logo.digest if face.logo else ""}


def _face(brand_id: int) -> Face:
    db.get_or_404(Brand, brand_id)
    return face_of(db.session(), brand_id)


def _face_or_none(brand_id: int) -> Face:
    return _face(brand_id) if brand_id != _NEW else Face(_NEW, "…", "…")


def _preview(face: Face) -> ResponseReturnValue:
    session, now = db.session(), clock.now()
    notice = notice_at(session, face.brand_id, now)
    drawn = list(shots(session, face, notice, now))
    return let_be_framed(make_response(render_template("admin/brand_preview.html", shots=drawn)))


def _show(form: BrandForm, face: Face | None, status: int = 200) -> ResponseReturnValue:
    session, now, months = db.session(), clock.now(), current_app.config["RETENTION_MONTHS"]
    locale = str(get_locale())
    notice = notice_at(session, face.brand_id, now) if face else None
    text = render_template(
        "admin/brand.html",
        form=form,
        face=face,
        brand_id=face.brand_id if face else _NEW,
        name=face.name(locale) if face else _("A new brand"),
        contrasts=contrasts(face) if face else [],
        notice=words_of(notice, face, locale, months) if face else None,
        is_behind=notice is not None and face is not None and is_behind(notice, face, months),
        versions=len(versions(session, face.brand_id)) if face else 0,
        sender=current_app.config["MAIL_SENDER"],
    )
    return let_frame(make_response(text, status))
