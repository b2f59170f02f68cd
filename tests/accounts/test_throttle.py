"""Guessing is slowed down to a few real checks a minute, and nobody else is locked out by it."""

import random
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts import throttle
from feedback.accounts.models import User
from tests.accounts.doors import make_person, token, try_it
from tests.conftest import Time

OFFICE = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def user(session: Session) -> User:
    return make_person(session)


@pytest.fixture
def weighed(monkeypatch: pytest.MonkeyPatch, time: Time) -> list[object]:
    """The moments at which a password was really compared; none of them is right."""
    moments: list[object] = []

    def compare(kept: str | None, given: str) -> bool:
        moments.append(time.now)
        return False

    monkeypatch.setattr("feedback.accounts.views.is_right", compare)
    return moments


def most_in_a_minute(moments: list[object]) -> int:
    return max(sum(0 <= (other - one).total_seconds() < 60 for other in moments)  # type: ignore[operator]
               for one in moments)  # fmt: skip


def test_a_thousand_tries_get_ten_checks_a_minute(session: Session, time: Time) -> None:
    """As the page does it, without the page: ten tries a second, from one network, for all."""
    checked: list[object] = []
    for number in range(1000):
        limits = throttle.limits_of(f"p{number}@example.cn", "203.0.113.7")
        tries = throttle.note_try(session, limits, time.now)
        if throttle.must_wait(session, limits, time.now) is None:
            checked.append(time.now)
        else:
            throttle.take_back(session, tries)
        time.forward(seconds=0.1)
    assert most_in_a_minute(checked) == 10
    assert len(checked) == 20


def send(client: FlaskClient, form: dict[str, str], **environment: str) -> int:
    return client.post("/sign-in", data=form, environ_overrides=environment).status_code


def test_hundreds_of_tries_at_one_account_from_everywhere(
    client: FlaskClient, user: User, weighed: list[object], time: Time
) -> None:
    form = {"email": user.email, "password": "x", "csrf_token": token(client)}
    dice = random.Random(1)  # noqa: S311 — made up, not guessed at.
    for _ in range(200):
        address = f"{dice.randrange(1, 224)}.{dice.randrange(256)}.{dice.randrange(256)}.1"
        send(client, form, REMOTE_ADDR=address)
        time.forward(seconds=3)
    assert 0 < len(weighed) <= 10
    assert most_in_a_minute(weighed) <= 10


def test_hundreds_of_tries_at_all_accounts_from_one_network(
    client: FlaskClient, user: User, weighed: list[object], time: Time
) -> None:
    form = {"password": "x", "csrf_token": token(client)}
    for number in range(200):
        address = f"203.0.113.{number % 254 + 1}"
        send(client, form | {"email": f"p{number}@example.cn"}, REMOTE_ADDR=address)
        time.forward(seconds=3)
    assert most_in_a_minute(weighed) == 10
    assert len(weighed) <= 31


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_forged_forwarding_header_hides_nobody(
    proxies: int, make_app: Callable[..., Flask], user: User, weighed: list[object]
) -> None:
    client = make_app(PROXIES=proxies).test_client()
    form = {"password": "x", "csrf_token": token(client)}
    dice = random.Random(2)  # noqa: S311 — made up, not guessed at.
    for number in range(200):
        forged = f"{dice.randrange(1, 224)}.{dice.randrange(256)}.0.1"
        # Our own proxy, where there is one, adds whom it heard this from, at the end.
        chain = f"{forged}, 203.0.113.9" if proxies else forged
        client.post(
            "/sign-in",
            data=form | {"email": f"p{number}@example.cn"},
            headers={"X-Forwarded-For": chain, "Forwarded": f"for={forged}", "X-Real-IP": forged},
            environ_overrides={"REMOTE_ADDR": "10.0.0.1" if proxies else "203.0.113.9"},
        )
    assert len(weighed) == 10


def test_an_office_behind_one_address_is_not_locked_out_by_one_in_it(
    app: Flask, user: User, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has signed in from their browser before comes in, however many others guess."""
    mine, theirs = app.test_client(), app.test_client()
    mine.environ_base |= OFFICE
    assert try_it(mine).status_code == 303
    mine.post("/sign-out", data={"csrf_token": token(mine, "/account")})
    form = {"password": "x", "csrf_token": token(theirs)}
    right = "feedback.accounts.views.is_right"
    with monkeypatch.context() as patch:
        patch.setattr(right, lambda kept, given: False)
        for number in range(60):
            send(theirs, form | {"email": f"p{number}@example.cn"}, **OFFICE)
            send(theirs, form | {"email": user.email}, **OFFICE)
            time.forward(seconds=10)
    assert send(theirs, form | {"email": user.email}, **OFFICE) == 429
    assert try_it(mine).status_code == 303
    # And whoever is new there, once the guessing has stopped for a while.
    time.forward(minutes=15)
    new = app.test_client()
    new.environ_base |= OFFICE
    assert try_it(new).status_code == 303


def test_a_known_browser_guesses_no_more_than_others(
    client: FlaskClient, user: User, weighed: list[object], time: Time
) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    with client.session_transaction():
        pass
    throttled = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("feedback.accounts.views.is_right", lambda kept, given: True)
        assert send(client, {"email": user.email, "password": "x"}) == 303
    client.post("/sign-out")
    for _ in range(20):
        throttled.append(send(client, {"email": user.email, "password": "x"}))
    assert throttled == [422] * 5 + [429] * 15
    assert len(weighed) == 5


def test_a_browser_is_known_only_to_the_accounts_it_was_signed_in_to(
    client: FlaskClient, session: Session, user: User, weighed: list[object], time: Time
) -> None:
    make_person(session, "staff", email="wang@example.cn")
    client.application.config["WTF_CSRF_ENABLED"] = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("feedback.accounts.views.is_right", lambda kept, given: True)
        send(client, {"email": user.email, "password": "x"})
    client.post("/sign-out")
    for number in range(20):
        send(client, {"email": f"p{number}@example.cn", "password": "x"})
    # The network's limit, as for any other browser.
    assert len(weighed) == 10
    assert send(client, {"email": "wang@example.cn", "password": "x"}) == 429
    assert send(client, {"email": user.email, "password": "x"}) == 422


def test_the_known_browsers_cookie_lets_nobody_in_and_names_nobody(
    client: FlaskClient, user: User
) -> None:
    try_it(client)
    cookie = client.get_cookie("__Host-afterword-known")
    assert cookie is not None
    assert "lijing" not in cookie.value
    client.delete_cookie("__Host-afterword")
    assert client.get("/account").status_code == 302
    client.set_cookie("__Host-afterword", cookie.value)
    assert client.get("/account").status_code == 302


def test_a_forged_known_browser_is_none(
    client: FlaskClient, user: User, weighed: list[object]
) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    for number in range(20):
        client.set_cookie("__Host-afterword-known", f"forged{number}.x.y")
        send(client, {"email": user.email, "password": "x"})
    assert len(weighed) == 5


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.200", "203.0.113.0/24"),
        ("::ffff:203.0.113.200", "203.0.113.0/24"),
        ("2001:db8:1:2345::1", "2001:db8:1:2300::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("no address", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_address_counts_with_its_network(address: str | None, network: str) -> None:
    assert throttle.network_of(address) == network
