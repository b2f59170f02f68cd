"""The first visit: names the organisation and makes its first administrator, once."""

import os
import secrets
from datetime import datetime
from hmac import compare_digest
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.passwords import hash_password
from feedback.organisation import Organisation, the_organisation
from feedback.surveys.keep import name_owner

_FILE = "set_up_code"


def set_up_code(instance_path: str | Path) -> str:
    """Return the code that opens /set-up, making it when first asked for.

    Whoever can read the instance folder may set up; whoever merely comes by first may not.
    """
    path = Path(instance_path) / _FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL lets exactly one of several processes starting together write the code.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    code = secrets.token_urlsafe(12)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(code)
    return code


def is_code(instance_path: str | Path, text: str) -> bool:
    """Tell whether this is the code; it takes as long whether or not."""
    path = Path(instance_path) / _FILE
    code = path.read_text(encoding="ascii").strip() if path.exists() else ""
    return compare_digest(code.encode(), text.encode()) and bool(code)


def forget_code(instance_path: str | Path) -> None:
    """Remove the code, which has done its work."""
    (Path(instance_path) / _FILE).unlink(missing_ok=True)


def is_set_up(session: Session) -> bool:
    """Tell whether anybody may sign in yet."""
    return session.scalar(sa.select(User.id).limit(1)) is not None


def name_organisation(
    session: Session, *, name_en: str, name_zh: str, contact: str, now: datetime
) -> Organisation:
    """Say who we are, for the first time or anew."""
    found = the_organisation(session)
    if found is None:
        found = Organisation(id=1, created_at=now, is_demo=False)
        session.add(found)
    found.name_en, found.name_zh, found.contact = name_en, name_zh, contact
    session.flush()
    return found


def first_admin(session: Session, email: str, password: str, now: datetime) -> User:
    """Make the first administrator."""
    user = User(email=email, role="admin", password_hash=hash_password(password), created_at=now)
    session.add(user)
    # Somebody answers for what is asked from the first day on.
    name_owner(session, email)
    session.flush()
    return user
