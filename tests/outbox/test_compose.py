"""The mails themselves: what they say, to whom, in which words; as text and as HTML."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from feedback import create_app
from feedback.outbox.compose import PREFERENCES_MARK, TOKEN_MARK, Mail, MailFacts, compose
from feedback.surveys.length import Length
from tests.conftest import settings_for

KINDS = ("invitation", "follow_up", "reminder")
CLOSED = datetime(2026, 9, 2, 1, 0, tzinfo=UTC)
LINK = f"https://fb.example.cn/s/{TOKEN_MARK}"
PREFERENCES = f"https://fb.example.cn/p/{PREFERENCES_MARK}"

CHINESE = MailFacts(
    locale="zh-Hans",
    brand="云栖生活服务",
    contact="care@example.com",
    customer_name="王伟",
    customer_gender="male",
    staff_name="李静",
    channel_name="电话",
    subject="空调不制冷",
    reference="GD20260902-0042",
    closed_at=CLOSED,
    expires_at=CLOSED + timedelta(days=21, hours=2, minutes=30),
    zone=ZoneInfo("Asia/Shanghai"),
    days_since=33,
    question="您对本次服务是否满意？",
    options=list(zip("54321", ["非常满意", "满意", "一般", "不满意", "非常不满意"], strict=True)),
    preselect="csat",
    length=Length(3, 30, has_comment=True),
)
ENGLISH = replace(
    CHINESE,
    locale="en",
    brand="Cloudrest Home Services",
    customer_name="Grace Miller",
    channel_name="Phone",
    subject="Air conditioner does not cool",
    question="How satisfied are you with this service?",
    options=list(
        zip(
            "54321",
            ["Very satisfied", "Satisfied", "Neither", "Dissatisfied", "Very dissatisfied"],
            strict=True,
        )
    ),
)
BOTH = pytest.mark.parametrize("facts", [CHINESE, ENGLISH], ids=["zh", "en"])
ALL = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application whose database is never asked."""
    folder = tmp_path_factory.mktemp("compose")
    return create_app(settings_for(f"sqlite:///{folder / 'none.sqlite'}", folder))


@pytest.fixture
def write(site: Flask) -> Callable[..., Mail]:
    def write(kind: str, facts: MailFacts, **values: Any) -> Mail:
        with site.app_context():
            return compose(kind, replace(facts, **values))

    return write


class Seen(HTMLParser):
    """What a mail program makes of the HTML: its words, links, tags and sources."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self._skip = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._skip = tag in ("style", "title")
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert not [name for name, _value in attrs if name in ("src", "background")]
        assert not [name for name, _value in attrs if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        self._skip = False

    def handle_data(self, data: str) -> None:
        self.words += "" if self._skip else data


# Subjects


@pytest.mark.parametrize(
    ("kind", "facts", "subject"),
    [
        ("invitation", CHINESE, "【云栖生活服务】请为9月2日的电话服务评分（约30秒）"),
        ("follow_up", CHINESE, "【云栖生活服务】9月2日的电话服务，现在是否一切正常？"),
        ("reminder", CHINESE, "【云栖生活服务】提醒：您的评价对我们很重要"),
        ("invitation", ENGLISH, "Cloudrest Home Services: how did it go on 2 September?"),
        ("follow_up", ENGLISH, "Cloudrest Home Services: is all still well?"),
        ("reminder", ENGLISH, "Cloudrest Home Services: a reminder, how did it go?"),
    ],
)
def test_the_subject_names_us_first_and_is_seen_whole_on_a_telephone(
    write: Callable[..., Mail], kind: str, facts: MailFacts, subject: str
) -> None:
    assert write(kind, facts).subject == subject
    assert len(subject) <= (30 if facts is CHINESE else 60)
    assert not set("!！") & set(subject)


def test_a_short_name_leaves_room_for_more(write: Callable[..., Mail]) -> None:
    assert write("reminder", CHINESE, brand="云栖").subject == (
        "【云栖】提醒：您的评价对我们很重要（链接9月23日前有效）"
    )
    assert write("invitation", ENGLISH, brand="Cloudrest").subject.endswith("(about 30 seconds)")


@ALL
@BOTH
def test_a_long_name_is_one_line_all_the_same(
    write: Callable[..., Mail], kind: str, facts: MailFacts
) -> None:
    mail = write(kind, facts, brand="很长 的\n\n名字" * 15)
    assert "\n" not in mail.subject
    assert "很长 的 名字" in mail.subject
    assert not mail.text.startswith("\n")


@pytest.mark.parametrize(
    ("channel", "words"),
    [("电话", "电话服务"), ("上门服务", "上门服务"), ("在线客服", "在线客服")],
)
def test_no_channel_is_called_a_service_twice(
    write: Callable[..., Mail], channel: str, words: str
) -> None:
    mail = write("invitation", CHINESE, channel_name=channel)
    assert f"的{words}评分" in mail.subject
    assert f"使用我们的{words}（由李静为您服务）" in mail.text


# What it says


@ALL
@BOTH
def test_both_parts_say_the_facts_of_this_contact(
    write: Callable[..., Mail], kind: str, facts: MailFacts
) -> None:
    mail = write(kind, facts)
    seen = Seen(mail.html)
    for words in (mail.text, seen.words):
        for fact in (facts.subject, "GD20260902-0042", "李静", facts.question, facts.brand):
            assert fact in words
        assert facts.channel_name in words
        assert "care@example.com" in words
        assert ("2026年9月2日" if facts is CHINESE else "2 September 2026") in words
        assert ("尊敬的王先生：" if facts is CHINESE else "Dear Grace Miller,") in words
        # The link ends at this minute of the organisation's clock.
        assert ("2026年9月23日11:30" if facts is CHINESE else "11:30 on 23 September 2026") in words
        assert ("共3题" if facts is CHINESE else "3 questions") in words
        assert ("约30秒" if facts is CHINESE else "about 30 seconds") in words


@BOTH
def test_each_kind_says_why_it_comes(write: Callable[..., Mail], facts: MailFacts) -> None:
    texts = {kind: write(kind, facts).text for kind in KINDS}
    if facts is CHINESE:
        assert "感谢您2026年9月2日使用我们的电话服务" in texts["invitation"]
        assert "已有33天。当时的事情现在是否仍然正常？" in texts["follow_up"]
        assert "这是唯一一次提醒" in texts["reminder"]
    else:
        assert "Thank you for being in touch" in texts["invitation"]
        assert "It is 33 days since" in texts["follow_up"]
        assert "the only reminder" in texts["reminder"]


@ALL
@BOTH
def test_all_answers_are_links_that_preselect_and_none_is_grander(
    write: Callable[..., Mail], kind: str, facts: MailFacts
) -> None:
    mail = write(kind, facts)
    expected = [f"{LINK}?csat={value}" for value in "54321"]
    assert [link for link in Seen(mail.html).links if "?" in link] == expected
    lines = mail.text.splitlines()
    for value, label in facts.options:
        assert lines[lines.index(label) + 1] == f"{LINK}?csat={value}"
    # Each is drawn by the same HTML, apart from its words and its value.
    drawn = [
        row.replace(label, "").replace(f"csat={value}", "")
        for (value, label), row in zip(
            facts.options,
            re.findall(r"<tr><td style=\"padding:0 0 8px;\">.*?</table></td></tr>", mail.html),
            strict=True,
        )
    ]
    assert len(set(drawn)) == 1


@ALL
@BOTH
def test_one_can_open_the_page_and_stop_the_mails_from_both_parts(
    write: Callable[..., Mail], kind: str, facts: MailFacts
) -> None:
    mail = write(kind, facts)
    links = Seen(mail.html).links
    assert LINK in links
    assert f"{LINK}/stop" in links
    assert LINK in mail.text.splitlines()
    assert f"{LINK}/stop" in mail.text.splitlines()
    assert PREFERENCES in links
    assert PREFERENCES in mail.text.splitlines()
    # Every link begins with our own public address.
    assert all(link.startswith(LINK) or link == PREFERENCES for link in links)


@ALL
@BOTH
def test_the_text_part_reads_well(write: Callable[..., Mail], kind: str, facts: MailFacts) -> None:
    for values in ({}, {"subject": "", "contact": "", "staff_name": None}, {"is_demo": True}):
        text = write(kind, facts, **values).text
        assert text == text.strip() + "\n"
        assert "\n\n\n" not in text
        for line in text.splitlines():
            assert line == line.strip()
            assert "http" not in line or line.startswith("https://")


@ALL
@BOTH
def test_it_needs_no_pictures_and_little_room(
    write: Callable[..., Mail], kind: str, facts: MailFacts
) -> None:
    mail = write(kind, facts)
    assert not {"img", "script", "link", "iframe", "form"} & set(Seen(mail.html).tags)
    assert "prefers-color-scheme: dark" in mail.html
    assert len(mail.html.encode()) < 20_000


def test_without_a_staff_member_a_matter_or_a_contact_nothing_is_left_hanging(
    write: Callable[..., Mail],
) -> None:
    for facts in (CHINESE, ENGLISH):
        mail = write("invitation", facts, staff_name=None, subject="  ", contact="")
        for words in (mail.text, Seen(mail.html).words):
            assert "None" not in words
            assert not re.search(r"（由|事项|About|, with", words)
            assert " · " not in words.replace("/ demo", "")


def test_one_question_and_no_room_for_a_comment_are_told_so(write: Callable[..., Mail]) -> None:
    assert "，共1题。" in write("invitation", CHINESE, length=Length(1, 10, has_comment=False)).text
    english = write("invitation", ENGLISH, length=Length(1, 10, has_comment=False)).text
    assert "about 10 seconds: 1 question." in english


@BOTH
def test_a_demo_says_that_it_is_one(write: Callable[..., Mail], facts: MailFacts) -> None:
    mail = write("invitation", facts, is_demo=True)
    for words in (mail.text, Seen(mail.html).words):
        assert "演示数据" in words
        assert "demo data" in words
    assert "demo data" not in write("invitation", facts).text


def test_links_begin_with_our_own_address_whatever_host_a_request_names(site: Flask) -> None:
    headers = {"X-Forwarded-Host": "evil.test", "Host": "evil.test"}
    with site.test_request_context("/", base_url="https://evil.test", headers=headers):
        mail = compose("invitation", CHINESE)
    assert "evil.test" not in mail.text + mail.html
    assert LINK in mail.text


# What strangers wrote


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}{{ config }}",
    "王伟\n\n您的账户已冻结，请登录 http://evil.test/x",
    "\u202egnp.exe\u2066 text",
    "👨‍👩‍👧 𠮷 ❤️ مرحبا",
    "长" * 300,
    "0TOKEN0",
    "&lt;b&gt; &amp; %s %(x)s {0}",
]


@pytest.mark.parametrize("words", HOSTILE)
@BOTH
def test_what_strangers_wrote_stays_words(
    write: Callable[..., Mail], facts: MailFacts, words: str
) -> None:
    plain = write("invitation", facts)
    mail = write(
        "invitation",
        facts,
        customer_name=words,
        subject=words,
        staff_name=words,
        reference=words,
        channel_name=words,
    )
    # It adds no tag (but a line for a longer text, and isolated pieces) and no link.
    assert set(Seen(mail.html).tags) == set(Seen(plain.html).tags)
    assert Seen(mail.html).links == Seen(plain.html).links
    assert len(mail.text.splitlines()) == len(plain.text.splitlines())
    assert "evil.test" not in mail.text + mail.html
    assert "49" not in mail.text
    assert not set("\u202e\u2066") & set(mail.text + mail.html + mail.subject)
    assert "\n" not in mail.subject
    assert len(mail.html.encode()) < 20_000


def test_the_text_keeps_its_characters(write: Callable[..., Mail]) -> None:
    words = "👨‍👩‍👧 𠮷田 <3 & “引号” مرحبا"
    mail = write("invitation", CHINESE, subject=words)
    assert words in mail.text
    assert words in Seen(mail.html).words
