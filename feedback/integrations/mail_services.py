"""What mail services report of mails that came back, each in its own JSON, read as one kind.

A mail that a service sent for us is known by its Message-ID; one whose service gave it another is
known by the recipient, whose last mails it must be among.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from feedback.bounces.report import COMPLAINT, HARD, KINDS, SOFT, Returned, kind_of
from feedback.outbox.verdict import tidy_words

Json = dict[str, Any]


class NotUnderstood(Exception):
    """The body is not what this service sends; says which field and what it must be."""

    def __init__(self, field: str, value: object, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field, self.value, self.rule = field, value, rule


@dataclass(frozen=True)
class Told:
    """One mail that came back, as a service tells it."""

    returned: Returned
    recipient: str


def read_report(source: str, body: object) -> list[Told]:
    """Return what a service's report says came back; news of other kinds is passed over.

    Raises:
        KeyError: there is no such source.
        NotUnderstood: the body is not of the source's form.

    """
    return list(_READERS[source](body))


def _own(body: object) -> Iterator[Told]:
    """Read our own form: `{"events": [{"kind": …, "message_id": …, "recipient": …}]}`."""
    events = _member(body, "events", list)
    for place, event in enumerate(events):
        kind = _text(event, "kind", f"events[{place}].kind")
        if kind not in KINDS:
            raise NotUnderstood(f"events[{place}].kind", kind, f"is one of {', '.join(KINDS)}")
        status = _text(event, "status", f"events[{place}].status") or None
        yield _told(
            kind,
            status,
            _text(event, "words", f"events[{place}].words"),
            _text(event, "message_id", f"events[{place}].message_id"),
            _text(event, "recipient", f"events[{place}].recipient"),
        )


def _postmark(body: object) -> Iterator[Told]:
    """Read a Postmark webhook: one object, `RecordType` "Bounce" or "SpamComplaint"."""
    record = _text(body, "RecordType")
    if record not in ("Bounce", "SpamComplaint"):
        return
    sort = _text(body, "Type")
    words = _text(body, "Details") or _text(body, "Description")
    if record == "SpamComplaint" or sort == "SpamComplaint":
        kind = COMPLAINT
    elif sort in ("HardBounce", "BadEmailAddress"):
        kind = HARD
    elif sort in ("AutoResponder", "Subscribe", "Unsubscribe", "ChallengeVerification"):
        return
    else:
        kind = _not_hard(words)
    yield _told(kind, None, words, _text(body, "MessageID"), _text(body, "Email"))


def _mailgun(body: object) -> Iterator[Told]:
    """Read a Mailgun webhook: `event-data` with `event` "failed" or "complained"."""
    data = _member(body, "event-data", dict)
    event = _text(data, "event", "event-data.event")
    status = data.get("delivery-status")
    status = status if isinstance(status, Mapping) else {}
    words = " ".join(
        str(part) for part in (status.get("code"), status.get("message")) if part
    ) or _text(data, "reason", "event-data.reason")
    if event == "complained":
        kind = COMPLAINT
    elif event == "failed" and data.get("severity") == "permanent":
        kind = kind_of(None, words)
        if data.get("reason") == "bounce" and kind == SOFT and status.get("code") == 605:
            # "Not delivering to previously bounced address": their list says what we knew.
            return
    else:
        # What is tried again is no return yet.
        return
    message = data.get("message")
    headers = message.get("headers") if isinstance(message, Mapping) else None
    named = headers.get("message-id", "") if isinstance(headers, Mapping) else ""
    yield _told(kind, None, words, str(named), _text(data, "recipient", "event-data.recipient"))


def _sendgrid(body: object) -> Iterator[Told]:
    """Read a SendGrid event webhook: a list of events, of which "bounce" and "spamreport" count."""
    if not isinstance(body, list):
        raise NotUnderstood("body", type(body).__name__, "is a list of events")
    for place, event in enumerate(body):
        sort = _text(event, "event", f"[{place}].event")
        words = _text(event, "reason", f"[{place}].reason")
        status = _text(event, "status", f"[{place}].status") or None
        if sort == "spamreport":
            kind = COMPLAINT
        elif sort == "bounce":
            # Its own "blocked" says that the mail was turned away, for whatever reason.
            is_blocked = event.get("type") == "blocked"
            kind = _not_hard(words, status) if is_blocked else kind_of(status, words)
        else:
            continue
        yield _told(
            kind,
            status,
            words,
            _text(event, "smtp-id", f"[{place}].smtp-id"),
            _text(event, "email", f"[{place}].email"),
        )


_READERS: Mapping[str, Callable[[object], Iterator[Told]]] = {
    "mail": _own,
    "mailgun": _mailgun,
    "postmark": _postmark,
    "sendgrid": _sendgrid,
}
SOURCES = tuple(_READERS)


def _not_hard(words: str, status: str | None = None) -> str:
    kind = kind_of(status, words)
    return SOFT if kind == HARD else kind


def _told(kind: str, status: str | None, words: str, message_id: str, recipient: str) -> Told:
    named = message_id.strip()
    if named and not named.startswith("<"):
        named = f"<{named}>"
    returned = Returned(kind, (status or "")[:12] or None, tidy_words(words), (), named or None)
    return Told(returned, recipient.strip())


def _member(body: object, name: str, kind: type) -> Any:
    if not isinstance(body, Mapping):
        raise NotUnderstood("body", type(body).__name__, "is an object")
    value = body.get(name)
    if not isinstance(value, kind):
        wanted = "a list" if kind is list else "an object"
        raise NotUnderstood(name, value, f"is {wanted}")
    return value


def _text(body: object, name: str, field: str = "") -> str:
    if not isinstance(body, Mapping):
        raise NotUnderstood(field or "body", type(body).__name__, "is an object")
    value = body.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise NotUnderstood(field or name, value, "is text")
    return str(value)
