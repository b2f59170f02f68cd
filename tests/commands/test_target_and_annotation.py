"""`flask target` and `flask annotation`: right use, wrong use, and what is printed where."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.reports.models import Annotation
from feedback.touchpoints.models import Target
from tests.conftest import Time
from tests.factories import make_channel, make_user
from tests.touchpoints.stories import TODAY, TOMORROW

BY = ("--by", "boss@example.cn")
SET = ("target", "set", "--metric", "csat", "--value", "0.85", "--from", str(TOMORROW), *BY)
ADD = ("annotation", "add", str(TODAY), "new script", *BY)


@pytest.fixture(autouse=True)
def boss(session: Session, time: Time) -> None:
    make_user(session, "manager", email="boss@example.cn")
    make_user(session, "analyst", email="reader@example.cn")
    make_channel(session)
    session.commit()


def run(runner: FlaskCliRunner, *args: str) -> Result:
    return runner.invoke(args=list(args))


def as_json(runner: FlaskCliRunner, what: str) -> list[dict[str, Any]]:
    result = run(runner, what, "list", "--format", "json")
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)[f"{what}s"]
    return found


def test_a_target_is_set_and_listed(runner: FlaskCliRunner) -> None:
    result = run(runner, *SET, "--about", "channel=phone", "--to", "2026-12-31")
    assert (result.exit_code, result.stdout) == (0, "")
    (line,) = as_json(runner, "target")
    assert line | {"id": 1, "set_at": ""} == {
        "id": 1,
        "metric": "csat",
        "wave": 1,
        "about": {"channel": "phone"},
        "value": 0.85,
        "from": "2026-09-03",
        "to": "2026-12-31",
        "state": "set",
        "reason": "",
        "set_at": "",
        "set_by": "boss@example.cn",
        "confirmed_at": None,
        "confirmed_by": None,
    }
    text = run(runner, "target", "list").stdout
    assert "85 %" in text or "85%" in text


def test_one_for_begun_days_waits_for_the_second_person(runner: FlaskCliRunner) -> None:
    late = [*SET, "--from", str(TODAY)]
    assert run(runner, *late).exit_code == 2
    result = run(runner, *late, "--reason", "agreed late")
    assert result.exit_code == 0
    assert [line["state"] for line in as_json(runner, "target")] == ["waiting"]


def test_a_target_is_ended(runner: FlaskCliRunner) -> None:
    ending = ("target", "set", "--metric", "csat", "--none", "--from", str(TOMORROW), *BY)
    assert run(runner, *ending).exit_code == 0
    assert [line["value"] for line in as_json(runner, "target")] == [None]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--value", "85"),
        ("--metric", "stars"),
        ("--about", "staff=e-1"),
        ("--about", "channel=fax"),
        ("--about", "phone"),
        ("--about", "channel=\0"),
        ("--from", "tomorrow"),
        ("--to", "2026-09-01"),
        ("--by", "nobody@example.cn"),
        ("--by", "reader@example.cn"),
        ("--none",),
    ],
)
def test_wrong_use_of_target_set_ends_with_2_and_keeps_nothing(
    runner: FlaskCliRunner, session: Session, wrong: tuple[str, ...]
) -> None:
    result = run(runner, *SET, *wrong)
    assert result.exit_code == 2
    assert wrong[0] in result.stderr
    assert session.scalar(sa.select(sa.func.count()).select_from(Target)) == 0


def test_something_is_noted_and_listed(runner: FlaskCliRunner) -> None:
    assert run(runner, *ADD, "--breaks").exit_code == 0
    (note,) = as_json(runner, "annotation")
    assert note | {"id": 1, "made_at": ""} == {
        "id": 1,
        "day": "2026-09-02",
        "text": "new script",
        "breaks": True,
        "about": {},
        "made_at": "",
        "made_by": "boss@example.cn",
        "withdrawn_at": None,
    }
    assert "new script" in run(runner, "annotation", "list").stdout


@pytest.mark.parametrize(
    "args",
    [
        ("annotation", "add", "yesterday", "x", *BY),
        ("annotation", "add", str(TODAY), " ", *BY),
        ("annotation", "add", str(TODAY), "x" * 201, *BY),
        ("annotation", "add", str(TODAY), "x", "--by", "reader@example.cn"),
        ("annotation", "add", str(TODAY), "x"),
        (*ADD, "--about", "staff=e-1"),
    ],
)
def test_wrong_use_of_annotation_add_ends_with_2_and_keeps_nothing(
    runner: FlaskCliRunner, session: Session, args: tuple[str, ...]
) -> None:
    assert run(runner, *args).exit_code == 2
    assert session.scalar(sa.select(sa.func.count()).select_from(Annotation)) == 0


def test_empty_lists_print_nothing(runner: FlaskCliRunner) -> None:
    for what in ("target", "annotation"):
        result = run(runner, what, "list")
        assert (result.exit_code, result.stdout) == (0, "")
