"""Verifies what the provider says of who came: signed by it, for us, now, and in answer to us."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from feedback.accounts.oidc.provider import Provider, keys_of
from feedback.accounts.oidc.refused import Refused

# Signatures with a public key only: what is signed with our own secret, or not at all, proves
# nothing about the provider.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
# Two clocks are never quite the same.
_LEEWAY = timedelta(seconds=60)
_LONGEST_SUBJECT = 255


@dataclass(frozen=True)
class Guest:
    """Who came from the provider: whom it means, and when they last showed it who they are."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool
    name: str
    proved_at: datetime | None


def verify(
    token: object, provider: Provider, *, client_id: str, nonce: str, now: datetime
) -> Guest:
    """Return who came; raises Refused where anything about the token is not as it must be."""
    claims = _claims(token, provider)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    subject = claims.get("sub")
    issued = _moment(claims.get("iat"))
    expires = _moment(claims.get("exp"))
    wrong = {
        "iss": claims.get("iss") != provider.issuer,
        "aud": client_id not in audiences,
        # For several, the token must say that it was us who asked for it.
        "azp": claims.get("azp", client_id) != client_id
        or (len(audiences) > 1 and "azp" not in claims),
        "exp": expires is None or now >= expires + _LEEWAY,
        "iat": issued is None or issued > now + _LEEWAY,
        "nbf": "nbf" in claims and not _is_past(claims["nbf"], now),
        "nonce": claims.get("nonce") != nonce,
        "sub": not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT,
    }
    if any(wrong.values()):
        raise not_verified(", ".join(name for name, bad in wrong.items() if bad))
    return Guest(
        issuer=provider.issuer,
        subject=str(subject),
        email=_text(claims.get("email")),
        # "true" as a text, or 1, is what some send who have verified nothing.
        email_verified=claims.get("email_verified") is True,
        name=_text(claims.get("name")) or "",
        proved_at=_moment(claims.get("auth_time")),
    )


def with_userinfo(guest: Guest, said: Mapping[str, Any]) -> Guest:
    """Return the guest with what the provider says elsewhere, if it is about the same subject."""
    if said.get("sub") != guest.subject:
        raise not_verified("userinfo is about somebody else")
    return Guest(
        issuer=guest.issuer,
        subject=guest.subject,
        email=_text(said.get("email")),
        email_verified=said.get("email_verified") is True,
        name=guest.name or _text(said.get("name")) or "",
        proved_at=guest.proved_at,
    )


def not_verified(why: str) -> Refused:
    """Return what is to be raised where an answer may be anybody's."""
    words = _("The sign-in service’s answer could not be verified. Nobody was signed in.")
    return Refused(words, 403, why)


def _claims(token: object, provider: Provider) -> Mapping[str, Any]:
    if not isinstance(token, str):
        raise not_verified("no token")
    keys = keys_of(provider)
    try:
        return _decoded(token, keys)
    except (JoseError, ValueError) as error:
        # The provider may have taken new keys since we asked for them.
        newer = keys_of(provider, anew=True)
        if newer is None:
            raise not_verified(str(error)) from error
    try:
        return _decoded(token, newer)
    except (JoseError, ValueError) as error:
        raise not_verified(str(error)) from error


def _decoded(token: str, keys: KeySet | None) -> Mapping[str, Any]:
    if keys is None:
        raise ValueError("no keys")
    claims: Mapping[str, Any] = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
    return claims


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _is_past(value: object, now: datetime) -> bool:
    moment = _moment(value)
    return moment is not None and moment <= now + _LEEWAY


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
