"""Signs browsers in and out, and knows again who comes with a cookie."""

from datetime import datetime, timedelta

import flask_login
from flask import Flask, request, session
from flask_login import LoginManager, UserMixin

from feedback import clock
from feedback.accounts import sessions
from feedback.accounts.models import User
from feedback.database import db
from feedback.languages import interface_language

sign_ins = LoginManager()
# A phone changes its network all day; what protects the session is that its row can be ended.
sign_ins.session_protection = None

_LANGUAGE = "language"


class _Browser(UserMixin):  # type: ignore[misc]
    """What the cookie names: not the person but this one signed-in browser."""

    def __init__(self, value: str) -> None:
        self.id = value


def install_sign_in(app: Flask) -> None:
    """Let the application know its people again by their cookies."""
    # Flask-Login would load the person for every page, also for customers' and for error pages.
    sign_ins.init_app(app, add_context_processor=False)
    app.config["PERMANENT_SESSION_LIFETIME"] = sessions.LASTS
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.config["REMEMBER_COOKIE_DURATION"] = timedelta(0)


@sign_ins.user_loader  # type: ignore[untyped-decorator]
def _load(value: str) -> User | None:
    found = sessions.find(db.session(), value, clock.now())
    return found.user if found else None


def begin(user: User, now: datetime) -> None:
    """Sign this browser in; whatever its session held before is dropped."""
    language = session.get(_LANGUAGE) or user.locale
    end_this(now)
    session.clear()
    session.permanent = True
    if language:
        session[_LANGUAGE] = interface_language(language)
    agent = request.user_agent.string
    flask_login.login_user(_Browser(sessions.begin(db.session(), user, agent, now)), force=True)


def this_digest() -> str:
    """Return the key of this browser's sign-in, or nothing."""
    value = session.get("_user_id")
    return sessions.digest_of(value) if isinstance(value, str) else ""


def end_this(now: datetime) -> None:
    """Sign this browser out, keeping only its language."""
    value = session.get("_user_id")
    found = sessions.find(db.session(), value, now) if isinstance(value, str) else None
    if found is not None:
        sessions.end(db.session(), found.user, found.digest, now)
    language = session.get(_LANGUAGE)
    session.clear()
    if language:
        session[_LANGUAGE] = language


def remember_language(locale: str) -> None:
    """Keep this language for the pages that follow."""
    if session.get(_LANGUAGE) != locale:
        session[_LANGUAGE] = locale


def remembered_language() -> str | None:
    """Return the language this browser chose."""
    return interface_language(session.get(_LANGUAGE))
