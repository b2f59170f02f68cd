"""Publishes a draft, and lets what is planned but not yet sent ask the new version."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.invitations.models import Invitation
from feedback.surveys.publish import publish


def go_live(session: Session, survey_id: int, revision: int, now: datetime) -> int:
    """Publish in the caller's transaction; return how many planned invitations ask it instead.

    What is out keeps the version it was sent with, whose page goes on taking answers. Raises what
    `publish` raises.
    """
    ended = publish(session, survey_id, revision, now)
    if ended is None:
        return 0
    moved = session.execute(
        sa.update(Invitation)
        .where(
            Invitation.survey_id == ended,
            Invitation.issued_at.is_(None),
            Invitation.withheld_at.is_(None),
        )
        .values(survey_id=survey_id)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    return len(moved.all())
