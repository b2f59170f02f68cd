"""Reads a mail that came back: a delivery report, a complaint, or what old systems write instead.

Delivery reports are RFC 3464, complaints RFC 5965, the status codes RFC 3463. Answers of absent
people (RFC 3834) and reports of mere delay are no returns, and are nothing to us.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message as Mail

from feedback.outbox.verdict import Fate, fate_of_refusal, tidy_words

HARD, SOFT, BLOCKED, COMPLAINT = "hard", "soft", "blocked", "complaint"
KINDS = (HARD, SOFT, BLOCKED, COMPLAINT)

# Nobody needs more of a mail to know what it returns; the rest is our own mail, quoted.
LARGEST = 256 * 1024
_MOST_PARTS = 50

# Where the address a mail was returned to is found, whoever delivered it to us.
_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_CODE = re.compile(r"\b([45]\d\d)\b")
_MESSAGE_ID = re.compile(r"^Message-ID:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
_SYSTEMS = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|postmasters?)@", re.IGNORECASE)
_REFUSAL = re.compile(
    r"reject|refus|denied|unavailable|not found|no such|unknown|not exist|quota"
    r"|mailbox (?:is )?full|undeliver|bounced|不存在|拒|已满|失败",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>\"@]+@[^\s<>\"]+")
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Returned:
    """What a mail that came back says.

    `addresses` are those it was returned to; `original_id` is the Message-ID of the mail it is
    about; either may be missing. `kind` is "hard" where nobody is behind the address, "blocked"
    where the refusal is about us and not about the address, "complaint" where its owner called the
    mail unwanted, and "soft" for everything else.
    """

    kind: str
    status: str | None
    words: str
    addresses: tuple[str, ...]
    original_id: str | None


def read_return(wire: bytes) -> Returned | None:
    """Return what the mail says, or None if it returns nothing."""
    mail = message_from_bytes(wire[:LARGEST], policy=policy.compat32)
    addresses = tuple(str(value) for name in _ENVELOPE for value in mail.get_all(name, []) if value)
    original = _original_id(mail, wire)
    complaint = _part(mail, "message/feedback-report")
    if complaint is not None:
        said = _fields(complaint)
        if said.get("feedback-type", "").strip().lower() != "abuse":
            return None
        return Returned(COMPLAINT, None, "abuse", addresses, original)
    report = _part(mail, "message/delivery-status")
    if report is not None:
        return _of_report(report, addresses, original)
    return _of_words(mail, addresses, original)


def kind_of(status: str | None, words: str) -> str:
    """Return which kind of return a mail system's status and words make."""
    if status is None and (found := _STATUS.search(words)) is not None:
        status = found[1]
    code = _CODE.search(words)
    is_for_good = (status or "5").startswith("5")
    number = int(code[1]) if code else 550 if is_for_good else 450
    # "Other or undefined" says nothing, and its words may say more.
    finer = "" if status is None or status.endswith(".0.0") else status
    fate = fate_of_refusal(number, f"{words} {finer}")
    if fate is Fate.NOBODY_THERE:
        return HARD
    is_about_us = fate in (Fate.DOMAIN_WAITS, Fate.SERVER_WAITS) or (status or "")[1:3] == ".7"
    return BLOCKED if is_about_us else SOFT


def _of_report(report: Mail, addresses: tuple[str, ...], original: str | None) -> Returned | None:
    for block in _blocks(report):
        if block.get("action", "").strip().lower() != "failed":
            continue
        found = _STATUS.search(block.get("status", ""))
        status = found[1] if found else None
        words = block.get("diagnostic-code", "").partition(";")[2] or block.get("status", "")
        return _returned(status, words, addresses, original)
    return None


def _of_words(mail: Mail, addresses: tuple[str, ...], original: str | None) -> Returned | None:
    """Return what a mail system says in plain words, as some still do."""
    sender = _ADDRESS.search(str(mail.get("From", "")))
    is_from_system = sender is not None and _SYSTEMS.match(sender[0]) is not None
    answers_by_itself = str(mail.get("Auto-Submitted", "")).strip().lower() == "auto-replied"
    if not is_from_system or (answers_by_itself and original is None):
        return None
    for line in _lines(mail):
        found = _STATUS.search(line)
        if found is not None and found[1][0] != "2":
            return _returned(found[1], line, addresses, original)
        # A number alone is a street's or an order's; a refusal has its words beside it.
        if _CODE.search(line) and _REFUSAL.search(line):
            return _returned(None, line, addresses, original)
    return None


def _returned(
    status: str | None, words: str, addresses: tuple[str, ...], original: str | None
) -> Returned:
    tidy = tidy_words(words)
    return Returned(kind_of(status, tidy), status, tidy, addresses, original)


def _parts(mail: Mail) -> Iterator[Mail]:
    for number, part in enumerate(mail.walk()):
        if number == _MOST_PARTS:
            return
        yield part


def _part(mail: Mail, kind: str) -> Mail | None:
    return next((part for part in _parts(mail) if part.get_content_type() == kind), None)


def _blocks(report: Mail) -> Iterator[dict[str, str]]:
    """Yield the fields of each block: the first is about the message, the others on recipients."""
    content = report.get_payload()
    for block in content if isinstance(content, list) else []:
        if isinstance(block, Mail):
            yield _named(block)


def _fields(part: Mail) -> dict[str, str]:
    content = part.get_payload()
    if isinstance(content, list):
        return next((_named(block) for block in content if isinstance(block, Mail)), {})
    raw = part.get_payload(decode=True)
    return _named(message_from_bytes(raw if isinstance(raw, bytes) else b""))


def _named(block: Mail) -> dict[str, str]:
    return {name.lower(): " ".join(_readable(value).split()) for name, value in block.raw_items()}


def _readable(value: object) -> str:
    """Return a field's text, which systems in China write in their own characters."""
    raw = str(value).encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _original_id(mail: Mail, wire: bytes) -> str | None:
    """Return the Message-ID of the mail that is returned, quoted in whatever way."""
    for part in _parts(mail):
        if part is not mail and part.get_content_type() in ("message/rfc822",):
            content = part.get_payload()
            inner = content[0] if isinstance(content, list) and content else None
            if isinstance(inner, Mail) and inner.get("Message-ID"):
                return str(inner["Message-ID"]).strip()
    body = wire[:LARGEST].partition(b"\r\n\r\n" if b"\r\n\r\n" in wire else b"\n\n")[2]
    found = _MESSAGE_ID.search(body.decode("utf-8", "replace"))
    if found is not None:
        return found[1]
    for part in _parts(mail):
        if part.get_content_maintype() == "text":
            found = _MESSAGE_ID.search(_text(part))
            if found is not None:
                return found[1]
    return None


def _lines(mail: Mail) -> Iterator[str]:
    for part in _parts(mail):
        if part.get_content_maintype() == "text":
            text = _text(part)
            if part.get_content_subtype() == "html":
                text = _TAGS.sub("\n", text)
            yield from (line.strip() for line in text.splitlines() if line.strip())


def _text(part: Mail) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        return raw.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")
