"""People compared fairly: marked only where interval, discoveries and reliability allow it."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedback.measures.people import compare
from feedback.measures.standing import standing

REAL = Path(__file__).parents[2].parent / "shared" / "data" / "ecommerce_support_csat.csv"
TEAM = [
    (9, 10), (18, 20), (44, 50), (47, 50), (7, 10), (12, 12), (95, 100), (30, 40), (5, 5),
    (60, 80), (16, 20), (38, 40),
]  # fmt: skip


def test_only_the_one_that_truly_differs_is_marked() -> None:
    found = compare({who: {"": pair} for who, pair in enumerate(TEAM)}, adjust=False)
    assert found is not None
    assert {who: one.mark for who, one in found.people.items() if one.mark} == {9: "low"}
    assert found.people[9].q == pytest.approx(0.038078, abs=1e-6)


def test_somebody_with_hard_cases_is_held_against_hard_cases() -> None:
    answers = {
        f"easy {number}": {"install": (19 * 5, 100), "repair": (3, 5)} for number in range(6)
    } | {"hard": {"install": (5, 5), "repair": (60, 100)}}
    adjusted, bare = compare(answers), compare(answers, adjust=False)
    assert adjusted is not None
    assert bare is not None
    assert bare.people["hard"].mark == "low"
    assert adjusted.people["hard"].mark is None
    mix = adjusted.people["hard"].mix
    assert mix is not None
    assert mix.expected_rate < adjusted.rate


def test_somebody_without_answers_has_no_figures_and_harms_nobody() -> None:
    found = compare({"a": {"": (8, 10)}, "b": {}, "c": {"": (9, 10)}})
    assert found is not None
    nobody = found.people["b"]
    assert (nobody.n, nobody.value, nobody.low, nobody.best, nobody.q) == (
        0,
        None,
        None,
        None,
        None,
    )
    assert nobody.standing == "no_answers"
    assert compare({"a": {}, "b": {"": (0, 0)}}) is None


def test_everybody_alike_is_never_marked() -> None:
    found = compare({who: {"": (40, 50)} for who in range(10)})
    assert found is not None
    assert found.spread.weight is None
    assert {one.mark for one in found.people.values()} == {None}
    assert {one.standing for one in found.people.values()} == {"some"}


@pytest.mark.parametrize(
    ("n", "reliability", "expected"),
    [
        (0, 0.0, "no_answers"), (1, 0.1, "too_few"), (4, 0.2, "too_few"), (5, 0.2, "few"),
        (9, 0.9, "few"), (10, 0.9, "some"), (29, 0.9, "some"), (30, 0.69, "some"),
        (30, 0.70, "enough"), (400, 0.89, "enough"), (400, 0.90, "evidence"),
    ],
)  # fmt: skip
def test_what_so_many_answers_may_be_used_for(n: int, reliability: float, expected: str) -> None:
    assert standing(n, reliability) == expected


def test_on_a_real_month_a_bare_rule_marks_hundreds_and_fairness_nobody() -> None:
    if not REAL.exists():
        pytest.skip("the real file is not beside the project")
    answers: dict[str, dict[tuple[str, str], tuple[int, int]]] = defaultdict(dict)
    with REAL.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            stratum = (row["channel_name"], row["category"])
            good, n = answers[row["Agent_name"]].get(stratum, (0, 0))
            answers[row["Agent_name"]][stratum] = (good + (int(row["CSAT Score"]) >= 4), n + 1)
    for adjust in (True, False):
        found = compare(answers, adjust=adjust)
        assert found is not None
        people = list(found.people.values())
        assert len(people) == 1368
        assert sum(one.value is not None and one.value < 0.8 for one in people) == 499
        assert sum(one.high is not None and one.high < 0.8 for one in people) == 71
        assert sum(one.q is not None and one.q < 0.05 for one in people) == 0
        assert sum(one.reliability >= 0.7 for one in people) == 2
        assert all(one.mark is None for one in people)


@pytest.mark.parametrize(
    ("people", "each"), [(2, 1), (2, 11), (2, 200), (2, 40_000), (7, 4_000), (300, 11)]
)
def test_a_team_of_which_all_answers_are_good_is_not_promised_to_be_perfect(
    people: int, each: int
) -> None:
    found = compare({who: {"": (each, each)} for who in range(people)})
    turned = compare({who: {"": (0, each)} for who in range(people)})
    assert found is not None
    assert turned is not None
    best, worst = found.people[0].best, turned.people[0].best
    assert best is not None
    assert worst is not None
    # No surer than somebody who saw that nothing is wrong in all answers together, with 95 %.
    assert best.low < 1 - 0.05 / (people * each)
    assert best.low <= best.mean <= best.high <= 1
    assert worst.mean == pytest.approx(1 - best.mean, abs=1e-9)
    assert worst.high == pytest.approx(1 - best.low, abs=1e-9)


@settings(max_examples=12)
@given(
    st.lists(
        st.integers(0, 200_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1, max_size=5,
    )
)  # fmt: skip
@example([(29_999, 30_000), *[(30_000, 30_000)] * 6])
@example([(1, 200_000), *[(0, 200_000)] * 3])
def test_whatever_people_were_told_each_is_estimated(team: list[tuple[int, int]]) -> None:
    found = compare({who: {"": pair} for who, pair in enumerate(team)})
    if not any(n for _x, n in team):
        assert found is None
        return
    assert found is not None
    for one in found.people.values():
        if one.best is not None:
            assert 0 <= one.best.low <= one.best.mean <= one.best.high <= 1
