"""The life of a message: a machine that tells stories of it, and a small model beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy.orm import Session

from feedback import keep, put_back
from feedback.bounces.record import forgive, record_return
from feedback.bounces.report import Returned
from feedback.commands import backup
from feedback.config import ROOT
from feedback.database import db
from feedback.interactions.contacts import address_digest
from feedback.milestones import Milestone
from feedback.outbox.compose import Mail
from feedback.outbox.enqueue import enqueue
from feedback.outbox.models import Bounce, Message, Suppression
from feedback.outbox.overrule import cancel, try_again
from feedback.outbox.sender import Sender
from feedback.outbox.suppress import suppress
from tests.lives.post import COUNTED, DEADLY, FINAL, MOODS, STEPS, Post, Trouble

BEGIN = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
# As the documents promise them; the product's own numbers are what is tested.
LEASE, ATTEMPTS, PACE = timedelta(minutes=15), 5, timedelta(minutes=1)
HELD = datetime(9000, 1, 1, tzinfo=UTC)
# Few, so that they are written to again and again.
ADDRESSES = ("a@qq.com", "b@qq.com", "c@163.com")
MINUTES = st.sampled_from([0, 2, 16, 130])
# Most of what happens to a queue happens to a message or two.
SERVER = st.lists(st.sampled_from([*MOODS, "fine", "takes it and leaves"]), min_size=1, max_size=3)
_SLEEPS = st.sampled_from([timedelta(minutes=minutes) for minutes in (1, 14, 15, 40)])
TROUBLES = st.one_of(
    st.none(),
    st.builds(Trouble, st.sampled_from(DEADLY), st.integers(1, 2)),
    st.builds(Trouble, st.sampled_from(STEPS), st.integers(1, 2), _SLEEPS, st.booleans()),
)


@dataclass
class Known:
    """What is known of one message without asking the product."""

    recipient: str
    # How often a person let it go again, and since then: what the server said of it, as far as the
    # worker lived to write it down.
    by_hand: int = 0
    said: list[str] = field(default_factory=list)
    # Since when a worker has it in hand, by its own clock.
    held_since: datetime | None = None
    # Held since a backup was put back, until a person decides.
    is_unknown: bool = False


@dataclass
class Model:
    """What is known of all of them, and of the addresses."""

    messages: dict[str, Known] = field(default_factory=dict)
    # Why an address is not written to.
    closed: dict[str, str] = field(default_factory=dict)
    soft: dict[str, int] = field(default_factory=dict)


class LifeOfAMessage(RuleBasedStateMachine):
    """Messages queued, sent, refused, repeated, held and decided about, whoever dies meanwhile."""

    app: ClassVar[Flask]
    post: ClassVar[Post]
    folder: ClassVar[Path]

    @initialize(moods=SERVER, trouble=TROUBLES)
    def begin(self, moods: list[str], trouble: Trouble | None) -> None:
        with self.session() as session:
            for table in (Bounce, Message, Suppression, Milestone):
                session.execute(sa.delete(table))
        self.app.extensions.pop("mail_pace", None)
        self.post.now, self.post.hands = BEGIN, []
        self.post.sink.taken.clear()
        self.post.claimed, self.post.let_go = self.claimed, self.let_go
        self.model = Model()
        # Those that no backup knows: their copies are all that is left of them.
        self.gone: set[str] = set()
        self.fast: dict[str, datetime] = {}
        self.wrong: list[str] = []
        self.kept: tuple[Path, Model] | None = None
        self.queue([0, 0])
        self.work(moods, trouble)

    # What happens

    @rule(to=st.lists(st.integers(0, 2), min_size=1, max_size=2))
    def queue(self, to: list[int]) -> None:
        with self.session() as session:
            for number in to:
                message = enqueue(
                    session,
                    Mail("请评分", "您好！\n", "<p>您好！</p>\n"),
                    kind="invitation",
                    recipient=ADDRESSES[number],
                    locale="zh-Hans",
                    sender=Sender(self.app.config["MAIL_SENDER"]),
                    now=self.post.now,
                )
                self.model.messages[message.message_id] = Known(message.recipient)

    @rule(minutes=MINUTES, moods=SERVER, trouble=TROUBLES)
    def a_worker_works(self, minutes: int, moods: list[str], trouble: Trouble | None) -> None:
        self.post.now += timedelta(minutes=minutes)
        self.work(moods, trouble)

    # Twice, so that it is drawn as often as all that people do together.
    @rule(minutes=MINUTES, moods=SERVER, trouble=TROUBLES)
    def another_works(self, minutes: int, moods: list[str], trouble: Trouble | None) -> None:
        self.a_worker_works(minutes, moods, trouble)

    @rule(which=st.integers(0, 9), kind=st.sampled_from(["hard", "soft", "soft", "complaint"]))
    def it_comes_back(self, which: int, kind: str) -> None:
        sent = [one for one in self.rows() if one.sent_at is not None]
        if not sent:
            return
        one = sent[which % len(sent)]
        returned = Returned(kind, None, "550 no", (), one.message_id)
        with self.session() as session:
            message = session.get_one(Message, one.id)
            news = record_return(session, message, returned, now=self.post.now, key=self.key)
        if not news:
            return
        self.model.soft[one.recipient] = self.model.soft.get(one.recipient, 0) + (kind == "soft")
        if kind == "complaint":
            self.close(one.recipient, "complaint")
        elif kind == "hard" or self.model.soft[one.recipient] >= 3:
            self.close(one.recipient, "hard_bounce")

    @rule(
        what=st.sampled_from(["forgive", "send again", "send again", "let be", "no more"]),
        which=st.integers(0, 9),
    )
    def somebody_decides(self, what: str, which: int) -> None:
        rows = self.rows()
        one = rows[which % len(rows)]
        decide = {
            "forgive": self.forgive, "send again": self.send_again, "let be": self.let_be,
            "no more": self.want_no_more,
        }  # fmt: skip
        with self.session() as session:
            decide[what](session, one)

    def forgive(self, session: Session, one: Message) -> None:
        if forgive(session, session.get_one(Message, one.id), self.post.now, self.key):
            assert self.model.closed.pop(one.recipient) == "hard_bounce"
            self.model.soft[one.recipient] = 0

    def send_again(self, session: Session, one: Message) -> None:
        if try_again(session, one.id, self.post.now, self.key):
            assert one.sent_at is None, "sent again though it was sent"
            known = self.model.messages[one.message_id]
            known.by_hand += 1
            known.said, known.held_since, known.is_unknown = [], None, False
            if self.model.closed.get(one.recipient) == "refused":
                del self.model.closed[one.recipient]

    def let_be(self, session: Session, one: Message) -> None:
        cancel(session, one.id, self.post.now)

    def want_no_more(self, session: Session, one: Message) -> None:
        if one.recipient not in self.model.closed:
            digest = address_digest(one.recipient, self.key)
            suppress(session, digest, "unsubscribed", self.post.now)
            self.close(one.recipient, "unsubscribed")

    @rule()
    def a_backup_is_made_and_later_put_back(self) -> None:
        if self.kept is None:
            self.keep()
        else:
            self.put_back(*self.kept)
            self.kept = None

    def keep(self) -> None:
        path = self.folder / "outbox.backup"
        path.unlink(missing_ok=True)
        with self.app.app_context():
            keep.write_backup(db.engine, path, self.post.now, key="", progress=lambda rows: None)
        self.kept = path, deepcopy(self.model)

    def put_back(self, path: Path, model: Model) -> None:
        manifest = keep.read_manifest(path)
        with self.app.app_context():
            put_back.restore_backup(
                db.engine, path, manifest, ROOT / "migrations", lambda rows: None, replace=True,
                note=lambda session, given_up: self.hold(session, manifest.made_at),
            )  # fmt: skip
        self.gone |= self.model.messages.keys() - model.messages.keys()
        self.model = model
        for known in self.model.messages.values():
            known.said, known.held_since, known.is_unknown = [], None, True

    # What the model is told by the post

    def claimed(self, message: Message, now: datetime) -> None:
        known = self.model.messages[message.message_id]
        if known.held_since is not None and now - known.held_since < LEASE:
            self.wrong.append("two workers have one message in hand")
        if message.recipient in self.model.closed:
            self.wrong.append(f"mailed though {self.model.closed[message.recipient]}")
        if known.is_unknown:
            self.wrong.append("sent after a restore though nobody has decided")
        if FINAL & set(known.said):
            self.wrong.append("tried again though it was refused for good")
        if now < self.fast.get(domain(message.recipient), now):
            self.wrong.append("a domain was not left alone")
        known.held_since = now

    def let_go(self, message: Message, mood: str) -> None:
        if mood == "lost":
            return
        known = self.model.messages[message.message_id]
        known.held_since = None
        known.said.append(mood)
        if mood == "nobody there":
            self.close(message.recipient, "refused")
        if mood == "too fast":
            self.fast[domain(message.recipient)] = message.claimed_at + PACE  # type: ignore[operator]
        if mood == "fine":
            self.fast.pop(domain(message.recipient), None)

    # What must be so after each step

    @invariant()
    def what_is_known_is_so(self) -> None:
        rows = {one.message_id: one for one in self.rows()}
        assert rows.keys() == self.model.messages.keys(), "a message is lost, or came from nowhere"
        digests: dict[str, list[str]] = {}
        for copy in self.post.sink.taken:
            digests.setdefault(copy.message_id, []).append(copy.digest)
        assert digests.keys() <= rows.keys() | self.gone, "a repeat has another Message-ID"
        for name, one in rows.items():
            self.look(one, self.model.messages[name], digests.get(name, []))
        assert not self.wrong, self.wrong[0]

    def look(self, one: Message, known: Known, copies: list[str]) -> None:
        assert len(set(copies)) <= 1, "a repeat differs from the first"
        assert len(copies) <= 2 + known.by_hand, "a third copy went out by itself"
        if len(copies) > 1:
            was_unsure = one.dot_sent_at is not None
            if one.sent_at is not None and was_unsure:
                was_unsure = one.dot_sent_at < one.claimed_at  # type: ignore[operator]
            assert was_unsure, "a copy nobody knows of"
        if one.sent_at is not None:
            assert copies, "said to be sent, and was not"
            assert one.created_at <= one.claimed_at <= one.sent_at, "moments out of order"  # type: ignore[operator]
            assert one.dot_sent_at is not None, "sent without noting the dot"
            assert one.dot_sent_at <= one.sent_at, "moments out of order"
        if one.returned_at is not None:
            assert one.sent_at <= one.returned_at, "moments out of order"  # type: ignore[operator]
        if one.failed_at is not None:
            assert one.server_reply, "failed without a word"
            tries = sum(mood in COUNTED | {"takes it and leaves"} for mood in known.said)
            assert known.is_unknown or FINAL & set(known.said) or tries >= ATTEMPTS, (
                "failed too soon"
            )
        if one.cancelled_at is not None:
            assert one.server_reply, "cancelled without a reason"

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        # All is well again, and so long that whatever waits for something has waited enough.
        for _round in range(3):
            self.post.now += timedelta(minutes=125)
            self.work([], None)
        self.what_is_known_is_so()
        for one in self.rows():
            if one.sent_at or one.failed_at or one.cancelled_at:
                continue
            assert one.send_after >= HELD, "neither delivered nor failed nor held"
            assert one.dot_sent_at is not None, "held, and nobody can see why"

    # Ways to it

    def work(self, moods: list[str], trouble: Trouble | None) -> None:
        self.post.work(moods, trouble)
        if "mail_pace" not in self.app.extensions:
            self.fast.clear()

    def close(self, address: str, why: str) -> None:
        self.model.closed.setdefault(address, why)

    def hold(self, session: Session, made_at: str) -> None:
        backup.hold_waiting(session, self.post.now, made_at)

    @contextmanager
    def session(self) -> Iterator[Session]:
        with (
            self.app.app_context(),
            Session(db.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def rows(self) -> list[Message]:
        with self.session() as session:
            return list(session.scalars(sa.select(Message).order_by(Message.id)))

    @property
    def key(self) -> str:
        return str(self.app.config["SECRET_KEY"])


def domain(address: str) -> str:
    return address.rpartition("@")[2]
