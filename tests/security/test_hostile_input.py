"""Whatever is sent to whichever page, on both databases: it is refused or taken, and never fails.

The long run is `python -m bench.attacks inputs`.
"""

import gzip
import io
import random
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.responses.models import Response
from tests.browser.test_pages import PAGES
from tests.conftest import Time
from tests.responses.stories import count, hidden, invited, link, said
from tests.security.fuzz import VALUES, addresses, as_somebody, body, forms, queries


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """Failures are answers here, as they are in use."""
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = False
    return app


@pytest.fixture
def admin(session: Session, places: dict[str, object]) -> User:
    return session.scalars(sa.select(User).where(User.role == "admin")).one()


def failing(client: FlaskClient, paths: Any) -> list[str]:
    wrong = []
    for path in paths:
        for method in ("GET", "POST"):
            if (status := client.open(path, method=method).status_code) >= 500:
                wrong.append(f"{method} {path[:150]}: {status}")
    return wrong


def test_no_address_makes_a_page_fail(app: Flask, session: Session, admin: User) -> None:
    assert failing(as_somebody(app, session, admin), addresses(app)) == []


def test_no_query_makes_a_page_fail(
    app: Flask,
    session: Session,
    admin: User,
    places: dict[str, object],
) -> None:
    dice = random.Random(1)  # noqa: S311
    client = as_somebody(app, session, admin)
    asked = dice.sample(list(queries(places, dice, 1)), 700)
    wrong = [path[:150] for path in asked if client.get(path).status_code >= 500]
    assert wrong == []


def test_no_form_makes_a_page_fail(
    app: Flask,
    session: Session,
    admin: User,
    places: dict[str, object],
) -> None:
    dice, wrong, sent = random.Random(2), [], 0  # noqa: S311
    client = as_somebody(app, session, admin)
    pages = [path.format(**places) for path in PAGES["admin"] + PAGES["manager"] + PAGES["staff"]]
    for action, fields in list(forms(client, pages)):
        if action.startswith(("/sign-out", "/account/sign-ins")):
            continue
        for name in fields:
            value = dice.choice(VALUES)
            answer = as_somebody(app, session, admin).post(
                action, data=body(fields, name, value),
                content_type="application/x-www-form-urlencoded",
            )  # fmt: skip
            sent += 1
            if answer.status_code >= 500:
                wrong.append(f"{action} {name}={value[:60]}: {answer.status_code}")
    assert sent > 100
    assert wrong == []


def test_the_look_bites_where_a_page_fails(
    app: Flask,
    session: Session,
    admin: User,
    places: dict[str, object],
) -> None:
    """The planted hole: a page that puts what it is given into a number."""
    app.view_functions["status.page"] = lambda: str(int(request.args.get("from", "1")))
    client = as_somebody(app, session, admin)
    asked = [f"/admin/status?from={value}" for value in VALUES]
    assert [path for path in asked if client.get(path).status_code >= 500]


# What is sent, how, and what must come of it on both databases.
BODIES: dict[str, tuple[dict[str, Any], set[int]]] = {
    "a NUL": ({"comment": "a\x00b"}, {303}),
    "marks of direction": ({"comment": "\u202ea\u2066b"}, {303}),
    "a family": ({"comment": "👨\u200d👩\u200d👧" * 30}, {303}),
    "combining marks": ({"comment": "e" + "\u0301" * 900}, {303}),
    "too many characters": ({"comment": "服" * 5000}, {303, 422}),
    "an Arabic digit": ({"csat": "٣"}, {422}),
    "an underscore": ({"csat": "0_5"}, {422}),
    "spaces": ({"csat": " 5 "}, {422}),
    "an exponent": ({"csat": "5e0"}, {422}),
    "a plus": ({"csat": "+5"}, {422}),
    "a full-width digit": ({"csat": "５"}, {422}),
    "five thousand digits": ({"csat": "5" * 5000}, {422}),
    "off the scale": ({"csat": "6"}, {422}),
    "less than nothing": ({"csat": "-1"}, {422}),
    "an unknown field": ({"role": "admin", "staff_id": "1", "weight": "9"}, {303}),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_customers_answer_is_taken_or_refused_alike_on_both(
    app: Flask, session: Session, client: FlaskClient, time: Time, name: str
) -> None:
    given, statuses = BODIES[name]
    invitation = invited(app, session)
    path = link(app, invitation)
    page = hidden(client.get(path).text)
    answer = client.post(path, data=page | {"csat": "4"} | given)
    assert answer.status_code in statuses
    assert count(session, Response) == (answer.status_code == 303)
    if answer.status_code == 303:
        assert "\x00" not in str(said(session, invitation))


def raw(name: str, page: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """Return a body as no browser writes it, and its headers."""
    form = "application/x-www-form-urlencoded"
    plain = f"nonce={page['nonce']}&csat=4".encode()
    bodies: dict[str, tuple[bytes, dict[str, str]]] = {
        "broken UTF-8": (plain + b"&comment=%C0%AF%FF", {"Content-Type": form}),
        "half a pair": (plain + b"&comment=%ED%A0%80", {"Content-Type": form}),
        "sixty thousand fields": (plain + b"&a=1" * 60_000, {"Content-Type": form}),
        "twenty megabytes": (plain + b"&comment=" + b"a" * 20_000_000, {"Content-Type": form}),
        "packed": (gzip.compress(plain), {"Content-Type": form, "Content-Encoding": "gzip"}),
        "JSON": (b'{"csat": 4}', {"Content-Type": "application/json"}),
        "no kind": (plain, {}),
        "nothing": (b"", {"Content-Type": form}),
        "five thousand parts": (
            b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
                     for _ in range(5000)) + b"--x--\r\n",
            {"Content-Type": "multipart/form-data; boundary=x"},
        ),
        "no boundary": (plain, {"Content-Type": "multipart/form-data"}),
        "a part without an end": (
            b'--x\r\nContent-Disposition: form-data; name="csat"\r\n\r\n4',
            {"Content-Type": "multipart/form-data; boundary=x"},
        ),
    }  # fmt: skip
    return bodies[name]


@pytest.mark.parametrize(
    ("name", "statuses"),
    [("broken UTF-8", {303}), ("half a pair", {303}), ("sixty thousand fields", {413, 422}),
     ("twenty megabytes", {413}), ("packed", {422, 415}), ("JSON", {422}), ("no kind", {422}),
     ("nothing", {422}), ("five thousand parts", {413}), ("no boundary", {422, 400}),
     ("a part without an end", {422, 400})],
)  # fmt: skip
def test_a_body_no_browser_writes_is_never_a_failure(
    app: Flask, session: Session, client: FlaskClient, time: Time, name: str, statuses: set[int]
) -> None:
    path = link(app, invited(app, session))
    content, headers = raw(name, hidden(client.get(path).text))
    answer = client.open(path, method="POST", input_stream=io.BytesIO(content),
                         headers=headers | {"Content-Length": str(len(content))})  # fmt: skip
    assert answer.status_code in statuses
    assert count(session, Response) == (answer.status_code == 303)
