"""How a message reaches the mail server: Flask-Mail, with what it leaves open closed."""

import os
import re
import smtplib
import ssl
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email import policy
from email.charset import BASE64, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path

from flask_mail import Connection, Mail
from flask_mail import Message as FlaskMessage

TIMEOUT = 15

_UTF8 = Charset("utf-8")
# Base64 keeps every line short: a paragraph of 400 Chinese characters is over SMTP's 998 bytes.
_UTF8.body_encoding = BASE64
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class UnsafeHeader(Exception):
    """The message as built says something else than it was told to say."""


def header_text(text: str) -> str:
    """Return text fit for a header: one line, nothing invisible, nothing that decodes to more."""
    text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    # An encoded word written by a customer would be decoded, line ends and all, on its way.
    return re.sub(r"\s+", " ", text.replace("=?", "= ?").replace("?=", "? =")).strip()


class Outgoing(FlaskMessage):
    """One survey mail on its way, built by ourselves from what the outbox holds."""

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
    ) -> None:
        super().__init__(subject=header_text(subject), recipients=[recipient], sender=sender)
        self.body, self.html = text, html
        self.msgId, self.sent_on = message_id, date
        self.language, self.unsubscribe, self.reply_to_address = language, unsubscribe, reply_to

    def build(self) -> MIMEMultipart:
        """Return the MIME message, with exactly the headers named here."""
        message = MIMEMultipart("alternative")
        message["From"] = _address_header(str(self.sender))
        message["To"] = self.recipients[0]
        # Written out here: an encoded word may have 75 characters, and the policy for the wire
        # takes only text.
        message["Subject"] = Header(str(self.subject), _UTF8, header_name="Subject").encode()
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
        message.attach(MIMEText(self.html, "html", _UTF8))  # type: ignore[arg-type]
        return message

    def as_bytes(self) -> bytes:
        """Return the message for the wire; headers stay unfolded, or URLs would be encoded."""
        message = self.build()
        wire = message.as_bytes(policy=policy.SMTP.clone(refold_source="none"))
        head = wire.split(b"\r\n\r\n", 1)[0]
        names = [
            line.split(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in b" \t"
        ]
        if names != list(message.keys()):
            raise UnsafeHeader(f"headers {names} were not asked for")
        return wire


def _address_header(sender: str) -> str:
    name, address = parseaddr(sender)
    return formataddr((header_text(name), address)) if name else address


class _MarkingSMTP:
    """Mixed into smtplib's clients: tells just before the bytes ending in the final dot go out."""

    before_dot: Callable[[], None] | None = None

    def data(self, msg: bytes | str) -> tuple[int, bytes]:
        """Send DATA, tell `before_dot`, then send the message."""
        if self.before_dot is not None:
            self.before_dot()
        return super().data(msg)  # type: ignore[misc, no-any-return]


class _SMTP(_MarkingSMTP, smtplib.SMTP):
    pass


class _SMTPS(_MarkingSMTP, smtplib.SMTP_SSL):
    pass


class VerifiedConnection(Connection):
    """Flask-Mail's connection, with certificates verified and an end to waiting."""

    def configure_host(self) -> smtplib.SMTP:
        """Connect; raise what smtplib raises, within the time-out."""
        context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
        mail = self.mail
        host: smtplib.SMTP
        if mail.use_ssl:
            host = _SMTPS(mail.server, mail.port, timeout=TIMEOUT, context=context)
        else:
            host = _SMTP(mail.server, mail.port, timeout=TIMEOUT)
        if mail.use_tls:
            host.starttls(context=context)
        if mail.username and mail.password:
            host.login(mail.username, mail.password)
        return host

    def __exit__(self, *error: object) -> None:
        """Say goodbye; a server that has already left took the message all the same."""
        with suppress(OSError, smtplib.SMTPException):
            self.host.quit()

    def hand_over(self, message: Outgoing, before_dot: Callable[[], None]) -> str:
        """Give one message to the server; return its words. Raises what smtplib raises."""
        wire = message.as_bytes()
        host = self.host
        host.before_dot = before_dot
        host.ehlo_or_helo_if_needed()
        code, reply = host.mail(parseaddr(str(message.sender))[1])
        if code != 250:
            self._give_up(host)
            raise smtplib.SMTPSenderRefused(code, reply, str(message.sender))
        code, reply = host.rcpt(message.recipients[0])
        if code not in (250, 251):
            self._give_up(host)
            raise smtplib.SMTPRecipientsRefused({message.recipients[0]: (code, reply)})
        code, reply = host.data(wire)
        if code != 250:
            self._give_up(host)
            raise smtplib.SMTPDataError(code, reply)
        return f"{code} {reply.decode('utf-8', 'replace')}"

    @staticmethod
    def _give_up(host: smtplib.SMTP) -> None:
        with suppress(smtplib.SMTPServerDisconnected):
            host.rset()


class SurveyMail(Mail):
    """Flask-Mail's settings, and connections of our kind."""

    def connect(self) -> VerifiedConnection:
        """Return a connection to use as a context."""
        return VerifiedConnection(self.state if hasattr(self, "state") else self)


mail = SurveyMail()


def keep_as_file(folder: Path, message: Outgoing, number: int) -> str:
    """Keep a message as a file where no mail server is configured; return what became of it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{message.sent_on:%Y%m%dT%H%M%SZ}-{number:08d}.eml"
    aside = folder / f".{name}.part"
    aside.write_bytes(message.as_bytes())
    aside.replace(folder / name)
    return f"kept as {name}"
