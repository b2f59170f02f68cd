"""A pass over everything that is too old, in small transactions, to be gone on with by anybody."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.accounts.acting import WORKER
from feedback.accounts.audit import About, Actor, note
from feedback.database import reading, settle_file
from feedback.interactions.contacts import address_key
from feedback.retention.forget_mails import remove_files
from feedback.retention.models import KEPT_COUNTS, RetentionRun
from feedback.retention.periods.agreed import lengths_in_force
from feedback.retention.periods.lengths import Lengths, cut_off
from feedback.retention.periods.old_contacts import CONTACTS, MAILS
from feedback.retention.periods.old_numbers import NUMBERS
from feedback.retention.periods.old_staff_links import LOOKS, STAFF_LINKS
from feedback.retention.periods.old_traces import ENTRIES, TRACES
from feedback.retention.periods.old_words import COMMENTS, MATTERS
from feedback.retention.periods.step import Limit, Step, change

# Names go before numbers, so that a contact with neither has lost them in that order.
STEPS: tuple[Step, ...] = (
    CONTACTS, MAILS, COMMENTS, MATTERS, STAFF_LINKS, LOOKS, NUMBERS, *TRACES, ENTRIES,
)  # fmt: skip
# A little less than a day, so that it does not wander through the hours.
EVERY = timedelta(hours=20)
_LEAST, _MOST, _FIRST = 10, 1000, 100


@dataclass
class Pace:
    """How many rows at once: as many as are forgotten in a tenth of a second, or fewer."""

    size: int = _FIRST
    ticks: Callable[[], float] = time.monotonic
    rest: Callable[[float], None] = time.sleep
    # The longest that one transaction took, in seconds; what a customer may have waited for.
    longest: float = 0.0

    def took(self, seconds: float) -> None:
        """Learn from how long the last took, and let others have their turn for as long."""
        self.longest = max(self.longest, seconds)
        if seconds > 0.1:
            self.size = max(_LEAST, self.size // 2)
        elif seconds < 0.03:
            self.size = min(_MOST, self.size * 2)
        self.rest(min(seconds, 0.2))


@dataclass
class Pass:
    """One pass, or as much of it as there was time for."""

    engine: sa.Engine
    config: Mapping[str, Any]
    now: datetime
    lengths: Lengths
    by: Actor = WORKER
    pace: Pace = field(default_factory=Pace)

    def limits(self) -> Iterator[tuple[Step, Limit]]:
        """Yield each step whose class is not kept for ever, with what is too old for it."""
        zone, key = ZoneInfo(self.config["TIMEZONE"]), address_key(self.config)
        for step in STEPS:
            if step.kind in self.lengths:
                before = cut_off(step.kind, self.lengths[step.kind], self.now, zone)
                if before is not None:
                    yield step, Limit(self.now, before, key)

    def how_many(self, session: Session) -> dict[str, int]:
        """Return how much is too old now, by the names of a run's counts."""
        found = dict.fromkeys(KEPT_COUNTS, 0)
        for step, limit in self.limits():
            found[step.count] += step.how_many(session, limit)
        return found

    def go_on(self, keep_going: Callable[[], bool] = lambda: True) -> RetentionRun | None:
        """Begin a run, or go on with the one begun; return it once it has ended, else None."""
        run_id, done = self._begin()
        for step, limit in self.limits():
            place = STEPS.index(step)
            if place < done:
                continue
            if not self._do(step, limit, run_id, keep_going):
                return None
            self._note(run_id, steps_done=place + 1)
        return self._end(run_id)

    def _do(self, step: Step, limit: Limit, run_id: int, keep_going: Callable[[], bool]) -> bool:
        after = None
        while keep_going():
            with reading(), Session(self.engine) as session:
                numbers = step.next(session, limit, after, self.pace.size)
            if not numbers:
                return True
            began = self.pace.ticks()
            with Session(self.engine) as session, session.begin():
                if done := step.forget(session, numbers, limit):
                    column = getattr(RetentionRun, step.count)
                    this = RetentionRun.id == run_id
                    change(session, RetentionRun, this, **{step.count: column + done})
            self.pace.took(self.pace.ticks() - began)
            after = numbers[-1]
        return False

    def _begin(self) -> tuple[int, int]:
        """Return the open run's number and how much of it is done; begin one if there is none."""
        query = sa.select(RetentionRun.id, RetentionRun.steps_done)
        with Session(self.engine) as session:
            found = session.execute(query.where(RetentionRun.open_slot == 1)).one_or_none()
            if found is not None:
                return found.id, found.steps_done
            run = RetentionRun(began_at=self.now)
            session.add(run)
            try:
                session.commit()
            except IntegrityError:
                # Another worker was a moment faster; both do their part of one run.
                session.rollback()
                return self._begin()
            return run.id, 0

    def _note(self, run_id: int, **values: object) -> None:
        with Session(self.engine) as session, session.begin():
            change(session, RetentionRun, RetentionRun.id == run_id, **values)

    def _end(self, run_id: int) -> RetentionRun | None:
        with Session(self.engine, expire_on_commit=False) as session:
            run = session.scalars(
                sa.select(RetentionRun).where(RetentionRun.id == run_id).with_for_update()
            ).one()
            if run.open_slot is None:
                return run
            run.ended_at, run.open_slot = max(self.now, run.began_at), None
            went = {name: number for name, number in run.counts().items() if number}
            if went:
                note(session, self.now, self.by, "retention.ran", About("retention", run.id), went)
            session.commit()
        with Session(self.engine) as session, reading():
            remove_files(session, Path(self.config["INSTANCE_PATH"]) / "mail")
        # What was deleted is in SQLite's journal until it goes into the file.
        settle_file(self.engine)
        return run


def last_run(session: Session) -> RetentionRun | None:
    """Return the run that ended last, or None before any has."""
    return session.scalar(
        sa.select(RetentionRun)
        .where(RetentionRun.ended_at.is_not(None))
        .order_by(RetentionRun.ended_at.desc(), RetentionRun.id.desc())
        .limit(1)
    )


def retain_when_due(
    engine: sa.Engine,
    config: Mapping[str, Any],
    now: datetime,
    keep_going: Callable[[], bool] = lambda: True,
) -> None:
    """Go on with today's pass, where somebody has agreed to any and it has not ended yet."""
    with reading(), Session(engine) as session:
        lengths = lengths_in_force(session, config)
        last = last_run(session)
    ended_at = last.ended_at if last is not None else None
    if lengths and (ended_at is None or ended_at <= now - EVERY):
        Pass(engine, config, now, lengths).go_on(keep_going)
