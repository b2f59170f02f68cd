"""Short stories: somebody has been invited, opens the page, and sends it."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from html import unescape
from itertools import count as numbers
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.database import Base, reading
from feedback.interactions.contacts import address_digest
from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.links import survey_token
from feedback.outbox.models import Message
from feedback.responses.models import Answer, Response
from feedback.surveys.models import Survey
from tests.conftest import START
from tests.factories import make_interaction

Row = TypeVar("Row", bound=Base)

_numbers = numbers(1)


def make_message(session: Session, recipient: str, **values: Any) -> Message:
    number = next(_numbers)
    values = {"kind": "invitation", "created_at": START, "sent_at": START} | values
    message = Message(
        recipient=recipient,
        locale="zh-Hans",
        subject="",
        text="",
        html="",
        message_id=f"<answer-{number}@example.cn>",
        send_after=values["created_at"],
        **values,
    )
    session.add(message)
    session.flush()
    return message


def invited(
    app: Flask,
    session: Session,
    *,
    interaction: Interaction | None = None,
    wave: int = 1,
    at: datetime = START,
    **values: Any,
) -> Invitation:
    """Invite somebody to rate an interaction, and commit; the mail has gone."""
    interaction = interaction or make_interaction(session)
    address = interaction.customer_email or ""
    key = "after" if wave == 1 else "follow_up"
    issued = {"issued_at": at, "message_id": make_message(session, address).id}
    defaults: dict[str, Any] = {
        "survey_id": session.scalars(sa.select(Survey.id).where(Survey.key == key)).one(),
        "address_digest": address_digest(address, app.config["SECRET_KEY"]) if address else None,
        "planned_at": at,
        "due_at": at,
        "expires_at": at + timedelta(days=21),
    } | issued
    invitation = Invitation(
        interaction_id=interaction.id,
        customer_id=interaction.customer_id,
        wave=wave,
        **(defaults | values),
    )
    session.add(invitation)
    session.commit()
    return invitation


def link(app: Flask, invitation: Invitation) -> str:
    """Return the path of an invitation's page."""
    with app.app_context():
        return f"/s/{survey_token(invitation.id)}"


def hidden(page: str) -> dict[str, str]:
    """Return the page's own hidden fields."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def checked(page: str) -> set[tuple[str, str]]:
    """Return what is chosen on the page, as pairs of name and value."""
    boxes = re.findall(r'<input type="(?:radio|checkbox)"[^>]*>', page)
    found = set()
    for box in boxes:
        if " checked" in box:
            name, value = re.search(r'name="([^"]+)"', box), re.search(r'value="([^"]+)"', box)
            assert name
            assert value
            found.add((name.group(1), value.group(1)))
    return found


def written(page: str) -> str:
    """Return what stands in the page's text box, as a browser reads it."""
    box = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, flags=re.S)
    assert box
    return unescape(box.group(1))


def send(
    client: FlaskClient, path: str, given: Mapping[str, Any], *, query: str = ""
) -> TestResponse:
    """Open the page and send it with these answers, as a browser does."""
    page = client.get(path + query)
    assert page.status_code == 200, page.status
    return client.post(path, data=hidden(page.text) | dict(given))


def at_once(app: Flask, posts: list[tuple[str, dict[str, Any]]]) -> list[TestResponse]:
    """Post all of these from threads that start together."""
    start = threading.Barrier(len(posts))
    answers: list[TestResponse | None] = [None] * len(posts)

    def post(place: int) -> None:
        path, data = posts[place]
        client = app.test_client()
        start.wait()
        answers[place] = client.post(path, data=data)

    threads = [threading.Thread(target=post, args=(place,)) for place in range(len(posts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]


def said(session: Session, invitation: Invitation) -> dict[str, Any]:
    """Return what is stored for an invitation: scores, words, and sets of choices by question."""
    answers: dict[str, Any] = {}
    query = sa.select(Answer).join(Response, Response.id == Answer.response_id)
    with looking(session) as own:
        for answer in own.scalars(query.where(Response.invitation_id == invitation.id)):
            if answer.choice:
                answers.setdefault(answer.question_key, set()).add(answer.choice)
            else:
                value = answer.comment if answer.score is None else answer.score
                answers[answer.question_key] = value
    return answers


def the_response(session: Session, invitation: Invitation) -> Response:
    with looking(session) as own:
        query = sa.select(Response).where(Response.invitation_id == invitation.id)
        return own.scalars(query).one()


def stored(session: Session, row: Row) -> Row:
    """Return the same row as the database has it now."""
    with looking(session) as own:
        return own.get_one(type(row), sa.inspect(row).identity)


def count(session: Session, model: type = Response) -> int:
    with looking(session) as own:
        return own.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@contextmanager
def looking(session: Session) -> Iterator[Session]:
    """Look by a session of its own, so that nothing is held open that a request would wait for."""
    session.commit()
    with reading(), Session(session.get_bind(), expire_on_commit=False) as own:
        yield own
