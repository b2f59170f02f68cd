"""Things done that leave no row of their own: a test mail taken, a dry run made, a backup kept."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.database import Base, UtcMoment

MAIL_TESTED, REHEARSED, PREPARED = "mail_tested", "rehearsed", "prepared"
WENT_LIVE, BACKED_UP, STAFF_IMPORTED = "went_live", "backed_up", "staff_imported"
RESTORED = "restored"
NAMES = (MAIL_TESTED, REHEARSED, PREPARED, WENT_LIVE, BACKED_UP, STAFF_IMPORTED, RESTORED)


class Milestone(Base):
    """When something was done for the first time and the last, and what it came to then."""

    __tablename__ = "milestone"
    __table_args__ = (sa.CheckConstraint("last_at >= first_at", name="in_order"),)

    name: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    first_at: Mapped[datetime] = mapped_column(UtcMoment)
    last_at: Mapped[datetime] = mapped_column(UtcMoment)
    detail: Mapped[str] = mapped_column(sa.String(300), default="")


def note_milestone(session: Session, name: str, now: datetime, detail: str = "") -> None:
    """Write down that something was done; the caller commits."""
    if name not in NAMES:
        raise ValueError(name)
    found = session.get(Milestone, name)
    if found is None:
        session.add(Milestone(name=name, first_at=now, last_at=now, detail=detail[:300]))
    else:
        # A clock that was put back must not turn the two round.
        found.last_at, found.detail = max(now, found.first_at), detail[:300]
    session.flush()


def milestones(session: Session) -> dict[str, Milestone]:
    """Return what was done, by name."""
    return {one.name: one for one in session.scalars(sa.select(Milestone))}
