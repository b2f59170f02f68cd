"""What happened so far in a dry run; `decide` asks it what it asks the database in a real one."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feedback.interactions.contacts import mailbox
from feedback.invitations.decide import Due
from feedback.outbox.suppress import is_in_force


class Waiting:
    """The first invitations nobody has decided yet, by the mailbox they would go to."""

    def __init__(self, waiting: Iterable[Due]) -> None:
        """Begin with all that is ever to be decided."""
        self._by_address: dict[str, dict[int, Due]] = {}
        for due in waiting:
            if due.wave == 1 and due.address_digest is not None:
                self._by_address.setdefault(due.address_digest, {})[due.interaction_id] = due

    def take(self, due: Due) -> None:
        """Take one out, since it is being decided."""
        if due.wave == 1:
            self._by_address.get(due.address_digest or "", {}).pop(due.interaction_id, None)

    def beside(self, due: Due, now: datetime) -> Iterator[Due]:
        """Yield those that may stand for it, the latest contact first."""
        others = self._by_address.get(due.address_digest or "", {}).values()
        able = (other for other in others if other.may_stand_for(due, now))
        yield from sorted(able, key=lambda other: other.place, reverse=True)


@dataclass
class InBooks:
    """The memory of a dry run."""

    own: set[str]
    stopped: Mapping[str, datetime | None]
    kinds_stopped: Collection[tuple[str, int]]
    reached: set[int]
    answered: Mapping[int, datetime]
    waiting: Waiting
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
        """Tell whether the interaction's first invitation went out."""
        return due.interaction_id in self.reached

    def first_wave_answered_at(self, due: Due) -> datetime | None:
        """Return when the interaction's first invitation was answered, None if it was not."""
        return self.answered.get(due.interaction_id)

    def last_asked(self, due: Due) -> datetime | None:
        """Return when this customer, or this address, was last asked in the same wave."""
        keys = (due.wave, due.customer_id), (due.wave, due.address_digest or "")
        return max((self.asked[key] for key in keys if key in self.asked), default=None)

    def waiting_beside(self, due: Due, now: datetime) -> Iterator[Due]:
        """Return what else waits and may stand for it."""
        return self.waiting.beside(due, now)

    def note(self, wave: int, customer_id: int, digest: str | None, at: datetime) -> None:
        """Note that somebody was asked."""
        for who in (customer_id, digest or ""):
            self.asked[wave, who] = max(at, self.asked.get((wave, who), at))
