"""`flask scores`: for programs exactly as the contract shows it, for people in columns."""

import json
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.commands.columns import aligned, width
from tests.conftest import Time
from tests.factories import make_channel, make_interaction, make_response, make_staff

ENGLISH = {"FLASK_RUN_FROM_CLI": "true", "LC_ALL": "en_GB.UTF-8"}
CHINESE = {"FLASK_RUN_FROM_CLI": "true", "LC_ALL": "zh_CN.UTF-8"}


@pytest.fixture
def answers(session: Session, time: Time) -> None:
    """Answers of 李静 by phone and of Grace by chat, in two months."""
    grace = make_staff(session, "e-1007", name="Grace\tMiller")
    chat = make_channel(session, "chat").id
    for number, score in enumerate((0, 6, 8, 9, 10, 10, 10)):
        interaction = make_interaction(session, day=date(2026, 7 + number % 2, 15))
        make_response(session, interaction, csat=1 + score // 3, nps=score)
    for score in (3, 10):
        interaction = make_interaction(
            session, day=date(2026, 8, 31), staff_id=grace.id, channel_id=chat
        )
        make_response(session, interaction, csat=5, nps=score)
    session.commit()


def run(runner: FlaskCliRunner, *args: str, env: dict[str, str] = ENGLISH) -> str:
    result = runner.invoke(args=["scores", *args], env=env)
    assert result.exit_code == 0, result.output
    return result.stdout


def read(runner: FlaskCliRunner, *args: str) -> dict[str, Any]:
    return json.loads(run(runner, *args, "--format", "json"))  # type: ignore[no-any-return]


def test_json_is_what_the_contract_shows_in_its_order(
    runner: FlaskCliRunner, answers: None
) -> None:
    found = read(
        runner, "--metric", "nps", "--by", "staff", "--period", "month",
        "--from", "2026-07-01", "--to", "2026-09-30",
    )  # fmt: skip
    head = {key: value for key, value in found.items() if key not in ("groups", "wave")}
    assert list(head.items()) == [
        ("metric", "nps"), ("definition", "nps/1"), ("date_basis", "interaction"),
        ("level", 0.95), ("from", "2026-07-01"), ("to", "2026-09-30"), ("asked", 0),
        ("answered", 9), ("response_rate", None),
    ]  # fmt: skip
    assert list(found)[-1] == "groups"
    assert [(group["key"], group["label"]) for group in found["groups"]] == [
        ({"staff": "e-1007"}, "Grace\tMiller"),
        ({"staff": "e-1"}, "李静"),
    ]
    july, august, september = found["groups"][1]["points"]
    assert list(july.items()) == [
        ("period", "2026-07"), ("n", 4), ("counts", {"0": 1, "8": 1, "10": 2}), ("value", 0.25),
        ("low", july["low"]), ("high", july["high"]), ("status", "too_few"),
        ("provisional", False), ("asked", 0), ("answered", 4), ("response_rate", None),
            ("target", None), ("change", None),
    ]  # fmt: skip
    assert -1 < july["low"] < 0.25 < july["high"] < 1
    assert (august["period"], september["period"]) == ("2026-08", "2026-09")
    assert (september["n"], september["value"], september["status"]) == (0, None, "no_answers")
    # August ended two days ago.
    assert august["provisional"] is True


def test_json_keeps_chinese_as_it_is_and_is_alone_on_standard_output(
    runner: FlaskCliRunner, answers: None
) -> None:
    printed = run(runner, "--metric", "csat", "--by", "staff", "--format", "json")
    assert "李静" in printed
    assert printed.count("\n") == 1


def test_where_may_be_repeated(runner: FlaskCliRunner, answers: None) -> None:
    by_phone = ("--where", "channel=phone")
    assert read(runner, "--metric", "csat", *by_phone)["answered"] == 7
    both = (*by_phone, "--where", "staff=e-1007")
    assert read(runner, "--metric", "csat", *both)["answered"] == 0


def test_in_words_per_cent_with_its_interval(runner: FlaskCliRunner, answers: None) -> None:
    assert run(runner, "--metric", "csat", "--by", "channel") == (
        "csat/1, wave 1, contacts from 2026-07-15 to 2026-08-31\n"
        "9 answered, 0 asked\n"
        "       n    CSAT   95 % interval\n"
        "Chat   2  100.0%  34.2% … 100.0%  hidden from others, provisional\n"
        "Phone  7   57.1%   25.0% … 84.2%  hidden from others, provisional\n"
    )


def test_in_words_nps_in_points_and_names_as_wide_as_they_look(
    runner: FlaskCliRunner, answers: None
) -> None:
    printed = run(runner, "--metric", "nps", "--by", "staff", "--period", "month", env=CHINESE)
    lines = printed.splitlines()
    assert "第 1 轮" in lines[0]
    assert lines[3].startswith("Grace Miller  2026-07  0")
    assert lines[5].startswith("李静          2026-07  4")
    assert "+25.0" in lines[5]
    assert "暂定" in lines[6]
    ends = {width(line[: line.index(" … ")]) for line in lines if " … " in line}
    assert len(ends) == 1


def test_no_answers_is_said_and_is_not_zero(runner: FlaskCliRunner, answers: None) -> None:
    printed = run(runner, "--metric", "ces")
    assert "–" in printed
    assert "no answers" in printed
    assert "No answers." in run(runner, "--metric", "ces", "--by", "team")


def test_before_anything_has_happened(runner: FlaskCliRunner) -> None:
    assert "No answers." in run(runner, "--metric", "nps")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "--metric"),
        (["--metric", "csi"], "csat, nps, ces"),
        (["--metric", "csat", "--by", "customer"], "--by customer"),
        (["--metric", "csat", "--period", "year"], "--period year"),
        (["--metric", "csat", "--wave", "3"], "--wave 3"),
        (["--metric", "csat", "--from", "01/07/2026"], "--from 01/07/2026"),
        (["--metric", "csat", "--from", "2026-09-02", "--to", "2026-09-01"], "--from 2026-09-02"),
        (["--metric", "csat", "--where", "phone"], "--where phone"),
        (["--metric", "csat", "--where", "channel=fax"], "--where channel=fax"),
        (["--metric", "csat", "--where", "channel=phone", "--where", "channel=chat"], "twice"),
        (["--metric", "csat", "--format", "xml"], "xml"),
        (["--metric", "csat", "extra"], "extra"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(
    runner: FlaskCliRunner, answers: None, args: list[str], said: str
) -> None:
    result = runner.invoke(args=["scores", *args], env=ENGLISH)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_wrong_use_is_told_in_chinese(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["scores", "--metric", "csi"], env=CHINESE)
    assert "应为 csat, nps, ces 之一" in result.stderr


def test_columns_lean_and_take_the_room_their_characters_take() -> None:
    rows = [["", "n"], ["𠮷田\n商店", "5"], ["e\u0301", "1,000"], ["ＡＢ", ""]]
    assert aligned(rows, right=frozenset({1})) == [
        "               n",
        "𠮷田 商店      5",
        "e\u0301          1,000",
        "ＡＢ",
    ]
