"""The page for those who have forgotten their password, or never had one."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts import throttle
from feedback.accounts.forms import ForgottenForm
from feedback.accounts.frame import page_locale
from feedback.accounts.models import ResetRequest
from feedback.database import db

blueprint = Blueprint("forgotten", __name__, url_prefix="/forgotten")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Ask for the address a link may be mailed to."""
    return _page(ForgottenForm(), 200)


@blueprint.post("")
def ask() -> ResponseReturnValue:
    """Note that somebody wants a link.

    Nobody is looked up here: the worker does so later, so that a known address and an unknown one
    get the same words after the same work.
    """
    form, now = ForgottenForm(), clock.now()
    if not form.validate_on_submit():
        return _page(form, 422)
    limits = throttle.limits_of_forgotten(form.email.data, request.remote_addr)
    tries = throttle.note_try(db.session(), limits, now)
    if throttle.must_wait(db.session(), limits[1:], now) is not None:
        throttle.take_back(db.session(), tries)
        db.session.commit()
        form.form_errors.append(_("Too many tries. Please wait a quarter of an hour."))
        return _page(form, 429)
    # A mailbox is not to be filled by strangers; they are told the same as always.
    if throttle.must_wait(db.session(), limits[:1], now) is None:
        asked = ResetRequest(email=form.email.data, locale=page_locale(), asked_at=now)
        db.session.add(asked)
    db.session.commit()
    return redirect(url_for("forgotten.asked"), 303)


@blueprint.get("/asked")
def asked() -> ResponseReturnValue:
    """Say what happens now, whoever asked."""
    return make_response(render_template("account/forgotten_asked.html"))


def _page(form: ForgottenForm, status: int) -> ResponseReturnValue:
    return make_response(render_template("account/forgotten.html", form=form), status)
