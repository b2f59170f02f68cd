"""How many were asked and how many answered: what a figure's answers are a part of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.reports.periods import start_of
from feedback.reports.subjects import COLUMNS
from feedback.responses.models import Response, that_counts

_DIGITS = 6


@dataclass(frozen=True)
class Asked:
    """Invitations issued, responses that count, and those among them that were invited."""

    asked: int
    answered: int
    invited_and_answered: int

    @property
    def rate(self) -> float | None:
        """Return the part of those asked who answered; None where nobody was asked.

        Answers another system collected have no invitation of ours, and do not raise it.
        """
        return round(self.invited_and_answered / self.asked, _DIGITS) if self.asked else None


NOBODY_ASKED = Asked(0, 0, 0)
# A subject's id, and the first day of a period.
Place = tuple[int, date | None]


def count_asked(
    session: Session,
    where: Mapping[str, int],
    waves: tuple[int, ...],
    first: date | None,
    last: date | None,
) -> Asked:
    """Count for the interactions of these days, both ends included; None leaves an end open."""
    here = _here(where, first, last)
    asked = session.scalar(
        sa.select(sa.func.count())
        .select_from(Invitation)
        .join(Interaction)
        .where(Invitation.issued_at.is_not(None), Invitation.wave.in_(waves), *here)
    )
    answered, invited_and_answered = session.execute(
        _answered(waves, here).add_columns(sa.func.count(), sa.func.count(Invitation.id))
    ).one()
    return Asked(asked or 0, answered, invited_and_answered)


def asked_by(
    session: Session,
    by: str | None,
    where: Mapping[str, int],
    wave: int,
    first: date,
    last: date,
    period: str | None = None,
) -> dict[Place, Asked]:
    """Return the same of one wave for each subject's id, and for each period where there are any.

    Without `by` there is the one id 0, which otherwise stands for nobody named; without `period`
    the one period None.
    """
    here = _here(where, first, last)
    of = sa.func.coalesce(COLUMNS[by], 0) if by and by in COLUMNS else sa.literal(0)
    # Which period a day is in is reckoned here, where both databases agree.
    parts = [of, Interaction.day] if period else [of]
    sent = session.execute(
        sa.select(sa.func.count(), *parts)
        .select_from(Invitation)
        .join(Interaction)
        .where(Invitation.issued_at.is_not(None), Invitation.wave == wave, *here)
        .group_by(*parts)
    )
    came = session.execute(
        _answered((wave,), here)
        .add_columns(sa.func.count(), sa.func.count(Invitation.id), *parts)
        .group_by(*parts)
    )
    asked: dict[Place, int] = {}
    for times, id_, *day in sent:
        place = id_, start_of(day[0], period) if period else None
        asked[place] = asked.get(place, 0) + times
    answered: dict[Place, tuple[int, int]] = {}
    for times, invited, id_, *day in came:
        place = id_, start_of(day[0], period) if period else None
        before = answered.get(place, (0, 0))
        answered[place] = before[0] + times, before[1] + invited
    return {
        place: Asked(asked.get(place, 0), *answered.get(place, (0, 0)))
        for place in asked.keys() | answered.keys()
    }


def _here(
    where: Mapping[str, int], first: date | None, last: date | None
) -> list[sa.ColumnElement[bool]]:
    here = [COLUMNS[subject] == id_ for subject, id_ in where.items()]
    if first is not None:
        here.append(Interaction.day >= first)
    if last is not None:
        here.append(Interaction.day <= last)
    return here


def _answered(waves: tuple[int, ...], here: list[sa.ColumnElement[bool]]) -> sa.Select[tuple[()]]:
    """Return a query over the responses that count, joined to the invitation each came by."""
    invited = sa.and_(
        Invitation.interaction_id == Response.interaction_id,
        Invitation.wave == Response.wave,
        Invitation.issued_at.is_not(None),
    )
    return (
        sa.select()
        .select_from(Response)
        .join(Interaction, Interaction.id == Response.interaction_id)
        .outerjoin(Invitation, invited)
        .where(that_counts(), Response.wave.in_(waves), *here)
    )
