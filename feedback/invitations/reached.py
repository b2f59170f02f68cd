"""Whether a mail arrived, as far as anybody can know: sent, and not come back."""

import sqlalchemy as sa

from feedback.invitations.models import Invitation
from feedback.outbox.models import Message


def arrived() -> sa.ColumnElement[bool]:
    """Return the condition that an invitation's mail arrived, `Message` being the mail it sent.

    Whoever answered had it, whatever a mail system says.
    """
    return sa.and_(
        Message.sent_at.is_not(None),
        sa.or_(Message.returned_at.is_(None), Invitation.answered_at.is_not(None)),
    )


def is_reached(first: Invitation) -> bool:
    """Tell whether a first invitation went out, and its mail neither failed nor came back.

    Whoever never got the first mail is not asked whether all is *still* well.
    """
    if first.message is None:
        return False
    ends = (first.message.failed_at, first.message.cancelled_at, first.message.returned_at)
    return first.answered_at is not None or not any(ends)
