"""How many of those asked again answered, among those whose answer is due by now."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.measures.follow_up import Matured, matured_share
from feedback.reports.spans import Span
from feedback.reports.subjects import COLUMNS
from feedback.reports.twice.pairs import ANSWER_WINDOW
from feedback.responses.models import Response, that_counts

_DIGITS = 6


def follow_up_rate(
    session: Session, where: Mapping[str, int], span: Span, *, today: date, follow_up_days: int
) -> Matured:
    """Return the follow-up's response rate of these days of contact, of matured ones only.

    Counted are follow-ups that went out, and those that wait to: what was withheld asks nobody.
    """
    rows = session.execute(
        sa.select(
            Interaction.day,
            sa.func.count(),
            sa.func.count(Invitation.issued_at),
            sa.func.count(Response.id).filter(Invitation.issued_at.is_not(None)),
        )
        .select_from(Invitation)
        .join(Interaction, Interaction.id == Invitation.interaction_id)
        .outerjoin(
            Response,
            sa.and_(
                Response.interaction_id == Invitation.interaction_id,
                Response.wave == Invitation.wave,
                that_counts(),
            ),
        )
        .where(
            Invitation.wave == 2,
            Invitation.withheld_at.is_(None),
            Interaction.day >= span.first,
            Interaction.day <= span.last,
            *(COLUMNS[subject] == id_ for subject, id_ in where.items()),
        )
        .group_by(Interaction.day)
    ).all()

    def each() -> Iterator[tuple[date, bool]]:
        for day, planned, issued, answered in rows:
            yield from ((day, True) for _ in range(answered))
            yield from ((day, False) for _ in range(issued - answered))
            # What a holiday holds back is not due yet, however long ago the contact was.
            yield from ((date.max, False) for _ in range(planned - issued))

    return matured_share(each(), today, follow_up_days=follow_up_days, answer_window=ANSWER_WINDOW)


def matured_json(found: Matured) -> dict[str, Any]:
    """Return it as the API writes it."""
    digits = {name: getattr(found, name) for name in ("value", "low", "high")}
    return {
        "answered": found.answered,
        "matured": found.matured,
        "not_yet_due": found.not_yet_due,
        **{name: None if one is None else round(one, _DIGITS) for name, one in digits.items()},
    }
