"""The page that asks for the password once more before a page is shown or a file is sent."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from feedback import clock
from feedback.accounts import sign_in
from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.destinations import safe_destination
from feedback.accounts.frame import first_page_of
from feedback.accounts.recent import FIELD, confirm_page, weigh
from feedback.accounts.sight import ROLES

blueprint = Blueprint("confirm", __name__, url_prefix="/confirm")

# Setting up the second step is asked about here, too, by those who get to nothing else before.
_anybody = roles_allowed(*ROLES, before_two_step=True)
_FILES = (".csv", ".xlsx", ".json")


@blueprint.get("")
@_anybody
def page() -> ResponseReturnValue:
    """Ask for the password, or lead on whoever has just given it."""
    destination = _destination()
    if not sign_in.has_proved_lately(clock.now()):
        return confirm_page(None, 200, destination)
    if destination.partition("?")[0].endswith(_FILES):
        # A file comes beside a page; without one of its own this one would go on asking.
        return make_response(render_template("account/confirmed.html", destination=destination))
    return redirect(destination)


@blueprint.post("")
@_anybody
def take() -> ResponseReturnValue:
    """Take the password and lead on."""
    destination = _destination()
    refusal = weigh(request.form.get(FIELD, ""))
    if refusal is not None:
        return confirm_page(refusal, 422, destination)
    return redirect(url_for("confirm.page", next=destination), 303)


def _destination() -> str:
    return safe_destination(request.values.get("next")) or first_page_of(current_user)
