"""Whose answers no list shows, whatever the days and filters, and which figures would tell them.

Somebody with too few answers of all days there are is secret, with whoever is hidden to cover for
them. Everybody else's answers may be read one by one, with their days; so all a figure tells beyond
that is about the secret people in it. Those with too few are guarded: their answers lie in blocks
that a figure holds whole or not at all. The covers lend answers to these blocks; what else they
have is kept from lists, but is not guarded from subtraction, since they have enough.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.reports.hidden.blocks import Blocks, Secret, blocks_of, is_in
from feedback.reports.hidden.hiding import hidden_from_others
from feedback.reports.hidden.veil import Part
from feedback.reports.kept import kept
from feedback.reports.subjects import COLUMNS, counted
from feedback.reports.tallies import Question, count
from feedback.responses.models import Answer, Response

WAVES = (1, 2)
STAFF = list(COLUMNS).index("staff")


@dataclass(frozen=True)
class Secrets:
    """The secret people of one metric, their answers and the blocks these lie in, by wave.

    People are ids of staff records, 0 being nobody named.
    """

    people: Mapping[int, frozenset[int]]
    blocks: Mapping[int, Blocks]
    answers: Mapping[int, Sequence[Secret]]

    def hides(self, subjects: Mapping[str, int], wave: int, first: date, last: date) -> bool:
        """Tell whether the figures about these subjects on these days are to be kept back."""
        if not self.people[wave]:
            return False
        if "staff" in subjects:
            return subjects["staff"] in self.people[wave]
        return self.blocks[wave].parts(part_of(subjects), first, last)

    def has_any(self, subjects: Mapping[str, int], wave: int, first: date, last: date) -> bool:
        """Tell whether any answer of a block is among those about these subjects on these days."""
        if not self.people[wave]:
            return False
        if "staff" in subjects:
            return subjects["staff"] in self.people[wave]
        return self.blocks[wave].has_any(part_of(subjects), first, last)

    def people_in(self, subjects: Mapping[str, int], wave: int, first: date, last: date) -> int:
        """Return how many secret people have answers about these subjects on these days."""
        part = part_of(subjects)
        return len(
            {
                one.ids[STAFF]
                for one in self.answers[wave]
                if first <= one.day <= last and is_in(one, part)
            }
        )


def secrets_of(session: Session, metric: str, *, least: int, own: int | None) -> Secrets:
    """Return who is secret to a reader whose staff record is `own`, and what guards them."""
    for_others = kept(
        session, ("secrets", metric, least, None), lambda: _work_out(session, metric, least, None)
    )
    if own is None or not any(own in people for people in for_others.people.values()):
        return for_others
    # One's own answers are no secret to oneself, and guard nobody else's.
    return kept(
        session, ("secrets", metric, least, own), lambda: _work_out(session, metric, least, own)
    )


def part_of(subjects: Mapping[str, int]) -> Part:
    """Return the part of the answers that is about these subjects."""
    return tuple(subjects.get(subject) for subject in COLUMNS)


def _work_out(session: Session, metric: str, least: int, own: int | None) -> Secrets:
    first = session.scalar(sa.select(sa.func.min(Interaction.day)))
    last = session.scalar(sa.select(sa.func.max(Interaction.day)))
    people: dict[int, frozenset[int]] = dict.fromkeys(WAVES, frozenset())
    answers: dict[int, list[Secret]] = {wave: [] for wave in WAVES}
    blocks = {wave: Blocks([], least) for wave in WAVES}
    if first is None or last is None:
        return Secrets(people, blocks, answers)
    everybody = Question(metric, "staff", None, first, last, WAVES, {})
    counts = count(session, everybody)
    hidden = hidden_from_others(session, everybody, least=least, own=own, counted=counts)
    for wave in WAVES:
        people[wave] = frozenset(id_ for id_, its, _all in hidden if its == wave)
        answers[wave] = answers_of(session, metric, wave, people[wave])
        blocks[wave] = guarded(answers[wave], least)
    return Secrets(people, blocks, answers)


def guarded(secret: Sequence[Secret], least: int) -> Blocks:
    """Return the blocks of those with fewer answers among these than `least`, others covering."""
    sizes = Counter(one.ids[STAFF] for one in secret)
    few = [one for one in secret if sizes[one.ids[STAFF]] < least]
    covers = [one for one in secret if sizes[one.ids[STAFF]] >= least]
    return Blocks(blocks_of(few, covers, least), least)


def answers_of(session: Session, metric: str, wave: int, people: frozenset[int]) -> list[Secret]:
    """Return every answer about these people that counts."""
    subjects = [sa.func.coalesce(column, 0) for column in COLUMNS.values()]
    if not people:
        return []
    rows = session.execute(
        counted()
        .add_columns(*subjects, Interaction.day)
        .where(
            Answer.metric == metric,
            Response.wave == wave,
            sa.func.coalesce(Interaction.staff_id, 0).in_(people),
        )
    )
    return [Secret(tuple(ids), day) for *ids, day in rows]
