"""Mail scanners of six kinds, and the people whose mails they go through.

A scanner does with each link of a mail what its kind does; a press sends each form of the page as
it stands, with its first button, which is what machines do that look for a button.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.database import db
from feedback.invitations.models import Invitation
from feedback.outbox.models import MailLanguage, Suppression
from feedback.responses.models import Response, that_counts
from feedback.work import work_until_idle
from tests.invitations.stories import report

_SENT = ("input", "textarea", "button")


class Hands(Protocol):
    """A clock wound by hand."""

    now: Any

    def forward(self, **amount: float) -> Any: ...


class Reader(HTMLParser):
    """Reads a page as a machine does: its links, and its forms as they stand."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self._open: tuple[str, str, dict[str, str]] | None = None
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "form":
            self._open = values.get("method", "get"), values.get("action", ""), {}
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(tag, values)

    def _field(self, tag: str, values: dict[str, str]) -> None:
        assert self._open
        name, fields = values.get("name", ""), self._open[2]
        is_box = values.get("type") in ("radio", "checkbox")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in values):
            fields[self._select] = values.get("value", "")
        elif tag in _SENT and name and (not is_box or "checked" in values):
            fields[name] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""


@dataclass
class Letter:
    """A mail as it lies in a mailbox: the addresses in it, in their order."""

    mail: EmailMessage
    links: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, wire: bytes) -> "Letter":
        mail: EmailMessage = message_from_bytes(wire, policy=policy.default)  # type: ignore[assignment]
        body = mail.get_body(("html",))
        assert body is not None
        own = [link for link in Reader(body.get_content()).links if link.startswith("http")]
        if header := mail["List-Unsubscribe"]:
            own.append(str(header).strip("<>"))
        return cls(mail, list(dict.fromkeys(own)))

    @property
    def paths(self) -> list[str]:
        """Return the links without our host."""
        parts = [urlsplit(link) for link in self.links]
        return [part.path + (f"?{part.query}" if part.query else "") for part in parts]

    @property
    def survey(self) -> str:
        """Return the path of the survey, which all its rating links lead to."""
        found = next(path for path in self.paths if path.startswith("/s/"))
        return "/".join(found.partition("?")[0].split("/")[:3])


def post_mails(app: Flask, session: Session, hands: Hands, number: int) -> list[Letter]:
    """Let so many contacts be reported and the worker send their mails; return these."""
    folder = Path(app.config["INSTANCE_PATH"]) / "mail"
    before = set(folder.glob("*.eml"))
    for _ in range(number):
        report(app, session, hands.now)
    hands.forward(minutes=11)
    done = work_until_idle(app, now=hands.now, worker="zoo")
    assert done.sent == number, vars(done)
    fresh = sorted(set(folder.glob("*.eml")) - before)
    return [Letter.read(path.read_bytes()) for path in fresh]


Visit = Callable[[FlaskClient, str, Hands], None]


def head(client: FlaskClient, path: str, hands: Hands) -> None:
    client.head(path)


def get(client: FlaskClient, path: str, hands: Hands) -> None:
    client.get(path, follow_redirects=True)


def get_three_times(client: FlaskClient, path: str, hands: Hands) -> None:
    for _ in range(3):
        client.get(path, follow_redirects=True)
        hands.forward(seconds=1)


def press(client: FlaskClient, page: TestResponse, path: str, submit: Sequence[int] = ()) -> None:
    """Send every form of a page as it stands."""
    for method, action, fields in Reader(page.text).forms:
        if method.lower() == "post":
            client.post(action or path, data=fields, follow_redirects=True)


def fast_presser(client: FlaskClient, path: str, hands: Hands) -> None:
    page = client.get(path, follow_redirects=True)
    hands.forward(seconds=0.2)
    press(client, page, path)


def slow_presser(client: FlaskClient, path: str, hands: Hands) -> None:
    page = client.get(path, follow_redirects=True)
    hands.forward(seconds=2)
    press(client, page, path)


KINDS: dict[str, Visit] = {
    "HEAD": head,
    "GET": get,
    "GET three times": get_three_times,
    "fast presser": fast_presser,
    "slow presser": slow_presser,
}


def scan(app: Flask, letters: Sequence[Letter], kind: str, hands: Hands) -> None:
    """Let a scanner of a kind go through all links of all mails; it keeps no cookies."""
    for letter in letters:
        for path in letter.paths:
            KINDS[kind](app.test_client(use_cookies=False), path, hands)


@dataclass(frozen=True)
class Found:
    """What has been left in the records."""

    counted: int
    used_up: int
    stopped: int
    held: int


def look(app: Flask) -> Found:
    """Count the scores that count, the links used up, who is not written to, and who is held."""
    with app.app_context(), Session(db.engine) as session:

        def count(model: Any, *where: Any) -> int:
            return session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0

        return Found(
            counted=count(Response, that_counts()),
            used_up=count(Invitation, Invitation.answered_at.is_not(None)),
            stopped=count(Suppression)
            + count(MailLanguage)
            + count(Invitation, Invitation.stopped_at.is_not(None)),
            held=count(Response, Response.suspected_at.is_not(None)),
        )


@dataclass
class Person:
    """Somebody who reads, chooses and sends, and does as the page asks where it comes back.

    Between the page's making and the press lie the way there, the painting (0.4 s) and a look and
    a tap: 1.8 s in the median and rarely under 0.6, by a lognormal of sigma 0.4. That is an
    assumption, and a hasty person; most people take several times as long.
    """

    dice: random.Random
    asked_again: int = 0

    def hurry(self) -> timedelta:
        return timedelta(seconds=0.4 + self.dice.lognormvariate(0.588, 0.4))

    def answer(self, app: Flask, letter: Letter, hands: Hands) -> int:
        """Answer by one of the links; return the last status."""
        client = app.test_client(use_cookies=False)
        score = str(self.dice.randint(1, 5))
        page = client.get(f"{letter.survey}?csat={score}")
        status = page.status_code
        for attempt in range(3):
            hands.forward(seconds=self.hurry().total_seconds())
            forms = [form for form in Reader(page.text).forms if form[1].startswith("/s/")]
            if not forms:
                return status
            page = client.post(letter.survey, data=forms[0][2] | {"csat": score})
            status = page.status_code
            if status == 303:
                return status
            self.asked_again += attempt == 0
        return status
