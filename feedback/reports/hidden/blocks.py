"""Puts answers that are to stay secret into blocks that figures hold whole or not at all.

Whoever may list all other answers can take them from any figure; what is left are the secret ones
in it. So a figure is shown only where it parts no block. Then whatever is added to and subtracted
from figures, by days, by filters or by both, is the same for all answers of a block: none of them
comes out, nor do fewer than a block holds (docs/decisions/0026-figures-hold-blocks-whole.md).
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from feedback.reports.hidden.veil import Part, stretch_of


class Secret(NamedTuple):
    """One answer that is not listed: the ids of all its subjects, and its day."""

    ids: tuple[int, ...]
    day: date


Block = list[Secret]
# A channel, a team and the first day of a quarter.
Place = tuple[int, int, date]

# What the answers of one block have in common, the closest first: subjects by their place in
# `Secret.ids` (channel, team, touchpoint; never the person), and a stretch of days. A block of two
# channels hides these channels on all days, one of two months only these months: so days give way
# first, but not so far that a figure of a whole quarter does.
_CHANNEL, _TEAM, _TOUCHPOINT = 0, 1, 3
_CLOSEST = (_CHANNEL, _TEAM, _TOUCHPOINT)
_LIKENESS: tuple[tuple[tuple[int, ...], str], ...] = (
    *((_CLOSEST, stretch) for stretch in ("day", "week", "month", "quarter")),
    *(
        (subjects, stretch)
        for subjects in (
            (_CHANNEL, _TEAM),
            (_CHANNEL, _TOUCHPOINT),
            (_CHANNEL,),
            (_TEAM,),
            (),
        )
        for stretch in ("month", "quarter")
    ),
    *((subjects, "year") for subjects in (_CLOSEST, (_CHANNEL, _TEAM), (_CHANNEL,), (_TEAM,), ())),
    ((), "ever"),
)

_A_QUARTER = 92
# Of one kind more answers to cover by help no further.
_ENOUGH = 4


def blocks_of(guarded: Sequence[Secret], covers: Sequence[Secret], least: int) -> list[Block]:
    """Return blocks of at least so many answers that hold every guarded one, close ones together.

    Where guarded answers alone are too few, they are filled up with the nearest of the `covers`;
    those of them that are not needed are in no block. If all there are are too few, they are one
    block that is too small.
    """
    pending, free = sorted(guarded), sorted(covers)
    blocks: list[Block] = []
    for subjects, stretch in _LIKENESS:
        if not pending:
            break
        waiting, helping = (_grouped(answers, subjects, stretch) for answers in (pending, free))
        pending, free = [], [one for key in helping if key not in waiting for one in helping[key]]
        for key, mine in waiting.items():
            able = helping.get(key, [])
            if len(mine) + len(able) < least:
                pending += mine
                free += able
            else:
                taken = _nearest(mine, able, least - len(mine))
                blocks += _chunks(sorted([*mine, *taken]), least)
                free += _without(able, taken)
        pending.sort()
        free.sort()
    if pending and blocks:
        _closest(blocks, pending[0].day).extend(pending + free)
    elif pending:
        blocks.append([*pending, *free])
    return blocks


def wide(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks that hide more than days: of several channels or teams, or of long ago."""

    def is_wide(block: Block) -> bool:
        days = [one.day for one in block]
        places = {(one.ids[_CHANNEL], one.ids[_TEAM]) for one in block}
        return len(places) > 1 or (max(days) - min(days)).days > _A_QUARTER

    return [block for block in blocks if is_wide(block)]


def places(answers: Iterable[Secret]) -> Counter[Place]:
    """Return how many answers are of each channel, team and quarter."""
    return Counter(
        (one.ids[_CHANNEL], one.ids[_TEAM], stretch_of(one.day, "quarter")) for one in answers
    )


def closest_cover(few: Iterable[Secret], others: Mapping[int, Counter[Place]]) -> int | None:
    """Return who of the others could best cover for these few answers, None if nobody is near.

    Near is who has most answers of the same channel, team and quarter, as far as each of the few
    needs some; of those alike, who has fewest besides.
    """
    wanted = places(few)

    def nearness(id_: int) -> int:
        return sum(times * min(others[id_][at], _ENOUGH) for at, times in wanted.items())

    best = min(others, key=lambda id_: (-nearness(id_), others[id_].total(), id_), default=None)
    return best if best is not None and nearness(best) else None


class Blocks:
    """Blocks of secret answers, and which figures would part one."""

    def __init__(self, blocks: Sequence[Sequence[Secret]], least: int) -> None:
        """Take the blocks, and how many answers one must have to be shown as a whole."""
        self._blocks = [(tuple(block), len(block) >= least) for block in blocks]
        self._of: dict[Part, tuple[list[date], list[date], list[date]]] = {}

    def parts(self, part: Part, first: date, last: date) -> bool:
        """Tell whether the part's answers of these days hold some of a block and not all of it."""
        days, begins, ends = self._within(part)
        here = slice(bisect_left(days, first), bisect_right(days, last))
        return min(begins[here], default=first) < first or max(ends[here], default=last) > last

    def has_any(self, part: Part, first: date, last: date) -> bool:
        """Tell whether any answer of a block is among the part's of these days."""
        days, _begins, _ends = self._within(part)
        return bisect_left(days, first) < bisect_right(days, last)

    def _within(self, part: Part) -> tuple[list[date], list[date], list[date]]:
        """Return the days of the part's secret answers, and the first and last of each one's block.

        A block the part holds only some of has no first and last: no days hold it whole.
        """
        if part not in self._of:
            found = []
            for block, is_enough in self._blocks:
                mine = [one.day for one in block if is_in(one, part)]
                is_whole = is_enough and len(mine) == len(block)
                ends = (min(mine), max(mine)) if mine and is_whole else (date.min, date.max)
                found += [(day, *ends) for day in mine]
            found.sort()
            days, begins, ends_ = ([one[at] for one in found] for at in range(3))
            self._of[part] = days, begins, ends_
        return self._of[part]


def is_in(one: Secret, part: Part) -> bool:
    """Tell whether the part holds this answer."""
    return all(id_ is None or id_ == mine for id_, mine in zip(part, one.ids, strict=True))


def _grouped(
    answers: Sequence[Secret], subjects: tuple[int, ...], stretch: str
) -> Mapping[tuple[object, ...], list[Secret]]:
    groups: dict[tuple[object, ...], list[Secret]] = defaultdict(list)
    for one in answers:
        start = None if stretch == "ever" else stretch_of(one.day, stretch)
        groups[start, *(one.ids[at] for at in subjects)].append(one)
    return groups


def _nearest(mine: Sequence[Secret], able: Sequence[Secret], wanted: int) -> list[Secret]:
    """Return those of the able nearest in days to any of mine."""

    def distance(one: Secret) -> tuple[int, Secret]:
        return min(abs((one.day - other.day).days) for other in mine), one

    return sorted(able, key=distance)[: max(0, wanted)]


def _without(answers: Sequence[Secret], taken: Sequence[Secret]) -> list[Secret]:
    left = list(answers)
    for one in taken:
        left.remove(one)
    return left


def _chunks(answers: Sequence[Secret], least: int) -> Iterator[Block]:
    """Yield them in the order given, in blocks of at least so many."""
    cuts = [least * number for number in range(max(1, len(answers) // least))]
    for start, end in pairwise([*cuts, len(answers)]):
        yield list(answers[start:end])


def _closest(blocks: Sequence[Block], day: date) -> Block:
    return min(blocks, key=lambda block: min(abs((one.day - day).days) for one in block))
