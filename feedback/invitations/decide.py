"""Decides about an invitation that is due: one code, for the worker and for the dry run."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from feedback.invitations.eligibility import reason_at_issue


@dataclass(frozen=True)
class Due:
    """An invitation whose moment has come: what deciding about it needs to know."""

    interaction_id: int
    customer_id: int
    channel_id: int
    wave: int
    address: str | None
    address_digest: str | None
    expires_at: datetime
    # The touchpoint's rule of who is asked again, as it is today; it concerns second waves only.
    follow_up: str


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


def why_withheld(due: Due, memory: Memory, *, now: datetime, recontact: timedelta) -> str | None:
    """Return why an invitation that is due must not go out, or None if it may."""
    answered_at = memory.first_wave_answered_at(due) if due.wave == 2 else None
    return reason_at_issue(
        wave=due.wave,
        now=now,
        expires_at=due.expires_at,
        address_is_own=memory.is_own(due),
        is_suppressed=due.address_digest is None or memory.is_suppressed(due, now),
        is_kind_stopped=memory.is_kind_stopped(due),
        first_wave_issued=due.wave == 1 or memory.is_first_wave_reached(due),
        first_wave_answered=answered_at is not None and answered_at <= now,
        follow_up=due.follow_up,
        last_asked_at=memory.last_asked(due),
        recontact=recontact,
    )
