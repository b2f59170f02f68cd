"""Notes what is being done by whoever does it: the signed-in person, a program, or a command."""

from collections.abc import Mapping
from typing import Any

import click
from flask import g, has_request_context

from feedback import clock
from feedback.accounts.access import current_user
from feedback.accounts.audit import About, Actor, note
from feedback.accounts.models import ApiKey, User
from feedback.database import db, writing_session

NOBODY = Actor("nobody", "nobody")
# Who is not said: the log outlives what is erased.
CUSTOMER = Actor("nobody", "customer")
WORKER = Actor("worker", "worker")


def note_done(
    action: str, about: About, details: Mapping[str, Any] | None = None, by: Actor | None = None
) -> None:
    """Note what this request or command does, last before it commits: both are kept, or neither."""
    note(db.session(), clock.now(), by or who_acts(), action, about, details)


def note_taken(what: str, details: Mapping[str, Any]) -> None:
    """Note that data are taken out of the house, even while the request only reads."""
    with writing_session() as session:
        note(session, clock.now(), who_acts(), "data.taken", About("data", what), details)


def who_acts() -> Actor:
    """Return who acts in this request or command."""
    if not has_request_context():
        return Actor("command", _command())
    key: ApiKey | None = g.get("api_key")
    if key is not None:
        return Actor("key", key.name, key.id)
    return as_actor(current_user) if current_user.is_authenticated else NOBODY


def as_actor(user: User) -> Actor:
    """Return a person as somebody who acts."""
    return Actor("user", user.email, user.id)


def about_user(user: User) -> About:
    """Return a person as whom something is done to."""
    return About("user", user.id, user.email)


def about_key(key: ApiKey) -> About:
    """Return a program's key as what something is done to."""
    return About("key", key.id, key.name)


def _command() -> str:
    context = click.get_current_context(silent=True)
    names: list[str] = []
    while context is not None and context.parent is not None:
        names.append(context.info_name or "")
        context = context.parent
    return " ".join(["flask", *reversed(names)])
