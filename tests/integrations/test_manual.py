"""docs/api.md says what is so: its calls run, and no answer gives a customer's link away."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback import work
from feedback.accounts.keys import SCOPES
from feedback.invitations.models import Invitation
from feedback.links import survey_token
from tests.conftest import Time
from tests.factories import make_interaction, make_response
from tests.integrations.conftest import Program, a_report
from tests.integrations.test_openapi import complaints, document, outcome

MANUAL = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SECRET = re.compile(r"[A-Za-z0-9_-]{22,}")


def blocks(language: str) -> Iterator[str]:
    yield from re.findall(rf"```{language}\n(.*?)```", MANUAL, re.DOTALL)


def run(program: Program, command: str) -> Any:
    """Do what curl would, as far as the manual uses it."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words.pop(0) == "curl"
    method, headers, data, path = "GET", {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, value = words.pop(0).split(": ", 1)
            headers[name] = value.replace("$KEY", program.key)
        elif word == "-d":
            data = words.pop(0).encode()
        else:
            path = word.removeprefix("$URL/api/v1")
    return program.call(method, path, headers=headers, data=data)


def test_every_call_of_the_manual_runs(crm: Program, session: Session, time: Time) -> None:
    commands = [block for block in blocks("sh") if block.startswith("curl")]
    assert len(commands) == 6
    time.forward(days=60)
    answers = [run(crm, command) for command in commands]
    assert [answer.status_code for answer in answers] == [201, 207, 200, 200, 200, 200]
    taken, listed = answers[0].json, answers[1].json
    assert [row["status"] for row in listed] == [200, 422]
    shown = [json.loads(block) for block in blocks("json")]
    assert taken["invitations"][0].keys() == shown[0]["invitations"][0].keys()
    assert taken["invitations"][0]["withheld_because"] == "too_old"
    assert listed[1] == shown[1][1]


def test_the_answers_in_the_manual_are_as_documented() -> None:
    taken, listed, responses = (json.loads(block) for block in blocks("json"))
    report = "/api/v1/interactions"
    assert complaints(outcome("post", report, 201), taken) == []
    assert complaints(outcome("post", report, 207), listed) == []
    assert complaints(outcome("get", "/api/v1/responses", 200), responses) == []


def test_the_manual_names_every_call_status_and_scope() -> None:
    for path, methods in document()["paths"].items():
        assert path.replace("/{interaction_id}", "").replace("{source}", "mail") in MANUAL
        for operation in methods.values():
            for status in operation["responses"]:
                assert status in MANUAL
    for scope in SCOPES:
        assert f"`{scope}`" in MANUAL


def test_no_answer_holds_a_link_or_anything_like_a_secret(
    crm: Program, session: Session, time: Time
) -> None:
    reported = [
        crm.report(a_report(external_id=f"t-{n}", customer={"email": f"c{n}@example.cn"}))
        for n in range(3)
    ]
    done = work.work_until_idle(crm.app, now=time.now, worker="one")
    assert done.sent == 3
    make_response(session, make_interaction(session), csat=2, nps=3, comment="慢")
    session.commit()
    answers = [
        *reported,
        crm.report([a_report(external_id="t-1"), {}]),
        *(crm.get(f"/interactions/{answer.json['id']}") for answer in reported),
        crm.get("/responses"),
        crm.get("/responses", limit=1),
        crm.get("/scores", metric="csat", by="staff"),
        crm.get("/openapi.json"),
        crm.report({}),
    ]
    with crm.app.app_context():
        tokens = [survey_token(id_) for id_ in session.scalars(sa.select(Invitation.id))]
    assert "invited" in answers[4].text
    for answer in answers:
        assert "/s/" not in answer.text
        assert not [token for token in tokens if token in answer.text]
        assert SECRET.findall(answer.text) == []


@pytest.mark.parametrize("name", ["order_no", "customer.company", "recording_url"])
def test_what_the_manual_calls_accepted_is(crm: Program, name: str) -> None:
    assert f"`{name}`" in MANUAL
    parent, _dot, child = name.rpartition(".")
    body = a_report()
    (body[parent] if parent else body)[child] = "x"
    assert crm.report(body).status_code == 201
