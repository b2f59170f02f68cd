"""Why a mail that still waits must not go out any more."""

from datetime import datetime

from sqlalchemy.orm import Session

from feedback.invitations.fate import state
from feedback.invitations.models import Invitation
from feedback.links import OWN_KEY_LASTS
from feedback.outbox.models import OWN_LINK, PASSWORD_LINK, Message
from feedback.outbox.password_mail import why_no_link
from feedback.outbox.suppress import is_kind_suppressed

_OVER = ("answered", "stopped", "expired")
KIND_STOPPED = "kind_stopped"


def why_unwanted(session: Session, message: Message, now: datetime) -> str | None:
    """Return why a mail should not go, else None.

    That is "answered", "stopped" or "expired" where its link is so by now, and "kind_stopped" where
    its reader wants no mails about such contacts any more.
    """
    if message.kind == PASSWORD_LINK:
        return why_no_link(session, message, now)
    if message.token_for is None:
        return None
    if message.kind == OWN_LINK:
        return "expired" if now - message.created_at >= OWN_KEY_LASTS else None
    invitation = session.get(Invitation, message.token_for)
    if invitation is None:
        return None
    found = state(invitation, now)
    if found in _OVER:
        return found
    digest, channel_id = invitation.address_digest, invitation.interaction.channel_id
    if digest is not None and is_kind_suppressed(session, digest, channel_id):
        return KIND_STOPPED
    return None
