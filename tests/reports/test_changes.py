"""A change is higher, lower, or one cannot tell; never an arrow."""

import json
from datetime import date

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.reports.changes import change_of
from tests.factories import make_interaction, make_response
from tests.reports.conftest import Figures


def near(expected: object, by: float = 1e-6) -> object:
    return pytest.approx(expected, abs=by)


def csat(good: int, n: int) -> dict[int, int]:
    return {5: good, 2: n - good}


def test_eight_points_down_with_fifty_answers_cannot_be_told_from_noise() -> None:
    change = change_of("csat", csat(41, 50), csat(45, 50))
    assert change is not None
    found = change.as_json()
    assert found == {
        "value": -0.08, "low": -0.219889, "high": 0.06028, "p": 0.251381,
        "detectable": near(0.136016), "detectable_with_power": near(0.194423),
        "verdict": "cannot_tell",
    }  # fmt: skip


def test_twenty_points_up_is_higher_and_the_other_way_round_lower() -> None:
    up, down = (
        change_of("csat", *pair)
        for pair in ((csat(56, 70), csat(48, 80)), (csat(48, 80), csat(56, 70)))
    )
    assert up is not None
    assert down is not None
    assert (up.value, up.low, up.high) == near((0.2, 0.052431, 0.333873))
    assert (up.verdict, down.verdict) == ("higher", "lower")
    assert (down.value, down.low, down.high) == near((-up.value, -up.high, -up.low))


def test_ten_points_of_nps_cannot_be_told() -> None:
    change = change_of("nps", {3: 5, 7: 20, 10: 25}, {3: 10, 7: 15, 10: 25})
    assert change is not None
    assert (change.value, change.low, change.high) == near((0.1, -0.181315, 0.383969))
    assert (change.p, change.verdict) == (None, "cannot_tell")


def test_a_mean_changes_by_steps_of_its_scale() -> None:
    one, other = {7: 40, 6: 10}, {3: 30, 4: 20}
    change = change_of("ces", one, other)
    assert change is not None
    assert change.value == near(6.8 - 3.4)
    assert (change.verdict, change.detectable) == ("higher", None)
    same = change_of("ces", one, one)
    assert same is not None
    assert (same.value, same.verdict) == (0, "cannot_tell")


@pytest.mark.parametrize("metric", ["csat", "nps", "ces"])
def test_nothing_changes_from_or_to_no_answers(metric: str) -> None:
    assert change_of(metric, {}, {5: 3}) is None
    assert change_of(metric, {5: 3}, {}) is None


def told(session: Session, day: str, good: int, n: int) -> None:
    for place in range(n):
        interaction = make_interaction(session, day=date.fromisoformat(day))
        make_response(session, interaction, csat=5 if place < good else 1)


def test_every_month_says_how_it_differs_from_the_one_before(
    session: Session, figures: Figures, runner: FlaskCliRunner
) -> None:
    told(session, "2026-06-10", 45, 50)
    told(session, "2026-07-10", 41, 50)
    told(session, "2026-09-10", 3, 3)
    days = {"from_": "2026-06-01", "to": "2026-09-30"}
    (group,) = figures(period="month", **days)["groups"]
    june, july, august, september = [point["change"] for point in group["points"]]
    assert june is None
    assert (july["value"], july["verdict"]) == (-0.08, "cannot_tell")
    # A month without answers is no zero to have changed from.
    assert august is None
    assert september is None
    session.commit()
    arguments = ["--metric", "csat", "--period", "month", "--from", "2026-06-01"]
    printed = runner.invoke(args=["scores", *arguments, "--format", "json"]).stdout
    assert json.loads(printed)["groups"][0]["points"][1]["change"] == july


def test_a_change_from_what_is_hidden_is_hidden(session: Session, figures: Figures) -> None:
    told(session, "2026-06-10", 3, 4)
    told(session, "2026-07-10", 41, 50)
    told(session, "2026-08-10", 45, 50)
    days = {"from_": "2026-06-01", "to": "2026-08-31"}
    (group,) = figures(period="month", sees_all=False, **days)["groups"]
    shown = [point["value"] is not None for point in group["points"]]
    told_of = [point["change"] is not None for point in group["points"]]
    assert shown[0] is False
    assert told_of[:2] == [False, False]
