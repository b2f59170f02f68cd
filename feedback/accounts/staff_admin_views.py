"""Pages of staff records: find one, add one, change one, move somebody to another team."""

from datetime import date
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts import keep_staff, staff_list
from feedback.accounts.access import roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About, changes
from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.accounts.recent import recently
from feedback.accounts.staff_forms import LinkForm, MoveForm, NewStaffForm, StaffForm
from feedback.database import db
from feedback.interactions.models import StaffMember, Team

Form = TypeVar("Form", NewStaffForm, MoveForm)

blueprint = Blueprint("staff_admin", __name__, url_prefix="/admin/staff")


@blueprint.get("")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """Find staff records."""
    return _list(_offering(NewStaffForm()))


@blueprint.post("")
@roles_allowed("admin")
def add() -> ResponseReturnValue:
    """Add a staff record."""
    form = _offering(NewStaffForm())
    if not form.validate_on_submit():
        return _list(form, 422)
    try:
        member = keep_staff.add_staff(
            db.session(),
            number=form.number.data,
            name=form.name.data,
            email=form.email.data,
            team=_team(form.team.data),
        )
    except NotPossible as refusal:
        db.session.rollback()
        form[refusal.field].errors = [refusal.reason]
        return _list(form, 422)
    note_done("staff.added", about_staff(member), changes({}, _said_of(member)))
    return _done(member.id, _("Added."))


@blueprint.get("/<int:staff_id>")
@roles_allowed("admin")
def record(staff_id: int) -> ResponseReturnValue:
    """Show one record, which teams they belonged to, and whose account it is."""
    return _show(_member(staff_id))


@blueprint.post("/<int:staff_id>")
@roles_allowed("admin")
def change(staff_id: int) -> ResponseReturnValue:
    """Change what a record says."""
    member, form = _member(staff_id), StaffForm()
    if not form.validate_on_submit():
        return _show(member, form, status=422)
    before = _said_of(member)
    try:
        keep_staff.change_staff(
            db.session(),
            member,
            number=form.number.data,
            name=form.name.data,
            email=form.email.data,
            left_on=form.left_day,
            zone=_zone(),
        )
    except NotPossible as refusal:
        db.session.rollback()
        form[refusal.field].errors = [refusal.reason]
        return _show(_member(staff_id), form, status=422)
    if details := changes(before, _said_of(member)):
        note_done("staff.changed", about_staff(member), details)
    return _done(staff_id, _("Saved."))


@blueprint.post("/<int:staff_id>/move")
@roles_allowed("admin")
def move(staff_id: int) -> ResponseReturnValue:
    """Let somebody belong to another team from a day on."""
    member, form = _member(staff_id), _offering(MoveForm())
    if not form.validate_on_submit():
        return _show(member, moving=form, status=422)
    team, before = _team(form.team.data), member.team.name if member.team else None
    day = date.fromisoformat(form.day.data)
    try:
        moved = keep_staff.move_staff(db.session(), member, team, day=day, today=_today())
    except NotPossible as refusal:
        db.session.rollback()
        form[refusal.field].errors = [refusal.reason]
        return _show(_member(staff_id), moving=form, status=422)
    if moved:
        after = team.name if team else None
        details = changes({"team": before}, {"team": after}) | {"from": day}
        note_done("staff.moved", about_staff(member), details)
    return _done(staff_id, _("Saved."))


@blueprint.post("/<int:staff_id>/account")
@roles_allowed("admin")
@recently
def link(staff_id: int) -> ResponseReturnValue:
    """Say whose record it is."""
    member, form = _member(staff_id), LinkForm()
    if not form.validate_on_submit():
        return _show(member, linking=form, status=422)
    try:
        before, after = keep_staff.link_account(db.session(), member, form.account.data)
    except NotPossible as refusal:
        db.session.rollback()
        form[refusal.field].errors = [refusal.reason]
        return _show(_member(staff_id), linking=form, status=422)
    if details := changes({"account": before}, {"account": after}):
        note_done("user.linked", about_staff(member), details)
    return _done(staff_id, _("Saved."))


def about_staff(member: StaffMember) -> About:
    """Return somebody's record as what something is done to."""
    return About("staff", member.id, f"{member.name} {member.external_id}")


def _list(form: NewStaffForm, status: int = 200) -> ResponseReturnValue:
    which = _which()
    found = staff_list.find_staff_records(db.session(), which)
    pages = range(1, found.pages + 1) if found.pages > 1 else ()
    text = render_template(
        "admin/staff_list.html",
        form=form,
        found=found,
        which=which,
        teams=staff_list.teams_by_name(db.session(), closed=True),
        states={"here": _("Here"), "left": _("Have left"), "all": _("All")},
        pages=[(number, _address(page=number)) for number in pages],
    )
    return make_response(text, status)


def _which() -> staff_list.Which:
    state = request.args.get("state", staff_list.HERE)
    words = "".join(c for c in request.args.get("q", "") if c.isprintable()).strip()[:120]
    return staff_list.Which(
        words,
        _number("team"),
        state if state in staff_list.STATES else staff_list.HERE,
        _number("page") or 1,
    )


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    # A number beyond these is in no database, and some could not even be asked for there.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _address(**more: int) -> str:
    given = {name: request.args[name] for name in ("q", "team", "state") if request.args.get(name)}
    return f"{url_for('staff_admin.page')}?{urlencode({**given, **more})}"


def _show(
    member: StaffMember,
    form: StaffForm | None = None,
    moving: MoveForm | None = None,
    linking: LinkForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    user = db.session.scalars(sa.select(User).where(User.staff_id == member.id)).one_or_none()
    said = {"number": member.external_id, "name": member.name, "email": member.email or ""}
    left = keep_staff.left_day(member, _zone())
    text = render_template(
        "admin/staff_record.html",
        member=member,
        user=user,
        form=form or StaffForm(formdata=None, **said, left_on=left.isoformat() if left else ""),
        moving=moving
        or _offering(
            MoveForm(formdata=None, team=str(member.team_id or ""), day=_today().isoformat())
        ),
        linking=linking or LinkForm(formdata=None, account=user.email if user else ""),
        memberships=list(reversed(member.memberships)),
    )
    return make_response(text, status)


def _offering(form: Form) -> Form:
    form.offer(staff_list.teams_by_name(db.session()))
    return form


def _member(staff_id: int) -> StaffMember:
    member = db.get_or_404(StaffMember, staff_id)
    # Of somebody who was erased there is nothing to be shown or changed.
    return member if member.erased_at is None else abort(404)


def _team(chosen: str) -> Team | None:
    return db.session.get(Team, int(chosen)) if chosen else None


def _said_of(member: StaffMember) -> dict[str, object]:
    return {
        "number": member.external_id,
        "name": member.name,
        "email": member.email,
        "team": member.team.name if member.team else None,
        "left_on": keep_staff.left_day(member, _zone()),
    }


def _done(staff_id: int, message: str) -> ResponseReturnValue:
    db.session.commit()
    flash(message, "good")
    return redirect(url_for("staff_admin.record", staff_id=staff_id), 303)


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["TIMEZONE"])


def _today() -> date:
    return clock.now().astimezone(_zone()).date()
