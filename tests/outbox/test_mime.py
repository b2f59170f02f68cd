"""A mail as bytes: what a server and a mail program read is what was meant, and nothing else."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.outbox.mime import Outgoing, UnsafeMail, header_text

HEADERS = [
    "Content-Type",
    "MIME-Version",
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "Reply-To",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
]
LINK = "https://fb.example.cn/s/" + "MTIzNDU2Nzg5." + "a" * 200 + "/stop"


@pytest.fixture(scope="module")
def app() -> Flask:
    """Flask-Mail asks the application for its defaults; nothing else is needed here."""
    app = Flask(__name__)
    app.extensions["mail"] = type("Settings", (), {"default_sender": None})()
    return app


def wire(app: Flask, **values: Any) -> bytes:
    defaults: dict[str, Any] = {
        "subject": "请为9月2日的电话服务评分",
        "recipient": "wang@example.cn",
        "sender": '"Example 客服" <care@example.cn>',
        "text": "您好！\n",
        "html": "<p>您好！</p>\n",
        "message_id": "<invitation.4711@example.cn>",
        "date": datetime(2026, 9, 2, 1, 0, tzinfo=UTC),
        "language": "zh-Hans",
        "unsubscribe": LINK,
        "reply_to": "help@example.cn",
    }
    with app.app_context():
        return Outgoing(**(defaults | values)).as_bytes()


def read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)  # type: ignore[return-value]


def test_the_headers_are_those_meant_in_their_order(app: Flask) -> None:
    mail = read(wire(app))
    assert mail.keys() == HEADERS
    assert mail["From"] == "Example 客服 <care@example.cn>"
    assert mail["To"] == "wang@example.cn"
    assert mail["Subject"] == "请为9月2日的电话服务评分"
    assert mail["Message-ID"] == "<invitation.4711@example.cn>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Wed, 02 Sep 2026 01:00:00 +0000"
    assert mail["Reply-To"] == "help@example.cn"
    assert mail["Content-Language"] == "zh-Hans"


def test_it_has_a_text_and_an_html_part_that_say_what_they_should(app: Flask) -> None:
    mail = read(wire(app, text="您好 👋 𠮷\n.\n..x\n", html="<p>您好 👋 𠮷</p>\n"))
    assert mail.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    text, html = mail.iter_parts()
    assert text.get_content() == "您好 👋 𠮷\n.\n..x\n"
    assert html.get_content() == "<p>您好 👋 𠮷</p>\n"


def test_a_paragraph_of_400_chinese_characters_keeps_the_lines_short(app: Flask) -> None:
    content = wire(app, text="服" * 400, html=f"<p>{'务' * 4000}</p>")
    assert max(map(len, content.split(b"\r\n"))) < 998
    assert next(part.get_content() for part in read(content).iter_parts()) == "服" * 400


def test_a_long_unsubscribe_address_is_not_encoded(app: Flask) -> None:
    content = wire(app)
    assert f"\r\nList-Unsubscribe: <{LINK}>\r\n".encode() in content
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in content


def test_without_a_link_there_is_nothing_to_unsubscribe_from(app: Flask) -> None:
    names = read(wire(app, unsubscribe=None, reply_to=None)).keys()
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To"} & set(names)


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ('"ACME, Inc. 客服" <care@example.cn>', "ACME, Inc. 客服"),
        ('"ACME, Inc." <care@example.cn>', "ACME, Inc."),
        ("ACME, Inc. 客服 <care@example.cn>", "ACME, Inc. 客服"),
        ("ACME, Inc. <care@example.cn>", "ACME, Inc."),
        ("<care@example.cn>", ""),
        ('"客服 \\"一组\\"" <care@example.cn>', '客服 "一组"'),
        ("care@example.cn", ""),
    ],
)
def test_a_sender_is_one_sender_whatever_it_is_called(app: Flask, sender: str, name: str) -> None:
    (address,) = read(wire(app, sender=sender))["From"].addresses
    assert address.addr_spec == "care@example.cn"
    assert address.display_name == name


def test_a_senders_long_name_is_several_words_none_too_long(app: Flask) -> None:
    name = "很长的名字" * 20
    mail = message_from_bytes(wire(app, sender=f'"{name}" <care@example.cn>'))
    assert str(make_header(decode_header(mail["From"]))) == f"{name} <care@example.cn>"
    assert all(len(word) <= 75 for word in re.findall(r"=\?\S+\?=", mail["From"]))


def test_a_retry_is_the_same_to_the_byte(app: Flask) -> None:
    assert wire(app) == wire(app)


def test_it_is_less_than_what_mail_programs_cut(app: Flask) -> None:
    assert len(wire(app, text="服" * 3000, html="务" * 6000)) < 100_000


INJECTIONS = [
    "=?utf-8?q?Hi=0D=0ABcc=3A_evil=40ex.test?=",
    "Hi\r\nBcc: evil@ex.test",
    "Hi\nBcc: evil@ex.test",
    "Hi\rBcc: evil@ex.test",
    "Hi\u2028Bcc: evil@ex.test",
    "Hi\u0085Bcc: evil@ex.test",
    "=\u200b?utf-8?q?=0ABcc:x?=",
    "=?utf-8?b?SGkNCkJjYzogZXZpbEBleC50ZXN0?=",
    "您好=?utf-8?q?=0D=0ABcc=3A_x?=",
    "\r\n\r\nA body",
    "\x00\x1b[31m",
    "a\u202eb",
    "",
]


def check(content: bytes) -> Message:
    """Check what must hold whatever strangers wrote."""
    mail = message_from_bytes(content)
    assert mail.keys() == HEADERS
    assert mail["To"] == "wang@example.cn"
    assert mail["Message-ID"] == "<invitation.4711@example.cn>"
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert b"\r\n.\r\n" not in content
    assert max(map(len, content.split(b"\r\n"))) < 998
    subject = str(make_header(decode_header(mail["Subject"])))
    assert not any(character in subject for character in "\r\n\u2028\u202e\x00")
    assert not mail.defects
    return mail


@pytest.mark.parametrize("words", INJECTIONS)
def test_a_subject_adds_no_header_and_no_recipient(app: Flask, words: str) -> None:
    check(wire(app, subject=words))
    assert read(wire(app, subject=words)).keys() == HEADERS


@pytest.mark.parametrize("words", INJECTIONS)
def test_a_senders_name_adds_none_either(app: Flask, words: str) -> None:
    name = words.replace("\\", "").replace('"', "")
    check(wire(app, sender=f'"{name}" <care@example.cn>') if "\r" not in name else wire(app))


PIECES = (
    "=?utf-8?q?", "=?utf-8?b?", "?=", "=0D=0A", "\r", "\n", "Bcc: a@b.c", "=", "?", "\u2028",
    "您好", "\u202e", "\u200b", " ", "\t", ":", "\x00", "𠮷", "👨\u200d👩\u200d👧", ",", "<", ">",
    '"',
)  # fmt: skip
HOSTILE = st.one_of(
    st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
)


@given(subject=HOSTILE, body=HOSTILE)
@settings(
    max_examples=2200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_two_thousand_strangers_add_no_header_and_no_recipient(
    app: Flask, subject: str, body: str
) -> None:
    body = body.encode("utf-8", "replace").decode()
    mail = check(wire(app, subject=subject, text=body, html=body))
    text, html = mail.get_payload()
    for part in (text, html):
        assert "".join(part.get_payload(decode=True).decode().split()) == "".join(body.split())


@pytest.mark.parametrize(
    "recipient",
    [
        "wang@example.cn\r\nBcc: evil@ex.test",
        "wang@example.cn, evil@ex.test",
        "<wang@example.cn>",
        "wang wei@example.cn",
        "王@example.cn",
        "nobody",
        "",
    ],
)
def test_what_is_not_one_address_is_not_written_to(app: Flask, recipient: str) -> None:
    with pytest.raises(UnsafeMail):
        wire(app, recipient=recipient)


def test_a_header_that_nobody_asked_for_stops_the_mail(app: Flask) -> None:
    with pytest.raises(Exception, match=r"(?i)header"):
        wire(app, reply_to="help@example.cn\r\nBcc: evil@ex.test")
    with pytest.raises(Exception, match=r"(?i)header"):
        wire(app, message_id="<x@y>\nBcc: evil@ex.test")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u202eb\u2066c\u200b", "abc"),
        ("一\n二", "一 二"),
        ("👨‍👩‍👧 𠮷", "👨‍👩‍👧 𠮷"),
        ("=?utf-8?q?x?=", "= ?utf-8?q?x?="),
        ("=\u200b?x", "= ?x"),
    ],
)
def test_a_headers_words_are_kept_and_its_tricks_are_not(text: str, expected: str) -> None:
    assert header_text(text) == expected
