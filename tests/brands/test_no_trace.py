"""A second brand's pages and mails show no trace of the first, in any byte of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.brands.models import OWN, Brand
from feedback.invitations.models import Invitation
from feedback.work import work_until_idle
from tests.brands.stories import OTHER, add_other, organise, traces
from tests.conftest import Time
from tests.invitations.stories import report
from tests.outbox.letters import all_messages
from tests.outbox.post_office import Letter, PostOffice
from tests.responses.stories import hidden, invited, link

CLOSED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)  # A Monday, 11:00 in Shanghai.
DAY = timedelta(days=1)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as server:
        yield server


@pytest.fixture
def app(make_app: Callable[..., Flask], office: PostOffice) -> Flask:
    return make_app(**office.settings)


def whole(letter: Letter) -> str:
    """Return everything that went over the wire, as it is and as it reads."""
    heads = "\n".join(f"{k}: {make_header(decode_header(v))}" for k, v in letter.mail.items())
    parts = letter.part("plain") + letter.part("html")
    return letter.wire.decode("utf-8", "replace") + heads + parts


def own_logo(session: Session) -> str:
    return session.get_one(Brand, OWN).logo_digest or ""


@pytest.mark.parametrize("locale", ["zh-Hans", "en"])
def test_its_mails_name_it_and_nobody_else(
    app: Flask, session: Session, office: PostOffice, locale: str
) -> None:
    organise(app, session)
    brand = add_other(app, session)
    report(app, session, CLOSED, customer_locale=locale)
    for days in (0, 7, 30):
        work_until_idle(app, now=CLOSED + days * DAY, worker="w")
    first, reminder, follow_up = office.taken
    name = brand.name_zh if locale == "zh-Hans" else brand.name_en
    digest = own_logo(session)
    for letter in (first, reminder, follow_up):
        text = whole(letter)
        assert traces(text, digest) == []
        assert letter.mail["From"] == f"{name} <hello@lantern.example>"
        assert letter.mail["Reply-To"] == "help@lantern.example"
        assert letter.mail["Message-ID"].endswith("@lantern.example>")
        assert letter.sender == "hello@lantern.example"
        assert name in letter.mail["Subject"]
        footer = OTHER["footer_zh" if locale == "zh-Hans" else "footer_en"].splitlines()
        for part in (letter.part("plain"), letter.part("html")):
            assert all(line in part for line in footer)
            assert "/privacy" in part
        assert f"https://fb.example.cn/brand/{brand.logo_digest}.png" in letter.part("html")
        # Whoever sees no pictures still reads who writes.
        assert 'alt=""' in letter.part("html")
        assert name in letter.part("plain")
    if locale == "zh-Hans":
        assert first.mail["Subject"].startswith("【灯笼】")


def test_the_organisations_own_mails_have_its_looks_and_its_settings_sender(
    app: Flask, session: Session, office: PostOffice
) -> None:
    organise(app, session)
    report(app, session, CLOSED)
    work_until_idle(app, now=CLOSED, worker="w")
    (letter,) = office.taken
    assert letter.mail["From"] == "Example 客服 <care@example.cn>"
    assert letter.mail["Reply-To"] == "answers@cloudrest.example"
    assert "#7a1fa2" in letter.part("html")
    assert own_logo(session) in letter.part("html")
    assert "云街5号" in letter.part("plain")
    assert "灯笼" not in whole(letter)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_behind_its_links_names_anybody_else(
    app: Flask, session: Session, time: Time, lang: str
) -> None:
    organise(app, session)
    brand = add_other(app, session)
    digest = own_logo(session)
    states = {
        "open": {},
        "stopped": {"stopped_at": time.now},
        "expired": {"expires_at": time.now - DAY},
        "closed": {"issued_at": None, "message_id": None},
    }
    client, name = app.test_client(), brand.name_zh if lang == "zh" else brand.name_en
    for state, values in states.items():
        path = link(app, invited(app, session, brand_id=brand.id, **values))
        for page in ("", "/stop", "/privacy"):
            answer = client.get(f"{path}{page}?lang={lang}")
            assert traces(answer.text, digest) == [], (state, page)
            assert name in answer.text, (state, page)
            assert "/brand/8a1538.css" in answer.text
            assert f"/brand/{brand.logo_digest}.png" in answer.text
    # All of one answer's way: wrong first, then taken, then looked at, changed, and stopped.
    path = link(app, invited(app, session, brand_id=brand.id))
    page = client.get(f"{path}?lang={lang}")
    answers = [client.post(f"{path}?lang={lang}", data=hidden(page.text))]
    answers.append(client.post(f"{path}?lang={lang}", data=hidden(page.text) | {"csat": "1"}))
    for page_after in ("/thanks", "", "?change=1", "/stop", "/privacy"):
        mark = "&" if "?" in page_after else "?"
        answers.append(client.get(f"{path}{page_after}{mark}lang={lang}"))
    answers.append(client.post(f"{path}/stop"))
    answers.append(client.get(f"{path}/stop?lang={lang}"))
    # And what is no page of it, or more than it takes.
    answers.append(client.put(path))
    answers.append(client.get(f"{path}/nothing"))
    answers.append(client.post(path, data={"comment": "x" * 100_000}))
    for answer in answers:
        assert traces(answer.text + str(answer.headers), digest) == []
    assert {answer.status_code for answer in answers} >= {200, 303, 404, 405, 413, 422}


def test_its_colours_and_its_logo_say_nothing_of_whose_they_are(
    app: Flask, session: Session
) -> None:
    organise(app, session)
    brand = add_other(app, session)
    client = app.test_client()
    for address in ("/brand/8a1538.css", f"/brand/{brand.logo_digest}.png"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert traces(answer.data.decode("latin-1") + str(answer.headers), own_logo(session)) == []


def test_a_link_shows_the_brand_that_asked_whatever_the_touchpoint_says_since(
    app: Flask, session: Session, office: PostOffice, time: Time
) -> None:
    organise(app, session)
    brand = add_other(app, session)
    time.now = CLOSED
    story = report(app, session, CLOSED)
    work_until_idle(app, now=CLOSED, worker="w")
    session.execute(sa.text("UPDATE touchpoint SET brand_id = NULL"))
    session.commit()
    invitation = session.scalars(
        sa.select(Invitation).where(Invitation.interaction_id == story.id, Invitation.wave == 1)
    ).one()
    assert invitation.brand_id == brand.id
    page = app.test_client().get(link(app, invitation)).text
    assert "灯笼" in page
    assert "云栖" not in page
    # The reminder is a second mail for the same invitation.
    work_until_idle(app, now=CLOSED + 7 * DAY, worker="w")
    assert office.taken[-1].mail["From"] == "灯笼 <hello@lantern.example>"


@pytest.mark.parametrize(
    "name",
    [
        "Lantern\r\nBcc: evil@ex.test",
        "Lantern\nBcc: evil@ex.test\n\n<b>",
        "=?utf-8?q?Hi=0D=0ABcc=3A_evil=40ex.test?=",
        'Lantern" <evil@ex.test>, "x',
        "Lantern <evil@ex.test>",
        "灯笼\u2028Bcc: evil@ex.test",
        "灯笼\u202e\x00",
        '"quoted"',
        "back\\slash, comma",
    ],
)
def test_a_senders_name_is_a_name_whatever_stands_in_it(
    app: Flask, session: Session, office: PostOffice, name: str
) -> None:
    organise(app, session)
    # Past the form, which takes no line ends: what stands in the database is not trusted either.
    if "\x00" in name and session.get_bind().dialect.name == "postgresql":
        name = name.replace("\x00", "")
    add_other(app, session, sender_name=name)
    story = report(app, session, CLOSED)
    work_until_idle(app, now=CLOSED, worker="w")
    (letter,) = office.taken
    assert letter.recipients == [story.customer_email]
    assert letter.sender == "hello@lantern.example"
    assert letter.mail["From"].addresses[0].addr_spec == "hello@lantern.example"
    assert len(letter.mail["From"].addresses) == 1
    assert "Bcc" not in letter.mail
    assert b"\r\nbcc" not in letter.wire.lower()
    assert len(letter.mail.keys()) == 13


def test_the_database_keeps_whose_name_a_mail_goes_out_in(
    app: Flask, session: Session, office: PostOffice
) -> None:
    organise(app, session)
    add_other(app, session, contact="400-1")
    report(app, session, CLOSED)
    work_until_idle(app, now=CLOSED, worker="w")
    (message,) = all_messages(session)
    assert message.sender == '"灯笼" <hello@lantern.example>'
    # A telephone number takes no answers, and the organisation's contact is not given instead.
    assert message.reply_to is None
    assert "Reply-To" not in office.taken[0].mail
