"""Sends to every page what no page of ours would send: in addresses, in queries and in forms."""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from tests.browser.test_pages import PAGES
from tests.factories import sign_in
from tests.security.zoo import Reader

ROOT = Path(__file__).parent.parent.parent

# As they stand in an address or in a form, already quoted.
VALUES = (
    "%00", "a%00b", "%ED%A0%80", "%FF%FE", "%C0%AF", "%F0%9F%98%80", "%E2%80%AE", "%0D%0AX%3A1",
    "9" * 30, "9" * 5000, "-1", "0", "2147483648", "9223372036854775808", "1e9", "1_0", "%D9%A3",
    "NaN", "Infinity", "-0", "0x10", "2026-13-45", "9999-12-31", "0001-01-01", "10000-01-01",
    "2026-02-30", "2026-10-01T25%3A00", "%27%20OR%201%3D1--",
    "%27%3BDROP%20TABLE%20answer--", "..%2F..%2Fetc%2Fpasswd",
    "%7B%7B7*7%7D%7D", "%25s%25n", "a" * 5000, "%E6%9C%8D" * 3000, "e%CC%81" * 500, "", "%20",
    "%09", "%EF%BB%BF1", "true", "null", "[]", "%7B%7D", "all%3A0", "staff%3A9999999999999999999",
    ":", "csat",
)  # fmt: skip
# Beyond what the columns and the databases' numbers hold.
NUMBERS = ("0", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "9" * 40)
_TEXTS = ("%00", "%FF", "a%00b", "..%2F..%2Fwsgi.py", "%F0%9F%98%80", "x" * 3000)
_PLACES = (
    "/%00", "/%FF", "//evil.example/", "/..%2f..%2fetc%2fpasswd", "/static/..%2f..%2fwsgi.py",
    "/static/%00", "/static/../wsgi.py", "/.git/config", "/console", "/?%00=%00",
)  # fmt: skip
_NAMES = re.compile(r'\bname="([a-z_A-Z.]+)"')
_ASKED = re.compile(r'request\.args(?:\.get)?[\[(]"([a-z_]+)"')


def names_of_queries() -> list[str]:
    """Return every name a page of ours might look for in a query."""
    found = set()
    for path in (*ROOT.glob("templates/**/*.html"), *ROOT.glob("feedback/**/*.py")):
        text = path.read_text(encoding="utf-8")
        found |= set(_NAMES.findall(text)) | set(_ASKED.findall(text))
    found |= {"from", "to", "metric", "channel", "staff", "team", "touchpoint", "segment", "before"}
    return sorted(found - {"csrf_token"})


def as_somebody(app: Flask, session: Session, user: User | None) -> FlaskClient:
    client = app.test_client()
    if user is not None:
        sign_in(client, session, user)
    return client


def addresses(app: Flask) -> Iterator[str]:
    """Yield each route with numbers and texts in it that no link of ours has."""
    for rule in app.url_map.iter_rules():
        if not rule.arguments:
            continue
        for value in (*NUMBERS, *_TEXTS):
            yield re.sub(r"<[^>]+>", value, rule.rule)
    yield from _PLACES


def queries(places: dict[str, object], dice: random.Random, each: int) -> Iterator[str]:
    """Yield each page with one hostile value for each name, so many times."""
    names = names_of_queries()
    for who in PAGES:
        for path in dict.fromkeys(one.partition("?")[0] for one in PAGES[who]):
            place = path.format(**places)
            for name in names:
                for value in dice.sample(VALUES, each):
                    yield f"{place}?{name}={value}"


def forms(client: FlaskClient, pages: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each form of the pages, once: where it goes, and what stands in it."""
    seen = set()
    for page in pages:
        answer = client.get(page)
        for method, action, fields in (
            Reader(answer.text).forms if answer.status_code == 200 else ()
        ):
            where = urlsplit(action or page).path
            shape = re.sub(r"\d+", "0", where), tuple(sorted(fields))
            if method.lower() == "post" and shape not in seen:
                seen.add(shape)
                yield action or page, fields


def body(fields: dict[str, str], name: str, value: str) -> str:
    """Return the form with one field's value another, quoted already."""
    others = [f"{quote(key)}={quote(one)}" for key, one in fields.items() if key != name]
    return "&".join([*others, f"{quote(name)}={value}"])
