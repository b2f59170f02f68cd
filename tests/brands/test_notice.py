"""Privacy notices: their versions and places, and which one an answer was given under."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.brands.models import OWN, Brand, Notice, NoticeText
from feedback.brands.notice import kept_notice, notice_at, publish, versions
from feedback.brands.notice_texts import DEFAULT, filled, unfilled, unknown_places
from feedback.organisation import Organisation
from tests.conftest import START, Time
from tests.factories import make_response, make_user
from tests.responses.stories import count, hidden, invited, link, send, stored, the_response

TEXTS = {"zh-Hans": "{company}保存{months}个月。", "en": "{company} keeps it {months} months."}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def admin(session: Session) -> int:
    session.add(
        Organisation(id=1, name_en="Cloudrest", name_zh="云栖", contact="400-1", created_at=START)
    )
    user = make_user(session, "admin")
    session.commit()
    return user.id


def put_out(session: Session, admin: int, mode: str = "service", **more: object) -> Notice:
    """Publish the next version and commit."""
    values = {"templates": TEXTS, "months": 24, "now": START - MINUTE} | more
    made = publish(session, OWN, mode=mode, by=admin, **values)  # type: ignore[arg-type]
    assert made is not None
    session.commit()
    return made


def test_a_paragraph_with_a_place_nobody_has_filled_is_left_out() -> None:
    values = {"company": "Cloudrest", "contact": "", "months": "24"}
    text = filled(DEFAULT["en"], values)
    assert text.startswith("Cloudrest handles")
    assert "24 months" in text
    assert "withdraw your consent" not in text
    assert "{" not in text
    assert unfilled([DEFAULT["en"]], values) == ["contact"]


def test_a_company_named_like_a_place_keeps_its_name() -> None:
    values = {"company": "{months}", "contact": "x", "months": "24"}
    assert filled("{company} keeps it.", values) == "{months} keeps it."


def test_what_is_no_place_is_named() -> None:
    assert unknown_places("{company} {firm} {} {contact}") == ["{firm}", "{}"]


def test_the_houses_wording_is_kept_as_the_first_version_when_it_is_first_needed(
    session: Session, admin: int
) -> None:
    assert notice_at(session, OWN, START) is None
    first = kept_notice(session, OWN, START, 24)
    assert first is kept_notice(session, OWN, START, 24)
    assert (first.version, first.mode, first.published_by_id) == (1, "service", None)
    assert {text.locale for text in first.texts} == {"zh-Hans", "en"}
    for text in first.texts:
        assert "400-1" in text.text
        assert "{contact}" in text.template


def test_a_superseded_version_stays_as_it_was(session: Session, admin: int) -> None:
    first = put_out(session, admin)
    assert first.version == 2
    before = {text.locale: text.text for text in first.texts}
    other = {locale: f"{text}!" for locale, text in TEXTS.items()}
    put_out(session, admin, "consent", templates=other, months=36, now=START + MINUTE)
    session.get_one(Organisation, 1).name_en = "Lantern"
    session.commit()
    session.expire_all()
    assert [one.version for one in versions(session, OWN)] == [3, 2, 1]
    kept = versions(session, OWN)[1]
    assert {text.locale: text.text for text in kept.texts} == before
    assert before["en"] == "Cloudrest keeps it 24 months."
    assert kept.mode == "service"
    # Each moment has the version that was in force then.
    assert notice_at(session, OWN, START) == kept
    found = notice_at(session, OWN, START + MINUTE)
    assert found is not None
    assert found.version == 3


def test_publishing_what_is_in_force_publishes_nothing(session: Session, admin: int) -> None:
    put_out(session, admin)
    again = publish(session, OWN, mode="service", templates=TEXTS, months=24, by=admin, now=START)
    assert again is None
    assert len(versions(session, OWN)) == 2


@pytest.mark.parametrize("values", [{"version": 0}, {"mode": "whatever"}, {"brand_id": 99}])
def test_the_database_forbids_what_no_notice_can_be(
    session: Session, values: dict[str, object]
) -> None:
    sound = {"brand_id": OWN, "version": 1, "mode": "service", "published_at": START}
    session.add(Notice(**(sound | values)))
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_database_forbids_a_second_of_a_version(session: Session) -> None:
    sound = {"brand_id": OWN, "version": 1, "mode": "service", "published_at": START}
    session.add_all([Notice(**sound), Notice(**sound)])
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_answer_keeps_the_version_it_was_given_under(
    app: Flask, client: FlaskClient, session: Session, time: Time, admin: int
) -> None:
    first = invited(app, session)
    send(client, link(app, first), {"csat": "5"})
    one = the_response(session, first)
    assert stored(session, session.get_one(Notice, one.notice_id)).version == 1
    put_out(session, admin)
    second = invited(app, session)
    send(client, link(app, second), {"csat": "5"})
    two = the_response(session, second)
    assert session.get_one(Notice, two.notice_id).version == 2
    session.commit()
    # The first keeps its own, also when it is changed.
    send(client, link(app, first), {"csat": "3"}, query="?change=1")
    assert the_response(session, first).notice_id == one.notice_id
    assert the_response(session, first).amended_at is not None


def test_a_page_shown_before_a_new_version_is_answered_under_the_old_one(
    app: Flask, client: FlaskClient, session: Session, time: Time, admin: int
) -> None:
    put_out(session, admin)
    invitation = invited(app, session)
    path = link(app, invitation)
    page = client.get(path).text
    put_out(session, admin, "consent", now=time.forward(minutes=1))
    time.forward(minutes=1)
    # There was no box on that page, so none is asked for.
    assert client.post(path, data=hidden(page) | {"csat": "4"}).status_code == 303
    response = the_response(session, invitation)
    assert session.get_one(Notice, response.notice_id).version == 2
    assert response.agreed_at is None
    session.commit()
    told = client.get(f"{path}/privacy?lang=en").text
    assert "Version 3, in force since" in told
    assert "You answered under version 2" in told


def test_consent_is_asked_for_and_never_ticked_beforehand(
    app: Flask, client: FlaskClient, session: Session, time: Time, admin: int
) -> None:
    put_out(session, admin, "consent")
    invitation = invited(app, session)
    path = link(app, invitation)
    for query in ("", "?privacy_agree=1&privacy_contact=1", "?csat=5&privacy_agree=on"):
        page = client.get(path + query).text
        for name in ("privacy_agree", "privacy_contact"):
            box = page[page.index(f'name="{name}"') :].split(">")[0]
            assert "checked" not in box
    answer = send(client, path, {"csat": "4", "privacy_contact": "1"}, query="?lang=en")
    assert answer.status_code == 422
    assert count(session) == 0
    refused = client.post(path + "?lang=en", data=hidden(page) | {"csat": "4"}).text
    assert "Without your consent we take no answer" in refused
    # What was chosen still stands.
    assert 'value="4" data-side="high" required checked' in refused


@pytest.mark.parametrize("may_contact", [True, False])
def test_what_was_ticked_is_kept_with_its_moment(
    app: Flask, client: FlaskClient, session: Session, time: Time, admin: int, may_contact: bool
) -> None:
    put_out(session, admin, "consent")
    invitation = invited(app, session)
    ticked = {"privacy_agree": "1"} | ({"privacy_contact": "1"} if may_contact else {})
    time.forward(minutes=5)
    assert send(client, link(app, invitation), {"csat": "4"} | ticked).status_code == 303
    response = the_response(session, invitation)
    assert response.agreed_at == time.now
    assert response.contact_agreed_at == (time.now if may_contact else None)


def test_where_a_line_is_enough_there_is_no_box_and_a_forged_tick_says_nothing(
    app: Flask, client: FlaskClient, session: Session, time: Time, admin: int
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    assert "privacy_agree" not in client.get(path).text
    send(client, path, {"csat": "4", "privacy_agree": "1", "privacy_contact": "1"})
    response = the_response(session, invitation)
    assert (response.agreed_at, response.contact_agreed_at) == (None, None)


def test_nothing_is_agreed_to_without_a_notice(session: Session) -> None:
    with pytest.raises(IntegrityError):
        make_response(session, csat=4, agreed_at=START)


def test_looking_at_the_notice_writes_nothing(
    app: Flask, client: FlaskClient, session: Session, time: Time, admin: int
) -> None:
    path = link(app, invited(app, session))
    assert "云栖" in client.get(f"{path}/privacy").text
    assert client.get("/s/forged/privacy").status_code == 404
    assert count(session, Notice) == 0


def test_two_at_once_keep_one_first_version(session: Session, admin: int) -> None:
    with Session(session.get_bind()) as one:
        kept_notice(one, OWN, START, 24)
        one.commit()
    kept_notice(session, OWN, START, 24)
    session.commit()
    assert count(session, Notice) == 1
    assert count(session, NoticeText) == 2


def test_another_brands_notice_is_its_own(session: Session, admin: int) -> None:
    other = Brand(
        name_en="Lantern", name_zh="灯笼", contact="400-2", sender_address="a@lantern.example",
        created_at=START,
    )  # fmt: skip
    session.add(other)
    session.flush()
    notice = kept_notice(session, other.id, START, 24)
    texts = {text.locale: text.text for text in notice.texts}
    assert "灯笼" in texts["zh-Hans"]
    assert "云栖" not in texts["zh-Hans"]
    assert session.scalar(sa.select(sa.func.count()).where(Notice.brand_id == OWN)) == 0
