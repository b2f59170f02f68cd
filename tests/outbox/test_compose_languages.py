"""Mails in languages whoever is signed in need not read: German and traditional Chinese."""

from dataclasses import replace
from datetime import timedelta

import pytest

from feedback.outbox.compose import TOKEN_MARK, MailFacts
from feedback.outbox.salutation import salutation
from feedback.surveys.length import Length
from tests.outbox.test_compose import CHINESE, ENGLISH, KINDS, Seen, site, write

__all__ = ["site", "write"]

GERMAN = replace(
    ENGLISH,
    locale="de",
    customer_name="Anna Schmidt",
    channel_name="Telefon",
    question="Wie zufrieden sind Sie?",
    options=[("5", "Sehr zufrieden"), ("1", "Sehr unzufrieden")],
)
TRADITIONAL = replace(
    CHINESE, locale="zh-Hant", channel_name="電話", question="您是否滿意？",
    options=[("5", "非常滿意"), ("1", "非常不滿意")],
)  # fmt: skip
BOTH = pytest.mark.parametrize("facts", [GERMAN, TRADITIONAL], ids=["de", "zh-Hant"])
# English and simplified words that would stand in them if anything were forgotten.
FOREIGN = {
    "de": ("you", "question", "minute:", "Dear", "about", "mails"),
    "zh-Hant": ("您对", "邮件", "链接", "评价", "服务", "请", "题，", "约", "为"),
}


@BOTH
@pytest.mark.parametrize("kind", KINDS)
def test_every_word_is_in_the_language(write, kind: str, facts: MailFacts) -> None:
    mail = write(kind, facts, brand="Blau", subject="", staff_name=None)
    assert f'<html lang="{facts.locale}">' in mail.html
    words = f"{mail.subject} {mail.text} {Seen(mail.html).words}"
    assert [one for one in FOREIGN[facts.locale] if one in words] == []
    for _value, label in facts.options:
        assert label in words


@pytest.mark.parametrize(
    ("kind", "facts", "subject"),
    [
        ("invitation", GERMAN, "Blau: Wie war es am 2. September? (etwa 30 Sekunden)"),
        ("follow_up", GERMAN, "Blau: Ist seit dem 2. September noch alles in Ordnung?"),
        ("reminder", GERMAN, "Blau: Zur Erinnerung: Wie war es am 2. September?"),
        ("invitation", TRADITIONAL, "【Blau】請為9月2日的電話服務評分（約30秒）"),
        ("follow_up", TRADITIONAL, "【Blau】9月2日的電話服務，現在是否一切正常？"),
        ("reminder", TRADITIONAL, "【Blau】提醒：您的評價對我們很重要"),
    ],
)
def test_the_subject_is_seen_whole(write, kind: str, facts: MailFacts, subject: str) -> None:
    assert write(kind, facts, brand="Blau").subject == subject
    assert len(subject) <= (60 if facts is GERMAN else 30)


def test_moments_and_people_are_written_as_the_language_writes_them(write) -> None:
    german = write("invitation", GERMAN).text
    assert german.startswith("Guten Tag Anna Schmidt,\n\ndanke, dass Sie sich am 2. September 2026")
    assert "(Telefon, mit 李静)" in german
    assert "Der Link gilt bis zum 23. September 2026 um" in german
    assert "etwa 30 Sekunden: 3 Fragen und Platz für einen Kommentar." in german
    traditional = write("invitation", TRADITIONAL).text
    assert "（由李静為您服務）" in traditional
    assert "誠邀您用約30秒評價本次服務，共3題，另可留言。" in traditional


def test_an_austrian_reads_german(write) -> None:
    mail = write("invitation", GERMAN, locale="de-AT")
    assert '<html lang="de-AT">' in mail.html
    assert "danke, dass" in mail.text


@pytest.mark.parametrize(
    ("name", "locale", "said"),
    [
        ("Anna Schmidt", "de", "Guten Tag Anna Schmidt,"),
        ("", "de", "Guten Tag,"),
        ("Blau GmbH 公司", "de", "Guten Tag,"),
        ("", "zh-Hant", "尊敬的客戶："),
        ("王偉", "zh-Hant", "尊敬的王偉："),
    ],
)
def test_how_somebody_is_addressed(name: str, locale: str, said: str) -> None:
    assert salutation(name, "", locale) == said


def test_a_row_of_numbers_stands_in_the_mail_with_its_ends_named(write) -> None:
    numbers = [(str(n), str(n)) for n in range(11)]
    mail = write(
        "invitation", ENGLISH, options=numbers, preselect="nps",
        ends=("Not at all likely", "Extremely likely"), length=Length(1, 10, has_comment=False),
    )  # fmt: skip
    seen = Seen(mail.html)
    assert "0: Not at all likely · 10: Extremely likely" in seen.words
    asked = [one for one in seen.links if "?nps=" in one]
    assert asked == [f"https://fb.example.cn/s/{TOKEN_MARK}?nps={n}" for n in range(11)]
    assert "about 10 seconds: 1 question." in mail.text


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (GERMAN, "auch am 1. September (Chat) und am 2. September (Telefon) Kontakt mit uns; wir"),
        (TRADITIONAL, "您還於9月1日（Chat）、9月2日（Telefon）與我們聯絡過；我們只詢問一次"),
    ],
)
def test_contacts_close_together_are_named(write, facts: MailFacts, said: str) -> None:
    closed = facts.closed_at
    also = [(closed - timedelta(days=1), "Chat"), (closed, "Telefon")]
    assert said in write("invitation", facts, also=also).text
