"""Says who is doing what is being done: the signed-in person, a program, or a command."""

import click
from flask import g, has_request_context

from feedback.accounts.access import current_user
from feedback.accounts.audit import About, Actor
from feedback.accounts.models import ApiKey, User

NOBODY = Actor("nobody", "nobody")
WORKER = Actor("worker", "worker")


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
