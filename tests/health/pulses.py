"""Workers as they tell of themselves, without any worker."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.outbox.models import WorkerPulse
from feedback.outbox.pulse import IDLE


def tell_of(
    session: Session,
    now: datetime,
    *,
    still_for: timedelta = timedelta(),
    doing: str = IDLE,
    worker: str = "one",
    stays: bool = True,
) -> None:
    """Let a worker tell now what it does, and for how long its work has not gone on."""
    session.execute(sa.delete(WorkerPulse).where(WorkerPulse.worker == worker))
    session.add(
        WorkerPulse(worker=worker, alive_at=now, moved_at=now - still_for, doing=doing, stays=stays)
    )
    session.commit()
