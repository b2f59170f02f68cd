"""A dry run's own books: what has happened so far in it, for the worker's own decision."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feedback.interactions.contacts import mailbox
from feedback.invitations.decide import Due
from feedback.outbox.suppress import is_in_force


@dataclass
class InBooks:
    """What happened so far in a dry run, begun with what did happen."""

    own: set[str]
    stopped: Mapping[str, datetime | None]
    kinds_stopped: Collection[tuple[str, int]]
    reached: set[int]
    answered: Mapping[int, datetime]
    asked: dict[tuple[int, int | str], datetime] = field(default_factory=dict)

    def is_own(self, due: Due) -> bool:
        """Tell whether the address is of somebody who works here."""
        return mailbox(due.address or "") in self.own

    def is_suppressed(self, due: Due, now: datetime) -> bool:
        """Tell whether the address is not to be written to."""
        digest = due.address_digest or ""
        return digest in self.stopped and is_in_force(self.stopped[digest], now)

    def is_kind_stopped(self, due: Due) -> bool:
        """Tell whether the address wants nothing about contacts on this channel."""
        return (due.address_digest or "", due.channel_id) in self.kinds_stopped

    def is_first_wave_reached(self, due: Due) -> bool:
        """Tell whether the first invitation went out, here or in fact."""
        return due.interaction_id in self.reached

    def first_wave_answered_at(self, due: Due) -> datetime | None:
        """Return when the first invitation was answered, None if it was not."""
        return self.answered.get(due.interaction_id)

    def last_asked(self, due: Due) -> datetime | None:
        """Return when this customer, or this address, was last asked in the same wave."""
        keys = (due.wave, due.customer_id), (due.wave, due.address_digest or "")
        return max((self.asked[key] for key in keys if key in self.asked), default=None)

    def note(self, wave: int, customer_id: int, digest: str | None, at: datetime) -> None:
        """Note that somebody was asked."""
        for who in (customer_id, digest or ""):
            self.asked[wave, who] = max(at, self.asked.get((wave, who), at))
