"""Programs that come in by a key."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.accounts.keys import SCOPES, make_key
from tests.conftest import Time


@dataclass
class Program:
    """Another system with a key of ours; each call is a client of its own, as from elsewhere."""

    app: Flask
    key: str

    def call(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}", "Accept-Language": "en"}
        headers |= more.pop("headers", {})
        client = self.app.test_client()
        return client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.call("GET", path, query_string=query)

    def report(self, body: Any, **headers: str) -> TestResponse:
        return self.post(json.dumps(body), **headers)

    def post(self, data: str | bytes, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"Content-Type": "application/json"} | named
        return self.call("POST", "/interactions", data=data, headers=named)


@pytest.fixture
def program(app: Flask, session: Session, time: Time) -> Callable[..., Program]:
    """Make a program whose key has these scopes; without any, all of them."""

    def make(*scopes: str, name: str = "crm") -> Program:
        key = make_key(session, name, scopes or SCOPES, time.now)
        session.commit()
        return Program(app, key)

    return make


@pytest.fixture
def crm(program: Callable[..., Program]) -> Program:
    """A program that may do everything."""
    return program()


def a_report(**values: Any) -> dict[str, Any]:
    """Return a body that is taken as it stands, changed by the values."""
    return {
        "source": "crm",
        "external_id": "GD-1042",
        "channel": "phone",
        "closed_at": "2026-09-02T09:30:00+08:00",
        "customer": {"external_id": "c-77", "name": "王伟", "email": "wangwei@example.cn"},
        "staff": {"external_id": "e-1001", "name": "李静", "email": "lijing@example.cn"},
        "team": "客服一组",
    } | values


def wrong(answer: TestResponse) -> dict[str, Any]:
    """Return what is wrong with the one field a call was refused for."""
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    (error,) = answer.json["errors"]
    assert error["field"] in answer.json["detail"]
    return error
