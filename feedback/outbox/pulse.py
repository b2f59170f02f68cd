"""What a worker is doing just now, for whoever watches over it.

A thread beside the work tells two moments: when it itself was last awake, which shows that the
process lives, and when the work last went on. So neither a process that is gone nor a loop that
hangs in a living one can pass for well, and one that is busy for long says at what.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from feedback import clock
from feedback.database import db
from feedback.outbox.beat import last_beat
from feedback.outbox.models import WorkerPulse

log = logging.getLogger(__name__)

# The steps of the work.
IDLE, ASKING, REMINDING, MAIL = "idle", "asking", "reminding", "mail"
CATCHING_UP, RETURNS, ADDING_UP, TIDYING = "catching_up", "returns", "adding_up", "tidying"

EVERY_SECONDS = 4.0
# Five beats: whoever is silent for longer is not only busy or badly timed.
SILENT_AFTER = timedelta(seconds=20)
# How long the work may take over one piece. Mail is handed over within the timeouts of its
# conversation; that the server is slow is told by the queue and long before. The other three are
# single statements, or a mailbox, that may have much to go through.
_MAY_TAKE = {
    MAIL: timedelta(minutes=5),
    CATCHING_UP: timedelta(minutes=10),
    RETURNS: timedelta(minutes=5),
    ADDING_UP: timedelta(minutes=5),
    TIDYING: timedelta(minutes=5),
}
_AT_MOST = timedelta(seconds=15)
# For how long the mail server may take over one mail before somebody should look.
MAIL_IS_SLOW = timedelta(seconds=15)
_BEAT_EVERY = timedelta(minutes=1)
_LAST_SECONDS = 2.0
_MANY = 100
_REMEMBERED = timedelta(days=1)
_CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass
class Pulse:
    """What the thread that works leaves for the one that tells."""

    worker: str
    stays: bool = True
    # One that nobody watches, such as a test's, tells nothing and beats after each round.
    is_told: bool = False
    doing: str = IDLE
    _moved: float = field(default_factory=time.monotonic)
    _beaten_at: datetime | None = None

    def moved(self, doing: str | None = None) -> None:
        """Note that the work goes on, perhaps with another step."""
        # The moment first: a new step must not be told with the last one's age.
        self._moved = time.monotonic()
        if doing is not None:
            self.doing = doing

    def still_for(self) -> timedelta:
        """Return for how long the work has not gone on, whatever the clock has done meanwhile."""
        return timedelta(seconds=max(0.0, time.monotonic() - self._moved))

    def beat_is_due(self, now: datetime) -> bool:
        """Tell whether the round's own sign of life is to be written down, and that it will be."""
        last = self._beaten_at
        if self.is_told and last is not None and last <= now < last + _BEAT_EVERY:
            return False
        self._beaten_at = now
        return True


@contextmanager
def told(app: Flask, pulse: Pulse) -> Iterator[None]:
    """Tell every few seconds what the worker does, until the block ends."""
    over = threading.Event()
    pulse.is_told = True

    def tell_until_over() -> None:
        tell(app, pulse, forget_old=True)
        while not over.wait(EVERY_SECONDS):
            tell(app, pulse)

    thread = threading.Thread(target=tell_until_over, name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        # One that is just telling ends in order; a database that hangs keeps nobody from stopping.
        thread.join(_LAST_SECONDS)


def tell(app: Flask, pulse: Pulse, *, forget_old: bool = False) -> None:
    """Write down what the worker does."""
    now, doing, still = clock.now(), pulse.doing, pulse.still_for()
    values = {"alive_at": now, "moved_at": now - still, "doing": doing, "stays": pulse.stays}
    try:
        with app.app_context(), Session(db.engine) as session, session.begin():
            mine = WorkerPulse.worker == pulse.worker
            changed = session.execute(sa.update(WorkerPulse).where(mine).values(**values))
            if changed.rowcount == 0:  # type: ignore[attr-defined]
                session.add(WorkerPulse(worker=pulse.worker, **values))
            if forget_old:
                old = WorkerPulse.alive_at < now - _REMEMBERED
                session.execute(sa.delete(WorkerPulse).where(old))
    except SQLAlchemyError:
        # The database is away or not up to date. The work itself meets that and writes it down, and
        # silence is what whoever watches goes by.
        log.debug("The pulse could not be told")


def last_pulses(session: Session, now: datetime) -> list[WorkerPulse]:
    """Return what each worker last told, the latest first; what lies ahead of us says nothing."""
    return list(
        session.scalars(
            sa.select(WorkerPulse)
            .where(WorkerPulse.alive_at <= now + _CLOCKS_DIFFER)
            .order_by(WorkerPulse.alive_at.desc())
            # Each that cron starts leaves one, and none of those of yesterday matters.
            .limit(_MANY)
        )
    )


def seen_at(session: Session, now: datetime) -> datetime | None:
    """Return when any worker's process last said that it lives, or None if none ever did."""
    pulses = last_pulses(session, now)
    moments = [pulses[0].alive_at] if pulses else []
    if (beaten := last_beat(session, now)) is not None:
        moments.append(beaten)
    return max(moments, default=None)


def is_awake(pulse: WorkerPulse, now: datetime) -> bool:
    """Tell whether the worker's process lived a moment ago."""
    return now - pulse.alive_at <= SILENT_AFTER


def is_stuck(pulse: WorkerPulse) -> bool:
    """Tell whether the work had not gone on for longer than its step may take."""
    return pulse.alive_at - pulse.moved_at > _MAY_TAKE.get(pulse.doing, _AT_MOST)


def waits_for_mail_server(pulse: WorkerPulse) -> bool:
    """Tell whether the worker had been busy with one and the same mail for too long."""
    return pulse.doing == MAIL and pulse.alive_at - pulse.moved_at > MAIL_IS_SLOW
