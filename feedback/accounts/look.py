"""Writes down who looked at whose figures; the one looked at can read it."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.accounts.models import Look
from feedback.database import writing_session

# Pages that show many people keep one look a day of each; they are opened again and again.
_ONCE_IN = timedelta(days=1)


def log_look(user_id: int, staff_id: int, page: str, now: datetime) -> None:
    """Keep that this person looked at that staff member's page, even while the request reads."""
    with writing_session() as session:
        session.add(Look(user_id=user_id, staff_id=staff_id, page=page[:60], at=now))


def log_looks(
    session: Session, user_id: int, staff_ids: Collection[int], page: str, now: datetime
) -> None:
    """Keep that this person saw these staff members on a page, unless kept within the last day."""
    kept = set(
        session.scalars(
            sa.select(Look.staff_id).where(
                Look.user_id == user_id, Look.page == page, Look.at > now - _ONCE_IN
            )
        )
    )
    new = sorted(set(staff_ids) - kept)
    if not new:
        return
    with writing_session() as writing:
        writing.execute(
            sa.insert(Look),
            [{"user_id": user_id, "staff_id": one, "page": page[:60], "at": now} for one in new],
        )


def looks_at(session: Session, staff_id: int, limit: int) -> list[Look]:
    """Return who looked at somebody, the latest first."""
    return list(
        session.scalars(
            sa.select(Look)
            .options(joinedload(Look.user))
            .where(Look.staff_id == staff_id)
            .order_by(Look.at.desc(), Look.id.desc())
            .limit(limit)
        )
    )
