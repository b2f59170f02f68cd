"""Asks at the start whether this interpreter writes the headers of a mail as it was told to.

CPython before 3.11.10 and 3.12.5 lets an encoded word in a subject add headers of its own
(CVE-2024-6923). We do not write mails the way that needs, and look at the bytes of each; this is
the proof that both hold here, by the interpreter that will send them.
"""

from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError

from feedback.outbox.mime import Outgoing, UnsafeMail

# Each would add a line if it were believed.
TRICKS = (
    "=?utf-8?q?Hi=0D=0ABcc=3A_evil=40ex.test?=",
    "=?utf-8?b?SGkNCkJjYzogZXZpbEBleC50ZXN0?= 您好",
    "Hi\r\nBcc: evil@ex.test",
    "Hi\n\nevil",
    "您好\u2028Bcc: evil@ex.test",
)


class UnsafeInterpreter(Exception):
    """Mails written here would not say what they were told to say; the message names a trick."""


def prove_headers_hold() -> None:
    """Write mails with tricks in them as any mail is written, and read them back.

    Needs an application context, as mails do. Raises UnsafeInterpreter.
    """
    for trick in TRICKS:
        try:
            wire = Outgoing(
                subject=trick,
                recipient="wang@example.cn",
                sender=f'"{trick.splitlines()[0]}" <care@example.cn>',
                text=trick,
                html=trick,
                message_id="<self.test@example.cn>",
                date=datetime(2026, 1, 1, tzinfo=UTC),
                language="zh-Hans",
                unsubscribe="https://fb.example.cn/s/x/stop",
                reply_to=None,
            ).as_bytes()
        except (UnsafeMail, MessageError, ValueError) as error:
            raise UnsafeInterpreter(f"{trick!r}: {error}") from error
        mail = message_from_bytes(wire)
        names = [name.lower() for name, _ in mail.items()]
        if "bcc" in names or len(names) != len(set(names)) or mail["To"] != "wang@example.cn":
            raise UnsafeInterpreter(f"{trick!r} became {mail.keys()}")
