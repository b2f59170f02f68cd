"""One's own page: everything about oneself, and as much of it as the answers can carry."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.look import log_look
from feedback.interactions.models import StaffMember
from tests.conftest import Time
from tests.factories import make_user
from tests.reports.stories import RECENTLY, answered, person, reader, words

DAYS = "from=2026-07-01&to=2026-09-02&lang=en"


@pytest.fixture
def me(client: FlaskClient, session: Session, time: Time) -> StaffMember:
    staff = person(session, "e-1", "李静")
    reader(client, session, "staff", staff)
    return staff


def get(client: FlaskClient, more: str = "") -> str:
    return words(client.get(f"/me?{DAYS}{more}").text)


def test_both_waves_stand_apart_each_with_count_and_interval(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [5] * 33 + [1] * 7, nps=[10] * 20 + [7] * 12 + [2] * 8)
    answered(session, me, [4] * 24 + [2] * 16, wave=2)
    page = get(client)
    assert "Right after Not for appraisal Provisional 83 % · 40 answers · 68–91 %" in page
    assert "30 days later Not for appraisal Provisional 60 % · 40 answers · 45–74 %" in page
    assert "+30 · 40 answers" in page
    assert "csat/1 · by the day of the contact · 95 % intervals" in page
    assert "NPS asks about the company" in page


@pytest.mark.parametrize(
    ("n", "said", "not_said"),
    [
        (0, "no answers", "0 answers"),
        (3, "3 answers · too few for a score", "100 %"),
        (7, "7 answers · Too few answers to judge (7 of 10).", "100 % ·"),
        (12, "Not for appraisal", "too few"),
        (30, "100 % · 30 answers · 89–100 %", "too few"),
    ],
)
def test_how_much_is_said_follows_from_the_count(
    client: FlaskClient, session: Session, me: StaffMember, n: int, said: str, not_said: str
) -> None:
    answered(session, me, [5] * n)
    page = get(client)
    headlines = page[: page.index("Over time")]
    assert said in headlines
    assert not_said not in headlines


def test_ones_own_words_are_there_however_few(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [2], comments=["等了很久"])
    answered(session, person(session, "e-2", "同事"), [2], comments=["不是我的"])
    page = get(client)
    assert "等了很久" in page
    assert "不是我的" not in page


def test_comments_come_newest_first(client: FlaskClient, session: Session, me: StaffMember) -> None:
    answered(session, me, [4, 4], comments=["first words", "second words"])
    answered(session, me, [4], comments=["old words"], closed_at=RECENTLY - timedelta(days=9))
    page = get(client)
    places = [page.index(text) for text in ("second words", "first words", "old words")]
    assert places == sorted(places)


def test_the_funnel_adds_up_for_oneself(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [4] * 3)
    page = get(client)
    funnel = page[page.index("From contact to answer") :]
    assert "Interactions 3 100 %" in funnel
    assert "Not planned 3 100 %" in funnel


def test_the_period_is_a_switch_in_the_address(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [4] * 12)
    assert "2026-W33" in get(client, "&period=week")
    assert "Aug 2026" in get(client, "&period=month")
    assert "2026-Q3" in get(client, "&period=quarter")


def test_who_looked_is_listed_with_role_page_and_moment(
    client: FlaskClient, session: Session, me: StaffMember, time: Time
) -> None:
    manager = make_user(session, "manager", name="经理王")
    session.commit()
    with client.application.app_context():
        log_look(manager.id, me.id, "staff", time.now - timedelta(days=1))
        log_look(manager.id, me.id, "reports", time.now)
    page = get(client)
    assert "经理王 Manager Reports 2 Sep 2026, 10:00" in page
    assert "经理王 Manager Your page 1 Sep 2026, 10:00" in page
    assert page.index("Reports 2 Sep") < page.index("Your page 1 Sep")


def test_looking_at_oneself_is_no_look(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [4] * 12)
    for address in ("/me", "/responses", f"/reports/staff/{me.id}", "/me/chart.svg"):
        assert client.get(address).status_code < 400
    assert "Nobody yet." in get(client)


def test_somebody_without_a_staff_record_is_told_so(
    client: FlaskClient, session: Session, time: Time
) -> None:
    reader(client, session, "manager", None)
    answer = client.get("/me?lang=en")
    assert answer.status_code == 200
    assert "belongs to no staff record" in answer.text


def test_a_bad_filter_is_named_and_the_page_is_there(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [4] * 12)
    answer = client.get("/me?lang=en&from=2026-13-01")
    assert answer.status_code == 400
    page = words(answer.text)
    assert "“2026-13-01” is not taken: From is a date such as 2026-09-02." in page
    assert "12 answers" in page


def test_somebody_elses_figures_cannot_be_asked_for_here(
    client: FlaskClient, session: Session, me: StaffMember
) -> None:
    answered(session, me, [4] * 12)
    answered(session, person(session, "e-2", "同事"), [1] * 40)
    assert "40 answers" not in get(client, "&staff=e-2&team=客服一组")
