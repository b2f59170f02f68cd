"""What a mail server's answer means: try again, give up, or nobody lives there."""

import re
import smtplib
from dataclasses import dataclass

# QQ Mail answers 550 to senders that are merely too fast; that is no judgement on the address.
_TOO_FAST = re.compile(r"frequen|limit|too many|\brate\b|try again|temporar|busy", re.IGNORECASE)
_NOBODY_THERE = re.compile(
    r"no such|unknown|not exist|does not|mailbox|invalid recipient|user|5\.1\.[0-6]", re.IGNORECASE
)


@dataclass(frozen=True)
class Verdict:
    """What to do about a message that was not taken, and the server's own words."""

    words: str
    is_final: bool
    address_is_dead: bool = False
    server_is_away: bool = False


def judge(error: Exception) -> Verdict:
    """Return the verdict on what smtplib raised."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return _of_code(code, _words(reply), at_recipient=True)
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return Verdict(f"{error.smtp_code} {_words(error.smtp_error)}", False, server_is_away=True)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # Wrong credentials are the administrator's to mend, not a reason to lose the mail.
        return Verdict(f"{error.smtp_code} {_words(error.smtp_error)}", False, server_is_away=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return _of_code(error.smtp_code, _words(error.smtp_error), at_recipient=False)
    if isinstance(error, smtplib.SMTPException | OSError):
        return Verdict(str(error) or error.__class__.__name__, False, server_is_away=True)
    # Anything else is a message we cannot even build; the same bytes will fail for ever.
    return Verdict(f"{error.__class__.__name__}: {error}", True)


def _of_code(code: int, words: str, *, at_recipient: bool) -> Verdict:
    text = f"{code} {words}"
    if code == 421:
        return Verdict(text, False, server_is_away=True)
    if 500 <= code < 600 and not _TOO_FAST.search(words):
        return Verdict(
            text, True, address_is_dead=at_recipient and bool(_NOBODY_THERE.search(words))
        )
    return Verdict(text, False)


def _words(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
