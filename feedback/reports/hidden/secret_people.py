"""Whose answers no list shows, whatever the days and filters, and which figures would tell them.

Somebody with too few answers of all days there are is secret, with whoever is hidden to cover for
them. Everybody else's answers may be read one by one, with their days; so all a figure tells beyond
that is about the secret people in it. Those with too few are guarded: their answers lie in blocks
that a figure holds whole or not at all. The covers lend answers to these blocks; what else they
have is kept from lists, but is not guarded from subtraction, since they have enough.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.reports.hidden.blocks import (
    Block,
    Blocks,
    Secret,
    blocks_of,
    closest_cover,
    is_in,
    places,
    wide,
)
from feedback.reports.hidden.hiding import hidden_from_others
from feedback.reports.hidden.veil import Part
from feedback.reports.kept import kept
from feedback.reports.subjects import COLUMNS, counted
from feedback.reports.tallies import Question, count
from feedback.responses.models import Answer, Response

WAVES = (1, 2)
TEAM, STAFF = (list(COLUMNS).index(subject) for subject in ("team", "staff"))
# With more colleagues tried, the first page after an answer would take too long.
_MOST_TRIES = 40


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
        secret = answers_of(session, metric, wave, people[wave])
        # So that a small company is not all secrets, half of it stays as it is.
        room = sum(its == wave for _id, its, _all in counts) // 2 - len(people[wave])
        if room > 0:
            secret += _further_covers(session, metric, wave, secret, least, {own or 0}, room)
        answers[wave] = secret
        people[wave] |= {one.ids[STAFF] for one in answers[wave]}
        blocks[wave] = guarded(answers[wave], least)
    return Secrets(people, blocks, answers)


def guarded(secret: Sequence[Secret], least: int) -> Blocks:
    """Return the blocks of those with fewer answers among these than `least`, others covering."""
    return Blocks(blocks_of(*_parted(secret, least), least), least)


def _parted(secret: Sequence[Secret], least: int) -> tuple[list[Secret], list[Secret]]:
    """Return the answers of those who have too few among these, and of those who cover for them."""
    sizes = Counter(one.ids[STAFF] for one in secret)
    few = [one for one in secret if sizes[one.ids[STAFF]] < least]
    return few, [one for one in secret if sizes[one.ids[STAFF]] >= least]


def _further_covers(
    session: Session,
    metric: str,
    wave: int,
    secret: Sequence[Secret],
    least: int,
    spared: set[int],
    most: int,
) -> list[Secret]:
    """Return the answers of at most so many colleagues who must be secret too, or whole channels.

    Who covers by decision 17 has few answers, often on other channels and long ago. A block of both
    hides a channel or a team on all days; one colleague more, who has answers near, hides only that
    colleague.
    """
    few, covers = _parted(secret, least)
    blocks = blocks_of(few, covers, least)
    found: list[Secret] = []
    if not wide(blocks):
        return found
    lacking = _in_wide(blocks, few)
    known, teams = {one.ids[STAFF] for one in secret}, {one.ids[TEAM] for one in lacking}
    others: dict[int, list[Secret]] = {}
    for one in answers_of(session, metric, wave, known | spared, teams=teams):
        others.setdefault(one.ids[STAFF], []).append(one)
    near = {id_: places(mine) for id_, mine in others.items() if len(mine) >= least}
    for _try in range(min(2 * len(lacking), _MOST_TRIES)):
        closest = closest_cover(lacking, near)
        if closest is None or most == 0:
            break
        del near[closest]
        tried = blocks_of(few, [*covers, *found, *others[closest]], least)
        still = _in_wide(tried, few)
        # Whoever brings nothing closer is left alone.
        if len(still) < len(lacking):
            found, lacking, most = [*found, *others[closest]], still, most - 1
    return found


def _in_wide(blocks: Sequence[Block], few: Sequence[Secret]) -> list[Secret]:
    """Return which of the few answers lie in blocks that hide more than days."""
    guarded_ = set(few)
    return [one for block in wide(blocks) for one in block if one in guarded_]


def answers_of(
    session: Session,
    metric: str,
    wave: int,
    people: Collection[int],
    *,
    teams: Collection[int] | None = None,
) -> list[Secret]:
    """Return every answer about these people that counts; with teams, of all others in them."""
    subjects = [sa.func.coalesce(column, 0) for column in COLUMNS.values()]
    if not people:
        return []
    staff, team = subjects[STAFF], subjects[TEAM]
    about = [staff.in_(people)] if teams is None else [staff.not_in(people), team.in_(teams)]
    rows = session.execute(
        counted()
        .add_columns(*subjects, Interaction.day)
        .where(Answer.metric == metric, Response.wave == wave, *about)
    )
    return [Secret(tuple(ids), day) for *ids, day in rows]
