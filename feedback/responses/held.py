"""Lists the answers held for a machine's, and lets one count after all."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.responses.models import Response

# So many are listed; the rest are counted.
MOST = 200


def held(session: Session) -> tuple[list[Response], int]:
    """Return the latest answers held, and how many there are in all."""
    waiting = Response.suspected_at.is_not(None)
    found = session.scalars(
        sa.select(Response)
        .where(waiting)
        .options(joinedload(Response.interaction).joinedload(Interaction.channel))
        .order_by(Response.suspected_at.desc(), Response.id.desc())
        .limit(MOST)
    ).all()
    total = session.scalar(sa.select(sa.func.count()).select_from(Response).where(waiting))
    return list(found), total or 0


def let_count(session: Session, response_id: int, now: datetime) -> Response | None:
    """Let an answer count that was held; return it, or None where none is held any more.

    The invitation's lock comes first, as when an answer is sent: of a person who answers at this
    moment and the administrator, one comes second and finds what the other did.
    """
    response = session.get(Response, response_id)
    if response is None or response.invitation_id is None:
        return None
    invitation = session.scalars(
        sa.select(Invitation).where(Invitation.id == response.invitation_id).with_for_update()
    ).one()
    session.refresh(response)
    if response.suspected_at is None or response.withdrawn_at is not None:
        return None
    response.suspected_at = response.suspected_because = None
    response.changed_at = now
    invitation.answered_at = invitation.answered_at or response.answered_at
    session.flush()
    return response
