"""The table of what a bare number hides (statistics, section 7), row by row, from the outside.

`ROWS` says of every row which test reproduces it through the API or `flask scores`. Those that had
no place by their subject stand here.
"""

import csv
import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from tests.conftest import Time
from tests.integrations.conftest import Program, a_report
from tests.integrations.conftest import program as program
from tests.reports.stories import person
from tests.reports.two_waves import contact, invite

TESTS = Path(__file__).parent.parent


def near(expected: object, by: float = 1e-6) -> object:
    return pytest.approx(expected, abs=by)


@pytest.fixture
def asked(
    program: Callable[..., Program], runner: FlaskCliRunner, time: Time
) -> Callable[..., Any]:
    """Ask the API and the command, which must say the same: `asked(metric="csat", by="staff")`."""
    asker = program("scores:read-all", name="a report")

    def ask(*where: str, **given: str) -> Any:
        answer = asker.call("GET", "/scores", query_string=given | {"where": list(where)})
        assert answer.status_code == 200, answer.text
        options = [part for name, value in given.items() for part in (f"--{name}", value)]
        options += [part for one in where for part in ("--where", one)]
        printed = runner.invoke(args=["scores", *options, "--format", "json"])
        assert printed.exit_code == 0, printed.output
        found = json.loads(printed.stdout)
        # Names are in the reader's language; the figures are the same.
        assert [g["points"] for g in found["groups"]] == [
            g["points"] for g in answer.json["groups"]
        ]
        assert found.get("who_was_asked") == answer.json.get("who_was_asked")
        return answer.json

    return ask


@pytest.fixture
def take_in(runner: FlaskCliRunner, tmp_path: Path, time: Time) -> Callable[..., None]:
    """Import a file of contacts or responses."""

    def take(what: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        path = tmp_path / f"{what}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        result = runner.invoke(args=["import", what, str(path)])
        assert result.exit_code == 0, result.output

    return take


def test_row_21_who_leaves_customers_out_is_seen(
    session: Session, asked: Callable[..., Any]
) -> None:
    staff = {key: person(session, key, key) for key in ("few", "usual", "chosen", "others")}

    def work(key: str, channel: str, invited: int, left_out: int, *reopened: int) -> None:
        for number in range(invited + left_out):
            is_invited = number < invited
            place = number if is_invited else number - invited
            trouble = reopened[0 if is_invited else 1] if reopened else 0
            one = contact(
                session,
                staff[key],
                channel=channel,
                status="reopened" if place < trouble else "closed",
            )
            invite(session, one, 1, withheld=None if is_invited else "no_address")

    work("few", "phone", 170, 30)
    work("usual", "phone", 92, 8)
    work("chosen", "chat", 190, 12, 30, 9)
    work("others", "chat", 95, 6)
    session.commit()
    found = asked(metric="csat", by="staff")["who_was_asked"]
    people = {one["key"]["staff"]: one for one in found["people"]}
    assert (found["tested"], found["has_marks"]) == (4, True)
    few, chosen = people["few"], people["chosen"]
    assert (few["invited"]["number"], few["invited"]["of"], few["expected"]) == (170, 200, 0.92)
    assert few["p_invited"] == near(0.000965)
    assert (few["invited_less_often"], few["uninvited_in_trouble"]) == (True, False)
    assert chosen["p_selective"] == pytest.approx(2.30e-5, abs=1e-7)
    assert (chosen["invited_less_often"], chosen["uninvited_in_trouble"]) == (False, True)
    # Whoever is asked about alone is held against the same others.
    (alone,) = asked("staff=few", metric="csat", by="staff")["who_was_asked"]["people"]
    assert alone == few


def test_row_23_each_of_several_weighs_as_was_agreed(
    program: Callable[..., Program], take_in: Callable[..., None], asked: Callable[..., Any]
) -> None:
    weights = (1, 1, 0.5, 0.5, 0.5, 1, 0.25, 0.25)
    satisfied = (1, 1, 0, 1, 1, 1, 0, 1)
    crm = program(name="crm")
    for number, weight in enumerate(weights):
        staff: Any = {"external_id": "e-1", "name": "李静"}
        if weight < 1:
            other = {"external_id": "e-2", "name": "王磊", "share": 1 - weight}
            staff = [staff | {"share": weight}, other]
        told = crm.report(a_report(external_id=f"c-{number}", staff=staff))
        assert told.status_code == 201, told.text
    take_in(
        "responses",
        ("interaction_external_id", "answered_at", "csat"),
        [(f"c-{i}", "2026-09-02 09:45", 5 if x else 2) for i, x in enumerate(satisfied)],
    )
    points = {
        group["key"]["staff"]: group["points"][0]
        for group in asked(metric="csat", by="staff")["groups"]
    }
    own = points["e-1"]
    # Whole contacts are what they were; nothing is given to two people in full.
    assert (own["n"], own["value"]) == (3, 1.0)
    assert own["shared"] == {
        "n": 5, "weight": 5.0, "effective_n": near(6.4516, 5e-5), "value": 0.85,
        "low": 0.465121, "high": 0.973634,
    }  # fmt: skip
    assert (points["e-2"]["n"], points["e-2"]["shared"]["n"]) == (0, 5)
    (everybody,) = asked(metric="csat")["groups"][0]["points"]
    assert (everybody["n"], everybody["value"]) == (8, 0.75)


def test_row_26_a_trend_has_laneys_limits_and_no_mark_without_news(
    take_in: Callable[..., None], asked: Callable[..., Any]
) -> None:
    # (satisfied, answers) of each month from July 2024 on; the first twelve are the baseline.
    months = [
        (33, 40), (30, 36), (41, 44), (28, 38), (40, 42), (31, 40), (38, 41), (29, 37), (36, 40),
        (34, 45), (37, 39), (32, 40), (35, 40), (33, 41), (38, 44), (31, 38), (36, 43), (34, 40),
        (35, 39), (33, 42), (37, 41), (32, 40), (36, 44), (12, 40),
    ]  # fmt: skip
    starts = [f"{2024 + (6 + i) // 12}-{(6 + i) % 12 + 1:02}" for i in range(len(months))]
    rows = [
        (f"{start}/{number}", f"{start}-15 10:00", 5 if number < good else 2)
        for start, (good, n) in zip(starts, months, strict=True)
        for number in range(n)
    ]
    take_in(
        "interactions",
        ("external_id", "channel", "closed_at", "customer_external_id"),
        [(key, "phone", moment, key) for key, moment, _score in rows],
    )
    take_in(
        "responses",
        ("interaction_external_id", "answered_at", "csat"),
        [(key, moment, score) for key, moment, score in rows],
    )
    days = {"from": "2024-07-01", "to": "2026-06-30"}
    points = asked(metric="csat", period="month", **days)["groups"][0]["points"]

    # Computed anew from the published formula, by nothing of the product.
    basis = months[:12]
    centre = sum(x for x, _n in basis) / sum(n for _x, n in basis)
    z = [(x / n - centre) / sqrt(centre * (1 - centre) / n) for x, n in basis]
    sigma_z = sum(abs(b - a) for a, b in pairwise(z)) / 11 / 1.128
    assert sigma_z > 1
    for (good, n), point in zip(months, points, strict=True):
        half = 3 * sqrt(centre * (1 - centre) / n) * sigma_z
        limits = max(0, centre - half), min(1, centre + half)
        assert (point["n"], point["limits"]) == (n, near(list(limits)))
        outside = not limits[0] <= good / n <= limits[1]
        assert point["mark"] == ("outside" if outside else None)
    assert [point["mark"] for point in points] == [None] * 23 + ["outside"]
