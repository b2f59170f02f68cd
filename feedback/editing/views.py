"""The pages on which surveys are listed, written and published."""

from collections.abc import Callable
from dataclasses import asdict

import sqlalchemy as sa
from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from feedback import clock
from feedback.accounts.access import roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About, changes
from feedback.database import db
from feedback.editing.changes import do, own_key
from feedback.editing.go_live import go_live
from feedback.editing.overview import overview
from feedback.editing.page import NEW_LANGUAGES, editor_page, page_locale, published_page
from feedback.editing.read_form import read_form, read_upkeep
from feedback.editing.words import template_words
from feedback.surveys.draft import (
    NotADraft,
    begin_draft,
    begin_version,
    copy_survey,
    drop_draft,
    save_draft,
)
from feedback.surveys.gaps import Upkeep
from feedback.surveys.keep import change_upkeep
from feedback.surveys.library import TEMPLATES, template
from feedback.surveys.models import Survey
from feedback.surveys.publish import Incomplete, live_version
from feedback.surveys.read import content_of, read_survey, upkeep_of

blueprint = Blueprint("editing", __name__, url_prefix="/admin/surveys")

# Twenty questions in twelve languages are a long form.
MOST_PARTS = 12_000
LARGEST_BODY = 2 * 1024 * 1024


@blueprint.before_request
def _let_forms_be_long() -> None:
    request.max_form_parts = MOST_PARTS
    request.max_content_length = request.max_form_memory_size = LARGEST_BODY


@blueprint.get("")
@roles_allowed("admin")
def list_page() -> ResponseReturnValue:
    """List every survey with its versions."""
    rows = overview(db.session(), page_locale())
    return make_response(render_template("admin/surveys.html", rows=rows))


@blueprint.get("/new")
@roles_allowed("admin")
def new() -> ResponseReturnValue:
    """Ask what a new survey is called and what it begins with."""
    return _show_new({}, {})


@blueprint.post("/new")
@roles_allowed("admin")
def add() -> ResponseReturnValue:
    """Begin a survey nobody has asked yet."""
    sent, session = request.form, db.session()
    errors = own_key(session, sent.get("key", "").strip())
    languages = [tag for tag in NEW_LANGUAGES if tag in sent.getlist("languages")]
    if not languages:
        errors["languages"] = _("Please choose at least one.")
    if errors:
        return _show_new(dict(sent), errors, 422)
    chosen = sent.get("template", "")
    content = template(chosen if chosen in TEMPLATES else "short", languages)
    upkeep = Upkeep(most_questions=5 if chosen == "phone" else 3)
    made = begin_draft(session, sent["key"].strip(), content, upkeep, clock.now())
    note_done("survey.begun", _about(made))
    db.session.commit()
    return redirect(url_for("editing.page", survey_id=made.id), 303)


def _show_new(
    given: dict[str, str], errors: dict[str, str], status: int = 200
) -> ResponseReturnValue:
    text = render_template(
        "admin/survey_new.html",
        given=given,
        errors=errors,
        languages=NEW_LANGUAGES,
        templates=[(name, template_words(name)) for name in TEMPLATES],
    )
    return make_response(text, status)


@blueprint.get("/<int:survey_id>")
@roles_allowed("admin")
def page(survey_id: int) -> ResponseReturnValue:
    """Show a version: a draft to be written, one that is published to be read."""
    survey = _survey(survey_id)
    if survey.published_at is not None:
        return published_page(db.session(), survey)
    return editor_page(db.session(), survey, content_of(survey))


@blueprint.post("/<int:survey_id>")
@roles_allowed("admin")
def save(survey_id: int) -> ResponseReturnValue:
    """Save the draft as it was sent, and do what its button says: move, add, remove, publish."""
    survey, session = _survey(survey_id), db.session()
    live = live_version(session, survey.key)
    live_keys = {item.key for item in content_of(live).items} if live else set()
    read = read_form(request.form, live_keys)
    asked = request.form.get("do", "save")
    content = read.content
    if not read.errors:
        content = do(asked, content, request.form, read.errors)
    if read.errors:
        if survey.published_at is not None:
            return _not_a_draft(survey)
        return editor_page(session, survey, content, read, status=422)
    number, about_it = survey.id, _about(survey)
    try:
        revision = save_draft(session, number, _revision(), content, read.upkeep)
        note_done("survey.saved", about_it)
        db.session.commit()
        if asked == "publish":
            return _publish(number, revision)
    except (NotADraft, IntegrityError):
        db.session.rollback()
        return _not_a_draft(_survey(number))
    flash(_("Saved."), "good")
    return redirect(_back_to(number, asked, len(content.items)), 303)


def _back_to(survey_id: int, asked: str, count: int) -> str:
    """Return the address of the draft, at the place its button was pressed at."""
    action, _colon, rest = asked.partition(":")
    place = rest.split(":")[0]
    anchors = {
        "up": f"q{max(int(place) - 1, 0)}" if place.isdigit() else None,
        "down": f"q{int(place) + 1}" if place.isdigit() else None,
        "add": f"q{count - 1}",
        "add-option": f"q{place}",
        "remove-option": f"q{place}",
        "language-add": "words-heading",
        "language-remove": "words-heading",
        "look": "preview",
    }
    look = rest if action == "look" else request.form.get("look") or None
    return url_for("editing.page", survey_id=survey_id, look=look, _anchor=anchors.get(action))


def _publish(survey_id: int, revision: int) -> ResponseReturnValue:
    session = db.session()
    try:
        moved = go_live(session, survey_id, revision, clock.now())
        note_done("survey.published", _about(_survey(survey_id)))
        db.session.commit()
    except Incomplete:
        db.session.rollback()
        survey = _survey(survey_id)
        return editor_page(session, survey, content_of(survey), refused=True, status=422)
    if moved:
        flash(_("Published. %(count)s planned invitations ask it now.", count=moved), "good")
    else:
        flash(_("Published. Whoever is asked from now on gets this version."), "good")
    return redirect(url_for("editing.page", survey_id=survey_id), 303)


def _not_a_draft(survey: Survey) -> ResponseReturnValue:
    """Say that nothing was saved, and show the form as it was sent where there still is one."""
    if survey.published_at is not None:
        flash(_("This version is published, so nothing of it was changed."), "bad")
        return redirect(url_for("editing.page", survey_id=survey.id), 303)
    read = read_form(request.form)
    read.errors["revision"] = _(
        "Somebody else has saved this draft meanwhile. Yours stands below and is not saved yet;"
        " saved once more, it replaces theirs."
    )
    return editor_page(db.session(), survey, read.content, read, status=409)


@blueprint.post("/<int:survey_id>/about")
@roles_allowed("admin")
def about(survey_id: int) -> ResponseReturnValue:
    """Change what a published version is for and who answers for it; what it asks stays."""
    survey = _survey(survey_id)
    if survey.published_at is None:
        return redirect(url_for("editing.page", survey_id=survey_id), 303)
    upkeep, errors = read_upkeep(request.form)
    if not (upkeep.purpose_en or upkeep.purpose_zh):
        errors["purpose_zh"] = _("This is needed.")
    if not upkeep.owner_name:
        errors["owner_name"] = _("This is needed.")
    if errors:
        return published_page(db.session(), survey, upkeep, errors, 422)
    before = asdict(upkeep_of(survey))
    change_upkeep(db.session(), survey, upkeep)
    if details := changes(before, asdict(upkeep_of(survey))):
        note_done("survey.changed", _about(survey), details)
    db.session.commit()
    flash(_("Saved."), "good")
    return redirect(url_for("editing.page", survey_id=survey_id), 303)


@blueprint.post("/<int:survey_id>/version")
@roles_allowed("admin")
def version(survey_id: int) -> ResponseReturnValue:
    """Begin the next version; where somebody has already, go on with theirs."""
    return _begin(lambda survey: begin_version(db.session(), survey, clock.now()), survey_id)


@blueprint.post("/<int:survey_id>/copy")
@roles_allowed("admin")
def copy(survey_id: int) -> ResponseReturnValue:
    """Begin another survey with the same words."""
    key = request.form.get("key", "").strip()
    if errors := own_key(db.session(), key):
        for reason in errors.values():
            flash(reason, "bad")
        return redirect(url_for("editing.page", survey_id=survey_id), 303)
    return _begin(lambda one: copy_survey(db.session(), one, key, clock.now()), survey_id)


def _begin(begin: Callable[[Survey], Survey], survey_id: int) -> ResponseReturnValue:
    survey = _survey(survey_id)
    key = survey.key
    try:
        draft = begin(survey)
        made = draft.id
        note_done("survey.begun", _about(draft), {"from": survey_id})
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        there = sa.select(Survey.id).where(Survey.key == key, Survey.published_at.is_(None))
        made = db.session().scalar(there) or survey_id
    return redirect(url_for("editing.page", survey_id=made), 303)


@blueprint.post("/<int:survey_id>/drop")
@roles_allowed("admin")
def drop(survey_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    survey = _survey(survey_id)
    about_it = _about(survey)
    try:
        drop_draft(db.session(), survey_id, _revision())
        note_done("survey.dropped", about_it)
        db.session.commit()
    except NotADraft:
        db.session.rollback()
        flash(_("It has been changed meanwhile, so it is still there."), "bad")
        return redirect(url_for("editing.page", survey_id=survey_id), 303)
    flash(_("The draft is gone."), "good")
    return redirect(url_for("editing.list_page"), 303)


def _about(survey: Survey) -> About:
    return About("survey", survey.id, f"{survey.key} {survey.version}")


def _revision() -> int:
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _survey(survey_id: int) -> Survey:
    db.get_or_404(Survey, survey_id)
    found = read_survey(db.session(), survey_id)
    assert found is not None  # noqa: S101 — it was there a moment ago, in the same transaction.
    return found
