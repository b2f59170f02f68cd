"""Guards views: who must be signed in, who may come in, and what they may see."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

import flask_login
from flask import abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from feedback.accounts.models import User
from feedback.accounts.sight import ROLES, Sight, sight_of
from feedback.accounts.two_step.use import must_set_up

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)

# Behind the guards below there is always somebody; before them, ask `is_authenticated` first.
current_user = cast(User, flask_login.current_user)


def current_sight() -> Sight:
    """Return what the signed-in person may see."""
    staff = current_user.staff
    return sight_of(current_user.role, current_user.staff_id, staff.team_id if staff else None)


def signed_in(view: Callable[P, R]) -> Callable[P, ResponseReturnValue]:
    """Let nobody in who is not signed in; they are asked to, and come back afterwards."""
    return roles_allowed(*ROLES)(view)


def roles_allowed(
    *roles: str, before_two_step: bool = False
) -> Callable[[Callable[P, R]], Callable[P, ResponseReturnValue]]:
    """Let in only people with one of these roles; others get 403, strangers the sign-in page.

    Whoever must sign in in two steps and cannot yet is led to where that is set up, unless the
    page is one they need `before_two_step`.
    """
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise ValueError(f"no such role: {sorted(unknown)}")

    def guard(view: Callable[P, R]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return redirect(url_for("accounts.sign_in", next=way_back()))
            if not before_two_step and must_set_up(
                current_user, current_app.config["TWO_STEP_ROLES"]
            ):
                return redirect(url_for("two_step.page"), 303)
            if current_user.role not in roles:
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return guard


def way_back() -> str | None:
    """Return the address of this page, where it is one to come back to."""
    # A form that was sent cannot be sent again by going back to its address.
    return request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
