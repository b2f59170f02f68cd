"""What the tests of signing in do again and again."""

import re
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from feedback.accounts.models import AuditEntry, User
from feedback.accounts.passwords import hash_password
from tests.factories import make_user

PASSWORD = "a long walk home"


def make_person(session: Session, role: str = "manager", **values: Any) -> User:
    """Make 李静, who has a password; commits the session."""
    values = {"email": "lijing@example.cn", "password_hash": hash_password(PASSWORD)} | values
    user = make_user(session, role, **values)
    session.commit()
    return user


def token(client: FlaskClient, address: str = "/sign-in") -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)
    assert found
    return found[1]


def post(client: FlaskClient, address: str, page: str = "/account", **form: Any) -> TestResponse:
    """Send a form as somebody does who has that page before them."""
    return client.post(address, data={"csrf_token": token(client, page)} | form)


def try_it(
    client: FlaskClient, email: str = "lijing@example.cn", password: str = PASSWORD, **more: str
) -> TestResponse:
    return post(client, "/sign-in", "/sign-in", email=email, password=password, **more)


def hidden(page: TestResponse) -> dict[str, str]:
    """Return the hidden fields of the one form in the page's middle."""
    main = page.text.partition("<main")[2]
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main)
    return dict(pairs)


def actions(session: Session) -> list[str]:
    """Return what was done, by the audit log."""
    session.commit()
    found = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.number)).all()
    session.commit()
    return list(found)


def address_of(app: Flask, rule: Rule) -> str:
    """Return some address of a route, whether or not there is anything at it."""
    named = {"what": "page", "digits": "0d5c63", "day": "2026-10-01", "filename": "style.css"}
    parts: dict[str, Any] = {name: named.get(name, 1) for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **parts)
