"""Asks once more who sits there, before what must not be done at somebody's open browser.

Nothing that was typed is lost: the page that asks for the password carries the form along and sends
it, with the password, to where it was going.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts import sign_in, throttle
from feedback.accounts.access import current_user, way_back
from feedback.accounts.passwords import is_right
from feedback.database import db

P = ParamSpec("P")

# Beside the fields of whatever form is carried along.
FIELD = "password_now"


def recently(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let in only who has shown within ten minutes who they are; others are asked, and go on.

    To be put below the guard that says who may come in at all.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if sign_in.has_proved_lately(clock.now()):
            return view(*args, **kwargs)
        if request.method in ("GET", "HEAD"):
            return redirect(url_for("confirm.page", next=way_back()))
        if FIELD not in request.form:
            return confirm_page(None, 403)
        refusal = weigh(request.form[FIELD])
        return view(*args, **kwargs) if refusal is None else confirm_page(refusal, 422)

    return guarded


def weigh(password: str) -> str | None:
    """Compare the password with the signed-in person's; return why it does not do, or None."""
    now, user_id = clock.now(), current_user.id
    limit = throttle.Limit(f"password:{user_id}", 5)
    tries = throttle.note_try(db.session(), (limit,), now)
    if throttle.must_wait(db.session(), (limit,), now) is not None:
        throttle.take_back(db.session(), tries)
        db.session.commit()
        return str(_("Too many tries. Please wait a quarter of an hour."))
    password_hash = current_user.password_hash
    # Counted before it is weighed, and nobody waits for that to end.
    db.session.commit()
    if not is_right(password_hash, password):
        return str(_("This is not your present password."))
    throttle.forget(db.session(), limit)
    sign_in.note_proof(now)
    db.session.commit()
    return None


def confirm_page(
    refusal: str | None, status: int, destination: str | None = None
) -> ResponseReturnValue:
    """Return the page that asks for the password, with the form that was sent in it."""
    carried = [pair for pair in request.form.items(multi=True) if pair[0] not in (FIELD, "next")]
    action = request.full_path.rstrip("?")
    if destination is not None:
        carried, action = [], url_for("confirm.take")
    elif "next" in request.form:
        carried.append(("next", request.form["next"]))
    text = render_template(
        "account/confirm.html",
        refusal=refusal,
        carried=carried,
        action=action,
        destination=destination,
        field_name=FIELD,
        has_password=current_user.password_hash is not None,
        provider=current_app.config["OIDC_NAME"] if current_app.config["OIDC_ISSUER"] else None,
    )
    return make_response(text, status)
