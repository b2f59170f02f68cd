"""Takes a code somebody typed, within the limit of tries."""

from datetime import datetime

from flask import request
from flask_babel import gettext as _

from feedback.accounts import throttle
from feedback.accounts.acting import about_user, as_actor, note_done
from feedback.accounts.models import User
from feedback.accounts.two_step.use import limit_of, take_code
from feedback.database import db


class CodeRefused(Exception):
    """The code does not do; says why, to be shown, and with which status."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


def weigh_code(user: User, text: str, now: datetime) -> str:
    """Take a code and return its kind, "phone" or "recovery"; it is used up with the next commit.

    Raises:
        CodeRefused: it is wrong or used, or there were too many tries; that is committed already.

    """
    limit = limit_of(user)
    tries = throttle.note_try(db.session(), (limit,), now)
    if throttle.must_wait(db.session(), (limit,), now) is not None:
        throttle.take_back(db.session(), tries)
        db.session.commit()
        raise CodeRefused(_("Too many tries. Please wait a quarter of an hour."), 429)
    kind = take_code(db.session(), user, text, now)
    if kind is None:
        _note_failure(user, now)
        raise CodeRefused(_("This code does not fit, or has been used already."), 422)
    throttle.forget(db.session(), limit)
    return kind


def _note_failure(user: User, now: datetime) -> None:
    """Note the first failed try and the one that closes the door, as with passwords."""
    limit = limit_of(user)
    failed = throttle.count(db.session(), limit, now)
    if failed in (1, limit.tries):
        network = throttle.network_of(request.remote_addr)
        details = {"second": True, "tries": failed, "from": network}
        details["must_wait"] = failed == limit.tries
        note_done("sign_in.failed", about_user(user), details, by=as_actor(user))
    db.session.commit()
