"""Writes down who looked at whose figures; the one looked at can read it."""

from datetime import datetime

from feedback.accounts.models import Look
from feedback.database import writing_session


def log_look(user_id: int, staff_id: int, page: str, now: datetime) -> None:
    """Keep that this person looked at that staff member's page, even while the request reads."""
    with writing_session() as session:
        session.add(Look(user_id=user_id, staff_id=staff_id, page=page[:60], at=now))
