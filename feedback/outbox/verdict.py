"""What a mail server's answer means, and for whom: this message, its domain, or all of them."""

import re
import smtplib
from dataclasses import dataclass
from enum import Enum

from feedback.outbox.transport import CutOff, NoAnswer

_LONGEST = 500
_LINK = re.compile(r"/(s|p|my)/[^\s/?>\"]+")

# QQ Mail answers 550 to senders that are merely too fast; that is no judgement on the address.
_TOO_FAST = re.compile(
    r"frequen|\brate\b|ratelimit|throttl|too (?:fast|much mail)|sending (?:limit|quota)"
    r"|too many (?:concurrent|connect|mail|e-?mail|message|recipient|request|session)"
    r"|4\.7\.28|频率|频繁|过快",
    re.IGNORECASE,
)
_TEMPORARY = re.compile(r"try again|temporar|later|busy", re.IGNORECASE)
# The server is ill, or turns us away and not this message: not signed in, not to be relayed.
_SERVER_IS_ILL = re.compile(
    r"\b4\.3\.\d|service (?:currently )?(?:not |un)available", re.IGNORECASE
)
_TURNED_AWAY = re.compile(r"\brelay|authentication (?:is )?required|starttls", re.IGNORECASE)
_TURNED_AWAY_CODES = (421, 530, 534, 535, 538)

_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_DEAD_ADDRESS = re.compile(r"\b5\.1\.(?:[01236]|10)\b")
_NOBODY_THERE = re.compile(
    r"no such|unknown (?:user|recipient|local|address|mailbox)|(?:user|recipient|address) unknown"
    r"|not? exist|doesn.t exist|not found|invalid (?:recipient|mailbox|user|address)|no mailbox"
    r"|mailbox (?:unavailable|not available|invalid)|不存在",
    re.IGNORECASE,
)


class Fate(Enum):
    """What becomes of a message that was not taken."""

    LATER = "try again, so many times"
    NEVER = "give it up"
    NOBODY_THERE = "give it up, and the address with it"
    DOMAIN_WAITS = "we were too fast for this domain"
    SERVER_WAITS = "the server takes nothing from us, whatever the message"
    UNSURE = "it may have been taken"


@dataclass(frozen=True)
class Verdict:
    """What to do about a message that was not taken, and the server's own words."""

    words: str
    fate: Fate
    # What the server answered, None where it said nothing; and whether it was waited for in vain.
    code: int | None = None
    timed_out: bool = False


def judge(error: Exception) -> Verdict:
    """Return the verdict on what handing a message over raised."""
    in_vain = _timed_out(error)
    if isinstance(error, NoAnswer):
        words = tidy_words(f"No answer after the whole message: {error}")
        return Verdict(words, Fate.UNSURE, timed_out=in_vain)
    if isinstance(error, CutOff):
        return Verdict(tidy_words(str(error)), Fate.LATER, timed_out=in_vain)
    if isinstance(error, smtplib.SMTPSenderRefused):
        # What is refused before the recipient is named is refused for all of them.
        words = _said(error.smtp_code, error.smtp_error)
        return Verdict(words, Fate.SERVER_WAITS, error.smtp_code)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return _of_answer(code, _said(code, reply), at_recipient=True)
    if isinstance(error, smtplib.SMTPDataError):
        words = _said(error.smtp_code, error.smtp_error)
        return _of_answer(error.smtp_code, words, at_recipient=False)
    return absent(error)


def absent(error: Exception) -> Verdict:
    """Return the verdict on a server that was not reached, or left before it had the message."""
    if isinstance(error, smtplib.SMTPResponseException):
        words = _said(error.smtp_code, error.smtp_error)
        return Verdict(words, Fate.SERVER_WAITS, error.smtp_code)
    words = tidy_words(str(error)) or error.__class__.__name__
    return Verdict(words, Fate.SERVER_WAITS, timed_out=_timed_out(error))


def _timed_out(error: BaseException | None) -> bool:
    """Tell whether waiting in vain is behind an error; smtplib says that a server has left."""
    while error is not None and not isinstance(error, TimeoutError):
        error = error.__cause__ or error.__context__
    return error is not None


def unbuildable(error: Exception) -> Verdict:
    """Return the verdict on a message we cannot write; the same bytes would fail for ever."""
    return Verdict(tidy_words(f"{error.__class__.__name__}: {error}"), Fate.NEVER)


def tidy_words(text: str) -> str:
    """Return a server's words fit to keep: on one line, not endless, and without a survey's link.

    Filters like to quote the address they object to, and no clear token may rest here or in a log.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return _LINK.sub(r"/\1/…", line)[:_LONGEST]


def _said(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    return tidy_words(f"{code} {text}")


def fate_of_refusal(code: int, words: str) -> Fate:
    """Return what a mail system's refusal of one recipient means, said by itself or in a report."""
    return _fate_of_answer(code, words, at_recipient=True)


def _of_answer(code: int, words: str, *, at_recipient: bool) -> Verdict:
    return Verdict(words, _fate_of_answer(code, words, at_recipient=at_recipient), code)


def _fate_of_answer(code: int, words: str, *, at_recipient: bool) -> Fate:
    if code in _TURNED_AWAY_CODES:
        return Fate.SERVER_WAITS
    if _TOO_FAST.search(words):
        return Fate.DOMAIN_WAITS
    if not 500 <= code < 600:
        ill = _SERVER_IS_ILL.search(words)
        return Fate.SERVER_WAITS if ill else Fate.LATER
    if _DEAD_ADDRESS.search(words):
        return Fate.NOBODY_THERE
    if _TURNED_AWAY.search(words):
        return Fate.SERVER_WAITS
    if _TEMPORARY.search(words):
        return Fate.LATER
    # Where the server gives a code of the finer kind, that decides; else its words must.
    if at_recipient and not _ENHANCED.search(words) and _NOBODY_THERE.search(words):
        return Fate.NOBODY_THERE
    return Fate.NEVER
