"""Every answer of every route carries its rules for browsers, caches and crawlers."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories import sign_in
from tests.sites import ROOT
from tests.test_sight_matrix import World, address_of

# What a browser may keep, each for a reason told beside its header.
KEPT = ("static", "brand_files.colours", "brand_files.picture", "charts.")
# Pictures of pages bring their styles, and nothing in them runs.
FRAMED = ("brands.preview", "preview.", "charts.")


def wrong_with(endpoint: str, answer: TestResponse, *, encrypted: bool) -> Iterator[str]:
    found = answer.headers
    policy = found.get("Content-Security-Policy", "")
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";") if rule.strip()}
    scripts = rules.get("script-src", rules.get("default-src", ["missing"]))
    if not {"missing", "'unsafe-inline'", "'unsafe-eval'", "*", "https:"}.isdisjoint(scripts):
        yield f"scripts from {scripts}"
    if "'unsafe-inline'" in rules.get("style-src", []) and not endpoint.startswith(FRAMED):
        yield "styles from anywhere"
    if rules.get("frame-ancestors") not in (["'none'"], ["'self'"]):
        yield "frames"
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    for name, value in expected.items():
        if found.get(name) != value:
            yield f"{name}: {found.get(name)}"
    if ("max-age=31536000" in found.get("Strict-Transport-Security", "")) is not encrypted:
        yield f"HSTS: {found.get('Strict-Transport-Security')}"
    if not endpoint.startswith(KEPT) and found.get("Cache-Control") != "no-store":
        yield f"Cache-Control: {found.get('Cache-Control')}"
    if [name for name, _ in found if name.startswith("Access-Control-")]:
        yield "other origins are let in"
    if (
        found.get("Content-Type", "").startswith("text/")
        and "charset=utf-8" not in found["Content-Type"]
    ):
        yield f"Content-Type: {found['Content-Type']}"
    for cookie in found.getlist("Set-Cookie"):
        parts = {part.strip().partition("=")[0] for part in cookie.split(";")}
        if not {"HttpOnly", "SameSite", "Path"} <= parts or ("Secure" in parts) is not encrypted:
            yield f"cookie {cookie.partition('=')[0]}: {sorted(parts)}"
        if encrypted and not cookie.startswith("__Host-"):
            yield f"cookie {cookie.partition('=')[0]}"


def swept(app: Flask, session: Session, world: World, *, encrypted: bool) -> list[str]:
    app.config["WTF_CSRF_ENABLED"] = False
    wrong = []
    for role in (None, "admin"):
        for rule in app.url_map.iter_rules():
            number = world.staff["own"] if list(rule.arguments) == ["staff_id"] else None
            for method in ("GET", "POST", "TRACE", "OPTIONS"):
                client = app.test_client()
                if role:
                    sign_in(client, session, world.users[role])
                with client.open(
                    address_of(app, rule, world, number), method=method,
                    headers={"Origin": "https://evil.example"},
                ) as answer:  # fmt: skip
                    found = list(wrong_with(rule.endpoint, answer, encrypted=encrypted))
                    status = answer.status_code
                wrong += [f"{method} {rule.endpoint} {status}: {one}" for one in found]
    return wrong


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """SQLite only: no header depends on the database."""
    path = tmp_path / "feedback.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


def test_every_answer_carries_its_headers(app: Flask, session: Session, world: World) -> None:
    assert swept(app, session, world, encrypted=True) == []


def test_without_encryption_nobody_is_told_to_come_encrypted(
    make_app: Callable[..., Flask], session: Session, world: World
) -> None:
    app = make_app(PUBLIC_URL="http://127.0.0.1:8000")
    client = app.test_client()
    for page in ("/sign-in", "/s/x", "/nowhere", "/static/style.css"):
        with client.get(page) as answer:
            endpoint = "static" if page.startswith("/static") else "page"
            assert list(wrong_with(endpoint, answer, encrypted=False)) == []


def test_the_sweep_bites_where_one_header_is_gone(
    app: Flask, session: Session, world: World
) -> None:
    """The planted hole: one page forgets, another lets scripts in."""
    whole = app.view_functions["health.healthz"]

    def forgetful() -> object:
        answer = app.make_response(whole())
        answer.headers["Cache-Control"] = "public"
        answer.headers["Content-Security-Policy"] = "script-src 'unsafe-inline'"
        return answer

    app.view_functions["health.healthz"] = forgetful
    found = swept(app, session, world, encrypted=True)
    assert {one.partition(": ")[2].partition(" ")[0] for one in found} == {
        "scripts", "frames", "Cache-Control:",
    }  # fmt: skip


def test_no_page_of_ours_writes_scripts_or_styles_into_itself() -> None:
    wrong = []
    for path in ROOT.glob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        if "mail" in path.parts:
            continue
        for mark in ("|safe", "| safe", " onclick=", " onload=", "javascript:", "autoescape false"):
            if mark in text:
                wrong.append(f"{path.name}: {mark}")
    assert wrong == []
