"""What an administrator does about how people sign in: end it, oblige to two steps, help out."""

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import chosen, clock
from feedback.accounts import sessions
from feedback.accounts.access import roles_allowed
from feedback.accounts.acting import about_user, note_done
from feedback.accounts.audit import About, changes
from feedback.accounts.models import User
from feedback.accounts.recent import recently
from feedback.accounts.sight import ROLES
from feedback.accounts.two_step.use import turn_off
from feedback.database import db

blueprint = Blueprint("person_admin", __name__, url_prefix="/admin/people")


@blueprint.post("/<int:user_id>/sign-ins/end")
@roles_allowed("admin")
def end_sign_ins(user_id: int) -> ResponseReturnValue:
    """Sign all of somebody's browsers out."""
    user = db.get_or_404(User, user_id)
    if ended := sessions.end_all(db.session(), user, clock.now()):
        note_done("user.signed_out", about_user(user), {"browsers": ended})
    return _done(_("%(name)s is signed out everywhere.", name=user.email))


@blueprint.post("/<int:user_id>/two-step/reset")
@roles_allowed("admin")
@recently
def reset_two_step(user_id: int) -> ResponseReturnValue:
    """Let a password do again for somebody whose phone is lost; they are signed out everywhere."""
    user = db.get_or_404(User, user_id)
    if turn_off(db.session(), user):
        sessions.end_all(db.session(), user, clock.now())
        note_done("two_step.reset", about_user(user))
    return _done(_("%(name)s signs in without a code until they set it up anew.", name=user.email))


@blueprint.post("/<int:user_id>/two-step/oblige")
@roles_allowed("admin")
@recently
def oblige(user_id: int) -> ResponseReturnValue:
    """Oblige one person to sign in in two steps; they get to nothing else before they can."""
    user = db.get_or_404(User, user_id)
    if user.two_step_wanted_at is None:
        user.two_step_wanted_at = clock.now()
        note_done("two_step.obliged", about_user(user))
    return _done(_("%(name)s must sign in in two steps.", name=user.email))


@blueprint.post("/<int:user_id>/two-step/release")
@roles_allowed("admin")
@recently
def release(user_id: int) -> ResponseReturnValue:
    """Leave it to one person whether they sign in in two steps, unless their role says so."""
    user = db.get_or_404(User, user_id)
    if user.two_step_wanted_at is not None:
        user.two_step_wanted_at = None
        note_done("two_step.released", about_user(user))
    return _done(_("%(name)s may decide about two-step sign-in.", name=user.email))


@blueprint.post("/two-step-roles")
@roles_allowed("admin")
@recently
def choose_roles() -> ResponseReturnValue:
    """Oblige everybody of some roles to sign in in two steps."""
    config, wanted = current_app.config, request.form.getlist("roles")
    if chosen.where_else(current_app, "TWO_STEP_ROLES") is None and set(wanted) <= set(ROLES):
        before = list(config["TWO_STEP_ROLES"])
        after = [role for role in ROLES if role in wanted]
        values = {"TWO_STEP_ROLES": ",".join(after)}
        chosen.choose(db.session(), values, keys=chosen.keys_of(config), now=clock.now())
        if details := changes({"roles": sorted(before)}, {"roles": sorted(after)}):
            note_done("two_step.roles_changed", About("settings"), details)
        db.session.commit()
        chosen.refresh(current_app, at_once=True)
        flash(_("Saved."), "good")
    return redirect(url_for("accounts_admin.people_page"), 303)


def _done(message: str) -> ResponseReturnValue:
    db.session.commit()
    flash(message, "good")
    return redirect(url_for("accounts_admin.people_page"), 303)
