"""Makes and changes touchpoints, and switches them on and off."""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.touchpoints.models import Touchpoint
from feedback.touchpoints.readiness import missing

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


class NotReady(Exception):
    """A touchpoint that cannot be live; says of each field which rule it breaks."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field}: {rule}" for field, rule in problems))
        self.problems = problems


def add_touchpoint(session: Session, key: str, values: Mapping[str, object]) -> Touchpoint:
    """Add a touchpoint, switched off. Raises NotPossible; flushes, and the caller commits."""
    if not _KEY.fullmatch(key):
        raise NotPossible(
            "key", _("Up to 60 small letters, digits, “-” and “_”, a letter or digit first.")
        )
    if session.scalar(sa.select(Touchpoint.id).where(Touchpoint.key == key)) is not None:
        raise NotPossible("key", _("There is a touchpoint of this key already."))
    # Drawn once and kept, so that nobody can choose the sample they like.
    touchpoint = Touchpoint(key=key, seed=secrets.randbelow(2**31), **values)
    session.add(touchpoint)
    session.flush()
    return touchpoint


def change_touchpoint(
    session: Session, touchpoint: Touchpoint, values: Mapping[str, object]
) -> None:
    """Change what a touchpoint says; one that is live must stay fit to be. Raises NotReady.

    Interactions keep the touchpoint they were taken at, and invitations the moment they are due.
    """
    for name, value in values.items():
        setattr(touchpoint, name, value)
    # So that the owner is the one just named.
    session.flush()
    session.refresh(touchpoint)
    if touchpoint.is_live and (problems := missing(session, touchpoint)):
        raise NotReady(problems)


def switch_on(session: Session, touchpoint: Touchpoint, now: datetime) -> None:
    """Let a touchpoint take interactions from now on. Raises NotReady; the caller commits."""
    if touchpoint.is_live:
        return
    if problems := missing(session, touchpoint):
        raise NotReady(problems)
    touchpoint.live_since, touchpoint.retired_at = now, None


def is_unclaimed(touchpoint: Touchpoint) -> bool:
    """Tell whether it was live once and nobody was ever named, as those that came with us."""
    is_unowned = touchpoint.owner_id is None and not touchpoint.owner_name
    return is_unowned and touchpoint.retired_at is not None


def claim(session: Session, touchpoint: Touchpoint, owner: User) -> None:
    """Let somebody answer for it; flushes."""
    touchpoint.owner_id = owner.id
    session.flush()
    session.refresh(touchpoint)


def switch_off(touchpoint: Touchpoint, now: datetime) -> None:
    """Let a touchpoint take no more interactions; what was planned before still goes out."""
    if touchpoint.is_live:
        touchpoint.retired_at = now
