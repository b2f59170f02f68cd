"""The planner: what it says is what the exact chances are, and it refuses what makes no sense."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.measures.targets import wrongly_failed
from feedback.reports.aims.planner import Asked, needed, plan
from tests.conftest import START, Time
from tests.factories import make_user
from tests.reports.stories import RECENTLY, answered, person, reader, words
from tests.touchpoints.stories import aim


@pytest.fixture
def manager(client: FlaskClient, session: Session, time: Time) -> FlaskClient:
    reader(client, session, "manager", None)
    return client


def said(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/reports/planner?lang=en&{query}")
    assert answer.status_code == 200
    return words(answer.text)


def test_both_chances_are_the_exact_ones() -> None:
    found = plan(Asked(answers=20, target=80, rate=80, distance=10)).found
    assert found == pytest.approx(wrongly_failed(0.7, 20, 0.8))
    assert plan(Asked(20, 85, 90, 5)).failed[0] == pytest.approx(0.132953, abs=1e-6)


def test_it_says_how_often_a_line_is_wrong_and_what_caution_costs(manager: FlaskClient) -> None:
    page = said(manager, "answers=20&target=85&rate=90&distance=5")
    assert (
        "With 20 answers, a line at 85 % wrongly fails 13.3 % of the people who truly have 90 %"
        in page
    )
    bare, by_interval = wrongly_failed(0.75, 20, 0.85) or (0, 0)
    assert (
        f"The cost: of people who truly are 10 points below the line, at 75 %, the bare number"
        f" finds {100 * bare:.1f} % and the interval {100 * by_interval:.1f} %." in page
    )
    assert "from 196 answers on" in page
    # 20 v 20 at 90 %: 1.96·sqrt(2·0.09/20).
    assert "a change of less than 18.6 points" in page


def test_somebody_truly_below_the_line_is_not_failed_wrongly(manager: FlaskClient) -> None:
    page = said(manager, "answers=20&target=85&rate=80")
    assert "wrongly" not in page
    assert "failing them is right" in page


def test_a_line_so_low_that_nobody_is_ten_points_below_has_no_cost_to_name(
    manager: FlaskClient,
) -> None:
    page = said(manager, "answers=20&target=8&rate=90&distance=5")
    assert "The cost" not in page
    assert "A score 5 points below" in page


def test_without_answers_it_starts_from_examples_and_says_so(manager: FlaskClient) -> None:
    page = said(manager)
    assert "these are examples" in page
    assert "With 20 answers, a line at 85 % wrongly fails 13.3 %" in page
    assert "is not known yet" in page


def test_it_starts_from_the_organisations_own_numbers(
    manager: FlaskClient, session: Session
) -> None:
    # The quarter before 2 September is April to June.
    april = RECENTLY.replace(month=4)
    for number in range(6):
        staff = person(session, f"e-{number}", "赵钱孙李周吴"[number])
        answered(session, staff, [5] * (8 + number) + [1] * 2, closed_at=april)
    long_ago = START.replace(month=1)
    aim(session, make_user(session, "admin"), 0.8, long_ago.date().replace(day=9), now=long_ago)
    session.commit()
    page = said(manager)
    assert "half of the staff have at most 12 answers in the last quarter" in page
    assert "CSAT of the last twelve months is 84 %" in page
    assert "the target in force is 80 %" in page
    assert "With 12 answers, a line at 80 % wrongly fails" in page
    assert "show no difference between people beyond chance" in page


def test_numbers_of_few_people_are_not_told(manager: FlaskClient, session: Session) -> None:
    staff = person(session, "e-1", "赵")
    answered(session, staff, [5] * 9 + [1], closed_at=RECENTLY.replace(month=4))
    page = said(manager)
    assert "half of the staff" not in page
    assert "is not known yet" in page


def test_a_lead_starts_from_their_own_teams_rate(
    client: FlaskClient, session: Session, time: Time
) -> None:
    lead = person(session, "e-lead", "王", "一组")
    answered(session, lead, [5] * 9 + [1])
    answered(session, person(session, "e-2", "李", "二组"), [1] * 40)
    reader(client, session, "lead", lead)
    assert "CSAT of the last twelve months is 90 %" in said(client)


def test_a_lead_of_no_team_is_told_nobodys(
    client: FlaskClient, session: Session, time: Time
) -> None:
    answered(session, person(session, "e-2", "李", "二组"), [1] * 40)
    reader(client, session, "lead", None)
    assert "these are examples" in said(client)


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("answers=0", "Answers per person and period is a whole number from 1 to 2000"),
        ("answers=2001", "Answers per person and period is a whole number from 1 to 2000"),
        ("answers=1.5", "Answers per person and period is a whole number from 1 to 2000"),
        ("answers=nan", "Answers per person and period is a whole number from 1 to 2000"),
        ("answers=inf", "Answers per person and period is a whole number from 1 to 2000"),
        ("target=100", "Target is a number from 1 to 99"),
        ("rate=0", "True rate is a number from 1 to 100"),
        ("rate=x", "True rate is a number from 1 to 100"),
        ("distance=51", "Distance below the line is a number from 1 to 50"),
    ],
)
def test_what_makes_no_sense_is_told_by_field_and_rule(
    manager: FlaskClient, query: str, rule: str
) -> None:
    answer = manager.get(f"/reports/planner?lang=en&{query}")
    assert answer.status_code == 400
    assert rule in words(answer.text)
    name, value = query.split("=")
    # It stays in its field, to be put right there.
    field = re.search(rf'<input id="{name}"[^>]*>', answer.text)
    assert field
    assert f'value="{value}"' in field[0]
    assert 'aria-invalid="true"' in field[0]
    assert answer.text.count("aria-invalid") == 1


def test_both_bounds_are_taken_and_come_in_time(manager: FlaskClient) -> None:
    assert "With 1 answer," in said(manager, "answers=1&target=99&rate=100&distance=1")
    assert "With 2,000 answers," in said(manager, "answers=2000&target=1&rate=1&distance=50")


def test_full_width_figures_and_percent_signs_are_read(manager: FlaskClient) -> None:
    assert "With 20 answers, a line at 85 % wrongly" in said(
        manager, "answers=２０&target=85%25&rate=90"
    )


def test_the_answers_a_reliability_takes_are_those_of_the_specification() -> None:
    assert needed(22.5284) == [(0.70, 53), (0.90, 203)]
    assert needed(None) == []
