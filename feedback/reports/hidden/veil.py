"""Which groups are too small to show, and what would give a small one away by subtraction.

A figure is about a part of the answers (all of them, one channel, one channel within one team) and
about the days between two cuts. Whoever knows a part up to two cuts knows it for the days between.
So what is decided is not which figures to show but, for each part and each cut, whether the part
may be known up to there; a figure is shown where both its ends may be known.
docs/definitions.md says what follows from this, and what does not.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import combinations

from feedback.reports.periods import start_of

# One id for each subject, None where any will do.
Part = tuple[int | None, ...]
# The first day of a stretch of days, and how many answers it holds.
Stretch = tuple[date, int]

# What combines more subjects is hidden without being looked at.
DEEPEST = 2
# Coarser cuts go first, so that a month is shown rather than the odd days beside it.
_LEVELS = ("year", "quarter", "month", "week", "day")


class Veil:
    """Hides from others what is small, and as much beside it as keeps it from being worked out."""

    def __init__(self, answers: Mapping[Part, Mapping[date, int]], least: int) -> None:
        """Take how many answers each finest part has on each day, and how many may be shown."""
        self.least = least
        self._days: dict[Part, dict[date, int]] = {}
        for finest, days in answers.items():
            for part in _coarser(finest):
                mine = self._days.setdefault(part, {})
                for day, times in days.items():
                    mine[day] = mine.get(day, 0) + times
        self.total = {part: sum(days.values()) for part, days in self._days.items()}
        self.tables = self._tables()
        self._stretches: dict[str, dict[Part, list[Stretch]]] = {}
        self._unknown: dict[date | None, set[Part]] = {}

    def hides(self, part: Part, start: date, after: date) -> bool:
        """Tell whether a part's figures from `start` up to before `after` are kept from others."""
        if depth(part) > DEEPEST:
            return True
        return part in self.unknown_at(start) or part in self.unknown_at(after)

    def unknown_at(self, cut: date | None) -> set[Part]:
        """Return the parts that may not be known up to a cut; None stands for the end of time."""
        if cut not in self._unknown:
            self._unknown[cut] = _Cut(self, cut).unknown
        return self._unknown[cut]

    def beside(self, part: Part, cut: date) -> tuple[Stretch | None, Stretch | None]:
        """Return the nearest stretches with answers before and after a cut, of its own level.

        No stretch reaches across a cut of its own or a coarser level. So where both hold enough,
        the part has enough, or nothing at all, between this cut and any other that is known.
        """
        level = next(level for level in _LEVELS if stretch_of(cut, level) == cut)
        if level not in self._stretches:
            self._stretches[level] = {p: _gathered(days, level) for p, days in self._days.items()}
        stretches = self._stretches[level][part]
        at = bisect_left(stretches, (cut, 0))
        before = stretches[at - 1] if at else None
        return before, stretches[at] if at < len(stretches) else None

    def _tables(self) -> dict[Part, list[list[Part]]]:
        """Return what each part falls into by each further subject, the smallest first."""
        children: dict[tuple[Part, int], list[Part]] = {}
        for part in self._days:
            for at, id_ in enumerate(part):
                if id_ is not None:
                    parent = (*part[:at], None, *part[at + 1 :])
                    children.setdefault((parent, at), []).append(part)
        tables: dict[Part, list[list[Part]]] = {}
        # Small tables first: who is hidden with somebody of their own team needs nobody else's.
        for parent, at in sorted(children, key=lambda key: (self.total[key[0]], str(key))):
            table = sorted(children[parent, at], key=lambda part: (self.total[part], str(part)))
            tables.setdefault(parent, []).append(table)
        return tables


class _Cut:
    """One cut: which parts may not be known up to it."""

    def __init__(self, veil: Veil, cut: date | None) -> None:
        self._veil, self._is_end = veil, cut is None
        self._beside: dict[Part, tuple[Stretch | None, Stretch | None]] = {
            part: ((date.min, total), None) if cut is None else veil.beside(part, cut)
            for part, total in veil.total.items()
        }
        self.unknown: set[Part] = set()
        for part in veil.total:
            if self._is_small(part):
                self._hide(part)
        # First single subjects, each hidden whatever else it costs; then what combines two.
        self._settle(self._mend_subjects)
        self._settle(self._mend_table)

    def _is_small(self, part: Part) -> bool:
        """Tell whether too little lies beside the cut to tell the part's days apart here."""
        before, after = self._beside[part]
        if before is None:
            return False
        if after is None and not self._is_end:
            # Nothing came after: to know it up to here is to know it whole.
            return part in self._veil.unknown_at(None)
        return before[1] < self._veil.least or (after is not None and after[1] < self._veil.least)

    def _settle(self, mend: Callable[[Part, list[Part]], bool]) -> None:
        """Mend all tables until none needs it: what one hides, another may show."""
        hidden = -1
        while hidden != len(self.unknown):
            hidden = len(self.unknown)
            for parent, tables in self._veil.tables.items():
                for table in tables:
                    while parent not in self.unknown and mend(parent, table):
                        pass

    def _mend_table(self, parent: Part, table: list[Part]) -> bool:
        """Hide one more of a table whose sum is known, if the hidden ones need it."""
        hidden = [part for part in table if part in self.unknown]
        lacking = self._lacking(hidden)
        more = self._company(table, lacking) if lacking else None
        if more is not None:
            self._hide(more)
        return more is not None

    def _mend_subjects(self, parent: Part, table: list[Part]) -> bool:
        """Do so for single subjects, also in the tables of others they lie within.

        A shop less one of its two people is the other one. Who also works elsewhere is not known
        by such a difference, and hides the rest.
        """
        subjects = {part: self._subject(parent, part) for part in table}
        if not any(subject in self.unknown for subject in subjects.values()):
            return False
        hidden = [part for part, one in subjects.items() if one is None or one in self.unknown]
        lacking = self._lacking(hidden)
        if lacking:
            within = [subject for subject in subjects.values() if subject is not None]
            self._hide(self._company(within, lacking) or parent)
        return bool(lacking)

    def _subject(self, parent: Part, part: Part) -> Part | None:
        """Return the single subject that has the part's answers on one side of the cut."""
        own = tuple(None if kept == id_ else id_ for id_, kept in zip(part, parent, strict=True))
        mine, its = self._beside[own], self._beside[part]
        is_within = any(a is not None and a == b for a, b in zip(mine, its, strict=True))
        return own if is_within else None

    def _lacking(self, hidden: list[Part]) -> dict[int, date]:
        """Return where more must be hidden, if a known sum is not to give the hidden ones away.

        That is, for either side of the cut, the nearest stretch in which any of them has answers,
        unless two at least have some there, and enough together.
        """
        sides: tuple[list[Stretch], list[Stretch]] = ([], [])
        for part in hidden:
            for stretches, stretch in zip(sides, self._beside[part], strict=True):
                if stretch is not None:
                    stretches.append(stretch)
        if not sides[1]:
            # Nothing came after: to know their sum up to here is to know it whole.
            sides[0][:] = [(date.min, self._veil.total[p]) for p in hidden if self._beside[p][0]]
        lacking = {}
        for side, nearest in enumerate((max, min)):
            start = nearest((start for start, _times in sides[side]), default=date.min)
            near = [times for there, times in sides[side] if there == start]
            if near and (len(near) == 1 or sum(near) < self._veil.least):
                lacking[side] = start
        return lacking

    def _company(self, candidates: list[Part], lacking: Mapping[int, date]) -> Part | None:
        """Return the smallest part to hide with others, of those that help if there are any."""
        able = [part for part in candidates if self._may_hide(part)]
        for part in able:
            before, after = self._beside[part]
            if (0 not in lacking or (before is not None and before[0] >= lacking[0])) and (
                1 not in lacking or (after is not None and after[0] <= lacking[1])
            ):
                return part
        return able[0] if able else None

    def _may_hide(self, part: Part) -> bool:
        """Tell whether hiding the part here hides anything: it is neither empty nor complete."""
        before, after = self._beside[part]
        is_parted = before is not None and (after is not None or self._is_end)
        return is_parted and part not in self.unknown

    def _hide(self, part: Part) -> None:
        """Hide the part and all that lies within it."""
        self.unknown.add(part)
        for table in self._veil.tables.get(part, ()):
            for inner in filter(self._may_hide, table):
                self._hide(inner)


def depth(part: Part) -> int:
    """Return how many subjects a part combines."""
    return sum(id_ is not None for id_ in part)


def _coarser(finest: Part) -> Iterator[Part]:
    """Yield every part the finest one lies in that combines few enough subjects."""
    for subjects in range(DEEPEST + 1):
        for kept in combinations(range(len(finest)), subjects):
            yield tuple(id_ if at in kept else None for at, id_ in enumerate(finest))


def stretch_of(day: date, level: str) -> date:
    """Return the first day of the stretch a day is in; a month's end also ends its last week."""
    if level == "year":
        return day.replace(month=1, day=1)
    if level == "week":
        return max(start_of(day, "week"), start_of(day, "month"))
    return start_of(day, level)


def _gathered(days: Mapping[date, int], level: str) -> list[Stretch]:
    stretches: dict[date, int] = {}
    for day, times in days.items():
        start = stretch_of(day, level)
        stretches[start] = stretches.get(start, 0) + times
    return sorted(stretches.items())
