"""The customers' part of an invitation's life: links opened, answered, changed, stopped."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback import tables
from feedback.database import reading
from feedback.invitations.models import Invitation
from feedback.responses.models import Answer, Response
from tests.conftest import Time
from tests.lives.asking import Asking
from tests.responses.stories import hidden, link

# As the documents promise them; the product's own numbers are what is tested.
PAGE_LASTS = AMEND_WITHIN = timedelta(hours=24)
LASTS = timedelta(days=21)
ENDED = ("erased", "stopped", "expired")
WHICH = st.sampled_from([0, 0, 0, 1, 1, 2, 3])
# (what, with which score, by which address, how many hours it takes)
Doing = tuple[str, int, str, int]
DOINGS = st.tuples(
    st.sampled_from(
        ["open", "open", "answer", "answer", "fill in", "send", "change", "machine", "machine",
         "machine once", "blind", "stop", "stop", "two tabs", "two changes"]
    ),
    st.integers(1, 5),
    st.sampled_from(["", "?csat=4", "?change=1", "/stop", "/thanks", "?csat=9&lang=en"]),
    st.sampled_from([0, 1, 20, 24]),
)  # fmt: skip


@dataclass
class Given:
    """The answer that stands."""

    score: int
    at: datetime
    is_amended: bool = False


@dataclass(frozen=True)
class LeftOpen:
    """A page somebody has filled in and not sent."""

    invitation: Invitation
    fields: dict[str, str]
    score: int
    shown_at: datetime
    is_change: bool


class Customers(Asking):
    """Customers, and machines that read their mail, at the doors that links are."""

    client: ClassVar[FlaskClient]
    hands: ClassVar[Time]

    def come_in(self) -> None:
        """Begin with nobody having said anything."""
        self.answers: dict[int, Given] = {}
        self.left_open: list[LeftOpen] = []
        self.stopped_links: set[int] = set()

    @rule(which=WHICH, does=st.lists(DOINGS, min_size=1, max_size=4))
    def something_happens_behind_a_link(self, which: int, does: list[Doing]) -> None:
        for what, score, query, hours in does:
            # The newest first; as it is after what has just happened.
            asked = self.asked()
            if not asked:
                return
            one = asked[-1 - which % len(asked)]
            {
                "open": self.open, "answer": self.answer, "fill in": self.leave_open,
                "send": self.send_left, "change": self.change, "machine": self.press_all,
                "machine once": self.press_once, "blind": self.post_blindly,
                "stop": self.stop_mails, "two tabs": self.answer_in_two_tabs,
                "two changes": self.change_in_two_tabs,
            }[what](one, score, query, hours)  # fmt: skip

    def open(self, one: Invitation, score: int, query: str, hours: int) -> None:
        if hours == 24:
            # A second before it expires, or at that moment.
            self.now = max(self.now, one.issued_at + LASTS - timedelta(seconds=score % 2))
        before = self.every_row()
        status = self.ask(one, "HEAD" if score == 1 else "GET", query).status_code
        assert self.every_row() == before, "opening a link has written"
        if query not in ("/stop", "/thanks"):
            state = self.state_of(one)
            expected = 410 if state in ENDED else 200
            assert status == expected, f"the page of an {state} link answers {status}"
        path = link(self.app, one)
        # In the middle, since the last character may hold spare bits, which are nobody's.
        forged = f"{path[:-6]}{'A' if path[-6] != 'A' else 'B'}{path[-5:]}"
        assert self.client.get(forged).status_code in (404, 429)

    def answer(self, one: Invitation, score: int, query: str, hours: int) -> None:
        if self.state_of(one) == "open":
            page = self.fill_in(one, score)
            self.now += timedelta(seconds=10)
            self.send(page)

    def answer_in_two_tabs(self, one: Invitation, score: int, query: str, hours: int) -> None:
        """Open the page twice and say two things; the first one stands."""
        if self.state_of(one) == "open":
            pages = [self.fill_in(one, score), self.fill_in(one, score % 5 + 1)]
            self.now += timedelta(seconds=10)
            for page in pages:
                self.send(page)
                self.now += timedelta(minutes=3)

    def leave_open(self, one: Invitation, score: int, query: str, hours: int) -> None:
        if self.state_of(one) == "open":
            self.left_open.append(self.fill_in(one, score))
            self.now += timedelta(hours=hours, seconds=5)

    def send_left(self, one: Invitation, score: int, query: str, hours: int) -> None:
        if self.left_open:
            page = self.left_open.pop(score % len(self.left_open))
            self.send(page)
            if score > 3:
                self.send(page)

    def change(self, one: Invitation, score: int, query: str, hours: int) -> None:
        given = self.answers.get(one.id)
        if given is None or given.is_amended or self.state_of(one) != "answered":
            return
        if self.now < given.at + AMEND_WITHIN:
            if query:
                self.now = given.at + AMEND_WITHIN - timedelta(seconds=30)
            page = self.fill_in(one, score, query="?change=1")
            self.now += timedelta(hours=hours, seconds=5)
            self.send(page)

    def change_in_two_tabs(self, one: Invitation, score: int, query: str, hours: int) -> None:
        """Have two pages open on which to change what was said; one change is what there is."""
        self.answer(one, score, query, hours)
        given = self.answers.get(one.id)
        if given is None or given.is_amended or self.now >= given.at + AMEND_WITHIN:
            return
        if self.state_of(one) == "answered":
            others = (given.score % 5 + 1, (given.score + 1) % 5 + 1)
            pages = [self.fill_in(one, other, query="?change=1") for other in others]
            self.now += timedelta(seconds=10)
            for page in pages:
                self.send(page)

    def press_all(self, one: Invitation, score: int, query: str, hours: int) -> None:
        self.press(one, [score, *({1, 2, 3, 4, 5} - {score})])

    def press_once(self, one: Invitation, score: int, query: str, hours: int) -> None:
        self.press(one, [score])

    def press(self, one: Invitation, scores: list[int]) -> None:
        """Open each of a mail's links as a machine does, and press what is on its page."""
        if self.state_of(one) in ENDED:
            return
        stood = self.answers.get(one.id)
        self.now += timedelta(minutes=5)
        for score in scores:
            page = self.ask(one, "GET", f"?csat={score}")
            assert page.status_code == 200
            self.now += timedelta(milliseconds=300)
            self.ask(one, "POST", data=hidden(page.text) | {"csat": str(score)})
        if stood is None and len(scores) < 3 and self.state_of(one) == "open":
            # So few presses look like a person's; the next button found an answer and led to it.
            self.answers[one.id] = Given(scores[0], self.now)
        self.now += timedelta(minutes=5)

    def post_blindly(self, one: Invitation, score: int, query: str, hours: int) -> None:
        self.ask(one, "POST", data={"csat": str(score), "preselected": str(score)})

    def stop_mails(self, one: Invitation, score: int, query: str, hours: int) -> None:
        if self.state_of(one) == "erased":
            return
        data = {"List-Unsubscribe": "One-Click"} if score > 2 else {"how": "stop"}
        assert self.ask(one, "POST", "/stop", data=data).status_code in (200, 303)
        self.stopped_links.add(one.id)
        address = self.came_under[one.interaction_id]
        if address is not None:
            self.stops.append((address, self.now, None))

    # What must be so after each step

    @invariant()
    def what_stands_is_what_customers_said(self) -> None:
        if not hasattr(self, "answers"):
            return
        for one in self.asked():
            if one.interaction.erasure_id is not None:
                # Forgotten, as they wished, and so taken out of every figure.
                self.answers.pop(one.id, None)
        standing = self.session.execute(
            sa.select(Response.invitation_id, Answer.score)
            .join(Answer, Answer.response_id == Response.id)
            .where(Answer.question_key == "csat", Response.suspected_at.is_(None))
        ).all()
        said = {number: given.score for number, given in self.answers.items()}
        assert sorted(map(tuple, standing)) == sorted(said.items()), "not what customers said"
        used = self.session.scalars(
            sa.select(Invitation.id)
            .join(Invitation.interaction)
            .where(Invitation.answered_at.is_not(None))
            .where(sa.text("interaction.erasure_id IS NULL"))
        ).all()
        assert sorted(used) == sorted(said), "a link is used without an answer, or the reverse"
        self.session.rollback()

    # Ways to it

    def state_of(self, one: Invitation) -> str:
        """Return how a link's page should be, from what has happened."""
        if one.interaction.erasure_id is not None:
            return "erased"
        if one.id in self.answers:
            return "answered"
        if one.id in self.stopped_links:
            return "stopped"
        return "expired" if one.issued_at + LASTS <= self.now else "open"

    def ask(
        self, one: Invitation, method: str, query: str = "", data: dict[str, str] | None = None
    ) -> TestResponse:
        self.session.rollback()
        self.hands.now = self.now
        return self.client.open(link(self.app, one) + query, method=method, data=data)

    def fill_in(self, one: Invitation, score: int, query: str = "") -> LeftOpen:
        page = self.ask(one, "GET", query)
        assert page.status_code == 200, f"an open page answers {page.status_code}"
        return LeftOpen(one, hidden(page.text), score, self.now, bool(query))

    def send(self, page: LeftOpen) -> None:
        """Send a page, and know what must come of it."""
        (one,) = [one for one in self.asked() if one.id == page.invitation.id]
        state, given = self.state_of(one), self.answers.get(one.id)
        status = self.ask(one, "POST", data=page.fields | {"csat": str(page.score)}).status_code
        is_fresh = self.now - page.shown_at <= PAGE_LASTS
        if state in ENDED:
            assert status == 410, f"an answer to an {state} link is answered {status}"
        elif state == "open" and not page.is_change:
            assert status == (303 if is_fresh else 422), f"an answer is answered {status}"
            if is_fresh:
                self.answers[one.id] = Given(page.score, self.now)
        elif state == "answered" and given is not None and page.is_change and is_fresh:
            may = not given.is_amended and self.now < given.at + AMEND_WITHIN
            if may and page.score != given.score:
                given.score, given.is_amended = page.score, True

    def every_row(self) -> int:
        """Return what tells one state of the whole database from another."""
        self.session.rollback()
        with reading(), Session(self.session.get_bind()) as own:
            rows = [
                (table.name, own.execute(sa.select(table)).all())
                for table in tables.metadata.sorted_tables
            ]
            return hash(repr(rows))
