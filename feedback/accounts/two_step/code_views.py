"""The second page of signing in, for those whose password was right a moment ago."""

from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from feedback import clock
from feedback.accounts import sign_in
from feedback.accounts.destinations import safe_destination
from feedback.accounts.entering import let_in
from feedback.accounts.models import User
from feedback.accounts.two_step.forms import CodeForm
from feedback.accounts.two_step.recovery import codes_left
from feedback.accounts.two_step.use import is_on
from feedback.accounts.two_step.weigh_code import CodeRefused, weigh_code
from feedback.database import db

blueprint = Blueprint("two_step_code", __name__, url_prefix="/sign-in/code")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Ask for the code."""
    return _again() if _half(clock.now()) is None else _page(CodeForm(), 200)


@blueprint.post("")
def take() -> ResponseReturnValue:
    """Take the code, once, and let in."""
    form, now = CodeForm(), clock.now()
    user = _half(now)
    if user is None:
        return _again()
    if not form.validate_on_submit() or not form.said:
        form.code.errors = [_("This is needed.")]
        return _page(form, 422)
    try:
        kind = weigh_code(user, form.said, now)
    except CodeRefused as refusal:
        form.form_errors.append(refusal.reason)
        # What was wrong is only in the way of what comes next.
        form.code.data = ""
        return _page(form, refusal.status)
    left = codes_left(db.session(), user)
    answer = let_in(user, _destination(), now, {"second": kind})
    if kind == "recovery":
        flash(
            ngettext(
                "%(num)s recovery code is left. Make new ones on your account page.",
                "%(num)s recovery codes are left. You can make new ones on your account page.",
                left,
            ),
            "wait",
        )
    return answer


def _half(now: datetime) -> User | None:
    user = sign_in.half_signed_in(now)
    return user if user is not None and is_on(user) else None


def _again() -> ResponseReturnValue:
    return redirect(url_for("accounts.sign_in", next=_destination()), 303)


def _destination() -> str | None:
    return safe_destination(request.values.get("next"))


def _page(form: CodeForm, status: int) -> ResponseReturnValue:
    text = render_template("account/code.html", form=form, destination=_destination())
    return make_response(text, status)
