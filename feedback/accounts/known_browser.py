"""Browsers from which an account was signed in before: guessing elsewhere does not slow them.

The cookie lets nobody in. It only says which limit of tries a browser comes under, so that neither
an office behind one address nor the owner of an account can be locked out by whoever guesses.
"""

import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature

from feedback.links import keys_for, timed_serializer

_PURPOSE = "known browser"
_LASTS = timedelta(days=180)
# A shared desk has a few people; the cookie must not grow for ever.
_MOST = 5


def remember_browser(email: str, now: datetime) -> None:
    """Let this browser, once it has its answer, be known as one of this account's."""
    browser, marks = _read(now) or (secrets.token_urlsafe(12), [])
    mark = _mark(email)
    kept = [mark, *(one for one in marks if one != mark)][:_MOST]
    content = [browser, int(now.timestamp()), kept]
    value = str(timed_serializer(_PURPOSE).dumps(content))

    @after_this_request
    def keep(response: Response) -> Response:
        secure = current_app.config["SESSION_COOKIE_SECURE"] or request.is_secure
        response.set_cookie(
            _cookie_name(), value, max_age=_LASTS, secure=secure, httponly=True, samesite="Lax"
        )
        return response


def known_browser(email: str, now: datetime) -> str | None:
    """Return what this browser is called if the account was signed in from it before, else None."""
    found = _read(now)
    return found[0] if found and _mark(email) in found[1] else None


def _read(now: datetime) -> tuple[str, list[str]] | None:
    value = request.cookies.get(_cookie_name(), "")
    try:
        content: Any = timed_serializer(_PURPOSE).loads(value)
    except BadSignature:
        return None
    browser, seconds, marks = content
    if now >= datetime.fromtimestamp(seconds, UTC) + _LASTS:
        return None
    return browser, marks


def _cookie_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-known"


def _mark(email: str) -> str:
    # Whoever finds the cookie learns nobody's address from it.
    return hmac.digest(keys_for(_PURPOSE)[0], email.encode(), "sha256").hex()[:24]
