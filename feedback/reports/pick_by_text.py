"""Picks the answers whose words cannot wait, or contradict their score; read as they are listed.

Nothing of it is stored, counted or added up: it is a way to find what to read first, and no fact
about whoever served the customer (docs/decisions/0034-words-are-for-triage-only.md).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from feedback.reports.answers import PAGE, Which, newest, place_after
from feedback.reports.hidden.listable import Listable
from feedback.responses.models import Response
from feedback.triage.read_text import Reading, read_text

# What can be asked for.
URGENT, DISAGREES = "urgent", "disagrees"
PICKED_BY = (URGENT, DISAGREES)
# Comments read for one page; the rest is behind its link to older ones.
MOST_READ = 2000
_AT_ONCE = 200


@dataclass(frozen=True)
class Picked:
    """The answers picked, how many were read for them, and the place where reading goes on."""

    responses: list[Response]
    read: int
    older: str | None


@dataclass(frozen=True)
class TextReader:
    """Reads comments for somebody: with the site's own words, but none about that person."""

    own_words: tuple[str, ...]
    # Whoever is written about is not the one to sort what was written.
    own_staff_id: int | None

    def read(self, response: Response, may: Listable) -> Reading | None:
        """Return what the words of this response say; None where they are not to be read.

        A score that may not be shown is not told by its contradiction either.
        """
        interaction = response.interaction
        if self.own_staff_id is not None and interaction.staff_id == self.own_staff_id:
            return None
        said = [answer.comment for answer in response.answers if answer.comment]
        if not said:
            return None
        shown = may.shows("csat", (interaction.staff_id or 0, response.wave))
        scores = [
            answer.score
            for answer in response.answers
            if answer.metric == "csat" and answer.score is not None and shown
        ]
        return read_text("\n".join(said), min(scores, default=None), self.own_words)


def pick(
    session: Session,
    which: Which,
    may: Listable,
    read: Callable[[Response], Reading | None],
    picked_by: str,
    *,
    before: str = "",
) -> Picked:
    """Return a page of those picked, the latest answered first.

    Raises BadCursor for a `before` that is no place in the list.
    """
    which = replace(which, with_comment=True)
    found: list[Response] = []
    done = 0
    place: str | None = before
    while place is not None and done < MOST_READ:
        batch, place = newest(session, which, may.groups, before=place, limit=_AT_ONCE)
        for at, response in enumerate(batch, start=1):
            if _fits(read(response), picked_by):
                found.append(response)
            if len(found) == PAGE and (at < len(batch) or place is not None):
                return Picked(found, done + at, place_after(response))
        done += len(batch)
    return Picked(found, done, place)


def _fits(reading: Reading | None, picked_by: str) -> bool:
    if reading is None:
        return False
    return bool(reading.urgent) if picked_by == URGENT else bool(reading.disagrees)
