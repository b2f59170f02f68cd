"""Whom to leave alone for a while: a mail server that is away, a domain we were too fast for."""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# Stands for the mail server itself among the domains; no domain is called so.
SERVER = ""

_FIRST = {True: timedelta(seconds=10), False: timedelta(minutes=1)}
_LONGEST = {True: timedelta(minutes=2), False: timedelta(hours=1)}


@dataclass
class Pace:
    """What this process has learnt; another one learns it at the price of one refusal."""

    _rests: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def refused(self, whom: str, now: datetime) -> datetime:
        """Leave the server or a domain alone, each time twice as long; return until when."""
        times, until = self._rests.get(whom, (0, now))
        # What several threads learn in the same moment is one refusal, not several.
        if until <= now:
            is_server = whom == SERVER
            wait = min(_FIRST[is_server] * 2 ** min(times, 10), _LONGEST[is_server])
            times, until = times + 1, now + wait
            self._rests[whom] = (times, until)
        return until

    def accepted(self, whom: str) -> None:
        """Forget earlier refusals."""
        self._rests.pop(whom, None)

    def resting(self, now: datetime) -> Set[str]:
        """Return who is to be left alone now."""
        return {whom for whom, (_times, until) in list(self._rests.items()) if until > now}
