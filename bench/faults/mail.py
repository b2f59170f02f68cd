"""Mail (F3, F5, F6, F15, G5, G6): every invitation goes out, and each repeat is known."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from bench.faults import sink as office
from bench.faults.databases import opened
from bench.faults.sink import Sink, Talk
from bench.faults.sites import ROOT, environment
from bench.faults.stories import report_contacts
from bench.faults.trial import Found, Trial
from feedback import clock
from feedback.database import db
from feedback.invitations.issue import issue_due
from feedback.outbox.claim import HELD, LEASE
from feedback.outbox.models import Message
from feedback.outbox.queue import UNCERTAIN, may_have_come_twice, state_of

PLANTS = {
    "claim-without-lock": "brought twice by workers at once",
    "settle-without-guard": "copy nobody knows of",
    "mark-then-send": "never delivered",
    "send-without-dot": "copy nobody knows of",
    "wait-for-ever": "others waited longer",
    "try-refused-again": "refused for good and tried again",
}
# A worker that is gone holds its message for so long.
_STEP = LEASE + timedelta(minutes=1)


def run(trial: Trial) -> list[Found]:
    """Kill workers at every line and at random, and make the server ill in every way."""
    parts = {
        "claim-without-lock": [side_by_side],
        "settle-without-guard": [side_by_side],
        "mark-then-send": [killed_at_every_line],
        "send-without-dot": [killed_at_every_line],
        "wait-for-ever": [hanging],
        "try-refused-again": [ill],
    }
    everything = [killed_at_every_line, side_by_side, killed_at_random, ill, limited, hanging]
    chosen = parts.get(trial.planted or "", everything)
    return [part(trial) for part in chosen if trial.part in (None, part.__name__)]


@dataclass
class Post:
    """One trial's post: the product, a mail server, a nest of workers, and the moment it is."""

    app: Flask
    sink: Sink
    nest: "subprocess.Popen[str]"
    now: datetime
    recipients: list[str] = field(default_factory=list)

    def invite(self, how_many: int) -> None:
        """Queue so many invitations, which are due now."""
        report_contacts(self.app, how_many, self.now - timedelta(seconds=1))
        issue_due(self.app, now=self.now)

    def order(self, **order: object) -> int:
        """Let a worker begin, at the moment it is now; return its process."""
        return int(self._say(now=self.now.isoformat(), **order))

    def wait(self, pid: int) -> int:
        """Wait for a worker to end; return how it did."""
        return int(self._say(wait=pid))

    def work(self, **order: object) -> int:
        """Let a worker do all that is due."""
        return self.wait(self.order(**order))

    def _say(self, **order: object) -> str:
        assert self.nest.stdin is not None
        assert self.nest.stdout is not None
        self.nest.stdin.write(json.dumps(order) + "\n")
        self.nest.stdin.flush()
        return self.nest.stdout.readline()

    def messages(self) -> list[Message]:
        """Return every message there is."""
        with self.app.app_context(), Session(db.engine) as session:
            return list(session.scalars(sa.select(Message).order_by(Message.id)))


@contextmanager
def posting(trial: Trial, sink: Sink) -> Iterator[Post]:
    """Give everything that is needed to send mail and to kill who sends it."""
    settings = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": sink.port, "REMIND_AFTER_DAYS": 0}
    with opened(trial.database, trial.folder, **settings) as app:
        with app.app_context(), Session(db.engine) as session, session.begin():
            # What an earlier part of the experiment has left is not this one's.
            session.execute(
                sa.update(Message)
                .where(Message.sent_at.is_(None), Message.failed_at.is_(None))
                .values(cancelled_at=clock.now())
            )
            seen = session.scalar(sa.select(sa.func.max(Message.id))) or 0
        bug = [trial.planted] if trial.planted else []
        with (trial.folder / "nest.log").open("ab") as log:
            nest = subprocess.Popen(
                [sys.executable, "-m", "bench.faults.nest", *bug], cwd=ROOT, text=True,
                env=environment(trial.database.url, trial.folder / "instance", **settings),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        try:
            assert nest.stdout is not None
            if nest.stdout.readline().strip() != "ready":
                raise RuntimeError((trial.folder / "nest.log").read_text()[-3000:])
            post = Post(app, sink, nest, clock.now().replace(microsecond=0))
            post.messages = _since(post, seen)  # type: ignore[method-assign]
            yield post
        finally:
            assert nest.stdin is not None
            nest.stdin.close()
            nest.wait(60)
            assert nest.stdout is not None
            nest.stdout.close()


def _since(post: Post, number: int) -> object:
    every = post.messages
    return lambda: [message for message in every() if message.id > number]


def killed_at_every_line(trial: Trial) -> Found:
    """Kill the worker at each line of delivery in turn, a message each time."""
    found = Found("mail: worker killed at every line of delivery", 0, "kills")
    # A bug is where it is: planted, it must not lie between two of the points.
    step = (40 if trial.planted else 150) if trial.is_short else trial.every
    with Sink() as sink, posting(trial, sink) as post:
        point = 1
        while True:
            post.now += timedelta(seconds=1)
            post.invite(1)
            how = post.work(only_mail=True, die_at=point)
            if how != -signal.SIGKILL:
                # It has gone through without meeting so many lines.
                break
            found.trials += 1
            # Whoever comes next takes up what the dead one held, when its lease has ended.
            for _later in range(2):
                post.now += _STEP
                post.work(only_mail=True)
            point += step
        _look(post, found, found.trials)
    found.counts["lines from the claim to the end"] = point
    return found


def side_by_side(trial: Trial) -> Found:
    """Let two and four workers empty one queue; nobody dies, and nobody brings what another has."""
    rounds = 1 if trial.is_short else max(1, trial.kills // 5)
    found = Found("mail: two and four workers side by side", 0, "messages")
    with Sink(slow=0.002) as sink, posting(trial, sink) as post:
        for how_many in (2, 4) * rounds:
            post.now += timedelta(seconds=1)
            post.invite(40)
            found.trials += 40
            pids = [post.order(only_mail=True) for _each in range(how_many)]
            for pid in pids:
                post.wait(pid)
            found.counts["workers"] += how_many
        again = len(sink.named) - len(set(sink.named))
        found.must_be_none("brought twice by workers at once", again)
        _look(post, found, 0)
    return found


def killed_at_random(trial: Trial) -> Found:
    """Kill two and four workers that work at once, at random moments, until so many are dead."""
    found = Found("mail: two and four workers, killed at random", 0, "kills")
    with Sink(slow=0.004) as sink, posting(trial, sink) as post:
        rounds = 0
        while found.trials < trial.kills and rounds < 20 * trial.kills:
            rounds += 1
            how_many = trial.chance.choice((2, 4))
            post.invite(4 * how_many)
            taken, patient = len(sink.taken), time.monotonic() + 20
            pids = [post.order() for _each in range(how_many)]
            # Who is killed before the first message is on its way dies of nothing.
            while len(sink.taken) == taken and time.monotonic() < patient:
                time.sleep(0.002)
            for pid in trial.chance.sample(pids, len(pids)):
                # Half of them may finish, so that the dead have somebody to get in the way of.
                if trial.chance.random() < 0.7:
                    time.sleep(trial.chance.uniform(0.0, 0.05))
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            found.trials += sum(post.wait(pid) == -signal.SIGKILL for pid in pids)
            found.counts["workers"] += how_many
            post.now += _STEP
        for _later in range(3):
            post.work()
            post.now += _STEP
        _look(post, found, found.trials)
    return found


def ill(trial: Trial) -> Found:
    """Let the server be away, refuse for now and for good, and drop connections; then recover."""
    how_many = 40 if trial.is_short else 400
    found = Found("mail: server away, refusing, dropping", 0, "messages")
    refused: Counter[str] = Counter()
    is_well, dropped = False, 0
    poison = "refused-again-and-again@example.cn"

    def behave(stage: str, talk: Talk) -> str | None:
        nonlocal dropped
        if stage == "RCPT" and talk.recipient == poison:
            return "451 4.2.0 not now, and not later either"
        if stage == "RCPT" and _number_of(talk.recipient) % 33 == 0:
            refused[talk.recipient] += 1
            return "552 5.2.2 the mailbox is full for good"
        if is_well:
            return None
        draw = trial.chance.random()
        if stage == "RCPT" and draw < 0.1:
            return "451 4.2.0 try again later"
        if stage == "dot" and draw < 0.05:
            return "452 4.3.1 no room just now"
        if stage == "dot" and draw < 0.08:
            dropped += 1
            return office.DROP
        return None

    with Sink(behave) as sink, posting(trial, sink) as post:
        report_contacts(post.app, 1, post.now - timedelta(seconds=2), email=poison)
        post.invite(how_many)
        sink.stop()
        post.work(only_mail=True)
        found.counts["taken while it was away"] = len(sink.taken)
        sink.start()
        # As long as the longest the outbox leaves something alone, and then once more.
        for number, minutes in enumerate((2, 2, 6, 6, 35, 35, 125, 125, 125)):
            post.now += timedelta(minutes=minutes)
            is_well = number > 3
            post.work(only_mail=True)
        found.trials = len(post.messages())
        found.counts["connections dropped after the last dot"] = dropped
        found.must_be_none(
            "refused for good and tried again", sum(1 for times in refused.values() if times > 1)
        )
        found.counts["refused for good"] = len(refused)
        _look(post, found, dropped, may_fail=set(refused) | {poison})
        last = [message for message in post.messages() if message.recipient == poison]
        found.must_hold(
            "the one that is always refused ends with the server's words",
            bool(last[0].failed_at and "not now" in (last[0].server_reply or "")),
        )
    return found


def limited(trial: Trial) -> Found:
    """Let the server close each connection after twenty messages with 421."""
    how_many = 45 if trial.is_short else 200
    found = Found("mail: 421 after twenty in a connection", 0, "messages")

    def behave(stage: str, talk: Talk) -> str | None:
        return "421 4.7.0 too much at once" if stage == "MAIL" and talk.carried >= 20 else None

    with Sink(behave) as sink, posting(trial, sink) as post:
        post.invite(how_many)
        for _round in range(10):
            post.work(only_mail=True)
            post.now += timedelta(minutes=2)
            if not any(_is_open(message) for message in post.messages()):
                break
        found.trials = how_many
        found.counts["connections"] = sink.connections
        found.must_hold("more than 1.2 tries a message", len(sink.named) <= 1.2 * how_many)
        _look(post, found, 0)
    return found


def hanging(trial: Trial) -> Found:
    """Let one connection hang at each step; everybody else's mail waits no longer than its time."""
    step, answer, others = 0.5, 1.0, 10
    found = Found("mail: one connection hangs", 0, "hung connections")
    for stage in office.STAGES:
        hung: list[int] = []

        def behave(at: str, talk: Talk, stage: str = stage, hung: list[int] = hung) -> str | None:
            if at == stage and not hung:
                hung.append(talk.number)
                return office.HANG
            return None

        with Sink(behave) as sink, posting(trial, sink) as post:
            post.invite(others)
            began = time.monotonic()
            pid = post.order(patience=[step, answer], only_mail=True)
            # A server that was away is asked again after a while; that is another matter.
            limit = answer + 10
            while time.monotonic() < began + limit and len(sink.taken) < others and _lives(pid):
                time.sleep(0.05)
            waited = time.monotonic() - began
            is_late = _lives(pid) and len(sink.taken) < others
            if is_late:
                os.kill(pid, signal.SIGKILL)
            post.wait(pid)
            found.trials += 1
            found.counts["longest wait, ms"] = max(
                found.counts["longest wait, ms"], int(1000 * waited)
            )
            found.must_be_none("others waited longer than the time-out", int(is_late))
            for _later in range(3):
                post.now += _STEP
                post.work(patience=[step, answer], only_mail=True)
            if not is_late:
                _look(post, found, 1)
    return found


def _number_of(recipient: str) -> int:
    return int("".join(filter(str.isdigit, recipient)) or 1)


def _lives(pid: int) -> bool:
    """Tell whether a process of ours has not ended."""
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _is_open(message: Message) -> bool:
    ends = (message.sent_at, message.failed_at, message.cancelled_at)
    return not any(ends) and message.send_after < HELD


def _look(post: Post, found: Found, allowed: int, may_fail: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Compare what the server took with what the outbox says of it; so many repeats are allowed."""
    copies: dict[str, list[office.Copy]] = {}
    for copy in post.sink.taken:
        copies.setdefault(copy.message_id, []).append(copy)
    messages = post.messages()
    lost = unknown = most = extra = held = still = 0
    for message in messages:
        came = copies.get(message.message_id, [])
        is_listed = may_have_come_twice(message) or state_of(message, post.now) == UNCERTAIN
        held += message.send_after >= HELD and message.sent_at is None
        lost += not came and not is_listed and message.recipient not in may_fail
        still += _is_open(message)
        most = max(most, len(came))
        extra += max(0, len(came) - 1)
        unknown += len(came) > 1 and not is_listed
    found.counts["messages"] += len(messages)
    found.counts["taken by the server"] += len(post.sink.taken)
    found.counts["repeats"] += extra
    found.counts["held for a person to decide"] += held
    found.must_be_none("never delivered", lost)
    found.must_be_none("still waiting", still)
    found.must_be_none("copy nobody knows of", unknown)
    found.must_be_none("more copies than kills", max(0, extra - allowed))
    found.must_be_none("three copies of one message", int(most > 2))
    differing = sum(1 for came in copies.values() if len({copy.digest for copy in came}) > 1)
    found.must_be_none("repeat that differs from the first", differing)
    per_person = Counter(message.recipient for message in messages)
    found.must_be_none("invited twice", sum(1 for number in per_person.values() if number > 1))
