"""The same customers, twice: only pairs, only matured ones, and to others no small group."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from feedback.reports.pairs import Pairs, pairs_of
from feedback.reports.spans import Span
from feedback.reports.subjects import id_of
from tests.conftest import START
from tests.factories import make_response
from tests.reports.stories import person
from tests.reports.two_waves import LONG_AGO, contact, invite, twice

TODAY = START.date()
EVER = Span(date(2025, 1, 1), date(2026, 12, 31))
# Row 25 of the specification.
PUBLISHED = (60, 15, 5, 8)


def ask(session: Session, where: Mapping[str, int] | None = None, **given: Any) -> Pairs:
    session.commit()
    given = {
        "today": TODAY, "follow_up_days": 30, "min_group": 5, "sees_all": True, "span": EVER
    } | given  # fmt: skip
    return pairs_of(session, where or {}, given.pop("span"), **given)


def cells(pairs: Pairs) -> tuple[int, ...] | None:
    found = pairs.found
    if found is None:
        return None
    return found.stayed_good, found.turned_bad, found.recovered, found.stayed_bad


@pytest.fixture
def staff(session: Session) -> StaffMember:
    return person(session, "e-1", "李静")


def test_eighty_eight_pairs_have_the_published_difference(
    session: Session, staff: StaffMember
) -> None:
    twice(session, staff, PUBLISHED)
    pairs = ask(session)
    assert cells(pairs) == PUBLISHED
    assert pairs.found is not None
    assert pairs.held_up is not None
    assert pairs.found.difference == pytest.approx(0.113636, abs=1e-6)
    assert (pairs.found.low, pairs.found.high) == pytest.approx((0.015243, 0.217056), abs=1e-4)
    assert pairs.found.p_exact == pytest.approx(0.041389, abs=1e-6)
    assert pairs.found.p_mid == pytest.approx(0.026604, abs=1e-6)
    assert pairs.verdict == "lower"
    assert (pairs.held_up.good, pairs.held_up.n) == (60, 75)


def test_the_mapping_has_every_figure_with_its_count_and_interval(
    session: Session, staff: StaffMember
) -> None:
    twice(session, staff, PUBLISHED, silent=(16, 4))
    written = ask(session).as_json()
    assert written["status"] == "ok"
    assert written["n"] == 88
    assert written["difference"] == 0.113636
    assert written["verdict"] == "lower"
    assert written["held_up"] == {
        "good": 60, "n": 75, "value": 0.8, "low": pytest.approx(0.6959, abs=1e-4),
        "high": pytest.approx(0.8749, abs=1e-4),
    }  # fmt: skip
    assert written["dropout"]["silent"]["n"] == 20
    assert written["dropout"]["verdict"] == "cannot_tell"
    assert written["contacts_until"] == (TODAY - timedelta(days=37)).isoformat()
    hidden = ask(session, sees_all=False, guards_days=True).as_json()
    assert written.keys() == hidden.keys()
    assert {name for name, value in hidden.items() if value is not None} == {"status", "level"}


def test_an_interaction_is_counted_once_its_follow_up_has_had_a_week(
    session: Session, staff: StaffMember
) -> None:
    for days in (36, 37, 38):
        twice(session, staff, (1, 0, 0, 0), closed_at=START - timedelta(days=days))
    pairs = ask(session)
    assert cells(pairs) == (2, 0, 0, 0)
    assert pairs.not_yet_due == 1


def test_what_does_not_count_is_in_no_pair(session: Session, staff: StaffMember) -> None:
    for wave in (1, 2):
        struck = contact(session, staff)
        for place in (1, 2):
            response = make_response(session, struck, wave=place, csat=5)
            if place == wave:
                response.excluded_at, response.excluded_because = LONG_AGO, "a test"
    assert ask(session).status == "no_pairs"


def test_only_answers_to_the_same_question_are_a_pair(session: Session, staff: StaffMember) -> None:
    interaction = contact(session, staff)
    make_response(session, interaction, csat=5)
    make_response(session, interaction, wave=2, nps=9)
    assert ask(session).found is None


def test_those_asked_again_who_are_silent_stand_beside_those_who_answered(
    session: Session, staff: StaffMember
) -> None:
    twice(session, staff, (40, 0, 0, 0), silent=(10, 20))
    never_asked = contact(session, staff)
    make_response(session, never_asked, csat=1)
    invite(session, never_asked, 2, withheld="follow_up_cap")
    waiting = contact(session, staff)
    make_response(session, waiting, csat=1)
    invite(session, waiting, 2, waits=True)
    pairs = ask(session)
    assert pairs.dropout is not None
    assert (pairs.dropout.silent.good, pairs.dropout.silent.n) == (10, 30)
    assert (pairs.dropout.answered.good, pairs.dropout.answered.n) == (40, 40)
    assert pairs.dropout.difference.verdict == "lower"
    assert (pairs.not_asked_again, pairs.not_yet_due) == (1, 1)


def test_days_and_parts_narrow_the_pairs(session: Session, staff: StaffMember) -> None:
    twice(session, staff, (3, 0, 0, 0))
    twice(session, person(session, "e-2", "白云"), (0, 4, 0, 0), channel="chat")
    twice(session, staff, (5, 0, 0, 0), closed_at=LONG_AGO - timedelta(days=40))
    assert cells(ask(session)) == (8, 4, 0, 0)
    assert cells(ask(session, {"staff": staff.id})) == (8, 0, 0, 0)
    assert cells(ask(session, {"channel": id_of(session, "channel", "chat") or 0})) == (0, 4, 0, 0)
    recent = Span(LONG_AGO.date() - timedelta(days=1), TODAY)
    assert cells(ask(session, span=recent)) == (3, 4, 0, 0)


class TestToOthers:
    def test_nothing_is_shown_of_fewer_than_ten_pairs(
        self, session: Session, staff: StaffMember
    ) -> None:
        twice(session, staff, (9, 0, 0, 0))
        assert ask(session, sees_all=False) == Pairs("too_few")
        twice(session, staff, (1, 0, 0, 0))
        assert cells(ask(session, sees_all=False)) == (10, 0, 0, 0)

    def test_nothing_is_shown_where_one_of_the_four_groups_is_small(
        self, session: Session, staff: StaffMember
    ) -> None:
        twice(session, staff, (60, 15, 4, 8))
        assert ask(session, sees_all=False) == Pairs("too_few")
        twice(session, staff, (0, 0, 1, 0))
        assert cells(ask(session, sees_all=False)) == (60, 15, 5, 8)

    def test_nothing_is_shown_where_few_were_silent(
        self, session: Session, staff: StaffMember
    ) -> None:
        twice(session, staff, (10, 0, 0, 0), silent=(3, 0))
        assert ask(session, sees_all=False) == Pairs("too_few")

    def test_nothing_is_shown_where_few_first_answers_remain(
        self, session: Session, staff: StaffMember
    ) -> None:
        """First answers are shown elsewhere; less the pairs they would be those few's."""
        twice(session, staff, (10, 0, 0, 0))
        for _number in range(3):
            make_response(session, contact(session, staff), csat=1)
        assert ask(session, sees_all=False) == Pairs("too_few")

    def test_nothing_is_shown_where_a_figure_is_not(self, session: Session) -> None:
        few, many = person(session, "e-1", "李静"), person(session, "e-2", "白云")
        twice(session, few, (10, 0, 0, 0))
        twice(session, many, (40, 0, 0, 0))
        for _number in range(2):
            make_response(session, contact(session, person(session, "e-3", "丁一")), csat=5)
        # 丁一 has two answers, and 李静 covers for them.
        assert ask(session, {"staff": few.id}, sees_all=False) == Pairs("too_few")
        assert cells(ask(session, {"staff": many.id}, sees_all=False)) == (40, 0, 0, 0)

    def test_whoever_has_a_small_group_is_not_alone_in_being_hidden(self, session: Session) -> None:
        people = [person(session, f"e-{number}", f"员工{number}") for number in range(3)]
        for one, recovered in zip(people, (3, 6, 9), strict=True):
            twice(session, one, (20, 6, recovered, 6))
        shown = [ask(session, {"staff": one.id}, sees_all=False).status for one in people]
        assert shown == ["too_few", "too_few", "ok"]

    def test_ones_own_is_shown_and_covers_nobody(self, session: Session) -> None:
        me, small, cover = (person(session, f"e-{number}", f"员工{number}") for number in range(3))
        twice(session, me, (20, 6, 1, 6))
        twice(session, small, (20, 6, 3, 6))
        twice(session, cover, (20, 6, 9, 6))
        shown = [
            ask(session, {"staff": one.id}, sees_all=False, own=me.id).status
            for one in (me, small, cover)
        ]
        assert shown == ["ok", "too_few", "too_few"]

    def test_a_program_that_may_subtract_days_is_shown_none(
        self, session: Session, staff: StaffMember
    ) -> None:
        twice(session, staff, (60, 15, 5, 8))
        assert ask(session, sees_all=False, guards_days=True) == Pairs("too_few")

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_no_sum_of_what_is_shown_gives_a_small_group_away(
        self, session: Session, seed: int
    ) -> None:
        """Ask by every one and two subjects, and solve the equations that gives."""
        draw = random.Random(seed)  # noqa: S311 — a world to look at, not a secret.
        teams = {"e-0": "A", "e-1": "A", "e-2": "A", "e-3": "B", "e-4": "B"}
        people = {key: person(session, key, key, team) for key, team in teams.items()}
        world: dict[tuple[str, str], list[int]] = {}
        for key, channel in product(people, ("phone", "chat")):
            world[key, channel] = [draw.choice((0, 2, 5, 7, 9)) for _kind in range(4)]
            for first, second, times in zip(
                (5, 5, 1, 1), (5, 1, 5, 1), world[key, channel], strict=True
            ):
                for _number in range(times):
                    interaction = contact(session, people[key], channel=channel)
                    make_response(session, interaction, csat=first)
                    make_response(session, interaction, wave=2, csat=second)
        session.commit()
        ones = [
            *({"staff": key} for key in people),
            *({"team": name} for name in ("A", "B")),
            *({"channel": name} for name in ("phone", "chat")),
        ]
        twos = [a | b for a, b in product(ones, ones) if a.keys() < (a | b).keys()]

        def row(where: Mapping[str, str]) -> list[float]:
            facts = ({"staff": k, "channel": c, "team": teams[k]} for k, c in world)
            return [float(where.items() <= one.items()) for one in facts]

        known = []
        for where in [{}, *ones, *twos]:
            ids = {subject: id_of(session, subject, key) or 0 for subject, key in where.items()}
            pairs = ask(session, ids, sees_all=False)
            if pairs.found is not None:
                known.append(row(where))
        assert known, "a world in which nothing is shown says nothing"
        rank = np.linalg.matrix_rank(np.array(known))
        small = 0
        for where in ones:
            sizes = np.array(row(where)) @ np.array(list(world.values()))
            if any(0 < size < 5 for size in sizes):
                small += 1
                together = np.linalg.matrix_rank(np.array([*known, row(where)]))
                assert together > rank, f"{where} has {sizes}, and anybody can work that out"
        assert small
