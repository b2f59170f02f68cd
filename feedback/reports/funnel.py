"""From interactions to answers: how many fell away, where, and why; it adds up to the last row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.invitations.reached import arrived
from feedback.outbox.models import Message
from feedback.reports.asked import count_asked
from feedback.reports.subjects import COLUMNS


@dataclass(frozen=True)
class Funnel:
    """One wave's fates. interactions = invited + scheduled + withheld + unplanned."""

    interactions: int
    invited: int
    delivered: int
    # As everywhere, what was struck out does not count.
    answered: int
    scheduled: int
    withheld: Mapping[str, int]
    # Answered without an invitation of ours having gone out: another system asked.
    imported: int

    @property
    def unplanned(self) -> int:
        """Return how many interactions no touchpoint asks about in this wave."""
        planned = self.invited + self.scheduled + sum(self.withheld.values())
        return self.interactions - planned


def funnel(
    session: Session, *, start: date | None, end: date | None, wave: int, where: Mapping[str, int]
) -> Funnel:
    """Return the funnel of one wave for the interactions of these days, both ends included."""
    here = [COLUMNS[subject] == id_ for subject, id_ in where.items()]
    if start is not None:
        here.append(Interaction.day >= start)
    if end is not None:
        here.append(Interaction.day <= end)
    interactions = session.scalar(sa.select(sa.func.count()).select_from(Interaction).where(*here))
    issued = Invitation.issued_at.is_not(None)
    # One pass: what was withheld has its reason, and everything else has none.
    fates = session.execute(
        sa.select(
            Invitation.withheld_because,
            sa.func.count(),
            sa.func.count(Invitation.issued_at),
            sa.func.count().filter(issued, arrived()),
        )
        .select_from(Invitation)
        .join(Interaction, Interaction.id == Invitation.interaction_id)
        .outerjoin(Message, Message.id == Invitation.message_id)
        .where(Invitation.wave == wave, *here)
        .group_by(Invitation.withheld_because)
        .order_by(Invitation.withheld_because)
    ).all()
    withheld = {str(reason): times for reason, times, *_rest in fates if reason is not None}
    planned, invited, delivered = next(
        (tuple(counts) for reason, *counts in fates if reason is None), (0, 0, 0)
    )
    replies = count_asked(session, where, (wave,), start, end)
    return Funnel(
        interactions=interactions or 0,
        invited=invited,
        delivered=delivered,
        answered=replies.invited_and_answered,
        scheduled=planned - invited,
        withheld=withheld,
        imported=replies.answered - replies.invited_and_answered,
    )
