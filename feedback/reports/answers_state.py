"""A mark that changes whenever the answers do: what is computed from them may be kept as long."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.reports.roll_up import OVERLAP
from feedback.responses.models import Response

State = tuple[str, int]


def answers_state(session: Session) -> State:
    """Return the newest change of any response, and how many changed shortly before it.

    The count is there because a transaction may commit a little after the moment it wrote down,
    which changes the answers and not the newest moment. Both are steps in one index.
    """
    newest = session.scalar(sa.select(sa.func.max(Response.changed_at)))
    if newest is None:
        return "", 0
    lately = sa.select(sa.func.count()).where(Response.changed_at >= newest - OVERLAP)
    return newest.isoformat(), session.scalar(lately) or 0
