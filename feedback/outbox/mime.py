"""A mail as it goes over the wire, with exactly the headers we mean it to have."""

import re
import unicodedata
from datetime import datetime
from email import policy
from email.charset import BASE64, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr

from flask_mail import Message as FlaskMessage

_UTF8 = Charset("utf-8")
# Base64 keeps every line short: a paragraph of 400 Chinese characters is over SMTP's 998 bytes.
_UTF8.body_encoding = BASE64

# No line is folded: the newer policies encode what they fold, List-Unsubscribe's address as well.
_ON_THE_WIRE = policy.compat32.clone(linesep="\r\n", max_line_length=None)

_SPACES = re.compile(r"\s+")
# What needs no quoting; a comma, a bracket or a quote would be read as more than one address.
_ADDRESS = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]+@[\w.-]+", re.ASCII)
_ESCAPED = re.compile(r"\\(.)")
_NOT_IN_BOUNDARY = re.compile(r"[^0-9A-Za-z]")
_BARE_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_JOINER = "\u200d"  # Families and flags among the emoji are held together by it.


class UnsafeMail(Exception):
    """The message as built says something else than it was told to say."""


def split_sender(sender: str) -> tuple[str, str]:
    """Return the sender's name and address; a comma in an unquoted name makes no second address."""
    name, bracket, address = sender.strip().rpartition("<")
    if not bracket:
        return "", sender.strip()
    name = name.strip()
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        name = _ESCAPED.sub(r"\1", name[1:-1])
    return name, address.removesuffix(">").strip()


def header_text(text: str) -> str:
    """Return text fit for a header: one line, nothing invisible, nothing that decodes to more."""
    kept = (character for character in unicodedata.normalize("NFC", text) if _is_seen(character))
    # An encoded word written by a customer would be decoded, line ends and all, on its way.
    return _SPACES.sub(" ", "".join(kept)).replace("=?", "= ?").strip()


def _is_seen(character: str) -> bool:
    kind = unicodedata.category(character)
    return character.isspace() or character == _JOINER or kind not in ("Cc", "Cf", "Cs")


class Outgoing(FlaskMessage):  # type: ignore[misc]
    """One mail on its way, built by ourselves from what the outbox holds."""

    def __init__(
        self,
        *,
        subject: str,
        recipient: str,
        sender: str,
        text: str,
        html: str,
        message_id: str,
        date: datetime,
        language: str,
        unsubscribe: str | None,
        reply_to: str | None = None,
        return_path: str | None = None,
    ) -> None:
        super().__init__(subject=header_text(subject), recipients=[recipient], sender=sender)
        self.body, self.html = text, html
        self.msgId, self.sent_on = message_id, date
        self.language, self.unsubscribe, self.reply_to_address = language, unsubscribe, reply_to
        self.sender_name, self.sender_address = split_sender(sender)
        self.recipient = recipient
        # Who is named on the envelope: what cannot be delivered goes there.
        self.return_path = return_path or self.sender_address

    def build(self) -> MIMEMultipart:
        """Return the MIME message, with exactly the headers named here."""
        # From the message's own name, so that a repeat is the same to the last byte; no line of
        # Base64 holds an underscore.
        boundary = f"=_{_NOT_IN_BOUNDARY.sub('', self.msgId)[:60]}"
        message = MIMEMultipart("alternative", boundary=boundary)
        message["From"] = _mailbox(header_text(self.sender_name), self.sender_address)
        message["To"] = self.recipient
        message["Subject"] = _written("Subject", str(self.subject))
        message["Date"] = format_datetime(self.sent_on)
        message["Message-ID"] = self.msgId
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["Content-Language"] = self.language
        if self.reply_to_address:
            message["Reply-To"] = self.reply_to_address
        if self.unsubscribe:
            message["List-Unsubscribe"] = f"<{self.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.attach(MIMEText(self.body, "plain", _UTF8))  # type: ignore[arg-type]
        message.attach(MIMEText(self.html or "", "html", _UTF8))  # type: ignore[arg-type]
        return message

    def as_bytes(self) -> bytes:
        """Return the message for the wire.

        Raises:
            UnsafeMail: what a mail server would read is not what was meant.

        """
        for address in (self.sender_address, self.return_path, self.recipient):
            if not _ADDRESS.fullmatch(address):
                raise UnsafeMail("an address that is none")
        message = self.build()
        wire = message.as_bytes(policy=_ON_THE_WIRE)
        head = wire.split(b"\r\n\r\n", 1)[0]
        names = [
            line.split(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in b" \t"
        ]
        if names != list(message.keys()) or _BARE_LINE_END.search(wire):
            raise UnsafeMail(f"headers {names} were not all asked for")
        return wire


def _mailbox(name: str, address: str) -> str:
    if not name or name.isascii():
        # This quotes the comma in "ACME, Inc.", which would otherwise be two addresses.
        return formataddr((name, address))
    return f"{_written('From', name)} <{address}>"


def _written(header: str, text: str) -> str:
    # An encoded word may have 75 characters; the standard library's own limit makes them 76.
    return text if text.isascii() else Header(text, _UTF8, 75, header).encode()
