"""The pages on which somebody sets their second step up, and turns it off."""

import segno
from flask import Blueprint, current_app, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from feedback import clock
from feedback.accounts import sessions, sign_in
from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.acting import about_user, note_done
from feedback.accounts.forms import EmptyForm
from feedback.accounts.frame import first_page_of
from feedback.accounts.models import User
from feedback.accounts.recent import recently
from feedback.accounts.sight import ROLES
from feedback.accounts.two_step import recovery, totp
from feedback.accounts.two_step.forms import SetUpForm, TurnOffForm
from feedback.accounts.two_step.sealing import from_form, seal_for_form
from feedback.accounts.two_step.use import is_obliged, is_on, must_set_up, turn_off, turn_on
from feedback.accounts.two_step.weigh_code import CodeRefused, weigh_code
from feedback.database import db
from feedback.organisation import the_organisation

blueprint = Blueprint("two_step", __name__, url_prefix="/account/two-step")

# Whoever must set it up gets to these pages before they have.
_anybody = roles_allowed(*ROLES, before_two_step=True)


@blueprint.get("")
@_anybody
def page() -> ResponseReturnValue:
    """Show whether somebody signs in in two steps, and what they can do about it."""
    return _page(TurnOffForm(), 200)


def _page(form: TurnOffForm, status: int) -> ResponseReturnValue:
    roles = current_app.config["TWO_STEP_ROLES"]
    text = render_template(
        "account/two_step.html",
        form=form,
        empty=EmptyForm(),
        is_on=is_on(current_user),
        is_obliged=is_obliged(current_user, roles),
        is_stuck=must_set_up(current_user, roles),
        codes_left=recovery.codes_left(db.session(), current_user),
        codes=recovery.COUNT,
    )
    return make_response(text, status)


@blueprint.get("/set-up")
@_anybody
@recently
def set_up_page() -> ResponseReturnValue:
    """Show a new secret, as a picture and typed; nothing is kept before a code shows it arrived."""
    secret = totp.new_secret()
    form = SetUpForm(sealed=seal_for_form(secret, current_user.id, clock.now()))
    return _set_up(form, secret, 200)


@blueprint.post("/set-up")
@_anybody
@recently
def set_up() -> ResponseReturnValue:
    """Turn the second step on, if the code shows that the phone has the secret."""
    form, now = SetUpForm(), clock.now()
    secret = from_form(form.sealed.data or "", current_user.id, now)
    if secret is None:
        flash(_("That page had been open for too long. Here is a new secret."), "wait")
        return redirect(url_for("two_step.set_up_page"), 303)
    if not form.validate_on_submit():
        return _set_up(form, secret, 422)
    step = totp.fitting_step(secret, "".join((form.code.data or "").split()), now)
    if step is None:
        clocks = _("This code does not fit. Is the time on the phone right?")
        form.code.errors = [clocks]
        return _set_up(form, secret, 422)
    user = db.session.get_one(User, current_user.id)
    if is_on(user):
        # Whoever only knows the password must not give the account another phone.
        try:
            weigh_code(user, form.present.data or "", now)
        except CodeRefused as refusal:
            form.present.errors = [refusal.reason]
            return _set_up(form, secret, refusal.status)
    codes = turn_on(db.session(), user, secret, step, now)
    # Those were let in by a password alone.
    sessions.end_all(db.session(), user, now, but=sign_in.this_digest())
    note_done("two_step.turned_on", about_user(user))
    db.session.commit()
    return _codes(codes, 201)


@blueprint.post("/codes")
@_anybody
@recently
def new_codes() -> ResponseReturnValue:
    """Make ten new recovery codes and show them, once."""
    user = db.session.get_one(User, current_user.id)
    if not is_on(user):
        return redirect(url_for("two_step.page"), 303)
    codes = recovery.new_codes(db.session(), user)
    note_done("two_step.new_codes", about_user(user))
    db.session.commit()
    return _codes(codes, 201)


@blueprint.post("/off")
@_anybody
@recently
def off() -> ResponseReturnValue:
    """Turn the second step off, given a last code; not for those who must have it."""
    form, now = TurnOffForm(), clock.now()
    user = db.session.get_one(User, current_user.id)
    if not is_on(user) or is_obliged(user, current_app.config["TWO_STEP_ROLES"]):
        return redirect(url_for("two_step.page"), 303)
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        weigh_code(user, form.code.data, now)
    except CodeRefused as refusal:
        form.code.errors = [refusal.reason]
        return _page(form, refusal.status)
    turn_off(db.session(), user)
    note_done("two_step.turned_off", about_user(user))
    db.session.commit()
    flash(_("From now on your password is enough."), "good")
    return redirect(url_for("two_step.page"), 303)


def _set_up(form: SetUpForm, secret: bytes, status: int) -> ResponseReturnValue:
    organisation = the_organisation(db.session())
    # An app shows no more of a name, and a picture holds no more.
    issuer = ("Afterword" + (f" {organisation.name_en}" if organisation else ""))[:60].rstrip()
    address = totp.address(secret, current_user.email, issuer)
    text = render_template(
        "account/two_step_set_up.html",
        form=form,
        picture=_picture(address),
        address=address,
        secret=totp.written(secret),
        is_on=is_on(current_user),
    )
    return make_response(text, status)


def _picture(address: str) -> Markup:
    """Return a QR code as SVG without a style of its own, which the pages' rules would refuse."""
    code = segno.make(address, error="m", micro=False)
    # The address is drawn, not written; what stands in the SVG are numbers.
    return Markup(  # noqa: S704
        code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    )


def _codes(codes: list[str], status: int) -> ResponseReturnValue:
    # Not after a redirect: they are in no address and no cookie, only on this one page.
    text = render_template(
        "account/recovery_codes.html", codes=codes, destination=first_page_of(current_user)
    )
    return make_response(text, status)
