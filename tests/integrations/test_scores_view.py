"""The API's figures are those of `flask scores`, less what its key may not see."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from tests.factories import make_channel, make_interaction, make_response, make_staff
from tests.integrations.conftest import Program, wrong

ASKED: list[dict[str, Any]] = [
    {"metric": "csat"},
    {"metric": "nps", "by": "channel", "period": "month"},
    {"metric": "csat", "by": "staff", "period": "week", "from": "2026-08-01", "to": "2026-09-30"},
    {"metric": "nps", "by": "wave"},
    {"metric": "csat", "by": "team", "wave": "2"},
    {"metric": "nps", "where": ["channel=phone"]},
    {"metric": "csat", "by": "staff", "where": ["channel=phone", "team=客服一组"]},
    {"metric": "ces", "period": "quarter", "to": "2026-12-31"},
]


@pytest.fixture
def answers(session: Session) -> None:
    """Nine answers on the phone (of two people) and two by chat, each with CSAT and NPS."""
    chat = make_channel(session, "chat").id
    for number in range(11):
        staff = make_staff(session, f"e-{number % 2}", name=f"员工{number % 2}")
        values = {"channel_id": chat} if number > 8 else {}
        interaction = make_interaction(session, staff_id=staff.id, team_id=staff.team_id, **values)
        make_response(session, interaction, csat=1 + number % 5, nps=number % 11)
        if number % 3 == 0:
            make_response(session, interaction, wave=2, csat=5)
    session.commit()


def test_a_key_that_sees_all_gets_what_the_command_prints(
    program: Callable[..., Program], runner: FlaskCliRunner, answers: None
) -> None:
    asker = program("scores:read-all")
    for query in ASKED:
        options = [
            part
            for name, values in query.items()
            for value in (values if isinstance(values, list) else [values])
            for part in (f"--{name}", value)
        ]
        printed = runner.invoke(args=["scores", *options, "--format", "json"])
        assert printed.exit_code == 0, printed.output
        # Commands outside a terminal speak the organisation's language.
        answer = asker.call("GET", "/scores", query_string=query, headers={"Accept-Language": "zh"})
        assert answer.status_code == 200
        assert answer.text + "\n" == printed.stdout
        assert answer.json["groups"] or query["metric"] == "ces"


def test_small_groups_are_hidden_from_other_keys(
    program: Callable[..., Program], answers: None
) -> None:
    asked = {"metric": "csat", "by": "channel"}
    all_seen = program("scores:read-all", name="all").get("/scores", **asked).json["groups"]
    some = program("scores:read", name="some").get("/scores", **asked).json["groups"]
    status = {g["key"]["channel"]: g["points"][0]["status"] for g in some}
    assert status == {g["key"]["channel"]: g["points"][0]["status"] for g in all_seen}
    # With the phone's nine shown, the chat's two would follow from the total.
    assert status == {"chat": "too_few", "phone": "too_few"}
    for group in some:
        (point,) = group["points"]
        assert {point[name] for name in ("n", "counts", "value", "low", "high")} == {None}
    for group in all_seen:
        assert group["points"][0]["n"] in (2, 9)


def test_a_key_that_sees_some_cannot_subtract_one_day_from_another(
    program: Callable[..., Program], session: Session
) -> None:
    for day, times in (("2026-09-01", 9), ("2026-09-02", 2), ("2026-09-03", 9)):
        for _number in range(times):
            made = make_interaction(session, day=date.fromisoformat(day))
            make_response(session, made, csat=5)
    session.commit()
    some, everything = program("scores:read", name="some"), program("scores:read-all", name="all")
    for days, n in (({}, 20), ({"to": "2026-09-01"}, None), ({"from": "2026-09-02"}, None)):
        found = some.get("/scores", metric="csat", **days).json
        assert (found["groups"][0]["points"][0]["n"], found["answered"]) == (n, n)
        assert (found["asked"] is None) == (n is None)
        assert everything.get("/scores", metric="csat", **days).json["answered"] > 8


def test_labels_are_in_the_callers_language(program: Callable[..., Program], answers: None) -> None:
    asker = program("scores:read-all")
    labels = {
        language: asker.call(
            "GET", "/scores?metric=nps&by=wave", headers={"Accept-Language": language}
        ).json["groups"][0]["label"]
        for language in ("en", "zh-CN")
    }
    assert labels["en"] == "Right after"
    assert labels["zh-CN"] != labels["en"]


REFUSED: list[tuple[dict[str, Any], str, str | None]] = [
    ({}, "metric", ""),
    ({"metric": "CSAT"}, "metric", "CSAT"),
    ({"metric": "csat", "by": "customer"}, "by", "customer"),
    ({"metric": "csat", "period": "year"}, "period", "year"),
    ({"metric": "csat", "wave": "3"}, "wave", "3"),
    ({"metric": "csat", "wave": "١"}, "wave", "١"),
    ({"metric": "csat", "from": "yesterday"}, "from", "yesterday"),
    ({"metric": "csat", "to": "9999-12-31"}, "to", "9999-12-31"),
    ({"metric": "csat", "from": "2026-09-02", "to": "2026-09-01"}, "from", "2026-09-02"),
    ({"metric": "csat", "where": "phone"}, "where", "phone"),
    ({"metric": "csat", "where": "channel="}, "where", "channel="),
    ({"metric": "csat", "where": "channel=fax"}, "where", "channel=fax"),
    ({"metric": "csat", "where": "channel=\x00"}, "where", "channel=\x00"),
    ({"metric": "csat", "where": "wave=1"}, "where", "wave=1"),
    ({"metric": "csat", "where": ["channel=phone", "channel=chat"]}, "where", None),
    ({"metric": "csat", "wawe": "2"}, "wawe", "2"),
    ({"metric": ["csat", "nps"]}, "metric", "nps"),
]


def test_what_cannot_be_asked_is_refused_by_name(crm: Program, answers: None) -> None:
    for query, field, value in REFUSED:
        error = wrong(crm.get("/scores", **query))
        assert error["field"] == field, query
        assert error["rule"]
        assert value is None or error["value"] == value, query


def test_as_many_points_as_no_memory_holds_are_refused(crm: Program, answers: None) -> None:
    query = {"metric": "csat", "by": "staff", "period": "day", "from": "1900-01-01"}
    error = wrong(crm.get("/scores", **query, to="2199-12-31"))
    assert (error["field"], error["value"]) == ("period", "day")
    assert crm.get("/scores", **query | {"period": "quarter"}, to="2199-12-31").status_code == 200


def test_before_there_is_anything_there_are_no_groups(crm: Program) -> None:
    assert crm.get("/scores", metric="csat").json["groups"] == []
