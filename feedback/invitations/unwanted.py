"""Why a mail that still waits must not go out any more."""

from datetime import datetime

from sqlalchemy.orm import Session

from feedback.invitations.fate import state
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message

_OVER = ("answered", "stopped", "expired")


def why_unwanted(session: Session, message: Message, now: datetime) -> str | None:
    """Return "answered", "stopped" or "expired" if that is what its link is by now, else None."""
    if message.token_for is None:
        return None
    invitation = session.get(Invitation, message.token_for)
    found = state(invitation, now) if invitation is not None else None
    return found if found in _OVER else None
