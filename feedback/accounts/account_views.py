"""Pages for one's own account."""

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, url_for
from flask import g as request_facts
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts import people, sessions, sign_in, throttle
from feedback.accounts.access import current_user, signed_in
from feedback.accounts.acting import about_user, as_actor, note_done
from feedback.accounts.audit import changes
from feedback.accounts.forms import ChangePasswordForm, EmptyForm, PreferencesForm
from feedback.accounts.frame import role_name
from feedback.accounts.models import User
from feedback.accounts.passwords import is_right
from feedback.accounts.two_step.use import is_on
from feedback.database import db

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
@signed_in
def page() -> ResponseReturnValue:
    """Show one's own account."""
    form = PreferencesForm(name=current_user.name, locale=current_user.locale or "")
    return _page(form, ChangePasswordForm())


def _page(
    preferences: PreferencesForm, password: ChangePasswordForm, status: int = 200
) -> ResponseReturnValue:
    now = clock.now()
    text = render_template(
        "account/account.html",
        preferences=preferences,
        password=password,
        ending=EmptyForm(),
        role=role_name(current_user.role),
        sign_ins=sessions.still_open(db.session(), current_user, now, sign_in.idle_limit()),
        this=sign_in.this_digest(),
        idle_minutes=current_app.config["IDLE_MINUTES"],
        lasts_hours=int(sessions.LASTS.total_seconds() // 3600),
        two_step=is_on(current_user),
    )
    return make_response(text, status)


@blueprint.post("/account")
@signed_in
def save_preferences() -> ResponseReturnValue:
    """Keep how somebody is called and which language they read."""
    form = PreferencesForm()
    if not form.validate_on_submit():
        return _page(form, ChangePasswordForm(), 422)
    before = {"name": current_user.name, "locale": current_user.locale}
    current_user.name = form.name.data
    current_user.locale = form.locale.data or None
    after = {"name": current_user.name, "locale": current_user.locale}
    if details := changes(before, after):
        note_done("user.changed", about_user(current_user), details)
    if current_user.locale:
        sign_in.remember_language(current_user.locale)
        request_facts.language = current_user.locale
    db.session.commit()
    flash(_("Saved."), "good")
    return redirect(url_for("account.page"), 303)


@blueprint.post("/account/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Change one's own password, given the present one; every browser is signed out but this."""
    form = ChangePasswordForm()
    form.email_of_account = current_user.email
    preferences = PreferencesForm(
        formdata=None, name=current_user.name, locale=current_user.locale or ""
    )
    if not form.validate_on_submit():
        return _page(preferences, form, 422)
    now = clock.now()
    limit = throttle.Limit(f"password:{current_user.id}", 5)
    tries = throttle.note_try(db.session(), (limit,), now)
    too_many = throttle.must_wait(db.session(), (limit,), now) is not None
    if too_many or not is_right(current_user.password_hash, form.old.data):
        if too_many:
            throttle.take_back(db.session(), tries)
        db.session.commit()
        words = _("Too many tries. Please wait a quarter of an hour.")
        form.old.errors = [words if too_many else _("This is not your present password.")]
        return _page(preferences, form, 429 if too_many else 422)
    throttle.forget(db.session(), limit)
    user = db.session.get_one(User, current_user.id)
    people.set_password(db.session(), user, form.password.data, now)
    # A new value for this browser too: whoever had copied the old cookie is out.
    sign_in.begin(user, now)
    note_done("user.password_set", about_user(user), {"by": "old password"}, by=as_actor(user))
    db.session.commit()
    flash(_("Your password is changed; other browsers are signed out."), "good")
    return redirect(url_for("account.page"), 303)


@blueprint.post("/account/sign-ins/<digest>/end")
@signed_in
def end_sign_in(digest: str) -> ResponseReturnValue:
    """Sign another of one's own browsers out."""
    if sessions.end(db.session(), current_user, digest, clock.now()):
        note_done("sign_in.ended", about_user(current_user), {"where": "another browser"})
    db.session.commit()
    flash(_("That browser is signed out."), "good")
    return redirect(url_for("account.page"), 303)


@blueprint.post("/account/sign-ins/end")
@signed_in
def end_other_sign_ins() -> ResponseReturnValue:
    """Sign all of one's own browsers out but this."""
    ended = sessions.end_all(db.session(), current_user, clock.now(), but=sign_in.this_digest())
    if ended:
        note_done("sign_in.ended", about_user(current_user), {"where": "all other browsers"})
    db.session.commit()
    flash(_("All other browsers are signed out."), "good")
    return redirect(url_for("account.page"), 303)
