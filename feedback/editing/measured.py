"""How long people really take: from a page's showing to its sending, the middle of all of them."""

from dataclasses import dataclass
from statistics import median

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.responses.models import Response, that_counts

# The latest are enough, and few enough to be read at once.
_LATEST = 1_000


@dataclass(frozen=True)
class Measured:
    """The median in seconds, of how many; None without any."""

    seconds: float | None
    count: int


def measured_seconds(session: Session, survey_id: int) -> Measured:
    """Return how long those took who answered this version on its page.

    The clock runs from the page as it was last shown, so somebody whose answer came back to be
    mended is measured from then on. Answers that were changed count with their first sending.
    """
    rows = session.execute(
        sa.select(Response.shown_at, Response.answered_at)
        .where(
            Response.survey_id == survey_id,
            Response.shown_at.is_not(None),
            Response.provenance.in_(("page", "confirmed_click")),
            that_counts(),
        )
        .order_by(Response.answered_at.desc())
        .limit(_LATEST)
    ).all()
    took = [(answered - shown).total_seconds() for shown, answered in rows if shown]
    return Measured(median(took) if took else None, len(took))
