"""Asks the provider for documents, over TLS, with patience and appetite bounded."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask_babel import gettext as _

from feedback.accounts.oidc.refused import Refused

_SECONDS = 8
_MOST_BYTES = 512 * 1024


class _NoDetour(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: a secret or a code must arrive where it was sent, or nowhere."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoDetour)


def fetch(
    address: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the object of JSON at an address, by POST where a form goes there.

    Raises:
        Refused: nobody answers there, or not what was asked for.

    """
    _require_private(address)
    body = urlencode(form).encode() if form is not None else None
    asked = urllib.request.Request(  # noqa: S310 — the scheme is looked at above.
        address, data=body, headers={"Accept": "application/json", **(headers or {})}
    )
    try:
        with _opener.open(asked, timeout=_SECONDS) as answer:
            text = answer.read(_MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise unreachable(f"{address} answered {error.code}") from error
    except (OSError, ValueError) as error:
        raise unreachable(f"{address}: {error}") from error
    try:
        found = json.loads(text) if len(text) <= _MOST_BYTES else None
    except ValueError as error:
        raise unreachable(f"{address} sent no JSON") from error
    if not isinstance(found, dict):
        raise unreachable(f"{address} sent no object, or too much")
    return found


def unreachable(why: str) -> Refused:
    """Return what is to be raised where the provider does not do its part."""
    words = _("The sign-in service does not answer as it should. Please try again in a while.")
    return Refused(words, 502, why)


def _require_private(address: str) -> None:
    parts = urlsplit(address)
    # Without TLS only on this very machine, where nobody can listen in between.
    is_here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    if not (parts.scheme == "https" or is_here):
        raise unreachable(f"{address} is not over TLS")
