"""The OpenAPI document is valid, says what there is, and real answers are as it says."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from feedback.accounts.keys import SCOPES
from feedback.integrations.bodies import IGNORED, NESTED, NUMBERED
from feedback.integrations.mail_services import SOURCES
from feedback.integrations.openapi import document
from feedback.interactions.fields import COLUMNS, LIMITS, REQUIRED
from feedback.responses.read_response import PROVENANCES
from tests.factories import CLOSED, make_response
from tests.integrations.conftest import Program, a_report


def complaints(schema: dict[str, Any], instance: Any) -> list[str]:
    """Return what the document's schema has against this."""
    whole = schema | {"components": document()["components"]}
    validator = OAS31Validator(whole, format_checker=OAS31Validator.FORMAT_CHECKER)
    return [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(instance)]


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def outcome(method: str, path: str, status: int) -> dict[str, Any]:
    """Return the schema of one outcome; a status that is not documented is a KeyError."""
    responses = document()["paths"][path][method]["responses"]
    (content,) = responses[str(status)]["content"].values()
    schema: dict[str, Any] = content["schema"]
    return schema


def test_the_document_is_valid_and_shown_to_everybody(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == document()
    assert answer.json["openapi"].startswith("3.1")
    validate(answer.json)


def test_what_is_there_is_documented_and_what_is_documented_is_there(app: Flask) -> None:
    there = {
        (re.sub(r"<(?:[^:>]*:)?([^>]*)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert there == {(path, method) for path, method, _operation in operations()}


def test_each_call_names_its_key_and_its_failures() -> None:
    used = set()
    for path, _method, operation in operations():
        scopes = [scope for one in operation["security"] for scope in one["key"]]
        used |= set(scopes)
        expected = {"500"} if path.endswith("openapi.json") else {"401", "403", "500", "503"}
        assert expected <= operation["responses"].keys()
        assert bool(scopes) == ("401" in operation["responses"])
        for status, response in operation["responses"].items():
            kind = "application/problem+json" if int(status) >= 400 else "application/json"
            assert list(response["content"]) == [kind]
    assert used == set(SCOPES) - {"metrics:write"}


def test_the_models_and_the_rules_of_a_report_agree() -> None:
    schemas = document()["components"]["schemas"]
    report = schemas["InteractionIn"]
    assert report["properties"].keys() == {*COLUMNS, *NESTED, *IGNORED[""]}
    assert set(report["required"]) == set(REQUIRED)
    places = {(column, "InteractionIn", column) for column in COLUMNS} | {
        (column, schema, name)
        for parent, schema in (
            ("customer", "CustomerIn"), ("staff", "StaffIn"), ("custom", "CustomIn"),
        )
        for name, column in NESTED[parent].items()
    }  # fmt: skip
    for parent, schema in (("customer", "CustomerIn"), ("staff", "StaffIn")):
        assert schemas[schema]["properties"].keys() == NESTED[parent].keys() | IGNORED[parent]
        assert schemas[schema]["additionalProperties"] is False
    for column, schema, name in places:
        described = schemas[schema]["properties"][name]
        kinds = described.get("anyOf", [described])
        (text,) = (kind for kind in kinds if kind["type"] == "string")
        assert text.get("maxLength") == LIMITS.get(column), column
        assert any(kind["type"] == "integer" for kind in kinds) == (column in NUMBERED)


def test_the_provenances_in_the_document_are_those_of_the_code() -> None:
    schemas = document()["components"]["schemas"]
    provenance = schemas["ResponseOut"]["properties"]["provenance"]["enum"]
    assert tuple(provenance) == PROVENANCES


def test_every_example_can_be_sent_as_it_stands(crm: Program) -> None:
    sent = 0
    for path, method, operation in operations():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for example in content["examples"].values():
                assert complaints(content["schema"], example["value"]) == []
                own = path.removeprefix("/api/v1").replace("{source}", "mail")
                answer = crm.call("POST", own, json=example["value"])
                assert answer.status_code in (200, 201, 207)
                assert complaints(outcome(method, path, answer.status_code), answer.json) == []
                sent += 1
        for response in operation["responses"].values():
            for content in response["content"].values():
                if "example" in content:
                    assert complaints(content["schema"], content["example"]) == []
    assert sent == 4


def test_real_answers_are_as_documented(
    crm: Program, program: Callable[..., Program], session: Session
) -> None:
    make_response(session, csat=4, nps=9, comment="好")
    make_response(session, csat=1, excluded_at=CLOSED, excluded_because="x")
    session.commit()
    nobody, other = Program(crm.app, "x"), program("metrics:write", name="other")
    some = program("scores:read", name="some")
    number = crm.report(a_report()).json["id"]
    one = "/interactions/{interaction_id}"
    calls = [
        ("post", "/interactions", 200, crm.report(a_report())),
        ("post", "/interactions", 201, crm.report(a_report(external_id="2"))),
        ("post", "/interactions", 207, crm.report([a_report(), {}, a_report(external_id="3")])),
        ("post", "/interactions", 400, crm.post("{")),
        ("post", "/interactions", 401, nobody.report(a_report())),
        ("post", "/interactions", 403, other.report(a_report())),
        ("post", "/interactions", 413, crm.post("x" * 2**23)),
        ("post", "/interactions", 415, crm.post("{}", Content_Type="text/plain")),
        ("post", "/interactions", 422, crm.report(a_report(channel=None, x=1))),
        ("get", one, 200, crm.get(f"/interactions/{number}")),
        ("get", one, 401, nobody.get(f"/interactions/{number}")),
        ("get", one, 403, other.get(f"/interactions/{number}")),
        ("get", one, 404, crm.get("/interactions/999")),
        ("get", "/responses", 200, crm.get("/responses")),
        ("get", "/responses", 200, crm.get("/responses", limit=1)),
        ("get", "/responses", 422, crm.get("/responses", limit=0)),
        ("get", "/responses", 401, nobody.get("/responses")),
        ("get", "/scores", 200, crm.get("/scores", metric="csat", by="staff", period="week")),
        ("get", "/scores", 200, crm.get("/scores", metric="csat", by="staff", rank="1")),
        ("get", "/scores", 200, crm.get("/scores", metric="csat", by="wave")),
        ("get", "/scores", 200, crm.get("/scores", metric="csat")),
        ("get", "/scores", 200, crm.get("/scores", metric="csat", period="month")),
        ("get", "/scores", 200, crm.get("/scores", metric="ces", by="wave")),
        ("get", "/scores", 200, some.get("/scores", metric="csat", by="team")),
        ("get", "/scores", 422, crm.get("/scores")),
        ("get", "/scores", 403, other.get("/scores")),
    ]  # fmt: skip
    for method, path, status, answer in calls:
        assert answer.status_code == status, (method, path, answer.text)
        schema = outcome(method, f"/api/v1{path}", status)
        assert complaints(schema, answer.json) == [], (method, path, status)
        assert answer.headers["Cache-Control"] == "no-store"
        problem = answer.mimetype == "application/problem+json"
        assert problem == (status >= 400)


@pytest.mark.parametrize("status", [500, 503])
def test_our_failures_are_as_documented(
    make_app: Callable[..., Flask], program: Callable[..., Program], status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    asker = program("scores:read")
    app = make_app(TESTING=False)

    def fail(*args: object, **more: object) -> None:
        raise ZeroDivisionError if status == 500 else OperationalError("", {}, OSError("gone"))

    monkeypatch.setattr("feedback.integrations.scores_view.scores", fail)
    answer = Program(app, asker.key).get("/scores", metric="csat")
    assert answer.status_code == status
    assert complaints(outcome("get", "/api/v1/scores", status), answer.json) == []


def test_a_wrong_answer_would_be_found() -> None:
    schema = outcome("post", "/api/v1/interactions", 201)
    assert complaints(schema, {"id": "1", "source": "crm"}) != []
    link = {"id": 1, "source": "s", "external_id": "x", "invitations": [], "link": "/s/…"}
    assert complaints(schema, link) != []


def test_only_the_hooks_that_are_there_are_promised(crm: Program) -> None:
    (operation,) = [one for path, _method, one in operations() if "hooks" in path]
    (source,) = operation["parameters"]
    assert set(source["schema"]["enum"]) == set(SOURCES)
    assert crm.call("POST", "/hooks/fxiaoke", json={}).status_code == 404
