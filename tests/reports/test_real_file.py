"""A real month of rated contacts: the figures are those a short script counts from the file."""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskCliRunner

from tests.conftest import missing

FILE = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "ecommerce_support_csat.csv"


@pytest.fixture
def counted_from_the_file() -> dict[str, dict[str, Counter[str]]]:
    """Count the scores of each channel and of each staff member, straight from the file."""
    if not FILE.exists():
        missing(f"real file at {FILE}")
    found: dict[str, dict[str, Counter[str]]] = {
        "channel": defaultdict(Counter), "staff": defaultdict(Counter),
    }  # fmt: skip
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found["channel"][row["channel_name"].lower()][row["CSAT Score"]] += 1
            found["staff"][row["Agent_name"]][row["CSAT Score"]] += 1
    return found


def ask(runner: FlaskCliRunner, *more: str) -> dict[str, Any]:
    result = runner.invoke(args=["scores", "--metric", "csat", *more, "--format", "json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def test_csat_per_channel_and_per_staff_member_is_the_files(
    runner: FlaskCliRunner, counted_from_the_file: dict[str, dict[str, Counter[str]]]
) -> None:
    profile = ["--profile", "ecommerce-csat", "--format", "json"]
    result = runner.invoke(args=["import", "responses", str(FILE), *profile])
    assert result.exit_code == 0, result.stderr
    for add_up in (False, True):
        # Straight from the answers, and then from the tallies.
        if add_up:
            assert runner.invoke(args=["work", "--once"]).exit_code == 0
        for subject, expected in counted_from_the_file.items():
            found = ask(runner, "--by", subject)
            assert (found["asked"], found["answered"]) == (0, 17_182)
            counts = {g["key"][subject]: g["points"][0] for g in found["groups"]}
            assert {key: point["counts"] for key, point in counts.items()} == expected
            for key, point in counts.items():
                good, n = expected[key]["4"] + expected[key]["5"], expected[key].total()
                assert point["n"] == n
                assert point["value"] == round(good / n, 6)
                assert point["low"] < point["value"] <= point["high"] or good == 0
    whole = ask(runner)["groups"][0]["points"][0]
    assert round(whole["value"], 4) == 0.8271
