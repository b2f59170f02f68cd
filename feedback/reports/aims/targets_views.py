"""The page of targets: what applies, what waits for a second person, and the whole log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.accounts.people import NotPossible
from feedback.database import db
from feedback.reports import dates, figures
from feedback.reports.aims.aim_forms import TargetForm
from feedback.reports.aims.aim_subjects import SUBJECTS, aim_subjects, subject_names
from feedback.reports.aims.outcomes import target_value_words
from feedback.reports.gather import address
from feedback.reports.reader import Reader, this_reader
from feedback.touchpoints.models import Target
from feedback.touchpoints.set_target import (
    MAY_SET,
    confirm_target,
    decline_target,
    said_of,
    set_target,
)
from feedback.touchpoints.targets import applied, replaced_by, the_log

blueprint = Blueprint("targets", __name__)

# What a refusal of the verb is about, by the field of the form.
_FIELDS = {"from": "start", "to": "end"}


@dataclass(frozen=True)
class Entry:
    """A line of the log, and what applied before it."""

    line: Target
    before: Target | None


@blueprint.get("/reports/targets")
@roles_allowed("manager", "analyst", "admin")
def page() -> ResponseReturnValue:
    """List the targets."""
    reader = this_reader()
    return _show(reader, _form(reader))


@blueprint.post("/reports/targets")
@roles_allowed(*MAY_SET)
def add() -> ResponseReturnValue:
    """Set a target, or propose one for days that have begun."""
    reader = this_reader()
    form = _form(reader)
    if not form.validate_on_submit():
        return _show(reader, form, 422)
    (subject, subject_id), (first, last) = form.subject, form.days
    try:
        line = set_target(
            reader.session,
            metric=form.metric.data,
            wave=int(form.wave.data),
            subject=subject,
            subject_id=subject_id,
            value=form.chosen_value,
            from_day=first,
            to_day=last,
            reason=form.reason.data,
            by=current_user,
            now=clock.now(),
            zone=reader.zone,
        )
    except NotPossible as refusal:
        db.session.rollback()
        form[_FIELDS.get(refusal.field, refusal.field)].errors = [refusal.reason]
        return _show(reader, form, 422)
    note_done("target.set", About("target", line.id), said_of(line))
    db.session.commit()
    if line.is_waiting:
        said = _("Proposed. Its days have begun, so it counts once a second person confirms it.")
        flash(said, "wait")
    else:
        flash(_("Set, from %(day)s on.", day=dates.day_words(first)), "good")
    return redirect(address("targets.page", {}), 303)


@blueprint.post("/reports/targets/<int:target_id>/confirm")
@roles_allowed(*MAY_SET)
def confirm(target_id: int) -> ResponseReturnValue:
    """Let a target that was set late count, as the second person."""
    _there(target_id)
    try:
        confirm_target(db.session(), target_id, by=current_user, now=clock.now())
    except NotPossible as refusal:
        return _refused(refusal)
    note_done("target.confirmed", About("target", target_id))
    return _done(_("Confirmed; it counts from now on, and charts say that it was set late."))


@blueprint.post("/reports/targets/<int:target_id>/decline")
@roles_allowed(*MAY_SET)
def decline(target_id: int) -> ResponseReturnValue:
    """Let a target that was set late not count."""
    _there(target_id)
    try:
        decline_target(db.session(), target_id, by=current_user, now=clock.now())
    except NotPossible as refusal:
        return _refused(refusal)
    note_done("target.declined", About("target", target_id))
    return _done(_("Declined; what applied before still does."))


def _there(target_id: int) -> None:
    if db.session.get(Target, target_id) is None:
        abort(404)


def _refused(refusal: NotPossible) -> ResponseReturnValue:
    db.session.rollback()
    flash(refusal.reason, "wait")
    return redirect(address("targets.page", {}), 303)


def _done(words: str) -> ResponseReturnValue:
    db.session.commit()
    flash(words, "good")
    return redirect(address("targets.page", {}), 303)


def _form(reader: Reader) -> TargetForm:
    form = TargetForm()
    form.offer(aim_subjects(reader.session, reader.locale))
    return form


def _show(reader: Reader, form: TargetForm, status: int = 200) -> ResponseReturnValue:
    lines = the_log(reader.session)
    entries = [Entry(line, replaced_by(lines, line)) for line in lines]
    text = render_template(
        "reports/targets.html",
        form=form,
        now_applying=_applying(lines, reader.today),
        waiting=[entry for entry in entries if entry.line.is_waiting],
        entries=entries,
        names=subject_names(reader.session, reader.locale),
        value_words=target_value_words,
        may_change=current_user.role in MAY_SET,
        reader_id=current_user.id,
        dates=dates,
        figures=figures,
        address=address,
    )
    return make_response(text, status)


def _applying(lines: Sequence[Target], today: date) -> list[Target]:
    """Return what applies today to each subject by itself, everything first."""
    keys = {(line.metric, line.wave, line.subject, line.subject_id) for line in lines}
    order = ("all", *SUBJECTS)
    found = []
    for metric, wave, subject, id_ in sorted(
        keys, key=lambda key: (order.index(key[2]), key[3], key[0], key[1])
    ):
        on = applied(lines, metric, wave, [(subject, id_)], today, today)
        found += [one.target for one in on]
    return found
