"""No small group follows from what is shown: an attack with all of linear algebra on made-up data.

Each figure becomes the row of answers it counts, and each small group must lie outside the span of
the rows that others may see.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations
from random import Random

import numpy as np
import pytest

from feedback.reports.hidden.veil import Part, Veil, depth
from tests.reports.subtraction import Rows, in_span

LEAST = 5
EVERYTHING: Part = (None, None, None, None)
CHANNEL, TEAM, STAFF, TOUCHPOINT = range(4)

Answers = dict[Part, dict[date, int]]


def made_up(seed: int, *, tidy: bool) -> Answers:
    """Make answers up: of few or of many people, over days or months; tidy ones know their place.

    Where it is tidy, each staff member is in one team and each touchpoint on one channel.
    """
    chance = Random(seed)  # noqa: S311
    channels, people = chance.randint(1, 4), chance.randint(1, 6)
    team_of = [chance.randint(1, 3) for _person in range(people)]
    first = date(2026, chance.randint(1, 11), chance.randint(1, 28))
    days = chance.choice([3, 10, 30, 80])
    weight = [chance.random() ** 2 for _person in range(people)]
    answers: Answers = {}
    for _answer in range(chance.choice([8, 20, 40, 70])):
        channel = 1 + int(channels * chance.random() ** 2)
        person = chance.choices(range(people), weight)[0]
        team, touchpoint = team_of[person], 10 + channel
        if not tidy and chance.random() < 0.1:
            team, touchpoint = chance.randint(1, 3), 0
        day = first + timedelta(days=int(days * chance.random()))
        mine = answers.setdefault((channel, team, person + 1, touchpoint), {})
        mine[day] = mine.get(day, 0) + 1
    return answers


class Attack:
    """Somebody who has every figure others may see, on every stretch of days."""

    def __init__(self, answers: Answers) -> None:
        self.veil = Veil(answers, LEAST)
        self.cells = [(finest, day) for finest, days in answers.items() for day in days]
        self.sizes = np.array([answers[finest][day] for finest, day in self.cells])
        self.ids = np.array([finest for finest, _day in self.cells])
        self.days = np.array([day.toordinal() for _finest, day in self.cells])
        met = {day for _finest, day in self.cells}
        met |= {day + timedelta(days=1) for day in met}
        met |= {date(2026, month, 1) for month in range(1, 13)} | {date(2027, 6, 1)}
        self.cuts = sorted(met)

    def row(self, part: Part, start: date, after: date) -> Rows:
        """Return which answers a figure counts."""
        counted = (self.days >= start.toordinal()) & (self.days < after.toordinal())
        for at, id_ in enumerate(part):
            if id_ is not None:
                counted &= self.ids[:, at] == id_
        return counted.astype(np.int64)

    def given_away(self, parts: Iterable[Part]) -> list[tuple[Part, date, date]]:
        """Return the small groups among these parts that follow from all their shown figures."""
        parts, long_ago = list(parts), date(2000, 1, 1)
        shown = [
            self.row(part, long_ago, cut)
            for part in parts
            for cut in self.cuts
            if not self.veil.hides(part, long_ago, cut)
        ]
        small = {}
        for part in parts:
            # How many answers there are up to each cut.
            up_to = [self.row(part, long_ago, cut) @ self.sizes for cut in self.cuts]
            for (start, before), (after, then) in combinations(
                zip(self.cuts, up_to, strict=True), 2
            ):
                if 0 < then - before < LEAST:
                    assert self.veil.hides(part, start, after), (part, start, after)
                    row = self.row(part, start, after)
                    small[row.tobytes()] = row, (part, start, after)
        if not small or not shown:
            return []
        found = in_span(np.unique(shown, axis=0), np.array([row for row, _what in small.values()]))
        return [what for (_row, what), is_in in zip(small.values(), found, strict=True) if is_in]

    def naming(self, *subjects: int) -> list[Part]:
        """Return the parts that name exactly these subjects."""
        return [
            part
            for part in self.veil.total
            if all((id_ is not None) == (at in subjects) for at, id_ in enumerate(part))
        ]


def test_the_attack_finds_what_is_there_to_find() -> None:
    rows = np.array([[1, 1, 1, 1], [0, 0, 1, 1], [1, 1, 0, 1]])
    targets = np.array([[1, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [1, 0, 0, 0]])
    assert list(in_span(rows, targets)) == [True, True, True, False]


@pytest.mark.parametrize("seed", range(10))
def test_nothing_small_follows_from_a_whole_its_parts_and_all_their_days(seed: int) -> None:
    """For all answers, and for those of one channel, team, person or touchpoint."""
    attack = Attack(made_up(seed, tidy=False))
    for parent, tables in attack.veil.tables.items():
        for table in tables:
            assert attack.given_away([parent, *table]) == [], parent


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("subjects", [(TEAM, STAFF), (CHANNEL, TOUCHPOINT)])
def test_nothing_small_follows_from_teams_and_their_people_together(
    seed: int, subjects: tuple[int, int]
) -> None:
    outer, inner = subjects
    attack = Attack(made_up(seed, tidy=True))
    both = [*attack.naming(outer), *attack.naming(inner), *attack.naming(outer, inner)]
    assert attack.given_away([EVERYTHING, *both]) == []


DAY = date(2026, 9, 2)
NEXT = DAY + timedelta(days=1)


def hidden(answers: Answers, part: Part = EVERYTHING, least: int = LEAST) -> bool:
    return Veil(answers, least).hides(part, DAY, NEXT)


def of_channels(*counts: int) -> Answers:
    return {(at, 1, 1, 0): {DAY: count} for at, count in enumerate(counts, start=1) if count}


def channels_hidden(*counts: int) -> list[bool]:
    veil = Veil(of_channels(*counts), LEAST)
    return [veil.hides((at + 1, None, None, None), DAY, NEXT) for at in range(len(counts))]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((150, 80, 2), [False, True, True]),
        ((150, 80, 5), [False, False, False]),
        ((150, 4), [True, True]),
        ((150, 80, 2, 3), [False, False, True, True]),
        # Two small ones that together are still too few take the next one with them.
        ((150, 80, 2, 2), [False, True, True, True]),
        ((150, 80, 0), [False, False, False]),
        ((3, 1), [True, True]),
    ],
)
def test_a_small_one_hides_the_next_smallest_with_it(
    counts: tuple[int, ...], expected: list[bool]
) -> None:
    assert channels_hidden(*counts) == expected


def test_all_answers_together_may_be_too_few() -> None:
    assert hidden({(1, 1, 1, 0): {DAY: 4}})
    assert not hidden({(1, 1, 1, 0): {DAY: 5}})


def test_a_least_of_one_or_none_hides_nothing() -> None:
    for least in (0, 1):
        assert not hidden(of_channels(1, 7), (1, None, None, None), least)


def test_a_day_of_few_answers_hides_the_stretch_on_one_side_of_it() -> None:
    """All days less the others would be that day's."""
    later = DAY + timedelta(days=2)
    veil = Veil({(1, 1, 1, 0): {DAY: 9, NEXT: 3, later: 9}}, LEAST)
    assert veil.hides(EVERYTHING, NEXT, later)
    assert veil.hides(EVERYTHING, DAY, NEXT)
    assert not veil.hides(EVERYTHING, DAY, later + timedelta(days=1))


def test_a_month_is_shown_rather_than_the_odd_days_beside_it() -> None:
    august = {date(2026, 8, 28): 2, date(2026, 8, 31): 7}
    veil = Veil({(1, 1, 1, 0): august | {date(2026, 9, 1): 2, date(2026, 9, 9): 8}}, LEAST)
    assert not veil.hides(EVERYTHING, date(2026, 8, 1), date(2026, 9, 1))
    assert not veil.hides(EVERYTHING, date(2026, 9, 1), date(2026, 10, 1))
    # The week from Monday, 31 August has nine, of which two lie in September.
    assert veil.hides(EVERYTHING, date(2026, 8, 31), date(2026, 9, 7))


def test_a_team_less_one_of_its_two_people_is_the_other_one() -> None:
    answers = {(1, 1, 1, 0): {DAY: 20}, (1, 1, 2, 0): {DAY: 3}, (1, 2, 3, 0): {DAY: 30}}
    answers[1, 2, 4, 0] = {DAY: 9}
    assert not hidden(answers, (None, 1, None, None))
    people = [hidden(answers, (None, None, person, None)) for person in (1, 2, 3, 4)]
    assert people == [True, True, False, False]
    assert hidden(answers, (None, 1, 1, None))


def test_a_team_of_one_is_hidden_with_its_one() -> None:
    answers = {(1, 1, 1, 0): {DAY: 3}, (1, 2, 2, 0): {DAY: 30}, (1, 3, 3, 0): {DAY: 40}}
    assert [hidden(answers, (None, team, None, None)) for team in (1, 2, 3)] == [True, True, False]
    assert [hidden(answers, (None, None, one, None)) for one in (1, 2, 3)] == [True, True, False]


def test_what_combines_three_subjects_is_always_hidden() -> None:
    answers = {(1, 1, 1, 0): {DAY: 500}}
    assert not hidden(answers, (1, 1, None, None))
    assert hidden(answers, (1, 1, 1, None))
    assert depth((1, 1, 1, None)) == 3


def test_what_has_no_answers_hides_nothing_and_is_not_hidden() -> None:
    veil = Veil(of_channels(20, 30), LEAST)
    assert not veil.hides((9, None, None, None), DAY, NEXT)
    assert not veil.hides(EVERYTHING, date(2030, 1, 1), date(2031, 1, 1))
    assert not Veil({}, LEAST).hides(EVERYTHING, DAY, NEXT)
