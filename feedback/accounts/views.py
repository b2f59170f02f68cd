"""Pages for signing in and out, and for setting up."""

from datetime import datetime, timedelta
from math import ceil

import sqlalchemy as sa
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
from flask import g as request_facts
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import IntegrityError

from feedback import chosen, clock
from feedback.accounts import audit, people, set_up, sign_in, throttle
from feedback.accounts.access import current_user
from feedback.accounts.acting import NOBODY, about_user, as_actor, note_done
from feedback.accounts.audit import About
from feedback.accounts.destinations import safe_destination
from feedback.accounts.entering import let_in
from feedback.accounts.forms import (
    NewPasswordForm,
    SetUpForm,
    SignInForm,
)
from feedback.accounts.frame import first_page_of
from feedback.accounts.known_browser import known_browser
from feedback.accounts.models import User
from feedback.accounts.passwords import hash_password, is_outdated, is_right
from feedback.accounts.site import choose_site, leave_out_given, site_defaults
from feedback.accounts.two_step import use as two_step
from feedback.database import db
from feedback.languages import interface_language
from feedback.pauses import begin_pause

blueprint = Blueprint("accounts", __name__)

# Customers' pages set no cookie and programs have no language; neither is touched here.
_WITHOUT_SESSION = frozenset({"responses", "api", "health", "metrics"})


@blueprint.before_app_request
def choose_language_of_this_browser() -> None:
    """Read and keep the language somebody switched to."""
    if request.endpoint in (None, "static") or request.blueprint in _WITHOUT_SESSION:
        return
    if asked := interface_language(request.args.get("lang")):
        sign_in.remember_language(asked)
    request_facts.language = sign_in.remembered_language()


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Lead everybody to where they most likely want to be."""
    if current_user.is_authenticated:
        return redirect(first_page_of(current_user))
    return redirect(url_for("accounts.sign_in" if _is_set_up() else "accounts.set_up_page"))


@blueprint.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
def sign_in_page() -> ResponseReturnValue:
    """Ask who it is; the answer is the same for a wrong password and for an unknown address."""
    destination = safe_destination(request.values.get("next"))
    if current_user.is_authenticated:
        return redirect(destination or first_page_of(current_user))
    form = SignInForm()
    if request.method == "GET" and not _is_set_up():
        return redirect(url_for("accounts.set_up_page"))
    if not form.validate_on_submit():
        return _sign_in_form(form, destination, 200 if request.method == "GET" else 422)
    now = clock.now()
    known = known_browser(form.email.data, now)
    limits = throttle.limits_of(form.email.data, request.remote_addr, known)
    tries = throttle.note_try(db.session(), limits, now)
    wait = throttle.must_wait(db.session(), limits, now)
    if wait is not None:
        throttle.take_back(db.session(), tries)
        db.session.commit()
        return _too_many(form, destination, wait)
    # The try is counted before the password is weighed, and nobody waits for that to end.
    db.session.commit()
    user = _who(form.email.data, form.password.data)
    if user is None:
        _note_failure(form.email.data, limits[0], now)
        form.form_errors.append(_("The address and the password do not fit together."))
        return _sign_in_form(form, destination, 422)
    throttle.take_back(db.session(), tries)
    if two_step.is_on(user):
        sign_in.begin_half(user, now)
        db.session.commit()
        return redirect(url_for("two_step_code.page", next=destination), 303)
    return let_in(user, destination, now)


def _who(email: str, password: str) -> User | None:
    query = sa.select(User).where(User.email == email, User.left_at.is_(None))
    user = db.session.scalar(query) if people.is_email(email) else None
    password_hash = user.password_hash if user else None
    # The transaction ends here, so that no other writer stands behind the slow comparison.
    db.session.rollback()
    if not is_right(password_hash, password):
        return None
    user = db.session.scalar(query)
    if user is not None and user.password_hash and is_outdated(user.password_hash):
        user.password_hash = hash_password(password)
    return user


def _note_failure(email: str, limit: throttle.Limit, now: datetime) -> None:
    """Note the first failed try and the one that closes the door, so that guessing fills no log."""
    failed = throttle.count(db.session(), limit, now)
    if failed in (1, limit.tries):
        query = sa.select(User).where(User.email == email)
        user = db.session.scalar(query) if people.is_email(email) else None
        network = throttle.network_of(request.remote_addr)
        note_done(
            "sign_in.failed",
            # Whatever somebody typed who is not known here may be a password.
            about_user(user) if user else About("user", "", "?"),
            {"tries": failed, "from": network, "must_wait": failed == limit.tries},
        )
    db.session.commit()


def _sign_in_form(form: SignInForm, destination: str | None, status: int) -> ResponseReturnValue:
    text = render_template(
        "account/sign_in.html",
        form=form,
        destination=destination,
        provider=current_app.config["OIDC_NAME"] if current_app.config["OIDC_ISSUER"] else None,
    )
    return make_response(text, status)


def _too_many(form: SignInForm, destination: str | None, wait: timedelta) -> ResponseReturnValue:
    minutes = max(1, ceil(wait.total_seconds() / 60))
    form.form_errors.append(
        ngettext(
            "Too many tries. Please wait %(num)s minute.",
            "Too many tries. Please wait %(num)s minutes.",
            minutes,
        )
    )
    response = make_response(_sign_in_form(form, destination, 429))
    response.headers["Retry-After"] = str(ceil(wait.total_seconds()))
    return response


@blueprint.post("/sign-out", endpoint="sign_out")
def sign_out_page() -> ResponseReturnValue:
    """Sign this browser out."""
    user = db.session.get(User, current_user.id) if current_user.is_authenticated else None
    by_provider = sign_in.came_from_provider()
    sign_in.end_this(clock.now())
    if user is not None:
        note_done("sign_in.ended", about_user(user), by=as_actor(user))
    db.session.commit()
    if by_provider and current_app.config["OIDC_ISSUER"]:
        return redirect(url_for("oidc.ended"), 303)
    flash(_("You are signed out."), "good")
    return redirect(url_for("accounts.sign_in"), 303)


def _is_set_up() -> bool:
    return set_up.is_set_up(db.session())


def _is_done() -> ResponseReturnValue:
    """Lead whoever comes to set-up a second time, or as the second of two, to the sign-in."""
    flash(_("This site has been set up already. Nothing has been changed."))
    return redirect(url_for("accounts.home"), 303)


@blueprint.route("/set-up", methods=["GET", "POST"])
def set_up_page() -> ResponseReturnValue:
    """Name the organisation and its first administrator, as long as there is nobody."""
    if _is_set_up():
        return _is_done()
    code = request.values.get("code", "")
    if not set_up.is_code(current_app.instance_path, code):
        # Make it now, so that the page can say where it is to be found.
        set_up.set_up_code(current_app.instance_path)
        return make_response(render_template("account/set_up_code.html"), 403)
    form = SetUpForm(**site_defaults(), quietly=True)
    given = leave_out_given(form)
    if not form.validate_on_submit():
        text = render_template("account/set_up.html", form=form, code=code, given=given)
        return make_response(text, 200 if request.method == "GET" else 422)
    now = clock.now()
    try:
        set_up.name_organisation(
            db.session(),
            name_en=form.name_en.data,
            name_zh=form.name_zh.data,
            contact=form.contact.data,
            now=now,
        )
        user = set_up.first_admin(db.session(), form.email.data, form.password.data, now)
        choose_site(db.session(), form, now)
        if form.quietly.data:
            begin_pause(db.session(), now=now, by=form.email.data)
        sign_in.begin(user, now)
        named = {"name_en": form.name_en.data, "name_zh": form.name_zh.data}
        details = audit.changes({}, named | {"contact": form.contact.data})
        note_done("organisation.set_up", About("organisation", 1), details, by=as_actor(user))
        note_done("user.added", about_user(user), {"role": user.role}, by=as_actor(user))
        db.session.commit()
    except IntegrityError:
        # Somebody else was a moment faster; there is an administrator now.
        db.session.rollback()
        return _is_done()
    set_up.forget_code(current_app.instance_path)
    chosen.refresh(current_app, at_once=True)
    flash(_("Welcome. What follows leads to the first invitation, step by step."), "good")
    return redirect(url_for("first_hour.page"), 303)


@blueprint.route("/password/<token>", methods=["GET", "POST"])
def set_password_page(token: str) -> ResponseReturnValue:
    """Let the holder of the link choose a password, once."""
    posting = request.method == "POST"
    user = people.read_password_link(db.session(), token, clock.now(), locking=posting)
    if user is None:
        return make_response(render_template("account/password_link_ended.html"), 410)
    form = NewPasswordForm()
    form.email_of_account = user.email
    if not form.validate_on_submit():
        text = render_template("account/set_password.html", form=form, email=user.email)
        return make_response(text, 422 if posting else 200)
    people.set_password(db.session(), user, form.password.data, clock.now())
    # Whoever holds the link is not known to be the one it was made for.
    note_done("user.password_set", about_user(user), {"by": "link"}, by=NOBODY)
    db.session.commit()
    flash(_("The password is set. Please sign in with it."), "good")
    return redirect(url_for("accounts.sign_in"), 303)
