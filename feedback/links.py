"""Makes and reads the signed links customers get, and the nonces of the pages shown to them."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

# How long the key to everything held about somebody opens it, from when they asked for it.
OWN_KEY_LASTS = timedelta(hours=2)
# How long a link for a password that was asked for by mail is good, from when it was asked for.
RESET_KEY_LASTS = timedelta(hours=1)


class BadLink(Exception):
    """A link nobody here has made, whatever the reason: the answer is the same."""


def signing_keys() -> list[str]:
    """Return all keys, the one in use last."""
    # itsdangerous signs with the last key and accepts them all.
    older = current_app.config["SECRET_KEY_FALLBACKS"]
    return [*reversed(older), current_app.config["SECRET_KEY"]]


def keys_for(purpose: str) -> list[bytes]:
    """Return the keys for one purpose alone, today's first, then those that are still accepted."""
    return [
        hmac.digest(key.encode(), purpose.encode(), "sha256") for key in reversed(signing_keys())
    ]


def _serializer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(signing_keys(), salt=purpose, signer_kwargs={"digest_method": sha256})


def survey_token(invitation_id: int) -> str:
    """Return the token of an invitation: always the same, so the reminder carries the same link."""
    return _token("survey", invitation_id)


def read_survey_token(token: str) -> int:
    """Return the invitation's id, or raise BadLink."""
    return _read_token("survey", token)


def preferences_token(invitation_id: int) -> str:
    """Return what opens the preferences of whoever an invitation was sent to, and no survey."""
    return _token("preferences", invitation_id)


def read_preferences_token(token: str) -> int:
    """Return the invitation's id, or raise BadLink."""
    return _read_token("preferences", token)


def _token(purpose: str, invitation_id: int) -> str:
    return str(_serializer(purpose).dumps(invitation_id))


def _read_token(purpose: str, token: str) -> int:
    try:
        invitation_id = _serializer(purpose).loads(token)
    except (BadSignature, UnicodeEncodeError) as error:
        raise BadLink from error
    # A token is an id and nothing else; the same text with other base64 padding bits is refused.
    if not isinstance(invitation_id, int) or not _is_exact(purpose, invitation_id, token):
        raise BadLink
    return invitation_id


def _is_exact(purpose: str, content: object, token: str) -> bool:
    """Tell whether the token is written exactly as one of our keys writes it."""
    return any(
        URLSafeSerializer([key], salt=purpose, signer_kwargs={"digest_method": sha256}).dumps(
            content
        )
        == token
        for key in signing_keys()
    )


def own_key(invitation_id: int, at: datetime) -> str:
    """Return what opens everything held about whoever an invitation was sent to, for a while.

    The same for the same moment, so that a mail that is repeated is the same to the last byte.
    """
    return str(_serializer("own").dumps([invitation_id, int(at.timestamp())]))


def read_own_key(key: str) -> tuple[int, datetime]:
    """Return the invitation's id and the moment the key was asked for, or raise BadLink."""
    try:
        content: Any = _serializer("own").loads(key)
    except (BadSignature, UnicodeEncodeError) as error:
        raise BadLink from error
    if not _is_exact("own", content, key):
        raise BadLink
    invitation_id, seconds = content
    return invitation_id, datetime.fromtimestamp(seconds, UTC)


def reset_key(user_id: int, mark: str, at: datetime) -> str:
    """Return what lets its holder set a password; `mark` is the present one's, so it works once.

    The same for the same moment, so that a mail that is repeated is the same to the last byte.
    """
    return str(_serializer("reset").dumps([user_id, mark, int(at.timestamp())]))


def read_reset_key(key: str) -> tuple[int, str, datetime]:
    """Return whose password, the mark of the present one, and when it was asked for.

    Raises:
        BadLink: nobody here has made this key.

    """
    try:
        content: Any = _serializer("reset").loads(key)
    except (BadSignature, UnicodeEncodeError) as error:
        raise BadLink from error
    if not _is_exact("reset", content, key):
        raise BadLink
    user_id, mark, seconds = content
    return user_id, mark, datetime.fromtimestamp(seconds, UTC)


def survey_url(invitation_id: int) -> str:
    """Return the address of the survey, beginning with PUBLIC_URL and never with a Host header."""
    return f"{current_app.config['PUBLIC_URL']}/s/{survey_token(invitation_id)}"


@dataclass(frozen=True)
class Shown:
    """What a page's nonce says: which invitation, what for, shown when, and which showing."""

    invitation_id: int
    purpose: str
    at: datetime
    page: str


def preferences_url(invitation_id: int) -> str:
    """Return the address of the preferences, beginning with PUBLIC_URL like every link in mails."""
    return f"{current_app.config['PUBLIC_URL']}/p/{preferences_token(invitation_id)}"


def page_nonce(invitation_id: int, *, purpose: str, now: datetime) -> str:
    """Return the dated nonce a survey page carries, which tells a shown page from a blind post.

    The purpose is "answer", "change" (asking for the page to change an answer on), "amend",
    "stop", "stop again", "undo", "preferences", "own" (asking for the key to everything held),
    "erase" or "withdraw:" with a response's number; what is good for one is no good for the others.
    """
    milliseconds = round(now.timestamp() * 1000)
    content = [invitation_id, purpose, milliseconds, secrets.token_urlsafe(9)]
    return str(_serializer("page").dumps(content))


def read_page_nonce(nonce: str) -> Shown | None:
    """Return what the nonce says, or None if we did not make it."""
    try:
        content: Any = _serializer("page").loads(nonce)
    except (BadSignature, UnicodeEncodeError):
        return None
    # The same text with other padding bits is refused, as with every other token.
    if not _is_exact("page", content, nonce):
        return None
    invitation_id, purpose, milliseconds, page = content
    return Shown(invitation_id, purpose, datetime.fromtimestamp(milliseconds / 1000, UTC), page)


def timed_serializer(purpose: str) -> URLSafeTimedSerializer:
    """Return a serializer for links that end, such as setting a password."""
    return URLSafeTimedSerializer(
        signing_keys(), salt=purpose, signer_kwargs={"digest_method": sha256}
    )
