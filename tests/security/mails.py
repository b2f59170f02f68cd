"""Makes up mails as hostile as they come, and says what must be true of their bytes."""

import random
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses

from feedback.outbox.mime import Outgoing, UnsafeMail

HEADERS = [
    "Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID",
    "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language", "Reply-To",
    "List-Unsubscribe", "List-Unsubscribe-Post",
]  # fmt: skip
PIECES = (
    "=?utf-8?q?", "=?utf-8?b?", "?=", "=0D=0A", "=0d=0a", "SGkNCkJjYzogeA==", "\r", "\n", "\r\n",
    "Bcc: a@b.c", "\r\nBcc: evil@ex.test", "\n.\n", "\r\n.\r\n", "%0d%0aTo:x@y.z", "\x0b", "\x0c",
    "\x85", "\u2028", "\u2029", "\x00", "\x1b[31m", "\u202e", "\u2066", "\u200b", "\ufeff", "您好",
    "李静", "𠮷", "👨\u200d👩\u200d👧", "é", "e\u0301", "٣", " ", "\t", ":", ";", ",",
    "<", ">", "(", ")",
    "@", "\\", '"', "'", "a" * 90, "服" * 60, "=", "?", "evil@ex.test", "<evil@ex.test>",
)  # fmt: skip
ADDRESS_PIECES = (
    "wang", "a", ".", "+x", "@", "@example.cn", "example.cn", " ", ",", ";", "<", ">", '"', "\r\n",
    "\n", "\x00", "王", "(c)", "%", "!", "\\", "Bcc:", "@[127.0.0.1]", "=?utf-8?q?x?=",
)  # fmt: skip


def words(dice: random.Random) -> str:
    return "".join(dice.choice(PIECES) for _ in range(dice.randint(0, 12)))


def address(dice: random.Random) -> str:
    if dice.random() < 0.5:
        return f"{dice.choice('abcxyz')}{dice.randint(1, 999)}@example.cn"
    return "".join(dice.choice(ADDRESS_PIECES) for _ in range(dice.randint(0, 6)))


def wrong_with(wire: bytes, recipient: str) -> list[str]:
    """Return what a mail server or a mail program would take otherwise than was meant."""
    wrong = []
    mail: EmailMessage = message_from_bytes(wire, policy=policy.default)  # type: ignore[assignment]
    old = message_from_bytes(wire)
    head, _, body = wire.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    raw = [line.split(b":")[0].decode("ascii", "replace") for line in lines]
    if old.keys() != HEADERS or mail.keys() != HEADERS:
        wrong.append(f"headers {mail.keys()}")
    if raw != HEADERS:
        wrong.append(f"lines of the head {raw}")
    if [one for _, one in getaddresses([old["To"]])] != [recipient] or old["To"] != recipient:
        wrong.append(f"recipient {old['To']!r}")
    if len(mail["From"].addresses) != 1 or mail["From"].addresses[0].addr_spec != "care@example.cn":
        wrong.append(f"sender {old['From']!r}")
    if re.search(rb"(?<!\r)\n|\r(?!\n)", wire) or b"\r\n.\r\n" in wire or b"\0" in wire:
        wrong.append("line ends")
    if max(map(len, wire.split(b"\r\n"))) >= 998 or not head.isascii():
        wrong.append("long or foreign lines")
    for name in ("Subject", "From"):
        said = str(make_header(decode_header(old[name])))
        if re.search(r"[\r\n\x00\x1b\u2028\u2029\u202e\u2066]", said):
            wrong.append(f"{name} says {said!r}")
    if b"--" not in body:
        wrong.append("no parts")
    return wrong


def one_mail(dice: random.Random) -> tuple[list[str], bool]:
    """Write one; return what is wrong with it, and whether it was refused instead."""
    recipient = address(dice)
    quoted = words(dice).replace("\\", "\\\\").replace('"', '\\"')
    try:
        wire = Outgoing(
            subject=words(dice),
            recipient=recipient,
            sender=f'"{quoted}" <care@example.cn>',
            text=words(dice).encode("utf-8", "replace").decode(),
            html=words(dice).encode("utf-8", "replace").decode(),
            message_id="<invitation.4711@example.cn>",
            date=datetime(2026, 9, 2, 1, 0, tzinfo=UTC),
            language="zh-Hans",
            unsubscribe="https://fb.example.cn/s/x/stop",
            reply_to="help@example.cn",
        ).as_bytes()
    except (UnsafeMail, MessageError):
        return [], True
    return wrong_with(wire, recipient), False
