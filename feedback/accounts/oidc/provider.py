"""What the provider says of itself: its addresses and its keys, kept for a while."""

import base64
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import current_app
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from feedback.accounts.oidc.fetch import fetch, unreachable
from feedback.accounts.oidc.refused import Refused

_FRESH_SECONDS = 3600.0
# A key we do not know lets us look for new ones; no stranger makes us ask again and again.
_LOOK_AGAIN_SECONDS = 30.0
# One that does not answer is left alone for a while, lest each visitor hold a thread waiting.
_LEFT_ALONE_SECONDS = 10.0


@dataclass(frozen=True)
class Provider:
    """The provider's addresses, as its discovery document gives them."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    takes_basic: bool


@dataclass
class _Known:
    """What one process has been told, and until when it goes by that."""

    provider: Provider | None = None
    fresh_until: float = 0.0
    failed_until: float = 0.0
    key_set: KeySet | None = None
    keys_fetched: float = 0.0


def the_provider() -> Provider:
    """Return the provider the settings name; raises Refused where it does not answer."""
    issuer: str = current_app.config["OIDC_ISSUER"]
    known = _known()
    if known.provider is None or time.monotonic() >= known.fresh_until:
        if time.monotonic() < known.failed_until:
            raise unreachable("it did not answer a moment ago")
        try:
            known.provider = _discover(issuer)
        except Refused:
            known.failed_until = time.monotonic() + _LEFT_ALONE_SECONDS
            raise
        known.fresh_until = time.monotonic() + _FRESH_SECONDS
        known.key_set = None
    return known.provider


def keys_of(provider: Provider, *, anew: bool = False) -> KeySet | None:
    """Return the provider's keys; `anew` looks for other ones, None where that was done lately."""
    known, now = _known(), time.monotonic()
    if known.key_set is None or (anew and now >= known.keys_fetched + _LOOK_AGAIN_SECONDS):
        found = fetch(provider.keys)
        try:
            known.key_set = KeySet.import_key_set(found)  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise unreachable(f"{provider.keys} holds no keys") from error
        known.keys_fetched = now
    elif anew:
        return None
    return known.key_set


def redeem(provider: Provider, code: str, verifier: str, back: str) -> dict[str, Any]:
    """Return what the provider gives for a code: among others the token that says who came."""
    config = current_app.config
    name, secret = config["OIDC_CLIENT_ID"], config["OIDC_CLIENT_SECRET"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    headers = {}
    if secret and provider.takes_basic:
        # By RFC 6749, 2.3.1, both are encoded as in a form before they are put together.
        pair = f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    else:
        form["client_id"] = name
        if secret:
            form["client_secret"] = secret
    return fetch(provider.token, form=form, headers=headers)


def _discover(issuer: str) -> Provider:
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    found = fetch(address)
    if found.get("issuer") != issuer:
        raise unreachable(f"{address} speaks for {found.get('issuer')!r}")
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    try:
        return Provider(
            issuer=issuer,
            authorization=_text(found["authorization_endpoint"]),
            token=_text(found["token_endpoint"]),
            keys=_text(found["jwks_uri"]),
            userinfo=found.get("userinfo_endpoint"),
            end_session=found.get("end_session_endpoint"),
            takes_basic="client_secret_basic" in methods,
        )
    except (KeyError, TypeError) as error:
        raise unreachable(f"{address} lacks {error}") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("an address")
    return value


def _known() -> _Known:
    found: _Known = current_app.extensions.setdefault("oidc", _Known())
    return found
