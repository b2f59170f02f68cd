"""The page of one staff member, as others see it."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import Look
from tests.conftest import Time
from tests.reports.stories import answered, person, reader, words

DAYS = "from=2026-07-01&to=2026-09-02&lang=en"


@pytest.mark.parametrize("size", [3, 6])
def test_too_few_answers_show_nothing_to_others(
    client: FlaskClient, session: Session, time: Time, size: int
) -> None:
    """Whether there are too few, or somebody must cover for those of a colleague."""
    them = person(session, "e-1", "李静")
    answered(session, them, [5] * size, nps=[9] * size, comments=["secret words"] * size)
    answered(session, person(session, "e-2", "同事"), [4] * (9 - size), nps=[9] * (9 - size))
    answered(session, person(session, "e-3", "还有"), [4] * 30, nps=[9] * 30)
    reader(client, session, "manager", None)
    page = words(client.get(f"/reports/staff/{them.id}?{DAYS}").text)
    assert "too few answers to show" in page
    assert "secret words" not in page
    assert f"{size} answers" not in page
    assert f"Answered {size}" not in page
    assert "Answered too few answers to show" in page


def test_ten_answers_are_shown_and_are_not_for_appraisal(
    client: FlaskClient, session: Session, time: Time
) -> None:
    them = person(session, "e-1", "李静")
    answered(session, them, [5] * 8 + [1] * 2, comments=["很好"])
    reader(client, session, "manager", None)
    page = words(client.get(f"/reports/staff/{them.id}?{DAYS}").text)
    assert "Not for appraisal Provisional 80 % · 10 answers · 49–94 %" in page
    assert "很好" in page


def test_each_look_is_kept(client: FlaskClient, session: Session, time: Time) -> None:
    them = person(session, "e-1", "李静")
    user = reader(client, session, "manager", None)
    for _ in range(2):
        client.get(f"/reports/staff/{them.id}")
    # The page's own chart is no further look.
    client.get(f"/reports/staff/{them.id}/chart.svg")
    looks = session.scalars(sa.select(Look)).all()
    assert [(look.user_id, look.staff_id, look.page, look.at) for look in looks] == [
        (user.id, them.id, "staff", time.now)
    ] * 2


def test_to_open_the_chart_alone_is_to_look(
    client: FlaskClient, session: Session, time: Time
) -> None:
    them = person(session, "e-1", "李静")
    reader(client, session, "manager", None)
    client.get(f"/reports/staff/{them.id}/chart.svg")
    assert session.scalar(sa.select(sa.func.count()).select_from(Look)) == 1


def test_a_refused_look_is_none(client: FlaskClient, session: Session, time: Time) -> None:
    them = person(session, "e-1", "李静", "客服二组")
    reader(client, session, "lead", person(session, "e-2", "组长"))
    assert client.get(f"/reports/staff/{them.id}").status_code == 403
    assert session.scalar(sa.select(sa.func.count()).select_from(Look)) == 0


def test_oneself_is_sent_to_ones_own_page_with_the_filters(
    client: FlaskClient, session: Session, time: Time
) -> None:
    me = person(session, "e-1", "李静")
    reader(client, session, "lead", me)
    answer = client.get(f"/reports/staff/{me.id}?period=week&channel=phone")
    assert answer.status_code == 302
    assert answer.location == "/me?period=week&channel=phone"


def test_somebody_who_is_not_there_is_missing_only_to_those_who_see_everybody(
    client: FlaskClient, session: Session, time: Time
) -> None:
    reader(client, session, "lead", person(session, "e-2", "组长"))
    assert client.get("/reports/staff/4711").status_code == 403
    reader(client, session, "manager", None)
    assert client.get("/reports/staff/4711").status_code == 404
