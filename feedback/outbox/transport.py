"""How a message reaches the mail server: Flask-Mail, with what it leaves open closed."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from flask import current_app
from flask_mail import Connection, Mail

from feedback.outbox.mime import Outgoing

_CLOSING = 421
_LINE_BEGINS_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)

# The steps of handing mail over, in their order.
CONNECT, ENCRYPT, SIGN_IN = "connect", "encrypt", "sign_in"
SENDER, RECIPIENT, MESSAGE = "sender", "recipient", "message"
Told = Callable[[str, int, bytes], None]


def _nobody(step: str, code: int, reply: bytes) -> None:
    """Listen to nothing."""


class CutOff(smtplib.SMTPException):
    """The server went away while it was being given the message; it cannot have taken it."""


class NoAnswer(smtplib.SMTPException):
    """The server has the whole message and did not say whether it takes it."""


@dataclass(frozen=True)
class Patience:
    """How many seconds a mail server is waited for, at each step and for its last word."""

    step: float = 15
    # A server that looks through a mail takes its time, and a repeat is worse than waiting.
    answer: float = 60


class VerifiedConnection(Connection):  # type: ignore[misc]
    """Flask-Mail's connection, with certificates verified and an end to waiting."""

    host: smtplib.SMTP

    def __init__(self, mail: object, patience: Patience, told: Told = _nobody) -> None:
        super().__init__(mail)
        self.patience = patience
        # Told of each step the server agreed to, in its own words.
        self.told = told
        self.carried = 0

    def __enter__(self) -> Self:
        """Connect; raise what smtplib raises, within the time-out."""
        self.host = self.configure_host()
        return self

    def __exit__(self, *error: object) -> None:
        """Say goodbye; a server that has already left took the message all the same."""
        with suppress(OSError):
            self.host.quit()
        self.host.close()

    @property
    def is_open(self) -> bool:
        """Tell whether another message can go this way."""
        return getattr(self.host, "sock", None) is not None

    def configure_host(self) -> smtplib.SMTP:
        """Return the server, greeted, encrypted and signed in to as the settings say."""
        context = ssl.create_default_context()
        mail, seconds = self.mail, self.patience.step
        host: smtplib.SMTP
        if mail.use_ssl:
            host = smtplib.SMTP_SSL(mail.server, mail.port, timeout=seconds, context=context)
        else:
            host = smtplib.SMTP(mail.server, mail.port, timeout=seconds)
        try:
            # The final dot goes out by itself, and would wait 40 ms for the rest to be confirmed.
            _socket(host).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            code, reply = host.ehlo()
            if code == _CLOSING:
                raise smtplib.SMTPHeloError(code, reply)
            self.told(CONNECT, code, reply)
            if mail.use_tls:
                self.told(ENCRYPT, *host.starttls(context=context))
            host.ehlo_or_helo_if_needed()
            if mail.username and mail.password:
                self.told(SIGN_IN, *host.login(mail.username, mail.password))
        except BaseException:
            host.close()
            raise
        return host

    def hand_over(self, message: Outgoing, wire: bytes, before_dot: Callable[[], None]) -> str:
        """Give one message to the server; return its words.

        `before_dot` is called when all but the final dot has been sent; if it raises, the dot
        stays unsent and the connection is closed, so that the server throws the message away.

        Raises:
            smtplib.SMTPException, OSError: it was refused, or the server left before it began.
            CutOff: the server left in the middle of it.
            NoAnswer: the server left after the final dot.

        """
        self._introduce(message)
        host = self.host
        try:
            host.send(_LINE_BEGINS_WITH_DOT.sub(b"..", wire))
            before_dot()
            _socket(host).settimeout(self.patience.answer)
            host.send(b".\r\n")
        except BaseException as error:
            host.close()
            if isinstance(error, OSError):
                raise CutOff(str(error)) from error
            raise
        try:
            code, reply = host.getreply()
        except OSError as error:
            host.close()
            raise NoAnswer(str(error)) from error
        _socket(host).settimeout(self.patience.step)
        if code != 250:
            self._give_up(code)
            if code == _CLOSING:
                raise CutOff(f"{code} {reply.decode('utf-8', 'replace')}")
            raise smtplib.SMTPDataError(code, reply)
        self.told(MESSAGE, code, reply)
        self.carried += 1
        return f"{code} {reply.decode('utf-8', 'replace')}"

    def _introduce(self, message: Outgoing) -> None:
        """Bring the server to where it waits for the message."""
        host = self.host
        code, reply = host.mail(message.return_path)
        if code != 250:
            self._give_up(code)
            raise smtplib.SMTPSenderRefused(code, reply, message.return_path)
        self.told(SENDER, code, reply)
        code, reply = host.rcpt(message.recipient)
        if code not in (250, 251):
            self._give_up(code)
            raise smtplib.SMTPRecipientsRefused({message.recipient: (code, reply)})
        self.told(RECIPIENT, code, reply)
        code, reply = host.docmd("DATA")
        if code != 354:
            self._give_up(code)
            raise smtplib.SMTPDataError(code, reply)

    def _give_up(self, code: int) -> None:
        # After this the server closes the connection, whatever it is told.
        if code == _CLOSING:
            self.host.close()
            return
        with suppress(OSError):
            self.host.rset()


def _socket(host: smtplib.SMTP) -> socket.socket:
    if host.sock is None:
        raise smtplib.SMTPServerDisconnected("the connection is closed")
    return host.sock


class SurveyMail(Mail):  # type: ignore[misc]
    """Flask-Mail's settings, and connections of our kind."""

    def connect(self, patience: Patience | None = None, told: Told = _nobody) -> VerifiedConnection:
        """Return a connection to the current application's server, to use as a context."""
        return VerifiedConnection(current_app.extensions["mail"], patience or Patience(), told)


mail = SurveyMail()


def keep_as_file(folder: Path, message: Outgoing, wire: bytes, number: int) -> str:
    """Keep a message as a file where no mail server is configured; return what became of it."""
    # The links in it open surveys, so the folder is nobody else's.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{message.sent_on:%Y%m%dT%H%M%SZ}-{number:08d}.eml"
    aside = folder / f".{name}.part"
    aside.write_bytes(wire)
    aside.replace(folder / name)
    return f"kept as {name}"
