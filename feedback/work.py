"""The worker: rounds of due work, which every process may run and none leads."""

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from flask import Flask
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback import chosen, clock
from feedback.bounces.collect import collect_quietly
from feedback.clock_watch import Watch
from feedback.database import db
from feedback.forgetting import forget_by_age, forget_leftovers
from feedback.invitations.catch_up import catch_up
from feedback.invitations.issue import Issued, issue_due
from feedback.invitations.remind import remind_silent
from feedback.invitations.unwanted import why_unwanted
from feedback.outbox.beat import beat
from feedback.outbox.deliver import Delivered, deliver_waiting
from feedback.outbox.models import PASSWORD_LINK
from feedback.outbox.password_mail import mail_password_links
from feedback.outbox.pulse import (
    ADDING_UP,
    ASKING,
    CATCHING_UP,
    IDLE,
    MAIL,
    REMINDING,
    RETURNS,
    TIDYING,
    Pulse,
    tell,
    told,
)
from feedback.pauses import begin_pause, stands_still
from feedback.reports.roll_up import roll_up

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 5.0
_STEP_SECONDS = 20.0
_LOCK_SECONDS = 1.0

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
    pulse: Pulse | None = None,
) -> Round:
    """Do what is due once, from issuing to forgetting. One step's failure stops no other."""
    pulse = pulse or Pulse(worker)

    def asking() -> Callable[[], bool]:
        return _unless_paused(app, _for_a_while(going_on))

    def going_on() -> bool:
        # Asked before each piece of work, and so a sign that the one before is done.
        pulse.moved()
        return keep_going()

    _step(lambda: chosen.refresh(app), None)
    pulse.moved(ASKING)
    issued = _step(lambda: issue_due(app, now=now, keep_going=asking()), Issued())
    pulse.moved(REMINDING)
    reminded = _step(lambda: remind_silent(app, now=now, keep_going=asking()), 0)
    pulse.moved(MAIL)
    # Whoever cannot sign in is waiting for it, also while nobody is asked anything.
    links = _step(lambda: _mail_links(app, now, worker, going_on), Delivered())
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
    pulse.moved(RETURNS)
    _step(lambda: collect_quietly(app, now), None)
    pulse.moved(ADDING_UP)
    days = _step(lambda: _roll_up(app, now, pulse), 0)
    pulse.moved(TIDYING)
    _step(lambda: forget_leftovers(app, now), None)
    _step(lambda: forget_by_age(app, now, asking()), None)
    if pulse.beat_is_due(now):
        _step(lambda: beat(app, worker, now), None)
    pulse.moved(IDLE)
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


def _roll_up(app: Flask, now: datetime, pulse: Pulse) -> int:
    # A clock moved ahead to try things out must not declare counted what is yet to be said.
    now = min(now, clock.now())
    with app.app_context(), Session(db.engine) as session:
        began = time.monotonic()

        def go_on() -> None:
            nonlocal began
            pulse.moved()
            # Answers wait for SQLite's one lock meanwhile, and years of them take a while to count.
            if time.monotonic() - began > _LOCK_SECONDS:
                session.commit()
                began = time.monotonic()

        days = roll_up(session, now, go_on)
        session.commit()
        return days


def work_until_idle(app: Flask, *, now: datetime | None, worker: str) -> Round:
    """Do rounds until nothing more is due, at a moment or by the clock; return the sum."""
    total, pulse = Round(), Pulse(worker, stays=False)
    if now is not None:
        # Whoever tries things out by another clock is nobody to rely on.
        return _until_idle(app, total, pulse, now)
    with told(app, pulse):
        _until_idle(app, total, pulse, now)
    tell(app, pulse)
    return total


def _until_idle(app: Flask, total: Round, pulse: Pulse, now: datetime | None) -> Round:
    while True:
        this = one_round(app, now=now or clock.now(), worker=pulse.worker, pulse=pulse)
        total.add(this)
        if this.is_idle():
            return total


def one_turn(
    app: Flask,
    watch: Watch,
    *,
    worker: str,
    keep_going: Callable[[], bool] = lambda: True,
    pulse: Pulse | None = None,
) -> Round:
    """Do a round by the clock, after making sure that the clock and the workers were well."""
    now, pulse = clock.now(), pulse or Pulse(worker)
    pulse.moved(CATCHING_UP)
    if watch.has_jumped(now):
        _step(lambda: _stand_still(app, worker, now), None)
    _step(lambda: catch_up(app, worker=worker, now=now), False)
    return one_round(app, now=now, worker=worker, keep_going=keep_going, pulse=pulse)


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
    watch, pulse = Watch(), Pulse(worker)
    with told(app, pulse):
        while not stopping.is_set():
            done = one_turn(
                app, watch, worker=worker, keep_going=lambda: not stopping.is_set(), pulse=pulse
            )
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
