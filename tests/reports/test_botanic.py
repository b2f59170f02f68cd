"""A real NPS survey of 13,954 customers, of whom 342 skipped the question (statistics, row 6).

Those who skipped are in no denominator: counted in, the same answers would give 0.521069.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from tests.conftest import Time, missing
from tests.integrations.conftest import Program
from tests.integrations.conftest import program as program
from tests.reports.stories import reader, words

FILE = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "botanic_nps.csv"
PROFILE = {
    "carries_interactions": True,
    "columns": {
        "source": "=botanic",
        "external_id": "number",
        "channel": "=store",
        "closed_at": "day",
        "customer_external_id": "number",
        "answered_at": "day",
        "nps": "nps",
        "comment": "visits",
    },
    "formats": {"closed_at": ["%Y-%m-%d"], "answered_at": ["%Y-%m-%d"]},
    "hour_of_days": 12,
}


def converted() -> Iterator[dict[str, str]]:
    """Yield the survey's rows as ours: whole scores, a number, and a day in June."""
    with FILE.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            yield {
                "number": f"b-{number}",
                "day": f"2026-06-{1 + number % 28:02}",
                # The file writes 10.0 for a 10; ours are whole, and nothing is coerced on the way.
                "nps": row["nps"].removesuffix(".0"),
                "visits": row["visits"] or "-",
            }


@pytest.fixture
def survey(app: Flask, runner: FlaskCliRunner, time: Time, tmp_path: Path) -> None:
    """The survey, imported as somebody would import it."""
    if not FILE.exists():
        missing(f"real file at {FILE}")
    profiles = Path(app.instance_path) / "profiles"
    profiles.mkdir(parents=True)
    (profiles / "botanic.json").write_text(json.dumps(PROFILE), encoding="utf-8")
    path = tmp_path / "botanic.csv"
    rows = list(converted())
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    asked = ["import", "responses", str(path), "--profile", "botanic", "--format", "json"]
    result = runner.invoke(args=asked)
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["read"], told["created"], told["refused"]) == (13_954, 13_954, 0)


@pytest.mark.usefixtures("survey")
def test_everywhere_the_same_number_without_those_who_skipped(
    runner: FlaskCliRunner,
    client: FlaskClient,
    session: Session,
    program: Callable[..., Program],
) -> None:
    days = "from=2026-06-01&to=2026-06-30"
    asker = program("scores:read-all")
    reader(client, session, "manager", None)
    for add_up in (False, True):
        # Straight from the answers, and then from the tallies.
        if add_up:
            assert runner.invoke(args=["work", "--once"]).exit_code == 0
        result = runner.invoke(args=["scores", "--metric", "nps", "--format", "json"])
        found = json.loads(result.stdout)
        (point,) = found["groups"][0]["points"]
        assert (point["value"], point["low"], point["high"]) == (0.534161, 0.523119, 0.545004)
        assert point["n"] == sum(point["counts"].values()) == 13_612
        assert found["answered"] == 13_954
        answer = asker.get("/scores", metric="nps")
        assert answer.json["groups"][0]["points"] == [point]
        page = words(client.get(f"/reports?{days}&metric=nps&lang=en").text)
        assert "+53 · 13,612 answers · +52 to +55" in page
        assert client.get("/responses?lang=en&metric=nps&" + days).text.count("13,612 answers") == 1
    data = client.get(f"/responses/recompute.csv?{days}&metric=nps&lang=en").data
    rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    scores = [int(row[2]) for row in rows if row and row[0].startswith("2026-06-")]
    assert len(scores) == 13_612
    high, low = (sum(map(side, scores)) for side in (lambda s: s >= 9, lambda s: s <= 6))
    assert round((high - low) / 13_612, 6) == 0.534161


def test_a_score_written_as_a_fraction_is_refused_not_coerced(
    runner: FlaskCliRunner, time: Time, tmp_path: Path
) -> None:
    contacts, said = tmp_path / "contacts.csv", tmp_path / "said.csv"
    contacts.write_text(
        "external_id,channel,closed_at,customer_external_id\nb-1,store,2026-06-01 12:00,c-1\n",
        encoding="utf-8",
    )
    said.write_text(
        "interaction_external_id,answered_at,nps\nb-1,2026-06-01 12:00,10.0\n", encoding="utf-8"
    )
    assert runner.invoke(args=["import", "interactions", str(contacts)]).exit_code == 0
    result = runner.invoke(args=["import", "responses", str(said), "--format", "json"])
    assert result.exit_code == 1
    (refusal,) = json.loads(result.stdout)["refusals"]
    assert (refusal["row"], refusal["column"], refusal["value"]) == (1, "nps", "10.0")
