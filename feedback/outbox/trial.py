"""Tries the mail server out by the way all mail goes, and says what it said at each step."""

import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from feedback.outbox import transport
from feedback.outbox.mime import Outgoing, UnsafeMail
from feedback.outbox.transport import Patience, mail
from feedback.outbox.verdict import judge, tidy_words

# Somebody waits in front of the page for it, and the web server not much longer.
_PATIENCE = Patience(step=8, answer=15)
# OpenSSL's numbers for what is wrong with a certificate.
_EXPIRED, _SELF_SIGNED, _SELF_SIGNED_IN_CHAIN, _UNKNOWN_ISSUER, _OTHER_NAME = 10, 18, 19, 20, 62
_NOT_YET_VALID = 9


@dataclass(frozen=True)
class Step:
    """One step: whether the server agreed, None where it came to nothing, and the words."""

    name: str
    agreed: bool | None
    words: str = ""
    # What that means, where we know.
    meaning: str = ""


def try_mail(config: Mapping[str, Any], message: Outgoing | None) -> list[Step]:
    """Connect and sign in, and send the message if there is one; return what came of each step."""
    steps = _steps(config, message)
    said: dict[str, str] = {}

    def told(step: str, code: int, reply: bytes) -> None:
        said[step] = tidy_words(f"{code} {reply.decode('utf-8', 'replace')}")

    error: Exception | None = None
    try:
        wire = message.as_bytes() if message else b""
        with mail.connect(_PATIENCE, told) as connection:
            if message is not None:
                connection.hand_over(message, wire, lambda: None)
    except (OSError, smtplib.SMTPException, UnsafeMail, UnicodeError) as caught:
        error = caught
    if config["MAIL_USE_SSL"]:
        # Encrypted before the first word, so the server has none about it.
        if transport.CONNECT in said:
            said[transport.ENCRYPT] = ""
        elif isinstance(error, ssl.SSLError):
            said[transport.CONNECT] = ""
    return _told(steps, said, error)


def is_well(steps: list[Step]) -> bool:
    """Tell whether every step was agreed to."""
    return all(step.agreed for step in steps)


def _steps(config: Mapping[str, Any], message: Outgoing | None) -> list[str]:
    steps = [transport.CONNECT]
    if config["MAIL_USE_SSL"] or config["MAIL_USE_TLS"]:
        steps.append(transport.ENCRYPT)
    if config["MAIL_USERNAME"] and config["MAIL_PASSWORD"]:
        steps.append(transport.SIGN_IN)
    if message is not None:
        steps += [transport.SENDER, transport.RECIPIENT, transport.MESSAGE]
    return steps


def _told(steps: list[str], said: Mapping[str, str], error: Exception | None) -> list[Step]:
    found: list[Step] = []
    for name in steps:
        if name in said:
            found.append(Step(name, True, said[name]))
        elif error is not None:
            found.append(Step(name, False, judge(error).words, meaning_of(error)))
            # What comes after the first refusal was not come to.
            error = None
        else:
            found.append(Step(name, None))
    return found


def meaning_of(error: Exception) -> str:
    """Return in plain words what an error means, or nothing where its own words must do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_certificate(error)
    # As which it comes out of the conversation, once there is a connection.
    if isinstance(error, smtplib.SMTPServerDisconnected) and isinstance(
        error.__context__, TimeoutError
    ):
        error = error.__context__
    # Each kind before the kinds it is one of.
    meanings: tuple[tuple[type[Exception], str], ...] = (
        (
            ssl.SSLError,
            _("The server does not speak TLS here: another port or another kind of encryption."),
        ),
        (
            smtplib.SMTPAuthenticationError,
            _("The server does not accept this user name with this password."),
        ),
        (
            smtplib.SMTPNotSupportedError,
            _("The server does not offer this here: another port or another kind of encryption."),
        ),
        (smtplib.SMTPSenderRefused, _("The server does not send for this sender's address.")),
        (smtplib.SMTPRecipientsRefused, _("The server does not send to this address.")),
        (socket.gaierror, _("There is no server of this name; look for a typing error.")),
        (
            TimeoutError,
            _("Nobody answers: a firewall, another port, or TLS where there is none."),
        ),
        (ConnectionRefusedError, _("The machine is there, and nothing listens at this port.")),
    )
    return next((words for kind, words in meanings if isinstance(error, kind)), "")


def _of_certificate(error: ssl.SSLCertVerificationError) -> str:
    told = {
        _EXPIRED: _("The server's certificate has expired; its operator must renew it."),
        _NOT_YET_VALID: _("The server's certificate is not valid yet; look at both clocks."),
        _OTHER_NAME: _("The server's certificate is made out to another name; use that name here."),
    }
    signed = _(
        "Nobody we know has signed the server's certificate. For an authority of your own, name"
        " its certificate in the environment: SSL_CERT_FILE."
    )
    told |= dict.fromkeys((_SELF_SIGNED, _SELF_SIGNED_IN_CHAIN, _UNKNOWN_ISSUER), signed)
    return str(told.get(error.verify_code, signed))
