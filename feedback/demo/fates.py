"""What became of each demo contact: asked or not, reminded or not, answered or not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from feedback.config import InvitationPolicy
from feedback.demo.world import Buyer, Contact, Said, World
from feedback.interactions.contacts import address_digest
from feedback.invitations.calendar import follow_up_moment

_ISSUED_AFTER, _SENT_AFTER = timedelta(minutes=2), timedelta(minutes=3)
# Left for the worker, so that its first round writes a few real mails to look at, and no burst.
_LEFT_WAITING = {"zh-Hans": 2, "en": 1}


def _took(number: int) -> timedelta:
    """Return how long an answer took: half a minute, or longer for the telephone put down."""
    return timedelta(seconds=19 + number % 23 + (240 if number % 17 == 0 else 0))


@dataclass
class Rows:
    """Rows for the tables, in the order in which foreign keys let them in."""

    message: list[dict[str, Any]] = field(default_factory=list)
    invitation: list[dict[str, Any]] = field(default_factory=list)
    response: list[dict[str, Any]] = field(default_factory=list)
    answer: list[dict[str, Any]] = field(default_factory=list)
    suppression: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Telling:
    """Tells each contact's fate by the product's own rules, one customer's history at a time."""

    world: World
    policy: InvitationPolicy
    surveys: dict[int, int]
    key: str
    now: datetime
    rows: Rows = field(default_factory=Rows)
    _asked: dict[tuple[int, int], datetime] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _waiting: set[int] = field(default_factory=set)

    def tell(self) -> Rows:
        """Return the rows of every contact's two waves."""
        self._waiting = self._left_waiting()
        for contact in self.world.contacts:
            buyer = self.world.buyers[contact.customer]
            first_withheld: str | None = None
            for wave, due_at in self._due(contact):
                because = self._withheld(contact, buyer, wave, due_at, first_withheld)
                first_withheld = first_withheld or because
                self._invite(contact, buyer, wave, due_at, because)
        return self.rows

    def _left_waiting(self) -> set[int]:
        """Return the newest contacts that can be asked for sure, some in each language."""
        here_before: dict[int, int] = {}
        for contact in self.world.contacts:
            here_before.setdefault(contact.customer, contact.number)
        left: dict[str, list[int]] = {locale: [] for locale in _LEFT_WAITING}
        for contact in reversed(self.world.contacts):
            buyer = self.world.buyers[contact.customer]
            can_be_asked = contact.person and buyer.email and not buyer.email.endswith("@")
            if (
                can_be_asked
                and not buyer.refuses
                and here_before[contact.customer] == contact.number
            ):
                if len(left[buyer.locale]) < _LEFT_WAITING[buyer.locale]:
                    left[buyer.locale].append(contact.number)
                elif all(len(left[locale]) == many for locale, many in _LEFT_WAITING.items()):
                    break
        return {number for numbers in left.values() for number in numbers}

    def _due(self, contact: Contact) -> Iterator[tuple[int, datetime]]:
        yield 1, contact.closed_at
        yield (
            2,
            follow_up_moment(
                contact.closed_at,
                days=self.policy.follow_up_days,
                zone=self.policy.zone,
                window=self.policy.window,
                own_table={},
            ),
        )

    def _withheld(
        self, contact: Contact, buyer: Buyer, wave: int, due_at: datetime, first: str | None
    ) -> str | None:
        if contact.person is None:
            return "nobody"
        if buyer.email is None:
            return "no_address"
        if buyer.email.endswith("@"):
            return "invalid_address"
        if wave == 2 and first is not None:
            return "first_wave_withheld"
        if due_at + _ISSUED_AFTER > self.now:
            return None
        if buyer.refuses and (contact.customer, 1) in self._asked:
            return "suppressed"
        last = self._asked.get((contact.customer, wave))
        if last is not None and due_at - last < self.policy.recontact:
            return "recontact" if wave == 1 else "follow_up_cap"
        return None

    def _invite(
        self, contact: Contact, buyer: Buyer, wave: int, due_at: datetime, because: str | None
    ) -> None:
        issued_at = due_at + _ISSUED_AFTER
        left = wave == 1 and contact.number in self._waiting
        issued = because is None and issued_at <= self.now and not left
        digest = None
        if buyer.email and not buyer.email.endswith("@"):
            digest = address_digest(buyer.email, self.key)
        invitation = {
            "id": self._next("invitation"),
            "interaction_id": contact.number,
            "customer_id": contact.customer + 1,
            "survey_id": self.surveys[wave],
            "wave": wave,
            "address_digest": digest,
            "planned_at": contact.closed_at + timedelta(minutes=1),
            "due_at": due_at,
            "expires_at": (issued_at if issued else due_at) + self.policy.answer_within,
            "issued_at": issued_at if issued else None,
            "reminded_at": None,
            "answered_at": None,
            "withheld_at": None if because is None else min(issued_at, self.now),
            "withheld_because": because,
            "message_id": None,
            "reminder_id": None,
        }
        if issued:
            self._issue(invitation, contact, buyer, digest or "")
        self.rows.invitation.append(invitation)

    def _issue(
        self, invitation: dict[str, Any], contact: Contact, buyer: Buyer, digest: str
    ) -> None:
        wave, issued_at = invitation["wave"], invitation["issued_at"]
        self._asked[contact.customer, wave] = issued_at
        kind = "invitation" if wave == 1 else "follow_up"
        invitation["message_id"] = self._message(kind, buyer, issued_at, refused=buyer.refuses)
        if buyer.refuses:
            self.rows.suppression[digest] = {
                "address_digest": digest,
                "reason": "refused",
                "until": None,
                "created_at": issued_at + _SENT_AFTER,
            }
            return
        said = self._moved(contact, wave, issued_at)
        remind_at = issued_at + (self.policy.remind_after or timedelta(days=9999))
        if remind_at <= self.now and (said is None or said.at > remind_at):
            invitation["reminded_at"] = remind_at
            invitation["reminder_id"] = self._message("reminder", buyer, remind_at, refused=False)
        if said is not None and said.at < invitation["expires_at"]:
            invitation["answered_at"] = said.at
            self._answer(invitation, contact, buyer, said)

    def _moved(self, contact: Contact, wave: int, issued_at: datetime) -> Said | None:
        """Return what was said, kept as long after the mail as it was drawn, if that is past."""
        said = contact.first if wave == 1 else contact.second
        if said is None:
            return None
        usual = contact.closed_at + timedelta(days=0 if wave == 1 else self.policy.follow_up_days)
        said.at = max(said.at, issued_at + max(said.at - usual, timedelta(minutes=4)))
        return said if said.at < self.now else None

    def _message(self, kind: str, buyer: Buyer, at: datetime, *, refused: bool) -> int:
        number = self._next("message")
        sent_at = at + _SENT_AFTER
        self.rows.message.append(
            {
                "id": number,
                "kind": kind,
                "recipient": buyer.email,
                "locale": buyer.locale,
                "subject": "",
                "text": "",
                "html": "",
                "token_for": None,
                "message_id": f"<demo-{number}@example.com>",
                "created_at": at,
                "send_after": at,
                "sent_at": None if refused else sent_at,
                "failed_at": sent_at if refused else None,
                "attempts": 1,
                "server_reply": "550 5.1.1 mailbox unavailable" if refused else "250 2.0.0 queued",
            }
        )
        return number

    def _answer(
        self, invitation: dict[str, Any], contact: Contact, buyer: Buyer, said: Said
    ) -> None:
        number = self._next("response")
        self.rows.response.append(
            {
                "id": number,
                "interaction_id": contact.number,
                "invitation_id": invitation["id"],
                "survey_id": invitation["survey_id"],
                "wave": invitation["wave"],
                "locale": buyer.locale,
                "provenance": "page",
                "shown_at": said.at - _took(number),
                "answered_at": said.at,
                "changed_at": said.at,
            }
        )

        def add(question: str, *, choice: str = "", **value: Any) -> None:
            blank = {"metric": None, "score": None, "comment": None}
            self.rows.answer.append(
                {"response_id": number, "question_key": question, "choice": choice}
                | (blank | value)
            )

        add("csat", metric="csat", score=said.csat)
        if said.nps is not None:
            add("nps", metric="nps", score=said.nps)
        for reason in said.reasons:
            add("reasons", choice=reason)
        if said.solved:
            add("solved", choice=said.solved)
        if said.comment:
            add("comment", comment=said.comment)

    def _next(self, table: str) -> int:
        self._numbers[table] = self._numbers.get(table, 0) + 1
        return self._numbers[table]
