"""Takes an answer back, as whoever gave it asks: what it said goes, that it was given stays."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.responses.models import Answer, FormerAnswer, Response

# Why it counts in no figure; lists say it in their reader's words.
BECAUSE = "withdrawn"


def withdraw(session: Session, response_id: int, now: datetime) -> bool:
    """Remove what a response said, earlier versions too; return whether it had not been before.

    The row stays, struck for good: it keeps the place, so that neither the link nor an import
    answers in its stead, and tells the roll-up what to count again. Flushes; the caller commits.
    """
    response = session.scalars(
        sa.select(Response)
        .where(Response.id == response_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if response.withdrawn_at is not None:
        return False
    empty(session, [response_id])
    response.suspected_at = response.suspected_because = None
    response.excluded_at, response.excluded_because = now, BECAUSE
    response.withdrawn_at = response.changed_at = now
    session.flush()
    return True


def empty(session: Session, response_ids: list[int]) -> None:
    """Delete everything these responses say or said."""
    for table in (Answer, FormerAnswer):
        session.execute(
            sa.delete(table)
            .where(table.response_id.in_(response_ids))
            .execution_options(synchronize_session=False)
        )
