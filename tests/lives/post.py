"""A mail server of many moods, and workers that can die or fall asleep between any two steps."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from bench.faults.sink import DROP, Sink, Talk
from feedback.outbox import deliver
from feedback.outbox.deliver import deliver_waiting
from feedback.outbox.models import Message
from feedback.outbox.transport import Patience

# What the server says, and at which step; "fine" is the usual.
MOODS: dict[str, tuple[str, str]] = {
    "away": ("greeting", DROP),
    "closing": ("MAIL", "421 4.7.0 too much in one connection"),
    "later": ("RCPT", "451 4.2.0 try again later"),
    "full for good": ("RCPT", "552 5.2.2 the mailbox is full for good"),
    "nobody there": ("RCPT", "550 5.1.1 no such user here"),
    "too fast": ("RCPT", "550 Connection frequency limited"),
    "leaves early": ("DATA", DROP),
    "later, at the end": ("dot", "451 4.2.0 greylisted"),
    "never, at the end": ("dot", "554 5.7.1 this looks like spam"),
    "takes it and leaves": ("dot", DROP),
}
FINAL = {"full for good", "nobody there", "never, at the end"}
# Whatever these say is about this very message, and each is one of its attempts.
COUNTED = {"later", "later, at the end", "leaves early"}

# Between any two steps of delivery a worker may die; where no transaction is open, also sleep.
STEPS = ("claimed", "connected", "dot next", "dot noted", "answered", "settled")
DEADLY = (*STEPS, "not yet committed")


class Killed(BaseException):
    """The worker is dead: nothing of it runs any more, and its transaction is rolled back."""


@dataclass(frozen=True)
class Trouble:
    """What befalls a worker when it comes to a step for the so-manieth time."""

    step: str
    time: int
    # None: it dies; else it sleeps so long, and another worker works meanwhile.
    sleeps: timedelta | None = None
    # Whether its round goes on when it wakes, as if no time had passed.
    goes_on: bool = False


@dataclass
class Post:
    """The outbox at work in this process, one worker after the other or one in another's sleep."""

    app: Flask
    sink: Sink
    now: datetime
    # The moods of the next messages; after these the server is well.
    moods: list[str] = field(default_factory=list)
    trouble: Trouble | None = None
    # Told of each claim, and of each end of a worker's hold on a message: with the mood it met.
    claimed: Callable[[Message, datetime], None] = lambda message, now: None
    let_go: Callable[[Message, str], None] = lambda message, mood: None
    unwanted: Callable[..., str | None] = lambda session, message, now: None
    # Of each worker in the middle of something, the last one on top: the message and the mood.
    hands: list[tuple[Message, str]] = field(default_factory=list)
    workers: int = 0
    has_slept: bool = False
    _reached: int = 0

    def work(self, moods: list[str], trouble: Trouble | None = None) -> None:
        """Let a worker send what waits, until there is nothing, or until it is dead."""
        self.moods, self.trouble, self._reached = list(moods), trouble, 0
        self.has_slept = False
        try:
            self._round()
        except Killed:
            self.hands.clear()
            # What it had learnt of the pace dies with it.
            self.app.extensions.pop("mail_pace", None)
        self.trouble = None

    def _round(self) -> None:
        self.workers += 1
        deliver_waiting(
            self.app,
            now=self.now,
            worker=f"worker-{self.workers}",
            keep_going=lambda: not self.has_slept,
            unwanted=self.unwanted,
            patience=Patience(step=5, answer=5),
        )

    def behave(self, stage: str, talk: Talk) -> str | None:
        """Answer as the message's mood says."""
        mood = self.hands[-1][1] if self.hands else "fine"
        at, words = MOODS.get(mood, ("", ""))
        return words if at == stage else None

    def drop(self, message: Message, mood: str) -> None:
        """Let a worker have a message in hand no more; "lost" if it had been another's already."""
        self.hands.pop()
        self.let_go(message, mood)

    def reach(self, step: str) -> None:
        """Come to a step, and to whatever is to happen there."""
        trouble = self.trouble
        if trouble is None or trouble.step != step:
            return
        self._reached += 1
        if self._reached < trouble.time:
            return
        self.trouble = None
        if trouble.sleeps is None:
            raise Killed
        self.now += trouble.sleeps
        self._round()
        self.has_slept = not trouble.goes_on


@contextmanager
def posting(
    app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch, make: type[Post] = Post
) -> Iterator[Post]:
    """Give a post whose workers stop at each step of the product, as it is or with a bug in it."""
    with Sink() as sink:
        post = make(app, sink, now)
        sink.behave = post.behave
        app.extensions["mail"].server, app.extensions["mail"].port = "127.0.0.1", sink.port
        app.config["MAIL_SERVER"] = "127.0.0.1"
        # Reading a machine's certificates anew takes longer than all the rest of a connection.
        context = ssl.create_default_context()
        monkeypatch.setattr(ssl, "create_default_context", lambda: context)
        claim, connect, mark = deliver._claim, deliver._connect, deliver._mark_dot
        attempt, settle, write = deliver._try, deliver.settle, deliver._write_down

        def claims(this: Any) -> Message | None:
            message = claim(this)
            if message is not None:
                post.claimed(message, this.now)
                post.hands.append((message, post.moods.pop(0) if post.moods else "fine"))
                post.reach("claimed")
            return message

        def connects(this: Any) -> Any:
            connection = connect(this)
            post.reach("connected")
            return connection

        def marks(this: Any, message: Message) -> None:
            post.reach("dot next")
            mark(this, message)
            post.reach("dot noted")

        def attempts(this: Any, message: Message) -> Any:
            try:
                outcome = attempt(this, message)
            except deliver.ClaimLost:
                post.drop(message, "lost")
                raise
            post.reach("answered")
            return outcome

        def settles(*given: Any, **named: Any) -> str:
            end = settle(*given, **named)
            post.reach("not yet committed")
            return end

        def writes(this: Any, message: Message, outcome: Any) -> None:
            try:
                write(this, message, outcome)
            except deliver.ClaimLost:
                post.drop(message, "lost")
                raise
            post.drop(message, post.hands[-1][1])
            post.reach("settled")

        patches = {
            "_claim": claims, "_connect": connects, "_mark_dot": marks, "_try": attempts,
            "settle": settles, "_write_down": writes,
        }  # fmt: skip
        for name, patch in patches.items():
            monkeypatch.setattr(deliver, name, patch)
        yield post
