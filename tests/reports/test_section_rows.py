"""The table of expected results (statistics, section 7), from imported files to every surface.

Each row's answers came by a channel of their own, so that each can be asked for by itself.
"""

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.interactions.models import Channel, Interaction
from feedback.measures.secondary import secondary
from feedback.responses.models import Answer, Response
from tests.conftest import Time
from tests.integrations.conftest import Program
from tests.integrations.conftest import program as program
from tests.reports.stories import reader, words

Counts = Mapping[int, int]
# By the row: the metric, and how many gave which score.
GIVEN: dict[str, tuple[str, Counts]] = {
    "1": ("csat", {5: 10, 4: 7, 3: 1, 2: 1, 1: 1}),
    "2": ("csat", {5: 5}),
    "4": ("nps", {0: 1, 6: 7, 7: 13, 9: 10, 10: 5}),
    "5-passive": ("nps", {7: 6, 8: 4}),
    "5-promoters": ("nps", {9: 4, 10: 6}),
    "8": ("csat", {1: 1, 2: 2, 3: 4, 4: 7, 5: 6}),
    "9": ("ces", {1: 80, 2: 210, 3: 140, 4: 110, 5: 160, 6: 180, 7: 120}),
    "22": ("csat", {5: 10, 4: 6, 2: 1, 1: 3}),
}
# Value, low, high.
EXPECTED: dict[str, tuple[float, float, float]] = {
    "1": (0.85, 0.639581, 0.947631),
    "2": (1.0, 0.565518, 1.0),
    "4": (0.194444, -0.067697, 0.428670),
    "5-passive": (0.0, -0.277533, 0.277533),
    "5-promoters": (1.0, 0.444934, 1.0),
    "8": (0.65, 0.432854, 0.818808),
}
DAYS = "from=2026-06-01&to=2026-06-30&lang=en"


@pytest.fixture(autouse=True)
def imported(runner: FlaskCliRunner, time: Time, tmp_path: Path) -> None:
    """Import the contacts and what was answered; one contact of each row was answered in words."""
    contacts, said = [], []
    for row, (metric, counts) in GIVEN.items():
        scores = [score for score, times in counts.items() for _ in range(times)]
        for number, score in enumerate([*map(str, scores), ""]):
            key, moment = f"{row}/{number}", f"2026-06-{1 + number % 28:02} 12:00"
            contacts.append((key, f"row-{row}", moment, f"c-{key}", f"e-{row}", f"Row {row}"))
            said.append((key, moment, metric if score else "", score))
    with (tmp_path / "contacts.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            ("external_id", "channel", "closed_at", "customer_external_id", "staff_external_id",
             "staff_name")
        )  # fmt: skip
        out.writerows(contacts)
    with (tmp_path / "said.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("interaction_external_id", "answered_at", "csat", "nps", "ces", "comment"))
        for key, moment, metric, score in said:
            scores_of = [score if metric == one else "" for one in ("csat", "nps", "ces")]
            out.writerow((key, moment, *scores_of, "谢谢"))
    for what, name in (("interactions", "contacts.csv"), ("responses", "said.csv")):
        result = runner.invoke(args=["import", what, str(tmp_path / name)])
        assert result.exit_code == 0, result.output


def of_row(runner: FlaskCliRunner, row: str, metric: str | None = None) -> dict[str, Any]:
    asked = ["--metric", metric or GIVEN[row][0], "--where", f"channel=row-{row}"]
    result = runner.invoke(args=["scores", *asked, "--format", "json"])
    assert result.exit_code == 0, result.stderr
    (point,) = json.loads(result.stdout)["groups"][0]["points"]
    return point  # type: ignore[no-any-return]


def numbers(point: Mapping[str, Any]) -> tuple[float, float, float]:
    return point["value"], point["low"], point["high"]


def test_scores_of_every_row_have_the_value_and_the_range_expected(
    runner: FlaskCliRunner, program: Callable[..., Program]
) -> None:
    asker = program("scores:read-all")
    for row, expected in EXPECTED.items():
        metric, counts = GIVEN[row]
        point = of_row(runner, row)
        assert numbers(point) == pytest.approx(expected, abs=1e-6), row
        # Whoever answered in words only is in no denominator.
        assert point["n"] == sum(counts.values())
        assert point["counts"] == {str(score): times for score, times in sorted(counts.items())}
        answer = asker.get("/scores", metric=metric, where=f"channel=row-{row}")
        assert answer.json["groups"][0]["points"] == [point]


def test_row_2_of_one_person_has_no_headline(client: FlaskClient, session: Session) -> None:
    reader(client, session, "manager", None)
    page = words(client.get(f"/reports?{DAYS}&staff=e-2").text)
    assert "Too few answers to judge (5 of 10)." in page
    assert "100 %" not in page.split("Before,", maxsplit=1)[0]


def test_row_3_nothing_is_not_zero(runner: FlaskCliRunner) -> None:
    point = of_row(runner, "1", metric="nps")
    assert (point["n"], point["value"], point["low"], point["status"]) == (
        0, None, None, "no_answers",
    )  # fmt: skip


def test_row_8_has_a_label_and_its_mean_beside_it(
    client: FlaskClient, session: Session, runner: FlaskCliRunner
) -> None:
    mean = secondary("csat", counts_of(of_row(runner, "8")))["mean"]
    found = (mean.value, mean.low, mean.high)
    assert found == pytest.approx((3.75, 3.2007, 4.2279), abs=5e-5)
    reader(client, session, "manager", None)
    page = words(client.get(f"/reports?{DAYS}&channel=row-8").text)
    assert "65 % · 20 answers · 43–82 %" in page
    assert "csat/1" in page


def test_row_9_is_a_mean_and_the_share_of_easy_answers_stands_beside_it(
    runner: FlaskCliRunner,
) -> None:
    point = of_row(runner, "9")
    assert (point["value"], point["n"]) == (4.08, 1000)
    share = secondary("ces", counts_of(point))["share"]
    assert share.value == 0.46
    assert share.low < 0.46 < share.high


def counts_of(point: Mapping[str, Any]) -> dict[int, int]:
    return {int(score): times for score, times in point["counts"].items()}


def test_row_22_both_scores_are_shown_where_answers_were_struck(
    client: FlaskClient, session: Session, runner: FlaskCliRunner, time: Time
) -> None:
    assert of_row(runner, "22")["value"] == 0.8
    bad = session.scalars(
        sa.select(Response)
        .join(Interaction, Interaction.id == Response.interaction_id)
        .join(Channel, Channel.id == Interaction.channel_id)
        .join(Answer, Answer.response_id == Response.id)
        .where(Channel.code == "row-22", Answer.score == 1)
    ).all()
    for response in bad:
        response.excluded_at, response.excluded_because = time.now, "duplicate"
        response.changed_at = time.now
    session.commit()
    point = of_row(runner, "22")
    assert (point["value"], point["n"]) == (0.941176, 17)
    reader(client, session, "manager", None)
    page = words(client.get(f"/reports?{DAYS}&channel=row-22").text)
    assert "3 answers struck, all of them low: 94 % without, 80 % with them" in page
    assert "Low scores are struck more often than high ones" in page
