"""When asking stood still: nothing is issued, reminded or sent between these moments."""

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback.database import Base, UtcMoment, db, reading


class Pause(Base):
    """A stretch in which nobody is asked; the one that has not ended is in force."""

    __tablename__ = "pause"
    __table_args__ = (
        sa.CheckConstraint("(resumed_at IS NULL) = (open_slot IS NOT NULL)", name="open_or_over"),
        sa.CheckConstraint("open_slot = 1", name="one_slot"),
        sa.CheckConstraint("(resumed_at IS NULL) = (resumed_by IS NULL)", name="resumed_by"),
        sa.CheckConstraint("resumed_at >= paused_at", name="in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    paused_at: Mapped[datetime] = mapped_column(UtcMoment)
    # An address, or the command; people go, and the log stays.
    paused_by: Mapped[str] = mapped_column(sa.String(254))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    resumed_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    resumed_by: Mapped[str | None] = mapped_column(sa.String(254))
    # 1 while it is in force, else nothing: the unique key lets only one be so.
    open_slot: Mapped[int | None] = mapped_column(unique=True, default=1)


def open_pause(session: Session) -> Pause | None:
    """Return the pause in force, or None."""
    return session.scalar(sa.select(Pause).where(Pause.open_slot == 1))


def begin_pause(session: Session, *, now: datetime, by: str, reason: str = "") -> bool:
    """Let asking stand still; return whether it did not yet. The caller commits."""
    if open_pause(session) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(Pause(paused_at=now, paused_by=by, reason=reason))
    except IntegrityError:
        # Somebody else was a moment faster.
        return False
    return True


def note_standstill(session: Session, *, since: datetime, now: datetime, by: str) -> None:
    """Write down that asking stood still though nobody wanted it; the caller commits."""
    values = {"paused_at": since, "paused_by": by, "resumed_at": now, "resumed_by": by}
    # An object whose slot is None would get the one of a pause in force.
    session.execute(sa.insert(Pause).values(**values, reason="", open_slot=None))


def end_pause(session: Session, *, now: datetime, by: str) -> Pause | None:
    """End the pause in force and return it, or None if there is none. The caller commits."""
    pause = session.scalar(sa.select(Pause).where(Pause.open_slot == 1).with_for_update())
    if pause is not None:
        pause.resumed_at, pause.resumed_by = max(now, pause.paused_at), by
        pause.open_slot = None
        session.flush()
    return pause


def resumed_since(session: Session, moment: datetime) -> datetime | None:
    """Return when asking was last resumed, if that is not before the moment."""
    return session.scalar(
        sa.select(Pause.resumed_at)
        .where(Pause.resumed_at >= moment)
        .order_by(Pause.resumed_at.desc())
        .limit(1)
    )


def stands_still(app: Flask) -> bool:
    """Tell whether asking stands still just now; asked before each single piece of work."""
    with app.app_context(), reading(), Session(db.engine) as session:
        found = session.scalar(sa.select(Pause.id).where(Pause.open_slot == 1))
        return found is not None
