"""Outcomes: what a figure's answers can say about its target, and what stands beside it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.measures.estimate import DEFINITIONS
from feedback.reports.aims.outcomes import Judged, judge, outcome_words, target_value_words
from feedback.reports.figures import Figure, figure_of
from feedback.reports.spans import Span
from feedback.touchpoints.set_target import confirm_target
from feedback.touchpoints.targets import lines_of, subjects_of
from tests.conftest import START, Time
from tests.factories import make_channel, make_team, make_user
from tests.reports.stories import answered, person, reader, words
from tests.touchpoints.stories import TODAY, TOMORROW, aim, days_on

DAYS = Span(TOMORROW, days_on(30))


@pytest.fixture(params=["en"])
def language(app: Flask, request: pytest.FixtureRequest) -> Iterator[str]:
    with app.test_request_context(headers={"Accept-Language": request.param}):
        yield request.param


@pytest.fixture
def manager(session: Session) -> User:
    return make_user(session, "manager")


def figure(good: int, n: int, *, person: bool = False, hidden: bool = False) -> Figure:
    """Return a CSAT of so many good answers."""
    estimate = DEFINITIONS["csat"].of({5: good, 1: n - good})
    point: dict[str, Any] = {"n": n, "counts": {}, "value": None, "low": None, "high": None}
    point["provisional"] = False
    if hidden:
        point["n"] = None
    elif estimate is not None:
        point |= {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return figure_of("csat", 1, point, "", person=person)


def judged(session: Session, of: Figure, days: Span = DAYS, **more: Any) -> Judged | None:
    lines = lines_of(session, days.first, days.last)
    return judge(of, lines, subjects_of(session, {}), days, **more)


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize(
    ("good", "n", "line"),
    [
        (60, 80, "Target 80 %: not decided (65–83 %)"),
        # 80.49 would round to the target itself; then both ends have a digit more.
        (150, 200, "Target 80 %: not decided (68.6–80.5 %)"),
        (140, 200, "Target 80 %: not met (63–76 %)"),
        (95, 100, "Target 80 %: met (89–98 %)"),
    ],
)
def test_row_31_of_the_specification(
    session: Session, manager: User, good: int, n: int, line: str
) -> None:
    aim(session, manager, 0.8)
    assert outcome_words(session, figure(good, n), {}, DAYS) == line


@pytest.mark.parametrize("language", ["zh"], indirect=True)
def test_it_is_said_in_chinese_as_the_specification_has_it(
    session: Session, manager: User, language: str
) -> None:
    aim(session, manager, 0.85)
    found = outcome_words(session, figure(49, 60), {}, DAYS)
    assert found == "目标 85%：尚不能判定（70–89%）"


@pytest.mark.usefixtures("language")
def test_what_is_hidden_or_not_there_has_no_outcome(session: Session, manager: User) -> None:
    assert judged(session, figure(19, 20)) is None
    aim(session, manager, 0.8)
    assert judged(session, figure(0, 0)) is None
    assert judged(session, figure(3, 4, hidden=True)) is None
    assert judged(session, figure(19, 20)) is not None


@pytest.mark.usefixtures("language")
def test_about_one_person_it_takes_thirty_answers_and_a_reliability(
    session: Session, manager: User
) -> None:
    aim(session, manager, 0.8)
    enough, few = figure(10, 30, person=True), figure(9, 29, person=True)
    assert judged(session, enough, person=True, reliability=0.7) is not None
    assert judged(session, enough, person=True, reliability=0.69) is None
    assert judged(session, enough, person=True) is None
    assert judged(session, few, person=True, reliability=0.95) is None


@pytest.mark.usefixtures("language")
def test_that_it_changed_within_the_days_is_said(session: Session, manager: User) -> None:
    aim(session, manager, 0.7)
    aim(session, manager, 0.8, days_on(10))
    found = judged(session, figure(140, 200))
    assert found is not None
    assert found.brief == "Target 80 %: not met · changed"
    assert found.notes == [
        "The target changed within these days: 70 % until 11 Sep 2026; 80 % from 12 Sep 2026."
    ]


@pytest.mark.usefixtures("language")
def test_one_for_a_part_of_the_days_says_so(session: Session, manager: User) -> None:
    aim(session, manager, 0.7, days_on(10), days_on(20))
    found = judged(session, figure(140, 200))
    assert found is not None
    assert found.notes == ["It was set for 12 Sep 2026 to 22 Sep 2026 only."]


@pytest.mark.usefixtures("language")
def test_one_set_late_is_printed_with_its_reason_for_ever(session: Session, manager: User) -> None:
    other, later = make_user(session, "admin"), START + timedelta(days=10)
    for value, reason in ((0.6, "agreed late"), (None, "taken back")):
        line = aim(session, manager, value, TOMORROW, now=later, reason=reason)
        assert judged(session, figure(140, 200)) is None or value is None
        confirm_target(session, line.id, by=other, now=later)
        session.refresh(line)
    found = judged(session, figure(140, 200))
    assert found is not None
    assert (found.short, found.line) == ("No target", "No target")
    assert found.notes == [
        "Target 60 %, set on 12 Sep 2026 for a period from 3 Sep 2026: agreed late",
        "No target, set on 12 Sep 2026 for a period from 3 Sep 2026: taken back",
    ]


@pytest.mark.usefixtures("language")
def test_only_what_was_set_late_for_this_figure_and_these_days_is_printed(
    session: Session, manager: User
) -> None:
    other, later = make_user(session, "admin"), START + timedelta(days=10)
    phone = make_channel(session).id
    aim(session, manager, 0.8, about=("channel", phone))
    late = aim(session, manager, 0.6, TOMORROW, now=later, reason="agreed late")
    confirm_target(session, late.id, by=other, now=later)
    session.expire_all()
    aim(session, manager, 0.7, days_on(20), now=later + timedelta(days=1))

    def notes(days: Span, **where: int) -> list[str]:
        lines = lines_of(session, days.first, days.last)
        found = judge(figure(140, 200), lines, subjects_of(session, where), days)
        assert found is not None
        return found.notes

    before, after = Span(TOMORROW, days_on(19)), Span(days_on(20), days_on(30))
    said = "Target 60 %, set on 12 Sep 2026 for a period from 3 Sep 2026: agreed late"
    assert notes(before) == [said]
    # The channel has its own, and later days one that was set in time.
    assert notes(before, channel=phone) == []
    assert notes(after) == []


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize(
    ("metric", "value", "said"),
    [
        ("csat", 0.85, "85 %"),
        ("csat", 0.825, "82.5 %"),
        ("csat", 1.0, "100 %"),
        ("csat", 0.0, "0 %"),
        ("nps", 0.2, "+20"),
        ("nps", -0.05, "−5"),
        ("nps", 0.0, "0"),
        ("ces", 5.5, "5.5"),
        ("ces", 6.0, "6"),
        ("csat", None, "–"),
    ],
)
def test_a_target_is_said_as_it_was_set(metric: str, value: float | None, said: str) -> None:
    assert target_value_words(metric, value) == said


ASKED = f"from={TODAY - timedelta(days=60)}&to={TODAY}&lang=en"


@pytest.fixture
def targets(client: FlaskClient, session: Session, time: Time, manager: User) -> None:
    """Let two teams be answered to on two channels, one of which has a target of its own."""
    for team, scores in (("一组", [5] * 40), ("二组", [5] * 30 + [1] * 10)):
        staff = person(session, f"e-{team}", f"王{team}", team)
        answered(session, staff, scores)
    answered(session, person(session, "e-一组", "王一组", "一组"), [5] * 6, channel="chat")
    long_ago, since = START - timedelta(days=300), date(2026, 1, 1)
    aim(session, manager, 0.8, since, now=long_ago)
    chat = make_channel(session, "chat").id
    aim(session, manager, 0.95, since, now=long_ago, about=("channel", chat))
    session.commit()


@pytest.mark.usefixtures("targets")
def test_it_stands_beside_the_headline_and_in_the_channel_table(
    client: FlaskClient, session: Session
) -> None:
    reader(client, session, "manager", None)
    said = words(client.get(f"/reports?{ASKED}").text)
    headline = said[said.index("CSAT") : said.index("NPS")]
    assert "Target 80 %: not decided (79.9–93.6 %)" in headline
    # Above them stand links to the sections of the same names.
    table = said[said.rindex("By channel") : said.rindex("By staff member")]
    assert "Target 95 %: not decided" in table
    assert "Target 80 %:" in table


@pytest.mark.usefixtures("targets")
def test_it_stands_on_the_teams_pages_and_on_no_persons(
    client: FlaskClient, session: Session
) -> None:
    reader(client, session, "manager", None)
    teams = words(client.get(f"/team?{ASKED}").text)
    assert teams.count("Target 80 %:") == 2
    team_id = make_team(session, "一组").id
    session.commit()
    team = words(client.get(f"/team/{team_id}?{ASKED}").text)
    assert "Target 80 %: met" in team
    assert "Target" not in team[team.index("Members") : team.index("Over time")]
    staff = person(session, "e-二组", "王二组", "二组")
    assert "Target 80 %" not in words(client.get(f"/staff/{staff.id}?{ASKED}").text)
    assert "Target 80 %" not in words(client.get(f"/reports?staff=e-二组&{ASKED}").text)


@pytest.mark.usefixtures("targets")
def test_of_a_hidden_figure_no_outcome_is_told(client: FlaskClient, session: Session) -> None:
    few = person(session, "e-few", "周", "三组")
    answered(session, few, [5] * 4)
    reader(client, session, "manager", None)
    page = words(client.get(f"/team/{few.team_id}?{ASKED}").text)
    assert "too few answers to show" in page
    # What was aimed at is no secret, and stands in the trend; what came of it is.
    assert "Target 80 %:" not in page
