"""The worker: rounds of due work, which every process may run and none leads."""

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from flask import Flask
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback import chosen, clock
from feedback.accounts.sessions import forget_old_places, has_old_places
from feedback.accounts.uploads import forget_old_uploads, has_old_uploads
from feedback.bounces.collect import collect_quietly
from feedback.database import db, reading
from feedback.invitations.catch_up import catch_up
from feedback.invitations.issue import Issued, issue_due
from feedback.invitations.remind import remind_silent
from feedback.invitations.unwanted import why_unwanted
from feedback.outbox.beat import beat
from feedback.outbox.deliver import Delivered, deliver_waiting
from feedback.outbox.models import PASSWORD_LINK
from feedback.outbox.password_mail import mail_password_links
from feedback.pauses import begin_pause, stands_still
from feedback.reports.roll_up import roll_up
from feedback.retention.periods.run import retain_when_due

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 5.0
_STEP_SECONDS = 20.0
# A clock that was a little wrong is put right by less than this; a machine that was only asleep
# knows, where it can, how long (Linux counts that in this clock, unlike the plain one).
_JUMP = timedelta(days=1)
_TICKS = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

Result = TypeVar("Result")


@dataclass
class Round:
    """What one round of due work did."""

    issued: int = 0
    withheld: int = 0
    reminded: int = 0
    sent: int = 0
    failed: int = 0
    rolled_up_days: int = 0

    def is_idle(self) -> bool:
        """Tell whether there was nothing to do.

        Rolling up counts the last minutes again each time, so it is no sign of more to come.
        """
        return replace(self, rolled_up_days=0) == Round()

    def add(self, other: "Round") -> None:
        """Add what another round did."""
        days = max(self.rolled_up_days, other.rolled_up_days)
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        # Two rounds at one moment recount the same days.
        self.rolled_up_days = days


def worker_name() -> str:
    """Return a name for this thread that tells the administrator where it runs."""
    return f"{socket.gethostname()[:30]}-{os.getpid()}-{threading.get_native_id()}"


def one_round(
    app: Flask,
    *,
    now: datetime,
    worker: str,
    keep_going: Callable[[], bool] = lambda: True,
) -> Round:
    """Do what is due once, from issuing to forgetting. One step's failure stops no other."""
    _step(lambda: chosen.refresh(app), None)

    def asking() -> Callable[[], bool]:
        return _unless_paused(app, _for_a_while(keep_going))

    issued = _step(lambda: issue_due(app, now=now, keep_going=asking()), Issued())
    reminded = _step(lambda: remind_silent(app, now=now, keep_going=asking()), 0)
    # Whoever cannot sign in is waiting for it, also while nobody is asked anything.
    links = _step(lambda: _mail_links(app, now, worker, keep_going), Delivered())
    sent = _step(
        lambda: deliver_waiting(
            app,
            now=now,
            worker=worker,
            keep_going=asking(),
            unwanted=why_unwanted,
        ),
        Delivered(),
    )
    sent = Delivered(sent.sent + links.sent, sent.failed + links.failed)
    _step(lambda: collect_quietly(app, now), None)
    days = _step(lambda: _roll_up(app, now), 0)
    _step(lambda: _forget_old(app, now), None)
    _step(lambda: _retain(app, now, asking()), None)
    _step(lambda: beat(app, worker, now), None)
    return Round(issued.issued, issued.withheld, reminded, sent.sent, sent.failed, days)


def _for_a_while(keep_going: Callable[[], bool]) -> Callable[[], bool]:
    """Return a condition that also ends a step after a while; the next round takes it up again.

    So no long queue of one kind holds up the others, the moment of a round stays true, and the
    worker shows itself between rounds.
    """
    end = time.monotonic() + _STEP_SECONDS
    return lambda: keep_going() and time.monotonic() < end


def _unless_paused(app: Flask, keep_going: Callable[[], bool]) -> Callable[[], bool]:
    """Return a condition that also ends a step when somebody pauses; asked before each piece."""
    return lambda: keep_going() and not stands_still(app)


def _step(step: Callable[[], Result], nothing: Result) -> Result:
    try:
        return step()
    # A worker that dies of one bad row delivers nothing for anybody; the log has the story.
    except Exception:
        log.exception("A step of the worker failed")
        return nothing


def _mail_links(
    app: Flask, now: datetime, worker: str, keep_going: Callable[[], bool]
) -> Delivered:
    if not mail_password_links(app, now):
        return Delivered()
    return deliver_waiting(
        app,
        now=now,
        worker=worker,
        keep_going=_for_a_while(keep_going),
        unwanted=why_unwanted,
        kinds=(PASSWORD_LINK,),
    )


def _roll_up(app: Flask, now: datetime) -> int:
    # A clock moved ahead to try things out must not declare counted what is yet to be said.
    now = min(now, clock.now())
    with app.app_context(), Session(db.engine) as session, session.begin():
        return roll_up(session, now)


def _forget_old(app: Flask, now: datetime) -> None:
    # Nothing is written where nothing is old: this runs every few seconds.
    with app.app_context(), Session(db.engine) as session:
        with reading():
            found = has_old_uploads(session, now) or has_old_places(session, now)
            session.rollback()
        if found:
            forget_old_uploads(session, now)
            forget_old_places(session, now)
            session.commit()


def _retain(app: Flask, now: datetime, keep_going: Callable[[], bool]) -> None:
    # A clock moved ahead to try things out, or by mistake, must not delete what is not old: after a
    # jump everything is paused, and whoever tries this out does so by `flask retain`.
    if now <= clock.now() and keep_going():
        with app.app_context():
            retain_when_due(db.engine, app.config, now, keep_going)


def work_until_idle(app: Flask, *, now: datetime | None, worker: str) -> Round:
    """Do rounds until nothing more is due, at a moment or by the clock; return the sum."""
    total = Round()
    while True:
        this = one_round(app, now=now or clock.now(), worker=worker)
        total.add(this)
        if this.is_idle():
            return total


@dataclass
class Watch:
    """Compares the clock with the time that has really passed since the worker began."""

    ticks: Callable[[], float] = lambda: time.clock_gettime(_TICKS)
    # How far the clock has been ahead of the time that passed; set back, it may come back there.
    _furthest: float | None = None

    def has_jumped(self, now: datetime) -> bool:
        """Tell whether the clock has gone forward by more than a day that did not pass."""
        ahead = now.timestamp() - self.ticks()
        before = ahead if self._furthest is None else self._furthest
        self._furthest = max(before, ahead)
        return ahead - before > _JUMP.total_seconds()


def one_turn(
    app: Flask, watch: Watch, *, worker: str, keep_going: Callable[[], bool] = lambda: True
) -> Round:
    """Do a round by the clock, after making sure that the clock and the workers were well."""
    now = clock.now()
    if watch.has_jumped(now):
        _step(lambda: _stand_still(app, worker, now), None)
    _step(lambda: catch_up(app, worker=worker, now=now), False)
    return one_round(app, now=now, worker=worker, keep_going=keep_going)


def _stand_still(app: Flask, worker: str, now: datetime) -> None:
    """Ask nobody until somebody has looked: by a wrong clock, everybody is due at once."""
    log.error("The clock jumped ahead to %s: asking stands still until somebody resumes it", now)
    with app.app_context(), Session(db.engine) as session, session.begin():
        # Kept as words, so in the language of the house.
        with force_locale(app.config["DEFAULT_LOCALE"]):
            reason = _("The clock jumped ahead to %(day)s.", day=f"{now:%Y-%m-%d}")
        begin_pause(session, now=now, by=worker, reason=str(reason))


def work_until(app: Flask, stopping: threading.Event, worker: str) -> None:
    """Do rounds until told to stop, finishing the message in hand."""
    watch = Watch()
    while not stopping.is_set():
        done = one_turn(app, watch, worker=worker, keep_going=lambda: not stopping.is_set())
        if done.is_idle():
            # A little disorder keeps many workers from knocking at the same instant.
            stopping.wait(_PAUSE_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311


@dataclass
class Embedded:
    """A worker inside a web process."""

    thread: threading.Thread
    stopping: threading.Event

    def ask_to_stop(self) -> None:
        """Let it begin nothing new."""
        self.stopping.set()

    def stop(self, *, within: float) -> bool:
        """Let it finish the message in hand; return whether it did so in that many seconds."""
        self.ask_to_stop()
        self.thread.join(within)
        return not self.thread.is_alive()


def start_embedded(app: Flask) -> Embedded | None:
    """Start a worker inside this web process, if it should have one."""
    if app.config["WORKER"] != "embedded":
        return None
    stopping = threading.Event()
    thread = threading.Thread(
        target=lambda: work_until(app, stopping, worker_name()), name="worker", daemon=True
    )
    thread.start()
    return Embedded(thread, stopping)
