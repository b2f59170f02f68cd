"""Time-based one-time passwords (RFC 6238): six digits from a shared secret and half a minute."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

DIGITS = 6
PERIOD_SECONDS = 30
# A phone's clock may be this many periods off, either way.
DRIFT = 1
# As long as the hash, as RFC 4226 recommends.
SECRET_BYTES = 20


def new_secret() -> bytes:
    """Return a new secret."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a step, by RFC 4226 section 5.3."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(now: datetime) -> int:
    """Return the number of the half minute a moment lies in."""
    return int(now.timestamp()) // PERIOD_SECONDS


def fitting_step(secret: bytes, code: str, now: datetime, after: int | None = None) -> int | None:
    """Return the step a code is of, if about now and after the last one taken, else None."""
    here = step_of(now)
    found = None
    # All are compared, so that the time taken does not tell how far a clock is off.
    for step in range(here - DRIFT, here + DRIFT + 1):
        fits = hmac.compare_digest(code_at(secret, step).encode(), code.encode())
        if fits and (after is None or step > after):
            found = step
    return found


def written(secret: bytes) -> str:
    """Return the secret as apps take it typed: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address(secret: bytes, account: str, issuer: str) -> str:
    """Return the otpauth:// address a QR code carries; the app shows issuer and account."""
    # A colon parts the two, so neither may have one.
    issuer, account = issuer.replace(":", " "), account.replace(":", " ")
    label = f"{quote(issuer)}:{quote(account)}"
    query = {
        "secret": written(secret).replace(" ", ""),
        "issuer": issuer,
        "algorithm": "SHA1",
        "digits": DIGITS,
        "period": PERIOD_SECONDS,
    }
    return f"otpauth://totp/{label}?{urlencode(query, quote_via=quote)}"
