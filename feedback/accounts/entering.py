"""Lets somebody in who has shown who they are, by whichever steps that took."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import redirect
from flask.typing import ResponseReturnValue

from feedback.accounts import sign_in, throttle
from feedback.accounts.acting import about_user, as_actor, note_done
from feedback.accounts.frame import first_page_of
from feedback.accounts.known_browser import known_browser
from feedback.accounts.models import User
from feedback.database import db


def let_in(
    user: User, destination: str | None, now: datetime, how: Mapping[str, Any] | None = None
) -> ResponseReturnValue:
    """Sign this browser in, note it, and lead to where its owner wanted to be."""
    failed = 0
    limits = {throttle.account_limit(user.email)}
    if (known := known_browser(user.email, now)) is not None:
        limits |= set(throttle.limits_of(user.email, None, known))
    for limit in limits:
        failed += throttle.count(db.session(), limit, now)
        throttle.forget(db.session(), limit)
    sign_in.begin(user, now)
    details = {"failed_before": failed, **(how or {})}
    note_done("sign_in.begun", about_user(user), details, by=as_actor(user))
    db.session.commit()
    return redirect(destination or first_page_of(user), 303)
