"""`flask user` and `flask key`: right use, wrong use, and what is printed where."""

import json

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.accounts.keys import find_key, scopes_of
from feedback.accounts.models import User
from feedback.accounts.passwords import is_right
from tests.factories import make_staff, make_user


def test_a_user_is_added_with_a_password(runner: FlaskCliRunner, session: Session) -> None:
    make_staff(session, "e-1007", name="李静")
    session.commit()
    result = runner.invoke(
        args=["user", "add", "Lead@Example.cn", "--role", "lead", "--staff", "e-1007",
              "--password-stdin"],
        input="a long walk home\n",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    user = session.scalars(sa.select(User)).one()
    assert (user.email, user.role, user.name) == ("lead@example.cn", "lead", "李静")
    assert is_right(user.password_hash, "a long walk home")


def test_without_a_password_a_link_to_set_one_is_printed(
    runner: FlaskCliRunner, app: Flask
) -> None:
    result = runner.invoke(args=["user", "add", "m@example.cn", "--role", "manager"])
    assert result.exit_code == 0, result.output
    link = result.stdout.strip()
    assert link.startswith("https://fb.example.cn/password/")
    page = app.test_client().get(link.removeprefix("https://fb.example.cn"))
    assert page.status_code == 200
    assert "m@example.cn" in page.text


@pytest.mark.parametrize(
    ("args", "typed"),
    [
        (["nobody", "--role", "staff"], None),
        (["b@example.cn"], None),
        (["b@example.cn", "--role", "king"], None),
        (["a@example.cn", "--role", "staff"], None),
        (["A@EXAMPLE.CN", "--role", "staff"], None),
        (["b@example.cn", "--role", "staff", "--staff", "e-404"], None),
        (["b@example.cn", "--role", "staff", "--staff", "李静"], None),
        (["b@example.cn", "--role", "staff", "--staff", "e-3"], None),
        (["b@example.cn", "--role", "staff", "--password-stdin"], "short\n"),
        (["b@example.cn", "--role", "staff", "--password-stdin"], "1234567890\n"),
        (["b@example.cn", "--role", "staff", "--password-stdin"], ""),
    ],
)
def test_wrong_use_of_user_add_ends_with_2_and_adds_nobody(
    args: list[str], typed: str | None, runner: FlaskCliRunner, session: Session
) -> None:
    make_staff(session, "e-1")
    make_staff(session, "e-2")
    taken = make_staff(session, "e-3", name="王伟")
    make_user(session, "staff", email="a@example.cn", staff_id=taken.id)
    session.commit()
    result = runner.invoke(args=["user", "add", *args], input=typed)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Error" in result.stderr
    assert session.scalars(sa.select(User.email)).all() == ["a@example.cn"]


def test_users_are_listed(runner: FlaskCliRunner, session: Session) -> None:
    make_user(session, "admin", email="a@example.cn")
    session.commit()
    result = runner.invoke(args=["user", "list", "--format", "json"])
    assert json.loads(result.stdout)["users"] == [
        {"email": "a@example.cn", "role": "admin", "staff": None, "last_sign_in": None,
         "left": False},
    ]  # fmt: skip
    assert "a@example.cn" in runner.invoke(args=["user", "list"]).stdout


def test_a_key_is_printed_once_alone_on_standard_output(
    runner: FlaskCliRunner, session: Session
) -> None:
    result = runner.invoke(
        args=["key", "add", "crm", "--scope", "interactions:write", "--scope", "scores:read"]
    )
    assert result.exit_code == 0, result.output
    text = result.stdout.removesuffix("\n")
    assert "\n" not in text
    key = find_key(session, text)
    assert key is not None
    assert scopes_of(key) == {"interactions:write", "scores:read"}
    session.commit()
    listed = runner.invoke(args=["key", "list", "--format", "json"])
    assert text not in listed.stdout
    assert json.loads(listed.stdout)["keys"][0]["name"] == "crm"


@pytest.mark.parametrize(
    "args",
    [
        ["add", "x"], ["add", "x", "--scope", "everything"], ["add", "", "--scope", "scores:read"],
        ["add", "crm", "--scope", "scores:read"], ["add", "x" * 121, "--scope", "scores:read"],
        ["revoke", "unknown"],
    ],
)  # fmt: skip
def test_wrong_use_of_key_ends_with_2(args: list[str], runner: FlaskCliRunner) -> None:
    runner.invoke(args=["key", "add", "crm", "--scope", "scores:read"])
    result = runner.invoke(args=["key", *args])
    assert result.exit_code == 2
    assert result.stdout == ""


def test_a_revoked_key_opens_nothing(runner: FlaskCliRunner, session: Session) -> None:
    text = runner.invoke(args=["key", "add", "crm", "--scope", "scores:read"]).stdout.strip()
    assert runner.invoke(args=["key", "revoke", "crm"]).exit_code == 0
    assert find_key(session, text) is None
    session.commit()
    assert "crm" in runner.invoke(args=["key", "list"]).stdout
