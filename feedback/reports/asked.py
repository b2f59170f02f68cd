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
    by: str,
    where: Mapping[str, int],
    wave: int,
    first: date,
    last: date,
) -> dict[int, Asked]:
    """Return the same of one wave for each channel, team, staff member or touchpoint, by its id.

    Zero stands for nobody named.
    """
    here = _here(where, first, last)
    of = sa.func.coalesce(COLUMNS[by], 0)
    asked = session.execute(
        sa.select(of, sa.func.count())
        .select_from(Invitation)
        .join(Interaction)
        .where(Invitation.issued_at.is_not(None), Invitation.wave == wave, *here)
        .group_by(of)
    )
    replies = session.execute(
        _answered((wave,), here)
        .add_columns(of, sa.func.count(), sa.func.count(Invitation.id))
        .group_by(of)
    )
    sent: dict[int, int] = {id_: times for id_, times in asked}  # noqa: C416 — rows are no pairs to mypy.
    came = {id_: (times, invited) for id_, times, invited in replies}
    return {id_: Asked(sent.get(id_, 0), *came.get(id_, (0, 0))) for id_ in sent | came}


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
