"""A mail from beginning to end: an interaction comes in, and a real server gets the letter."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback import links
from feedback.invitations.issue import issue_due
from feedback.organisation import Organisation
from feedback.outbox.models import Message
from feedback.work import work_until_idle
from tests.factories import make_channel, make_customer
from tests.invitations.stories import report
from tests.outbox.post_office import Letter, PostOffice

CLOSED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)  # A Monday, 11:00 in Shanghai.
DAY = timedelta(days=1)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as server:
        yield server


@pytest.fixture
def app(make_app: Callable[..., Flask], office: PostOffice) -> Flask:
    return make_app(**office.settings)


def organise(session: Session, contact: str = "care@example.com") -> None:
    session.add(
        Organisation(id=1, name_en="Cloudrest", name_zh="云栖", contact=contact, created_at=CLOSED)
    )
    session.commit()


def letters(app: Flask, office: PostOffice, now: datetime) -> list[Letter]:
    """Let the worker do what is due; return what reached the server by it."""
    before = len(office.taken)
    work_until_idle(app, now=now, worker="w")
    return office.taken[before:]


def test_an_invitation_as_it_arrives(app: Flask, session: Session, office: PostOffice) -> None:
    organise(session)
    story = report(app, session, CLOSED, subject="空调不制冷", customer_locale="zh-Hans")
    (letter,) = letters(app, office, CLOSED)
    mail = letter.mail
    assert letter.recipients == [story.customer_email]
    assert mail["Subject"] == "【云栖】请为6月1日的电话服务评分（约30秒）"
    assert mail["From"] == "Example 客服 <care@example.cn>"
    assert mail["Reply-To"] == "care@example.com"
    assert mail["Content-Language"] == "zh-Hans"
    with app.app_context():
        link = links.survey_url(1)
    assert link.startswith("https://fb.example.cn/s/")
    assert mail["List-Unsubscribe"] == f"<{link}/stop>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for part in (letter.part("plain"), letter.part("html")):
        assert f"{link}?csat=5" in part
        assert f"{link}/stop" in part
        assert "空调不制冷" in part
        assert "链接有效期至2026年6月22日11:00" in part
        assert "0TOKEN0" not in part


def test_a_customer_of_another_language_gets_it_in_theirs(
    app: Flask, session: Session, office: PostOffice
) -> None:
    organise(session)
    report(app, session, CLOSED, customer_locale="en-GB", customer_name="Grace Miller")
    (letter,) = letters(app, office, CLOSED)
    assert letter.mail["Subject"] == "Cloudrest: how did it go on 1 June? (about 30 seconds)"
    assert letter.mail["Content-Language"] == "en"
    assert "Dear Grace Miller," in letter.part("plain")
    assert "Very satisfied" in letter.part("html")


def test_a_contact_that_is_no_address_is_named_but_not_replied_to(
    app: Flask, session: Session, office: PostOffice
) -> None:
    organise(session, contact="400-820-8820")
    report(app, session, CLOSED)
    (letter,) = letters(app, office, CLOSED)
    assert "Reply-To" not in letter.mail
    assert "400-820-8820" in letter.part("plain")


def test_the_reminder_has_the_same_link_and_the_follow_up_another(
    app: Flask, session: Session, office: PostOffice
) -> None:
    organise(session)
    report(app, session, CLOSED)
    mails = [letters(app, office, CLOSED + days * DAY) for days in (0, 7, 30)]
    (first,), (reminder,), (follow_up,) = mails
    assert reminder.mail["List-Unsubscribe"] == first.mail["List-Unsubscribe"]
    assert reminder.mail["Message-ID"] != first.mail["Message-ID"]
    assert "唯一一次提醒" in reminder.part("plain")
    assert follow_up.mail["List-Unsubscribe"] != first.mail["List-Unsubscribe"]
    assert "已有30天" in follow_up.part("plain")
    assert "您对那次服务是否满意" in follow_up.part("plain")


def test_a_follow_up_that_waited_for_a_working_day_counts_the_days_truly(
    app: Flask, session: Session, office: PostOffice
) -> None:
    closed = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
    report(app, session, closed)
    letters(app, office, closed)
    # Thirty days later is National Day; people work again on the 8th.
    assert letters(app, office, datetime(2026, 10, 7, 10, 0, tzinfo=UTC))[1:] == []
    (follow_up,) = letters(app, office, datetime(2026, 10, 8, 1, 0, tzinfo=UTC))
    assert "已有37天" in follow_up.part("plain")


def test_no_stranger_writes_a_header_of_ours(
    app: Flask, session: Session, office: PostOffice
) -> None:
    trick = "=?utf-8?q?Hi=0D=0ABcc=3A_evil=40ex.test?="
    channel = make_channel(session, trick).id
    story = report(
        app,
        session,
        CLOSED,
        subject=trick,
        customer_name=trick,
        external_id=trick,
        channel_id=channel,
    )
    (letter,) = letters(app, office, CLOSED)
    assert letter.recipients == [story.customer_email]
    assert "Bcc" not in letter.mail
    assert len(letter.mail.keys()) == 12
    assert b"\r\nbcc" not in letter.wire.lower()


def test_the_links_token_is_in_the_mail_and_nowhere_else(
    app: Flask, session: Session, office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    with app.app_context():
        token = links.survey_token(1)
    # A filter objects to the link, and quotes it.
    office.script["dot"].append(f"554 5.7.1 Blocked: https://fb.example.cn/s/{token}?csat=5")
    report(app, session, CLOSED)
    issue_due(app, now=CLOSED)
    assert token not in everything_kept(session)
    assert letters(app, office, CLOSED) == []
    kept = everything_kept(session)
    assert "554 5.7.1 Blocked: https://fb.example.cn/s/…?csat=5" in kept
    assert token not in kept
    assert token not in caplog.text


def everything_kept(session: Session) -> str:
    with Session(session.get_bind()) as other:
        rows = other.execute(sa.select(Message.__table__)).all()
    return repr([tuple(row) for row in rows])


def test_without_a_mail_server_the_file_opens_in_a_mail_program_and_its_link_works(
    make_app: Callable[..., Flask], session: Session
) -> None:
    app = make_app()
    report(app, session, CLOSED)
    assert work_until_idle(app, now=CLOSED, worker="w").sent == 1
    (file,) = (Path(app.instance_path) / "mail").glob("*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert not mail.defects
    body = mail.get_body(("html",))  # type: ignore[attr-defined]
    token = body.get_content().split("https://fb.example.cn/s/", 1)[1].split("?", 1)[0]
    with app.app_context():
        assert links.read_survey_token(token) == 1


def test_one_letter_for_two_contacts_of_a_day(
    app: Flask, session: Session, office: PostOffice
) -> None:
    organise(session)
    customer = make_customer(session).id
    for hours in (0, 6):
        report(
            app,
            session,
            CLOSED + timedelta(hours=hours),
            now=CLOSED + DAY,
            customer_id=customer,
            customer_email="wang@example.cn",
            customer_locale="en",
        )
    (letter,) = letters(app, office, CLOSED + DAY)
    body = letter.mail.get_body(("plain",))
    assert body is not None
    told = " ".join(body.get_content().split())
    assert "You were also in touch with us on 1 June (Phone); we ask only once" in told
