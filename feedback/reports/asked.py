"""How many were asked and how many answered: what a figure's answers are a part of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.reports.subjects import COLUMNS
from feedback.responses.models import Response, that_counts

_DIGITS = 6


@dataclass(frozen=True)
class Asked:
    """Invitations issued, responses that count, and those among them that were invited."""

    asked: int = 0
    answered: int = 0
    invited_and_answered: int = 0

    @property
    def rate(self) -> float | None:
        """Return the part of those asked who answered; None where nobody was asked.

        Answers another system collected have no invitation of ours, and do not raise it.
        """
        return round(self.invited_and_answered / self.asked, _DIGITS) if self.asked else None


def count_asked(
    session: Session,
    where: Mapping[str, int],
    waves: tuple[int, ...],
    first: date | None,
    last: date | None,
) -> Asked:
    """Count for the interactions of these days, both ends included."""
    if first is None or last is None:
        return Asked()
    here = [Interaction.day >= first, Interaction.day <= last]
    here += [COLUMNS[subject] == id_ for subject, id_ in where.items()]
    asked = session.scalar(
        sa.select(sa.func.count())
        .select_from(Invitation)
        .join(Interaction)
        .where(Invitation.issued_at.is_not(None), Invitation.wave.in_(waves), *here)
    )
    invited = sa.and_(
        Invitation.interaction_id == Response.interaction_id,
        Invitation.wave == Response.wave,
        Invitation.issued_at.is_not(None),
    )
    answered, invited_and_answered = session.execute(
        sa.select(sa.func.count(), sa.func.count(Invitation.id))
        .select_from(Response)
        .join(Interaction, Interaction.id == Response.interaction_id)
        .outerjoin(Invitation, invited)
        .where(that_counts(), Response.wave.in_(waves), *here)
    ).one()
    return Asked(asked or 0, answered, invited_and_answered)
