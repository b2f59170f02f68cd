"""Signs browsers in and out, and knows again who comes with a cookie."""

from datetime import UTC, datetime, timedelta

import flask_login
from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, UserMixin
from sqlalchemy.exc import OperationalError

from feedback import clock
from feedback.accounts import sessions
from feedback.accounts.known_browser import remember_browser
from feedback.accounts.models import User
from feedback.accounts.people import fingerprint
from feedback.accounts.throttle import network_of
from feedback.database import db, is_reading, writing_session
from feedback.languages import interface_language

sign_ins = LoginManager()
# A phone changes its network all day; what protects the session is that its row can be ended.
sign_ins.session_protection = None

_LANGUAGE = "language"
_HALF = "half"
_PROVIDER = "provider"
# Time enough to look for a phone.
_HALF_LASTS = timedelta(minutes=10)


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
    now = clock.now()
    found = sessions.find(db.session(), value, now, idle_limit())
    if found is None:
        return None
    g.proved_at = found.proved_at
    if sessions.is_worth_noting(found, now):
        _note_use(found.digest, now)
    return found.user


def _note_use(digest: str, now: datetime) -> None:
    if not is_reading():
        # Within what the page writes anyway: one thread has no second turn at SQLite's file.
        sessions.note_use(db.session(), digest, now)
        return
    try:
        with writing_session() as session:
            sessions.note_use(session, digest, now)
    except OperationalError as error:
        # Whoever only reads is not kept from it because nothing can be written at the moment.
        current_app.logger.warning("the last use of a browser could not be noted: %s", error.orig)


def idle_limit() -> timedelta:
    """Return after how long a browser that is not used is signed out."""
    return timedelta(minutes=current_app.config["IDLE_MINUTES"])


def begin(user: User, now: datetime) -> None:
    """Sign this browser in; whatever its session held before is dropped."""
    language = session.get(_LANGUAGE) or user.locale
    end_this(now)
    session.clear()
    session.permanent = True
    if language:
        session[_LANGUAGE] = interface_language(language)
    agent, network = request.user_agent.string, network_of(request.remote_addr)
    value = sessions.begin(db.session(), user, agent, now, network)
    flask_login.login_user(_Browser(value), force=True)
    remember_browser(user.email, now)


def has_proved_lately(now: datetime) -> bool:
    """Tell whether whoever sits at this browser has shown who they are within a few minutes."""
    return bool(flask_login.current_user.is_authenticated) and (now < g.proved_at + sessions.RECENT)


def note_proof(now: datetime) -> None:
    """Keep that whoever sits at this browser has just shown who they are."""
    sessions.note_proof(db.session(), this_digest(), now)
    g.proved_at = now


def begin_half(user: User, now: datetime) -> None:
    """Remember that this browser's password was right; nobody is signed in by that yet."""
    session[_HALF] = [user.id, int(now.timestamp()), fingerprint(user)]


def half_signed_in(now: datetime) -> User | None:
    """Return whose password was right at this browser a few minutes ago, else None."""
    half = session.get(_HALF)
    if not isinstance(half, list) or len(half) != 3:
        return None
    user_id, seconds, mark = half
    begun = datetime.fromtimestamp(seconds, UTC)
    user = db.session.get(User, user_id) if now < begun + _HALF_LASTS else None
    # Another password, or none to be had any more, ends this as it ends whole sign-ins.
    return user if user and user.left_at is None and fingerprint(user) == mark else None


def this_digest() -> str:
    """Return the key of this browser's sign-in, or nothing."""
    value = session.get("_user_id")
    return sessions.digest_of(value) if isinstance(value, str) else ""


def end_this(now: datetime) -> None:
    """Sign this browser out, keeping only its language."""
    value = session.get("_user_id")
    found = None
    if isinstance(value, str):
        found = sessions.find(db.session(), value, now, idle_limit())
    if found is not None:
        sessions.end(db.session(), found.user, found.digest, now)
    language = session.get(_LANGUAGE)
    session.clear()
    if language:
        session[_LANGUAGE] = language


def remember_provider() -> None:
    """Remember that this browser was signed in at the organisation's own sign-in service."""
    session[_PROVIDER] = True


def came_from_provider() -> bool:
    """Tell whether this browser was signed in at the organisation's own sign-in service."""
    return bool(session.get(_PROVIDER))


def remember_language(locale: str) -> None:
    """Keep this language for the pages that follow."""
    if session.get(_LANGUAGE) != locale:
        session[_LANGUAGE] = locale


def remembered_language() -> str | None:
    """Return the language this browser chose."""
    return interface_language(session.get(_LANGUAGE))
