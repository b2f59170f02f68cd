"""Encrypts the secrets of codes with the installation's key, for the database and for a form."""

import base64
import json
from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from feedback.links import keys_for

# While somebody sets it up, the secret travels in their form; so long may that take.
SETTING_UP_LASTS = timedelta(minutes=30)


def seal(secret: bytes) -> str:
    """Return a secret as the database keeps it."""
    return _box("two-step secret").encrypt(secret).decode()


def opened(sealed: str) -> bytes | None:
    """Return what was sealed; None where that was done with a key we no longer have."""
    try:
        return _box("two-step secret").decrypt(sealed.encode())
    except (InvalidToken, UnicodeEncodeError):
        return None


def seal_for_form(secret: bytes, user_id: int, now: datetime) -> str:
    """Return a secret that is being set up, for one person's form and not for long."""
    content = [user_id, int(now.timestamp()), base64.b64encode(secret).decode()]
    return _box("two-step set-up").encrypt(json.dumps(content).encode()).decode()


def from_form(sealed: str, user_id: int, now: datetime) -> bytes | None:
    """Return the secret a form carries, if it was made for this person a while ago at most."""
    try:
        content = _box("two-step set-up").decrypt(sealed.encode())
    except (InvalidToken, UnicodeEncodeError):
        return None
    whose, seconds, secret = json.loads(content)
    made = datetime.fromtimestamp(seconds, UTC)
    if whose != user_id or now >= made + SETTING_UP_LASTS:
        return None
    return base64.b64decode(secret)


def _box(purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys_for(purpose)])
