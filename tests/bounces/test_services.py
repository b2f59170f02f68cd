"""What mail services report, through the API's hook."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.accounts.keys import make_key
from feedback.outbox.models import Bounce, Message
from tests.conftest import START, Time
from tests.outbox.letters import look, make_message

POST = dict[str, Any]


@pytest.fixture
def message(session: Session, time: Time) -> Message:
    return make_message(
        session, "Wang@Example.cn", created_at=START, send_after=START, sent_at=START
    )


@pytest.fixture
def hook(app: Flask, session: Session, time: Time) -> Callable[..., Any]:
    key = make_key(session, "mail", ["bounces:write"], time.now)
    session.commit()

    def post(source: str, body: object, *, basic: bool = False, key: str = key) -> Any:
        code = base64.b64encode(f"hook:{key}".encode()).decode()
        head = {"Authorization": f"Basic {code}" if basic else f"Bearer {key}"}
        return app.test_client().post(
            f"/api/v1/hooks/{source}", json=body, headers=head | {"Accept-Language": "en"}
        )

    return post


def by(source: str, message_id: str, recipient: str, kind: str) -> object:
    """Return how a service says that the mail came back in this way."""
    bare = message_id.strip("<>")
    words = {"hard": "550 5.1.1 no such user", "soft": "552 5.2.2 mailbox full",
             "blocked": "550 5.7.1 looks like spam", "complaint": ""}[kind]  # fmt: skip
    if source == "mail":
        return {"events": [{"kind": kind, "message_id": message_id, "recipient": recipient,
                            "words": words}]}  # fmt: skip
    if source == "postmark":
        sort = {"hard": "HardBounce", "soft": "SoftBounce", "blocked": "Blocked",
                "complaint": "SpamComplaint"}[kind]  # fmt: skip
        record = "SpamComplaint" if kind == "complaint" else "Bounce"
        # Postmark gives mails numbers of its own.
        return {"RecordType": record, "Type": sort, "MessageID": "0a129aee-e1cd",
                "Email": recipient, "Details": words, "TypeCode": 1}  # fmt: skip
    if source == "mailgun":
        event = {"event": "complained"} if kind == "complaint" else {
            "event": "failed", "severity": "permanent", "reason": "generic",
            "delivery-status": {"code": int(words[:3]), "message": words[4:]}}  # fmt: skip
        headers = {"headers": {"message-id": bare}}
        return {"signature": {}, "event-data": event | {"recipient": recipient, "message": headers}}
    event = {
        "complaint": {"event": "spamreport"},
        "blocked": {"event": "bounce", "type": "blocked"},
    }
    return [
        {"event": "delivered", "email": recipient, "smtp-id": message_id},
        {"email": recipient, "smtp-id": message_id, "reason": words, "status": words[4:9]}
        | event.get(kind, {"event": "bounce", "type": "bounce"}),
    ]


@pytest.mark.parametrize("kind", ["hard", "soft", "blocked", "complaint"])
@pytest.mark.parametrize("source", ["mail", "postmark", "mailgun", "sendgrid"])
def test_each_services_report_is_understood_and_told_again_changes_nothing(
    hook: Callable[..., Any], session: Session, message: Message, source: str, kind: str
) -> None:
    body = by(source, message.message_id, "wang@example.cn", kind)
    first, again = hook(source, body), hook(source, body)
    assert (first.status_code, first.json) == (200, {"news": 1, "known": 0, "other": 0})
    assert again.json == {"news": 0, "known": 1, "other": 0}
    (found,) = session.scalars(sa.select(Bounce)).all()
    session.commit()
    assert (found.message_id, found.kind) == (message.id, kind)
    assert (look(session, message).returned_at is None) == (kind == "complaint")


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("postmark", {"RecordType": "Delivery", "MessageID": "1"}),
        ("postmark", {"RecordType": "Bounce", "Type": "AutoResponder", "Email": "wang@example.cn"}),
        ("mailgun", {"event-data": {"event": "delivered", "recipient": "wang@example.cn"}}),
        ("mailgun", {"event-data": {"event": "failed", "severity": "temporary",
                                    "recipient": "wang@example.cn"}}),
        ("sendgrid", [{"event": "deferred", "email": "wang@example.cn"}]),
        ("sendgrid", []),
        ("mail", {"events": []}),
    ],
)  # fmt: skip
def test_news_of_other_kinds_is_passed_over(
    hook: Callable[..., Any], session: Session, message: Message, source: str, body: object
) -> None:
    assert hook(source, body).json == {"news": 0, "known": 0, "other": 0}


def test_a_stranger_is_not_ours(hook: Callable[..., Any], message: Message) -> None:
    body = by("mail", "<somebody@else>", "nobody@example.cn", "hard")
    assert hook("mail", body).json == {"news": 0, "known": 0, "other": 1}


def test_the_key_may_come_as_a_password_and_needs_its_scope(
    hook: Callable[..., Any], app: Flask, session: Session, message: Message, time: Time
) -> None:
    body = by("mail", message.message_id, "", "hard")
    other = make_key(session, "crm", ["interactions:write", "scores:read-all"], time.now)
    session.commit()
    assert hook("mail", body, key=other).status_code == 403
    assert hook("mail", body, key="afk_1_wrong", basic=True).status_code == 401
    assert hook("mail", body, basic=True).json["news"] == 1
    # Nowhere else: a browser sends passwords by itself.
    code = base64.b64encode(f"x:{other}".encode()).decode()
    answer = app.test_client().get(
        "/api/v1/scores?metric=csat", headers={"Authorization": f"Basic {code}"}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("source", "body", "field"),
    [
        ("mail", {"events": [{"kind": "odd"}]}, "events[0].kind"),
        ("mail", {"events": [7]}, "events[0].kind"),
        ("mail", {"events": {}}, "events"),
        ("mail", [], "body"),
        ("mailgun", {}, "event-data"),
        ("sendgrid", {}, "body"),
        ("postmark", {"RecordType": ["Bounce"]}, "RecordType"),
    ],
)
def test_what_is_not_the_services_form_is_refused_by_field(
    hook: Callable[..., Any], session: Session, source: str, body: object, field: str
) -> None:
    refusal = hook(source, body)
    assert refusal.status_code == 422
    assert json.loads(refusal.data)["errors"][0]["field"] == field
    assert session.scalars(sa.select(Bounce)).all() == []


def test_an_unknown_source_says_which_there_are(hook: Callable[..., Any]) -> None:
    refusal = hook("nobody", {})
    assert (refusal.status_code, "sendgrid" in refusal.get_data(as_text=True)) == (404, True)
