"""Takes from old contacts who served, and forgets who looked; every total stays what it was."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import Look
from feedback.interactions.models import Interaction, InteractionShare
from feedback.responses.models import Response
from feedback.retention.periods.step import Conditions, Limit, Step, change


def _which(limit: Limit) -> Conditions:
    shared = (
        sa.exists().where(InteractionShare.interaction_id == Interaction.id).correlate(Interaction)
    )
    return Interaction.closed_at < limit.before, sa.or_(Interaction.staff_id.is_not(None), shared)


def _forget(session: Session, numbers: Sequence[Any], limit: Limit) -> int:
    ids = STAFF_LINKS.held(session, numbers, limit)
    forget_who_served(session, ids, limit)
    session.execute(
        sa.delete(InteractionShare)
        .where(InteractionShare.interaction_id.in_(ids))
        .execution_options(synchronize_session=False)
    )
    return len(ids)


def forget_who_served(session: Session, ids: Sequence[int], limit: Limit) -> None:
    """Let these contacts name nobody; channel, team and touchpoint keep them."""
    change(session, Interaction, Interaction.id.in_(ids), staff_id=None)
    # By that the roll-up knows what to count again, and what was kept of figures is thrown away.
    about = Response.interaction_id.in_(ids)
    change(session, Response, about, changed_at=limit.now)


def _which_looks(limit: Limit) -> Conditions:
    return (Look.at < limit.before,)


def _forget_looks(session: Session, numbers: Sequence[Any], limit: Limit) -> int:
    ids = LOOKS.held(session, numbers, limit)
    session.execute(
        sa.delete(Look).where(Look.id.in_(ids)).execution_options(synchronize_session=False)
    )
    return len(ids)


STAFF_LINKS = Step("staff_links", "staff_scores", Interaction.id, _which, _forget)
LOOKS = Step("looks", "staff_scores", Look.id, _which_looks, _forget_looks)
