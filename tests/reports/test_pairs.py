"""The same customers, twice: only pairs, only matured ones, and to others no small group."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from feedback.reports.hidden.hiding import hidden_from_others
from feedback.reports.spans import Span
from feedback.reports.subjects import id_of
from feedback.reports.tallies import Question
from feedback.reports.twice.pairs import Pairs, pairs_of
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

    def test_where_others_answered_the_second_time_only_some_of_it_is_shown(
        self, session: Session, staff: StaffMember
    ) -> None:
        twice(session, staff, (60, 15, 4, 8))
        for _number in range(5):
            make_response(session, contact(session, staff), wave=2, csat=5)
        pairs = ask(session, sees_all=False)
        assert (pairs.status, pairs.n, pairs.found) == ("partly", 87, None)
        assert pairs.held_up is not None
        assert (pairs.held_up.good, pairs.held_up.n) == (60, 75)
        assert (pairs.turned_bad, pairs.bad_at_first) == (15, 12)
        written = pairs.as_json()
        assert [written[name] for name in ("n", "stayed_good", "turned_bad")] == [87, 60, 15]
        hidden = ("recovered", "stayed_bad", "difference", "low", "high", "p_mid", "verdict")
        assert [written[name] for name in hidden] == [None] * len(hidden)

    def test_where_few_answered_the_second_time_only_nothing_is_shown(
        self, session: Session, staff: StaffMember
    ) -> None:
        twice(session, staff, (60, 15, 5, 8))
        make_response(session, contact(session, staff), wave=2, csat=5)
        assert ask(session, sees_all=False) == Pairs("too_few")

    def test_whose_second_answers_would_tell_is_not_alone_in_being_hidden(
        self, session: Session
    ) -> None:
        """The first one's second answers are all of pairs; less the others, the team's would be."""
        people = [person(session, f"e-{number}", f"员工{number}") for number in range(4)]
        for one, recovered, late in zip(people, (3, 6, 9, 12), (0, 6, 6, 6), strict=True):
            twice(session, one, (20, 6, recovered, 6))
            for _number in range(late):
                make_response(session, contact(session, one), wave=2, csat=5)
        session.commit()
        shown = [ask(session, {"staff": one.id}, sees_all=False).status for one in people]
        assert shown == ["too_few", "too_few", "too_few", "ok"]

    def test_few_who_were_lost_are_never_shown(self, session: Session, staff: StaffMember) -> None:
        twice(session, staff, (60, 4, 6, 8))
        for _number in range(20):
            make_response(session, contact(session, staff), wave=2, csat=5)
        assert ask(session, sees_all=False) == Pairs("too_few")


@dataclass
class World:
    """Five people of two teams on two channels; for each, six groups of customers.

    Good/good, good/bad, bad/good, bad/bad; and good and bad the second time only.
    """

    teams: Mapping[str, str]
    groups: dict[tuple[str, str], list[int]]

    def row(self, where: Mapping[str, str], kinds: Sequence[int]) -> np.ndarray[Any, Any]:
        """Return which groups add up to these kinds of the part."""
        facts = (
            {"staff": key, "channel": channel, "team": self.teams[key]}
            for key, channel in self.groups
        )
        belongs = [where.items() <= one.items() for one in facts]
        return np.array([float(b and kind in kinds) for b in belongs for kind in range(6)])


def made_up(session: Session, seed: int) -> World:
    draw = random.Random(seed)  # noqa: S311 — a world to look at, not a secret.
    teams = {"e-0": "A", "e-1": "A", "e-2": "A", "e-3": "B", "e-4": "B"}
    groups = {}
    said = ((5, 5), (5, 1), (1, 5), (1, 1), (None, 5), (None, 1))
    for key, channel in product(teams, ("phone", "chat")):
        staff = person(session, key, key, teams[key])
        groups[key, channel] = [draw.choice((0, 3, 5, 7, 9)) for _kind in said]
        if key in ("e-1", "e-4"):
            # Everybody who answers theirs later has answered at first.
            groups[key, channel][4:] = [0, 0]
        for (first, second), times in zip(said, groups[key, channel], strict=True):
            for _number in range(times):
                interaction = contact(session, staff, channel=channel)
                if first is not None:
                    make_response(session, interaction, csat=first)
                make_response(session, interaction, wave=2, csat=second)
    session.commit()
    return World(teams, groups)


@pytest.mark.parametrize("seed", [2, 6, 15])
def test_no_sum_of_what_is_shown_gives_a_small_group_away(session: Session, seed: int) -> None:
    """Ask by every one and two subjects, for figures and pairs, and solve the equations."""
    world = made_up(session, seed)
    sizes = np.array([size for groups in world.groups.values() for size in groups])
    ones = [
        *({"staff": key} for key in world.teams),
        *({"team": name} for name in ("A", "B")),
        *({"channel": name} for name in ("phone", "chat")),
    ]
    twos = [a | b for a, b in product(ones, ones) if a.keys() < (a | b).keys()]
    known, seen = [], set()
    for where in [{}, *ones, *twos]:
        ids = {subject: id_of(session, subject, key) or 0 for subject, key in where.items()}
        figures = Question("csat", None, None, EVER.first, EVER.last, (1, 2), ids)
        hidden = {wave for _id, wave, _all in hidden_from_others(session, figures, least=5)}
        known += [
            world.row(where, kinds)
            for wave, kinds in ((1, (0, 1)), (1, (2, 3)), (2, (0, 2, 4)), (2, (1, 3, 5)))
            if wave not in hidden
        ]
        pairs = ask(session, ids, sees_all=False)
        seen.add(pairs.status)
        if pairs.is_shown:
            parted = ((2,), (3,)) if pairs.found else ((2, 3),)
            known += [world.row(where, kinds) for kinds in ((0,), (1,), *parted)]
            if world.row(where, (4, 5)) @ sizes == 0:
                # As many pairs as second answers: then nobody answered the second time only.
                known += [world.row(where, (kind,)) for kind in (4, 5)]
    assert seen >= {"too_few", "partly"}, "a world in which all or nothing is shown says little"
    rank = np.linalg.matrix_rank(np.array(known))
    for where, kind in product(ones, range(4)):
        row = world.row(where, (kind,))
        if 0 < row @ sizes < 5:
            together = np.linalg.matrix_rank(np.array([*known, row]))
            assert together > rank, f"group {kind} of {where}: anybody can work that out"
