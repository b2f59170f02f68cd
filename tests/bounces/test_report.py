"""What a mail that came back says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.bounces.report import read_return
from tests.bounces.returns import ID, complaint, plain, report


def test_a_delivery_report_names_the_mail_the_status_and_the_servers_words() -> None:
    found = read_return(report(to="bounces+7-abc@example.cn"))
    assert found is not None
    assert (found.kind, found.status, found.original_id) == ("hard", "5.1.1", ID)
    assert found.addresses == ("bounces+7-abc@example.cn",)
    assert "User unknown" in found.words


@pytest.mark.parametrize(
    ("status", "diagnostic", "kind"),
    [
        ("5.1.1", None, "hard"),
        ("5.1.10", "smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found", "hard"),
        ("5.0.0", "smtp; 550 Mailbox not found. http://service.mail.qq.com/?id=20022", "hard"),
        ("5.0.0", "smtp; 550 收件人邮箱不存在", "hard"),
        ("5.2.2", "smtp; 552 5.2.2 The account you tried to reach is over quota", "soft"),
        ("4.4.7", "smtp; 450 4.4.7 Message expired", "soft"),
        ("4.4.1", None, "soft"),
        ("5.3.4", "smtp; 552 5.3.4 Message too big", "soft"),
        # About us: too many at once, or not trusted. The address is as alive as before.
        ("5.0.0", "smtp; 550 Mailbox unavailable or access denied: sending frequency limited",
         "blocked"),
        ("5.7.1", "smtp; 550 5.7.1 Message rejected as spam by Content Filtering", "blocked"),
        ("5.7.26", "smtp; 550 5.7.26 This mail is unauthenticated", "blocked"),
        ("5.0.0", "smtp; 554 Relay access denied", "blocked"),
    ],
)  # fmt: skip
def test_what_counts_is_why_it_came_back(status: str, diagnostic: str | None, kind: str) -> None:
    found = read_return(report(status=status, diagnostic=diagnostic))
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_words_in_chinese_are_read_as_they_were_written(charset: str) -> None:
    found = read_return(
        report(status="5.0.0", diagnostic="smtp; 550 收件人邮箱不存在", charset=charset)
    )
    assert found is not None
    assert (found.kind, found.words) == ("hard", "550 收件人邮箱不存在")


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded", ""])
def test_a_report_of_anything_but_failure_returns_nothing(action: str) -> None:
    assert read_return(report(action=action, status="4.4.1")) is None


def test_a_complaint_is_one_and_other_feedback_is_not() -> None:
    found = read_return(complaint())
    assert found is not None
    assert (found.kind, found.original_id) == ("complaint", ID)
    assert read_return(complaint(sort="not-spam")) is None


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_return_in_plain_words_is_read_by_its_words(charset: str) -> None:
    text = (
        "Hi. This is the qmail-send program.\nI'm afraid I wasn't able to deliver your message.\n\n"
        "<wang@example.cn>:\n投递失败: 550 5.1.1 no such user\n\n--- Below this line is a copy\n\n"
        f"From: care@example.cn\nMessage-ID: {ID}\n"
    )
    found = read_return(plain(text, charset=charset))
    assert found is not None
    assert (found.kind, found.status, found.original_id) == ("hard", "5.1.1", ID)


def test_a_return_in_html_is_read_too() -> None:
    text = "<p>您的邮件被退回</p><td>host mx3.qq.com said: 550 Mailbox not found.</td>"
    found = read_return(plain(text, subtype="html", sender="Postmaster@qq.com"))
    assert found is not None
    assert found.kind == "hard"


@pytest.mark.parametrize(
    "wire",
    [
        plain("I am on holiday until 5 June, call 550 123 456.", sender="wang@example.cn",
              auto="auto-replied"),
        plain("自动回复：我在休假，急事请拨打 552 1234。", sender="wang@example.cn"),
        plain("Auto: out of office. 550 5.1.1 is what I would never say", sender="li@example.cn",
              auto="auto-replied"),
        plain("Your mailbox has 512 MB. Rooms 401 and 502 are free.", sender="postmaster@a.cn"),
        plain("Your order 551 is on its way", sender="shop@example.cn"),
        b"",
        b"\x00\xff\xfe",
    ],
)  # fmt: skip
def test_absent_people_and_letters_return_nothing(wire: bytes) -> None:
    assert read_return(wire) is None


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 900), st.integers(0, 60))
def test_whatever_is_broken_in_a_report_it_is_read_or_passed_over(
    noise: bytes, at: int, cut: int
) -> None:
    wire = report()
    read_return(wire[:at] + noise + wire[at + cut :])


def test_a_mail_without_end_is_cut_and_nested_parts_are_not_followed_for_ever() -> None:
    assert read_return(report() + b"x" * 5_000_000) is not None
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (one, one)
        for one in range(90)
    )
    assert read_return(nested) is None
