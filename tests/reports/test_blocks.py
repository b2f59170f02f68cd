"""Blocks of secret answers: nothing smaller comes out of all figures that hold them whole."""

from datetime import date, timedelta
from itertools import product
from random import Random

import numpy as np
import pytest

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
from feedback.reports.hidden.secret_people import STAFF
from feedback.reports.hidden.veil import Part
from tests.reports.subtraction import in_span

LEAST = 5
DAY = date(2026, 9, 2)
EVERYTHING: Part = (None, None, None, None)


def answer(day: date = DAY, *, channel: int = 1, team: int = 1, person: int = 1) -> Secret:
    return Secret((channel, team, person, 0), day)


def made_up(seed: int) -> tuple[list[Secret], list[Secret]]:
    """Make up what people with too few answers have, and whoever covers for them."""
    chance = Random(seed)  # noqa: S311

    def some(person: int, times: int, days: int) -> list[Secret]:
        return [
            answer(
                DAY + timedelta(days=chance.randrange(days)),
                channel=chance.choice((1, 1, 2)),
                team=1 + person % 2,
                person=person,
            )
            for _answer in range(times)
        ]

    few = [one for person in range(4) for one in some(person, chance.randint(0, 4), 200)]
    return few, some(8, chance.choice((0, 6, 90)), 260) + some(9, 7, 300)


@pytest.mark.parametrize("seed", range(40))
def test_each_guarded_answer_lies_in_one_block_of_enough(seed: int) -> None:
    few, covers = made_up(seed)
    blocks = blocks_of(few, covers, LEAST)
    inside = sorted(one for block in blocks for one in block)
    assert all(len(block) >= LEAST for block in blocks)
    for one in few:
        assert inside.count(one) >= few.count(one)
    for one in {*inside}:
        assert inside.count(one) <= [*few, *covers].count(one)


@pytest.mark.parametrize("seed", range(12))
def test_no_figure_of_any_days_and_filters_gives_a_guarded_answer_away(seed: int) -> None:
    """Take all figures that part no block, of all days and every filter, and solve."""
    few, covers = made_up(seed)
    blocks = blocks_of(few, covers, LEAST)
    guard = Blocks(blocks, LEAST)
    everyone = sorted([*few, *covers])
    cuts = sorted({one.day for one in everyone})
    rows = []
    for channel, team in product((None, 1, 2), (None, 1, 2)):
        part = (channel, team, None, None)
        mine = np.array([is_in(one, part) for one in everyone])
        for first, last in product(cuts, repeat=2):
            if first <= last and not guard.parts(part, first, last):
                days = np.array([first <= one.day <= last for one in everyone])
                rows.append((mine & days).astype(np.int64))
    sought = [[one] for block in blocks for one in block]
    sought += [[one for one in few if one.ids[STAFF] == person] for person in range(4)]
    targets = [[int(any(one is it for it in those)) for one in everyone] for those in sought]
    found = in_span(np.unique(rows, axis=0), np.array([t for t in targets if any(t)]))
    assert len(rows) > len(cuts)
    assert not found.any()


def test_a_figure_is_shown_with_all_of_a_block_or_with_none() -> None:
    block: Block = [answer(DAY + timedelta(days=at)) for at in range(5)]
    guard, last = Blocks([block], LEAST), DAY + timedelta(days=4)
    assert not guard.parts(EVERYTHING, DAY, last)
    assert guard.parts(EVERYTHING, DAY, DAY + timedelta(days=3))
    assert guard.parts(EVERYTHING, DAY + timedelta(days=1), last)
    assert not guard.parts(EVERYTHING, DAY - timedelta(days=9), DAY - timedelta(days=1))
    assert not guard.parts((2, None, None, None), DAY, DAY)


def test_what_holds_a_part_of_a_block_is_hidden_however_many_days_it_has() -> None:
    guard = Blocks([[answer(channel=1)] * 3 + [answer(channel=2)] * 2], LEAST)
    year = DAY - timedelta(days=200), DAY + timedelta(days=200)
    assert guard.parts((1, None, None, None), *year)
    assert guard.parts((2, None, None, None), *year)
    assert not guard.parts(EVERYTHING, *year)


def test_a_block_of_too_few_is_never_shown() -> None:
    guard = Blocks(blocks_of([answer()] * 4, [], LEAST), LEAST)
    assert guard.parts(EVERYTHING, DAY, DAY)
    assert not guard.parts(EVERYTHING, DAY + timedelta(days=1), DAY + timedelta(days=2))


def test_covers_of_the_same_day_and_channel_are_taken_first() -> None:
    near = [answer(person=2)] * 3
    far = [answer(DAY + timedelta(days=at), person=2) for at in range(1, 9)]
    other = [answer(channel=2, person=2)] * 9
    (block,) = blocks_of([answer()] * 2, [*far, *other, *near], LEAST)
    assert sorted(block) == sorted([answer(), answer(), *near])


def test_covers_lend_no_more_than_is_needed() -> None:
    covers = [answer(DAY + timedelta(days=at), person=2) for at in range(100)]
    (block,) = blocks_of([answer()] * 3, covers, LEAST)
    assert len(block) == LEAST


def test_many_guarded_answers_make_many_blocks() -> None:
    few = [answer(person=person) for person in range(8) for _answer in range(4)]
    assert [len(block) for block in blocks_of(few, [], LEAST)] == [5, 5, 5, 5, 5, 7]


def test_the_last_one_joins_the_nearest_block() -> None:
    few = [answer(person=person) for person in range(5)]
    late = answer(DAY + timedelta(days=900), channel=2, team=2, person=9)
    (block,) = blocks_of([*few, late], [], LEAST)
    assert sorted(block) == sorted([*few, late])


def test_a_block_of_several_channels_teams_or_quarters_is_wide() -> None:
    close = [answer(DAY + timedelta(days=10 * at)) for at in range(5)]
    assert wide([close]) == []
    for other in (answer(channel=2), answer(team=2), answer(DAY + timedelta(days=100))):
        assert wide([[*close, other]]) == [[*close, other]]


def test_whoever_has_most_answers_of_the_same_channel_and_time_covers_best() -> None:
    few = [answer(), answer(channel=2)]
    others = {
        7: [answer()] * 9,
        8: [answer()] * 5 + [answer(channel=2)] * 5,
        9: [answer()] * 4 + [answer(channel=2)] * 4,
        3: [answer(DAY - timedelta(days=300))] * 90,
    }
    near = {id_: places(mine) for id_, mine in others.items()}
    # More than a block needs is no nearer: then whoever has fewer is hidden.
    assert closest_cover(few, near) == 9
    assert closest_cover(few, {3: near[3]}) is None
    assert closest_cover(few, {}) is None
