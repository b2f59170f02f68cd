"""The clock (F14, G7): it jumps, it is summer time, nobody works for a week; each is asked once."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from bench.faults.databases import opened
from bench.faults.planted import plant
from bench.faults.stories import report_contacts
from bench.faults.trial import Found, Trial
from feedback import clock, work
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.invitations.backlog import resume
from feedback.invitations.models import Invitation
from feedback.outbox.beat import beat
from feedback.outbox.models import Message, WorkerBeat

PLANTS = {"sleep-and-rush": "sent at night", "believe-the-clock": "sent before its day"}
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WORKERS = 4
# One mail in two seconds: what an hour's backlog may come to in a minute, and a little more.
MOST_A_MINUTE = 35


@dataclass
class Hands:
    """A clock that goes wrong, and the time that really passes."""

    true: datetime
    wrong: timedelta = timedelta()

    @property
    def now(self) -> datetime:
        """Return what the clock says."""
        return self.true + self.wrong

    def ticks(self) -> float:
        """Return the seconds that have really passed since some moment."""
        return self.true.timestamp()


@dataclass
class Life:
    """The worker's life by such a clock: when it takes turns, and what happens between them."""

    app: Flask
    hands: Hands
    # From one turn to the next where nothing special happens.
    quiet: timedelta
    watches: list[work.Watch] = field(default_factory=list)
    # When each follow-up really went out.
    sent: dict[int, datetime] = field(default_factory=dict)

    def turn(self) -> None:
        """Let every worker take a turn."""
        for number, watch in enumerate(self.watches):
            work.one_turn(self.app, watch, worker=f"w{number}")
        # The product's own record goes by the clock, which may be wrong.
        went = sa.select(Message.id).where(
            Message.kind == "follow_up", Message.sent_at.is_not(None)
        )
        with self.app.app_context(), Session(db.engine) as session:
            for message in session.scalars(went):
                self.sent.setdefault(message, self.hands.true)

    def until(self, end: datetime, step: timedelta | None = None) -> None:
        """Go on, a turn at each step."""
        step = step or self.quiet
        while self.hands.true < end:
            # The rounds between two of these, in which nothing would be due.
            beat(self.app, "between", self.hands.now - MINUTE)
            self.turn()
            self.hands.true += step

    def wake(self) -> None:
        """Go slowly for a while, so that a burst would be seen."""
        for _minute in range(8):
            self.turn()
            self.hands.true += MINUTE

    def resume(self) -> None:
        """Do what an administrator does who has put the clock right."""
        with self.app.app_context(), Session(db.engine) as session, session.begin():
            policy = InvitationPolicy.from_config(self.app.config)
            resume(session, policy, now=self.hands.now, by="admin@example.cn")


def run(trial: Trial) -> list[Found]:
    """Live through each story in a zone with summer time, over a leap day."""
    stories = STORIES
    if trial.planted:
        plant(trial.planted)
        stories = {"sleep-and-rush": [asleep], "believe-the-clock": [ahead]}[trial.planted]
    return [live(trial, story) for story in stories]


def live(trial: Trial, story: Callable[[Trial, Life, Found], None]) -> Found:
    """Live through one story, and look when each follow-up went out."""
    found = Found(f"clock: {(story.__doc__ or '').rstrip('.')}", 0, "follow-ups")
    with _clock(datetime(2028, 1, 27, 15, 0, tzinfo=UTC)) as hands:
        settings = {"TIMEZONE": "Europe/Berlin", "REMIND_AFTER_DAYS": 0}
        with opened(trial.database, trial.folder, **settings) as app:
            seen = _forget(app)
            ticks = hands.ticks
            quiet = DAY if trial.is_short else 3 * HOUR
            many = 2 if trial.is_short else WORKERS
            life = Life(app, hands, quiet, [work.Watch(ticks) for _each in range(many)])
            each = 2 if trial.is_short else 40
            # Before the leap day, thirty days before it, on it, and round the change of the hour.
            for month, day in ((1, 28), (1, 30), (2, 24), (2, 25), (2, 29)):
                life.until(datetime(2028, month, day, 14, tzinfo=UTC))
                report_contacts(app, each, hands.true - MINUTE)
                life.turn()
            story(trial, life, found)
            life.until(datetime(2028, 4, 6, tzinfo=UTC))
            life.turn()
            _look(app, life.sent, seen, found)
    return found


def well(trial: Trial, life: Life, found: Found) -> None:
    """Go well, over a leap day and the beginning of summer time."""
    life.until(datetime(2028, 3, 31, tzinfo=UTC))


def asleep(trial: Trial, life: Life, found: Found) -> None:
    """Have no worker for a week, and one again at three at night."""
    life.until(datetime(2028, 3, 21, tzinfo=UTC))
    # Summer time has begun meanwhile.
    life.hands.true = datetime(2028, 3, 29, 1, 0, tzinfo=UTC)
    life.wake()
    life.until(datetime(2028, 3, 29, 6, 50, tzinfo=UTC), 2 * HOUR)
    life.hands.true = datetime(2028, 3, 29, 6, 55, tzinfo=UTC)
    life.wake()


def ahead(trial: Trial, life: Life, found: Found) -> None:
    """Let the clock jump 31 days ahead for an hour."""
    life.until(datetime(2028, 3, 14, 10, tzinfo=UTC))
    life.hands.wrong = 31 * DAY
    life.until(life.hands.true + HOUR, 20 * MINUTE)
    life.hands.wrong = timedelta()
    life.turn()
    life.resume()


def back(trial: Trial, life: Life, found: Found) -> None:
    """Set the clock back two days for a day."""
    life.until(datetime(2028, 3, 24, 10, tzinfo=UTC))
    life.hands.wrong = -2 * DAY
    life.until(life.hands.true + DAY, 6 * HOUR)
    life.hands.wrong = timedelta()


STORIES: list[Callable[[Trial, Life, Found], None]] = [well, asleep, ahead, back]


@contextmanager
def _clock(start: datetime) -> Iterator[Hands]:
    """Let the product go by a clock of ours."""
    hands, real = Hands(start), clock.now
    clock.now = lambda: hands.now
    try:
        yield hands
    finally:
        clock.now = real


def _forget(app: Flask) -> int:
    """Leave what an earlier story did alone; return the last invitation it knows."""
    with app.app_context(), Session(db.engine) as session, session.begin():
        session.execute(sa.delete(WorkerBeat))
        return session.scalar(sa.select(sa.func.max(Invitation.id))) or 0


def _look(app: Flask, went: dict[int, datetime], seen: int, found: Found) -> None:
    """Look when each follow-up went out, and how many at once."""
    zone = ZoneInfo("Europe/Berlin")
    with app.app_context(), Session(db.engine) as session:
        rows = session.execute(
            sa.select(Invitation, Message)
            .outerjoin(Message, Message.id == Invitation.message_id)
            .where(Invitation.wave == 2, Invitation.id > seen)
        ).all()
        policy = InvitationPolicy.from_config(app.config)
        sent = [went[message.id] for _invitation, message in rows if message and message.sent_at]
        per_person = Counter(
            session.scalars(sa.select(Message.recipient).where(Message.kind == "follow_up"))
        )
        early = sum(
            1
            for invitation, message in rows
            if message
            and message.sent_at
            and (
                went[message.id].astimezone(zone).date()
                - invitation.interaction.closed_at.astimezone(zone).date()
            )
            < 30 * DAY
        )
    start, end = policy.window
    found.trials = len(rows)
    found.must_be_none("not followed up", len(rows) - len(sent))
    found.must_be_none("followed up twice", sum(1 for many in per_person.values() if many > 1))
    found.must_be_none(
        "sent at night", sum(not start <= at.astimezone(zone).time() <= end for at in sent)
    )
    found.must_be_none("sent before its day", early)
    found.counts["most in one minute"] = max(
        Counter(at.replace(second=0, microsecond=0) for at in sent).values(), default=0
    )
    found.counts["latest, days after the contact"] = max(
        (went[message.id] - invitation.interaction.closed_at).days
        for invitation, message in rows
        if message and message.sent_at
    )
    if "no worker" in found.name:
        found.must_hold("a burst after waking", found.counts["most in one minute"] <= MOST_A_MINUTE)
