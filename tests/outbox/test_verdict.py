"""What mail servers say, and what we take it to mean."""

import smtplib

import pytest

from feedback.outbox.transport import CutOff, NoAnswer
from feedback.outbox.verdict import Fate, absent, judge, tidy_words, unbuildable

RECIPIENT = [
    ("450 4.2.0 Greylisted", Fate.LATER),
    ("451 4.7.1 Please try again later", Fate.LATER),
    ("452 4.2.2 Mailbox full", Fate.LATER),
    ("550 5.1.1 <wang@example.cn>: Recipient address rejected: User unknown", Fate.NOBODY_THERE),
    ("550-5.1.1 The email account that you tried to reach does not exist", Fate.NOBODY_THERE),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", Fate.NOBODY_THERE),
    ("553 5.1.2 We have no such domain", Fate.NOBODY_THERE),
    ("550 No such user here", Fate.NOBODY_THERE),
    ("550 User not found: wang@163.com", Fate.NOBODY_THERE),
    ("550 Mailbox unavailable or access denied", Fate.NOBODY_THERE),
    ("550 Invalid recipient", Fate.NOBODY_THERE),
    ("550 收件人不存在", Fate.NOBODY_THERE),
    ("550 5.1.8 Sender address rejected", Fate.NEVER),
    ("550 5.7.1 User blocked by policy", Fate.NEVER),
    ("550 5.7.1 Message rejected due to reputation, mailbox protected", Fate.NEVER),
    ("552 5.2.2 Mailbox full", Fate.NEVER),
    ("554 DT:SPM 163 smtp", Fate.NEVER),
    ("550 5.7.26 This mail is unauthenticated", Fate.NEVER),
    ("554 5.4.6 Too many hops", Fate.NEVER),
    ("550 Connection frequency limited", Fate.DOMAIN_WAITS),
    ("550 Domain frequency limited", Fate.DOMAIN_WAITS),
    ("550 Sender frequency limited", Fate.DOMAIN_WAITS),
    ("450 4.2.1 The user is receiving mail at a rate that prevents this", Fate.DOMAIN_WAITS),
    ("452 4.5.3 Too many recipients", Fate.DOMAIN_WAITS),
    ("550 5.4.5 Daily user sending limit exceeded", Fate.DOMAIN_WAITS),
    ("421 4.7.0 Too many connections", Fate.SERVER_WAITS),
    ("450 4.3.2 Service currently unavailable", Fate.SERVER_WAITS),
    ("452 4.3.1 Insufficient system storage", Fate.SERVER_WAITS),
    ("451 4.7.1 Service unavailable - try again later", Fate.SERVER_WAITS),
    ("554 5.7.1 <wang@example.cn>: Relay access denied", Fate.SERVER_WAITS),
    ("550 relaying denied", Fate.SERVER_WAITS),
    ("530 5.7.0 Must issue a STARTTLS command first", Fate.SERVER_WAITS),
    ("550 5.7.1 Temporarily deferred", Fate.LATER),
]


@pytest.mark.parametrize(("answer", "fate"), RECIPIENT)
def test_an_answer_to_the_recipient(answer: str, fate: Fate) -> None:
    refusal = {"wang@example.cn": (int(answer[:3]), answer[4:].encode())}
    verdict = judge(smtplib.SMTPRecipientsRefused(refusal))
    assert verdict.fate is fate
    assert answer[4:] in verdict.words


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ("550 5.1.1 User unknown", Fate.NOBODY_THERE),
        # Without a finer code, an answer to the content says nothing of the address.
        ("550 Message refers to a user that does not exist", Fate.NEVER),
        ("554 5.6.0 Malformed", Fate.NEVER),
        ("451 4.7.1 Later", Fate.LATER),
        ("550 Mail content denied: sending frequency", Fate.DOMAIN_WAITS),
        ("-1 nonsense", Fate.LATER),
    ],
)
def test_an_answer_to_the_message(answer: str, fate: Fate) -> None:
    code, _, words = answer.partition(" ")
    assert judge(smtplib.SMTPDataError(int(code), words)).fate is fate


def test_what_is_refused_before_the_recipient_is_named_is_refused_for_all() -> None:
    for code in (421, 451, 530, 550):
        assert judge(smtplib.SMTPSenderRefused(code, b"no", "a@b.cn")).fate is Fate.SERVER_WAITS


def test_a_server_that_is_not_there() -> None:
    for error in (
        ConnectionRefusedError(111, "Connection refused"),
        TimeoutError("timed out"),
        smtplib.SMTPConnectError(554, b"closed"),
        smtplib.SMTPAuthenticationError(535, b"wrong password"),
        smtplib.SMTPNotSupportedError("STARTTLS extension not supported by server."),
    ):
        assert absent(error).fate is Fate.SERVER_WAITS
    assert absent(smtplib.SMTPAuthenticationError(535, b"no")).words == "535 no"
    assert absent(TimeoutError()).words == "TimeoutError"


def test_a_server_that_goes_in_the_middle_and_one_that_goes_at_the_end() -> None:
    assert judge(CutOff("gone")).fate is Fate.LATER
    assert judge(NoAnswer("gone")).fate is Fate.UNSURE
    assert unbuildable(ValueError("no")).fate is Fate.NEVER


def test_words_are_kept_on_one_line_and_without_the_customers_link() -> None:
    said = "554 Blocked:\r\n\x1b[31m https://fb.example.cn/s/MTIz.secret?csat=5 is bad " + "x" * 900
    words = tidy_words(said)
    assert words.startswith("554 Blocked: [31m https://fb.example.cn/s/…?csat=5 is bad")
    assert "secret" not in words
    assert len(words) <= 500
