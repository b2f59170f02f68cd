"""A small house with somebody of each role in it, for experiments that visit all of its pages."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Flask
from sqlalchemy.orm import Session

from bench.faults.stories import invited
from feedback import clock
from feedback.accounts import sessions
from feedback.accounts.keys import make_key
from feedback.accounts.people import add_person
from feedback.accounts.set_up import first_admin, name_organisation
from feedback.database import db


@dataclass(frozen=True)
class Keys:
    """What opens the doors: links by invitation, cookies by page, and a program's key."""

    links: Mapping[int, str]
    cookies: Mapping[str, str]
    api_key: str

    @property
    def paths(self) -> Sequence[str]:
        """Return the addresses of the links."""
        return list(self.links.values())


def furnish(app: Flask, how_many: int) -> Keys:
    """Invite so many customers and sign everybody in; return what opens the house.

    It is a small one: with the answers grows what pages of figures cost, but not what they leak.
    """
    now = clock.now()
    links = invited(app, how_many, now)
    people = {"/me": ("staff", "e-1"), "/team": ("lead", "e-2"), "/reports": ("manager", "")}
    cookies = {}
    with app.app_context(), Session(db.engine) as session:
        first_admin(session, "admin@example.cn", secrets.token_urlsafe(16), now)
        name_organisation(session, name_en="Afterword", name_zh="回音", contact="", now=now)
        for path, (role, staff) in people.items():
            user = add_person(session, f"{role}@example.cn", role=role, staff=staff, now=now)
            cookies[path] = _cookie(app, sessions.begin(session, user, "soak", now))
        scopes = ("interactions:write", "responses:read", "scores:read")
        api_key = make_key(session, "visitors", scopes, now)
        session.commit()
    return Keys(links, cookies, api_key)


def _cookie(app: Flask, value: str) -> str:
    """Return the cookie of a browser that is signed in."""
    client, name = app.test_client(), str(app.config["SESSION_COOKIE_NAME"])
    with client.session_transaction() as cookie:
        cookie["_user_id"] = value
    kept = client.get_cookie(name)
    assert kept is not None
    return f"{name}={kept.value}"
