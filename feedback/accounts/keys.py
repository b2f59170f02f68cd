"""Programs' keys: made once, kept as digests, and asked for by the API."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from hashlib import sha256
from hmac import compare_digest
from typing import ParamSpec

from flask import g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.accounts.models import ApiKey, ApiKeyScope
from feedback.database import db, reading
from feedback.problems import problem

P = ParamSpec("P")

SCOPES = (
    "interactions:write",
    "interactions:read",
    "responses:read",
    "scores:read",
    "scores:read-all",
    "metrics:write",
    "bounces:write",
)


def make_key(session: Session, name: str, scopes: Iterable[str], now: datetime) -> str:
    """Store a new key and return its text, which cannot be had a second time.

    Raises:
        ValueError: there is no scope, or one that does not exist.

    """
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(SCOPES):
        raise ValueError(wanted)
    secret = secrets.token_urlsafe(32)
    key = ApiKey(name=name, secret_digest=_digest(secret), created_at=now)
    key.scopes = [ApiKeyScope(scope=scope) for scope in wanted]
    session.add(key)
    session.flush()
    return f"afk_{key.id}_{secret}"


def find_key(session: Session, token: str) -> ApiKey | None:
    """Return the key whose text this is, unless it is revoked."""
    mark, _separator, rest = token.partition("_")
    number, _separator, secret = rest.partition("_")
    known = mark == "afk" and number.isascii() and number.isdigit() and len(number) < 10
    key = session.get(ApiKey, int(number)) if known else None
    # The digests are compared even where there is no such key, so that both take as long.
    fits = compare_digest(_digest(secret), key.secret_digest if key else _digest(""))
    return key if key is not None and fits and key.revoked_at is None else None


def revoke_key(key: ApiKey, now: datetime) -> None:
    """Let the key open nothing from now on; the first moment stays."""
    key.revoked_at = key.revoked_at or now


def key_required(
    *scopes: str, also_as_password: bool = False
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let in only programs whose key has all these scopes; the key is then `g.api_key`.

    Services that can be told nothing but an address may send the key as that address's password.
    """
    if not set(scopes) <= set(SCOPES):
        raise ValueError(scopes)

    def guard(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            key = _look_up(_bearer() or (_password() if also_as_password else ""))
            if key is None:
                return _not_let_in()
            missing = [scope for scope in scopes if scope not in grants(key)]
            if missing:
                return _not_enough(missing)
            g.api_key = key
            return view(*args, **kwargs)

        return guarded

    return guard


def scopes_of(key: ApiKey) -> frozenset[str]:
    """Return what the key may do."""
    return frozenset(scope.scope for scope in key.scopes)


def grants(key: ApiKey) -> frozenset[str]:
    """Return what the key may do, and what follows from it: who sees all scores sees scores."""
    scopes = scopes_of(key)
    return scopes | {"scores:read"} if "scores:read-all" in scopes else scopes


def _look_up(token: str) -> ApiKey | None:
    """Return the key, loaded and let go of, in a transaction that has ended and only read."""
    session = db.session()
    # Else a call would hold SQLite's one write lock for as long as its body is on its way.
    with reading():
        key = find_key(session, token)
        if key is not None:
            scopes_of(key)
            session.expunge(key)
        session.rollback()
    return key


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _bearer() -> str:
    # Read by hand: werkzeug takes only what looks like base64 with its padding for a token.
    kind, _separator, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _password() -> str:
    given = request.authorization
    return (given.password or "") if given is not None and given.type == "basic" else ""


def _not_let_in() -> ResponseReturnValue:
    # One answer for no key, a wrong one and a revoked one.
    response = problem(401, _("No valid key"), _("Send a valid key as “Authorization: Bearer …”."))
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _not_enough(missing: list[str]) -> ResponseReturnValue:
    names = ", ".join(missing)
    response = problem(
        403,
        _("The key may not do this"),
        _("The key lacks the scope %(names)s.", names=names),
        missing_scopes=missing,
    )
    response.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{names}"'
    return response
