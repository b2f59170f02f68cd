"""Finds the touchpoint an interaction belongs to."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.touchpoints.models import Touchpoint


def live_touchpoints(session: Session) -> list[Touchpoint]:
    """Return the touchpoints in use, those of one channel before the one of any."""
    live = select(Touchpoint).where(Touchpoint.retired_at.is_(None))
    return sorted(session.scalars(live), key=lambda t: (t.channel_id is None, t.id))


def match(touchpoints: list[Touchpoint], channel_id: int) -> Touchpoint | None:
    """Return the first touchpoint that takes the channel, or None."""
    return next((t for t in touchpoints if t.channel_id in (None, channel_id)), None)
