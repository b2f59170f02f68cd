"""Signing in leads nowhere but to this site."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.destinations import safe_destination
from feedback.accounts.passwords import hash_password
from tests.factories import make_user

SAFE = (
    "/",
    "/me",
    "/reports?by=channel&period=month",
    "/reports?q=%E6%9D%8E%E9%9D%99#comments",
    "/staff/7?from=2026-01-01",
    "/me?next=//evil.example",
    "/报表",
)
UNSAFE = (
    "", " ", "me", "./me", "../me", "//", "//evil.example", "///evil.example", "////evil.example",
    "//evil.example/%2f..", "/\\evil.example", "\\\\evil.example", "/\\/evil.example",
    "\\/\\/evil.example", "/\t/evil.example", "/\n/evil.example", "/\r/evil.example",
    "\t//evil.example", "\n//evil.example", " //evil.example", "/ /evil.example", "\x00//evil",
    "/\x00/evil.example", "/\x0b/evil.example", "/\x1f/evil.example", "/\x7f/evil.example",
    "/\u2028/evil.example", "/\u00a0/evil.example", "/\u200b/evil.example", "/\ufeff/evil.example",
    "http://evil.example", "https://evil.example", "HTTPS://evil.example", "https:evil.example",
    "https:/evil.example", "http:///evil.example", "http:\\\\evil.example", "ftp://evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd", "mailto:a@b.c",
    "evil.example", "evil.example/me", "@evil.example", ":@evil.example", ".evil.example",
    "?next=//evil.example", "#//evil.example", "/me//evil.example", "/..//evil.example",
    "/.//evil.example", "/me\r\nSet-Cookie: a=b", "/me\nLocation: https://evil.example",
    "/%0a\\evil.example", "／／evil.example", "https://fb.example.cn@evil.example",
    "https://fb.example.cn.evil.example", "/" + "a" * 2000,
)  # fmt: skip


@pytest.mark.parametrize("text", SAFE)
def test_a_page_of_this_site_is_a_destination(text: str) -> None:
    assert safe_destination(text) == text


@pytest.mark.parametrize("text", UNSAFE)
def test_whatever_could_lead_away_is_none(text: str) -> None:
    assert safe_destination(text) is None


def test_no_destination_is_none() -> None:
    assert safe_destination(None) is None


def test_signing_in_with_a_bad_destination_leads_to_the_first_page(
    client: FlaskClient, session: Session
) -> None:
    make_user(session, "manager", email="m@example.cn", password_hash=hash_password("right one 1"))
    session.commit()
    client.application.config["WTF_CSRF_ENABLED"] = False
    for text in ("//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"):
        form = {"email": "m@example.cn", "password": "right one 1", "next": text}
        answer = client.post("/sign-in", data=form)
        assert (answer.status_code, answer.location) == (303, "/reports")
        # Somebody signed in already is led no further astray.
        answer = client.get("/sign-in", query_string={"next": text})
        assert (answer.status_code, answer.location) == (302, "/reports")
        client.post("/sign-out")
