"""The page of annotations: what happened on which day, who noted it, and what was withdrawn."""

from flask import Blueprint, abort, flash, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.accounts.people import NotPossible
from feedback.database import db
from feedback.reports import dates
from feedback.reports.aims.aim_forms import AnnotationForm
from feedback.reports.aims.aim_subjects import aim_subjects, subject_names
from feedback.reports.gather import address
from feedback.reports.models import Annotation
from feedback.reports.reader import Reader, this_reader
from feedback.reports.trends.annotate import annotate, said_of, withdraw
from feedback.reports.trends.annotations import all_annotations
from feedback.touchpoints.set_target import MAY_SET

blueprint = Blueprint("annotations", __name__)


@blueprint.get("/reports/annotations")
@roles_allowed("manager", "analyst", "admin")
def page() -> ResponseReturnValue:
    """List the annotations."""
    reader = this_reader()
    return _show(reader, _form(reader))


@blueprint.post("/reports/annotations")
@roles_allowed(*MAY_SET)
def add() -> ResponseReturnValue:
    """Note what happened on a day."""
    reader = this_reader()
    form = _form(reader)
    if not form.validate_on_submit():
        return _show(reader, form, 422)
    subject, subject_id = form.subject
    try:
        made = annotate(
            reader.session,
            day=form.chosen_day,
            text=form.text.data,
            breaks=form.breaks.data,
            subject=subject,
            subject_id=subject_id,
            by=current_user,
            now=clock.now(),
        )
    except NotPossible as refusal:
        db.session.rollback()
        form[refusal.field].errors = [refusal.reason]
        return _show(reader, form, 422)
    note_done("annotation.added", About("annotation", made.id), said_of(made))
    db.session.commit()
    flash(_("Noted; it stands on the charts of that day."), "good")
    return redirect(address("annotations.page", {}), 303)


@blueprint.post("/reports/annotations/<int:annotation_id>/withdraw")
@roles_allowed(*MAY_SET)
def take_back(annotation_id: int) -> ResponseReturnValue:
    """Take a note off the charts."""
    if db.session.get(Annotation, annotation_id) is None:
        abort(404)
    try:
        withdraw(db.session(), annotation_id, by=current_user, now=clock.now())
    except NotPossible as refusal:
        db.session.rollback()
        flash(refusal.reason, "wait")
    else:
        note_done("annotation.withdrawn", About("annotation", annotation_id))
        db.session.commit()
        flash(_("Withdrawn; it stands on no chart any more."), "good")
    return redirect(address("annotations.page", {}), 303)


def _form(reader: Reader) -> AnnotationForm:
    form = AnnotationForm(day=reader.today.isoformat())
    form.offer(aim_subjects(reader.session, reader.locale))
    return form


def _show(reader: Reader, form: AnnotationForm, status: int = 200) -> ResponseReturnValue:
    text = render_template(
        "reports/annotations.html",
        form=form,
        annotations=all_annotations(reader.session),
        names=subject_names(reader.session, reader.locale),
        may_change=current_user.role in MAY_SET,
        dates=dates,
        address=address,
    )
    return make_response(text, status)
