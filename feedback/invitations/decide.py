"""Decides about an invitation that is due: one code, for the worker and for the dry run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from feedback.invitations.eligibility import MERGED, reason_at_issue

# Contacts that ended this close to each other are asked about by one mail.
TOGETHER = timedelta(hours=24)


@dataclass(frozen=True)
class Due:
    """An invitation whose moment has come: what deciding about it needs to know."""

    interaction_id: int
    customer_id: int
    channel_id: int
    wave: int
    address: str | None
    address_digest: str | None
    closed_at: datetime
    planned_at: datetime
    due_at: datetime
    expires_at: datetime
    # The touchpoint's rule of who is asked again, as it is today; it concerns second waves only.
    follow_up: str
    # In whose name it asks.
    brand_id: int
    # A rule of the organisation says not to ask about such contacts.
    is_barred: bool

    @property
    def place(self) -> tuple[datetime, int]:
        """Return what tells of two contacts which was the later one."""
        return self.closed_at, self.interaction_id

    def may_stand_for(self, other: "Due", now: datetime) -> bool:
        """Tell whether one mail, about this contact, is enough for both.

        It is about the later one: that is where the customer knows how it ended. It must be known
        by now, of the same customer at the same address, and not be long in coming. One brand's
        mail tells nothing of another's contacts.
        """
        return (
            self.wave == other.wave == 1
            and self.customer_id == other.customer_id
            and self.brand_id == other.brand_id
            and self.address_digest is not None
            and self.address_digest == other.address_digest
            and other.place < self.place
            and self.closed_at - other.closed_at <= TOGETHER
            and self.planned_at <= now
            and self.due_at - now <= TOGETHER
        )


@dataclass(frozen=True)
class Decision:
    """What becomes of an invitation: why it is withheld, if it is, and which stands for it."""

    because: str | None
    merged_into: Due | None = None


class Memory(Protocol):
    """What happened so far: in the database, or in a dry run's own books."""

    def is_own(self, due: Due) -> bool:
        """Tell whether the address is of somebody who works here."""

    def is_suppressed(self, due: Due, now: datetime) -> bool:
        """Tell whether the address is not to be written to."""

    def is_kind_stopped(self, due: Due) -> bool:
        """Tell whether the address is not to be written to about contacts on this channel."""

    def is_first_wave_reached(self, due: Due) -> bool:
        """Tell whether the interaction's first invitation went out and was not lost."""

    def first_wave_answered_at(self, due: Due) -> datetime | None:
        """Return when the interaction's first invitation was answered, None if it was not."""

    def last_asked(self, due: Due) -> datetime | None:
        """Return when this customer, or this address, was last asked in the same wave."""

    def waiting_beside(self, due: Due, now: datetime) -> Iterable[Due]:
        """Return what else waits, undecided, and may stand for it: the latest contact first."""


def decide(due: Due, memory: Memory, *, now: datetime, recontact: timedelta) -> Decision:
    """Return what becomes of an invitation that is due."""
    because = _why_withheld(due, memory, now, recontact)
    if because is None and due.wave == 1:
        for later in memory.waiting_beside(due, now):
            # One that will not go out itself stands for nothing.
            if _why_withheld(later, memory, now, recontact) is None:
                return Decision(MERGED, later)
    return Decision(because)


def _why_withheld(due: Due, memory: Memory, now: datetime, recontact: timedelta) -> str | None:
    answered_at = memory.first_wave_answered_at(due) if due.wave == 2 else None
    return reason_at_issue(
        wave=due.wave,
        now=now,
        expires_at=due.expires_at,
        address_is_own=memory.is_own(due),
        is_barred=due.is_barred,
        is_suppressed=due.address_digest is None or memory.is_suppressed(due, now),
        is_kind_stopped=memory.is_kind_stopped(due),
        first_wave_issued=due.wave == 1 or memory.is_first_wave_reached(due),
        first_wave_answered=answered_at is not None and answered_at <= now,
        follow_up=due.follow_up,
        last_asked_at=memory.last_asked(due),
        recontact=recontact,
    )
