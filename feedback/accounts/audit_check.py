"""Checks the audit log: whether each entry is as it was written and follows the one before it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts import audit
from feedback.accounts.audit_redact import redaction_seal
from feedback.accounts.models import AuditEntry, AuditHead
from feedback.links import keys_for

_CHUNK = 2000
_COLUMNS = tuple(AuditEntry.__table__.columns)


@dataclass(frozen=True)
class Break:
    """Where the log is not as it was written, and how that shows.

    "changed": what it says is not what was hashed. "reordered": it was written as another number.
    "removed": the entry is not there. "inserted": it follows no entry that is, or stands after the
    end. "truncated": the log ended later once. "end": the record
    of where it ends does not fit the last entry. "unsealed": it fits, but nobody with a key of ours
    wrote it. "anchor": no entry has the hash that was asked for.
    """

    number: int
    kind: str


@dataclass(frozen=True)
class Verdict:
    """What a check found, and how far it looked."""

    entries: int
    breaks: int
    first: Break | None
    head: str
    # From which entry on it was looked at; 1 where all of it was.
    since: int = 1

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is amiss with what was looked at."""
        return self.breaks == 0


def count(session: Session) -> int:
    """Return how many entries there are."""
    return session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0


def head(session: Session) -> tuple[int, str]:
    """Return the last entry's number and hash, as the log's own record of its end says."""
    found = session.execute(
        sa.select(AuditHead.number, AuditHead.hash).where(AuditHead.id == 1)
    ).one_or_none()
    return (found.number, found.hash) if found else (0, audit.GENESIS)


def verify(
    session: Session,
    *,
    anchor: str | None = None,
    newest: int | None = None,
    progress: Callable[[int], None] = lambda entries: None,
) -> Verdict:
    """Read the log from its first entry to its last, or only its newest, and say what is amiss.

    An anchor is a head's hash that was kept elsewhere: it must be the hash of an entry, or of the
    beginning, and vouches for all up to it, whatever key sealed them.
    """
    end, end_hash = head(session)
    since = max(1, end - newest + 1) if newest else 1
    anchored = _number_of(session, anchor) if anchor else 0
    walk = _Walk(since, anchored or 0, _hash_before(session, since))
    if anchored is None:
        walk.note(end, "anchor")
    for row in _rows(session, since):
        walk.step(row)
        if walk.entries % _CHUNK == 0:
            progress(_CHUNK)
    progress(walk.entries % _CHUNK)
    walk.finish(end, end_hash)
    first = walk.first
    if first is not None and first.kind == "changed" and _written_as(session, first.number, end):
        first = Break(first.number, "reordered")
    return Verdict(walk.entries, walk.breaks, first, end_hash, since)


class _Walk:
    """One pass over the log, remembering what the next entry must follow."""

    def __init__(self, since: int, anchored: int, previous: str | None) -> None:
        self.expected = since
        self.anchored = anchored
        # None where even that entry is gone: the first then follows whatever it says.
        self.previous = previous
        self.keys = keys_for(audit.PURPOSE)
        self.entries = 0
        self.breaks = 0
        self.first: Break | None = None

    def note(self, number: int, kind: str) -> None:
        self.breaks += 1
        self.first = self.first or Break(number, kind)

    def step(self, row: Any) -> None:
        """Weigh one entry; after a break, go on from what is there, so that each counts once."""
        self.entries += 1
        number = row["number"]
        gap = number != self.expected
        if gap:
            self.note(self.expected, "removed")
        if not self._is_as_written(row):
            self.note(number, "changed")
        elif number > self.anchored and not self._is_sealed(row):
            self.note(number, "unsealed")
        elif not gap and self.previous is not None and row["previous"] != self.previous:
            self.note(number, "inserted")
        self.expected, self.previous = number + 1, row["hash"]

    def finish(self, end: int, end_hash: str) -> None:
        """Hold the last entry against the record of the end, which is kept apart."""
        last = self.expected - 1
        if last < end:
            self.note(self.expected, "truncated")
        elif last > end:
            self.note(end + 1, "inserted")
        elif self.previous is not None and self.previous != end_hash and not self.breaks:
            self.note(last, "end")

    def _is_as_written(self, row: Any) -> bool:
        """Tell whether it says what was hashed, or what was left of that under a seal of ours."""
        if row["redaction_seal"] is None:
            return bool(audit.digest(row) == row["hash"])
        seals = (redaction_seal(row, key) for key in self.keys)
        return any(compare_digest(seal, row["redaction_seal"]) for seal in seals)

    def _is_sealed(self, row: Any) -> bool:
        return any(compare_digest(audit.seal(row["hash"], key), row["seal"]) for key in self.keys)


def _rows(session: Session, since: int) -> Iterator[Any]:
    query = sa.select(*_COLUMNS).where(AuditEntry.number >= since).order_by(AuditEntry.number)
    with session.execute(query, execution_options={"yield_per": _CHUNK}) as found:
        yield from found.mappings()


def _hash_before(session: Session, since: int) -> str | None:
    if since == 1:
        return audit.GENESIS
    return session.scalar(sa.select(AuditEntry.hash).where(AuditEntry.number == since - 1))


def _number_of(session: Session, anchor: str) -> int | None:
    """Return which entry has this hash; 0 for the beginning, None where no entry has it."""
    if anchor == audit.GENESIS:
        return 0
    return session.scalar(sa.select(AuditEntry.number).where(AuditEntry.hash == anchor))


def _written_as(session: Session, number: int, end: int) -> bool:
    """Tell whether the entry is whole but for its number: it stood somewhere else once."""
    query = sa.select(*_COLUMNS).where(AuditEntry.number == number)
    row = session.execute(query).mappings().one()
    return any(audit.digest({**row, "number": other}) == row["hash"] for other in range(1, end + 2))
