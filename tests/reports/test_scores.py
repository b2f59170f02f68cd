"""Figures on data small enough to count by hand."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.invitations.models import Invitation
from feedback.reports.request import BadRequest
from feedback.responses.models import Answer, Response
from feedback.touchpoints.models import Touchpoint
from tests.factories import (
    make_channel,
    make_interaction,
    make_response,
    make_staff,
    make_team,
)
from tests.invitations.stories import report
from tests.reports.conftest import NOW, Figures


def told(session: Session, day: str, *scores: int, wave: int = 1, **values: Any) -> list[Response]:
    """Let so many customers of a day give these scores for CSAT."""
    values = {"day": date.fromisoformat(day)} | values
    return [
        make_response(session, make_interaction(session, **values), csat=score, wave=wave)
        for score in scores
    ]


def only(found: dict[str, Any]) -> dict[str, Any]:
    """Return the one point of the one group."""
    (group,) = found["groups"]
    (point,) = group["points"]
    return point  # type: ignore[no-any-return]


def values(found: dict[str, Any]) -> dict[Any, list[Any]]:
    """Return each group's values, by the group's key."""
    return {
        next(iter(group["key"].values()), None): [point["value"] for point in group["points"]]
        for group in found["groups"]
    }


def test_one_figure_with_everything_that_belongs_to_it(session: Session, figures: Figures) -> None:
    told(session, "2026-09-01", 1, 2, 2, 3, 3, 3, 3, 4, 4, 4)
    told(session, "2026-09-30", 4, 4, 4, 4, 5, 5, 5, 5, 5, 5)
    found = figures(from_="2026-09-01", to="2026-09-30")
    assert found == {
        "metric": "csat",
        "definition": "csat/1",
        "date_basis": "interaction",
        "level": 0.95,
        "from": "2026-09-01",
        "to": "2026-09-30",
        "wave": 1,
        "asked": 0,
        "answered": 20,
        "response_rate": None,
        "bounds": None,
        "groups": [
            {
                "key": {},
                "label": "All",
                "points": [
                    {
                        "period": "2026-09-01/2026-09-30",
                        "n": 20,
                        "counts": {"1": 1, "2": 2, "3": 4, "4": 7, "5": 6},
                        "value": 0.65,
                        "low": 0.432854,
                        "high": 0.818808,
                        "status": "ok",
                        "provisional": False,
                        "asked": 0,
                        "answered": 20,
                        "response_rate": None,
                        "target": None,
                        "struck": None,
                        "mean": {"value": 3.75, "low": 3.200659, "high": 4.227913},
                        "by_customer": None,
                    }
                ],
            }
        ],
    }


def test_its_parts_come_in_the_order_the_contract_shows(session: Session, figures: Figures) -> None:
    told(session, "2026-09-01", 5)
    found = figures(by="staff")
    order = [
        "metric", "definition", "date_basis", "level", "from", "to", "asked", "answered",
        "response_rate", "groups",
    ]  # fmt: skip
    assert [key for key in found if key not in ("wave", "people", "who_was_asked")] == order
    (group,) = found["groups"]
    assert list(group) == ["key", "label", "points"]
    assert list(group["points"][0])[:8] == [
        "period", "n", "counts", "value", "low", "high", "status", "provisional",
    ]  # fmt: skip


def test_nothing_answered_is_none_and_not_zero(session: Session, figures: Figures) -> None:
    make_response(session, make_interaction(session, day=date(2026, 9, 1)), comment="…")
    point = only(figures())
    assert (point["n"], point["counts"], point["status"]) == (0, {}, "no_answers")
    assert (point["value"], point["low"], point["high"]) == (None, None, None)


def test_before_any_interaction_there_are_no_days_and_no_groups(figures: Figures) -> None:
    found = figures()
    assert (found["from"], found["to"], found["groups"]) == (None, None, [])
    assert (found["asked"], found["answered"], found["response_rate"]) == (0, 0, None)
    assert only(figures(from_="2026-09-01", to="2026-09-30"))["value"] is None


def test_a_comment_alone_is_answered_but_no_answer_to_the_question(
    session: Session, figures: Figures
) -> None:
    told(session, "2026-09-01", 4)
    make_response(session, make_interaction(session), comment="谢谢")
    found = figures()
    assert found["answered"] == 2
    assert only(found)["n"] == 1


def test_an_excluded_answer_counts_nowhere(session: Session, figures: Figures) -> None:
    told(session, "2026-09-01", 5, 5, 1)
    (struck,) = told(session, "2026-09-01", 1)
    struck.excluded_at, struck.excluded_because = NOW, "a test"
    found = figures()
    assert found["answered"] == 3
    assert only(found)["counts"] == {"1": 1, "5": 2}


def test_what_was_struck_is_told_with_the_figure_it_would_be(
    session: Session, figures: Figures
) -> None:
    told(session, "2026-09-01", *[5] * 16, 1)
    for struck in told(session, "2026-09-01", 1, 2, 2):
        struck.excluded_at, struck.excluded_because = NOW, "a test"
    point = only(figures())
    assert (point["n"], point["value"]) == (17, 0.941176)
    assert point["struck"]["counts"] == {"1": 1, "2": 2}
    assert point["struck"]["with_them"] == {
        "n": 20, "value": 0.8, "low": 0.583983, "high": 0.919342,
    }  # fmt: skip
    assert only(figures(by="staff"))["struck"] == point["struck"]
    assert "struck" not in only(figures(sees_all=False))


def test_the_waves_are_never_mixed(session: Session, figures: Figures) -> None:
    for response in told(session, "2026-09-01", 5, 5, 5, 1):
        make_response(session, response.interaction, wave=2, csat=1)
    assert only(figures())["value"] == 0.75
    assert only(figures(wave=2))["value"] == 0.0
    found = figures(by="wave")
    assert values(found) == {1: [0.75], 2: [0.0]}
    assert [group["label"] for group in found["groups"]] == ["Right after", "30 days later"]
    assert values(figures(by="wave", wave=2)) == {2: [0.0]}
    # How many answered is said of both together only where both are shown.
    assert (figures()["answered"], found["answered"], found["wave"]) == (4, 8, None)


def test_by_each_subject(session: Session, figures: Figures) -> None:
    chat = make_channel(session, "chat").id
    touchpoint = Touchpoint(key="calls", name_en="Calls", name_zh="来电", survey_key="after")
    session.add(touchpoint)
    session.flush()
    wang = make_staff(session, "e-2", name="王芳", team_id=make_team(session, "二组").id)
    told(session, "2026-09-01", 5, 4, 3, 2)
    told(session, "2026-09-01", 1, channel_id=chat, staff_id=wang.id, team_id=wang.team_id)
    told(session, "2026-09-01", 5, staff_id=None, team_id=None, touchpoint_id=touchpoint.id)
    assert values(figures(by="channel")) == {"chat": [0.0], "phone": [0.6]}
    assert values(figures(by="staff")) == {"e-1": [0.5], "e-2": [0.0], None: [1.0]}
    assert values(figures(by="team")) == {"客服一组": [0.5], "二组": [0.0], None: [1.0]}
    everything_else = figures(by="touchpoint")
    assert values(everything_else) == {"calls": [1.0], None: [0.4]}
    # By name, and the unnamed last.
    labels = [group["label"] for group in figures(by="staff")["groups"]]
    assert labels == ["李静", "王芳", "Nobody named"]
    assert figures(by="staff")["groups"][-1]["key"] == {"staff": None}


def test_where_narrows_and_by_parts_what_is_left(session: Session, figures: Figures) -> None:
    chat = make_channel(session, "chat").id
    wang = make_staff(session, "e-2", name="王芳")
    told(session, "2026-09-01", 5, 1)
    told(session, "2026-09-01", 4, channel_id=chat)
    told(session, "2026-09-01", 2, 2, staff_id=wang.id)
    assert only(figures(where=("staff=e-2",)))["n"] == 2
    assert only(figures(where=("staff=e-1", "channel=chat")))["counts"] == {"4": 1}
    assert values(figures(by="channel", where=("staff=e-1",))) == {"phone": [0.5], "chat": [1.0]}
    assert values(figures(by="staff", where=("staff=e-2",))) == {"e-2": [0.0]}
    assert figures(where=("staff=e-2",))["answered"] == 2


def test_where_refuses_what_names_nothing(session: Session, figures: Figures) -> None:
    told(session, "2026-09-01", 5)
    with pytest.raises(BadRequest) as refused:
        figures(where=("channel=carrier pigeon",))
    assert (refused.value.field, refused.value.value) == ("where", "channel=carrier pigeon")


def test_periods_without_answers_are_there_and_empty(session: Session, figures: Figures) -> None:
    told(session, "2026-12-28", 5)
    told(session, "2027-01-04", 1)
    found = figures(period="week", by="staff", from_="2026-12-21", to="2027-01-10")
    (group,) = found["groups"]
    assert [(point["period"], point["n"], point["value"]) for point in group["points"]] == [
        ("2026-W52", 0, None),
        ("2026-W53", 1, 1.0),
        ("2027-W01", 1, 0.0),
    ]


@pytest.mark.parametrize(
    ("period", "names"),
    [
        ("day", ["2026-09-30", "2026-10-01"]),
        ("week", ["2026-W40"]),
        ("month", ["2026-09", "2026-10"]),
        ("quarter", ["2026-Q3", "2026-Q4"]),
    ],
)
def test_a_range_cuts_its_first_and_last_period_short(
    session: Session, figures: Figures, period: str, names: list[str]
) -> None:
    told(session, "2026-09-29", 1)
    told(session, "2026-09-30", 5)
    told(session, "2026-10-01", 5)
    told(session, "2026-10-02", 1)
    points = figures(period=period, from_="2026-09-30", to="2026-10-01")["groups"][0]["points"]
    assert [point["period"] for point in points] == names
    assert sum(point["n"] for point in points) == 2
    assert {point["value"] for point in points} == {1.0}


def test_an_open_end_reaches_as_far_as_there_are_interactions(
    session: Session, figures: Figures
) -> None:
    told(session, "2026-08-01", 5)
    told(session, "2026-09-01", 1)
    make_interaction(session, day=date(2026, 10, 1))
    assert (figures()["from"], figures()["to"]) == ("2026-08-01", "2026-10-01")
    since = figures(from_="2026-08-02")
    assert (since["from"], since["to"], only(since)["value"]) == ("2026-08-02", "2026-10-01", 0.0)


@pytest.mark.parametrize(
    ("given", "day"),
    [({"to": "2020-01-01"}, "2020-01-01"), ({"from_": "2030-01-01"}, "2030-01-01")],
)
def test_an_end_beyond_all_interactions_finds_nothing_and_nothing_else(
    session: Session, figures: Figures, given: dict[str, str], day: str
) -> None:
    told(session, "2026-08-01", 5)
    found = figures(**given)
    assert (found["from"], found["to"]) == (day, day)
    assert only(found)["value"] is None


def test_the_day_is_the_one_on_the_organisations_calendar(
    app: Flask, session: Session, figures: Figures
) -> None:
    """China has no summer time: its midnight is 16:00 UTC on every day of the year."""
    runner = app.test_cli_runner()
    path = app.instance_path + "/calls.csv"
    rows = [
        ("a", "2026-06-30T15:59:59Z", 1), ("b", "2026-06-30T16:00:00Z", 5),
        ("c", "2025-12-31T15:59:59Z", 1), ("d", "2025-12-31T16:00:00Z", 5),
    ]  # fmt: skip
    calls = [f"{id_},phone,{closed},c-{id_},e-1,李静" for id_, closed, _score in rows]
    header = "external_id,channel,closed_at,customer_external_id,staff_external_id,staff_name"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write("\n".join([header, *calls]))
    assert runner.invoke(args=["import", "interactions", path]).exit_code == 0
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
        said = [f"{id_},2026-07-15 12:00,{score}" for id_, _closed, score in rows]
        file.write("\n".join(["interaction_external_id,answered_at,csat", *said]))
    now = ["--now", "2026-08-01T12:00:00+08:00"]
    result = runner.invoke(args=["import", "responses", path, *now])
    assert result.exit_code == 0, result.output
    points = figures(period="month", from_="2025-12-01", to="2026-07-31")["groups"][0]["points"]
    assert {p["period"]: p["counts"] for p in points if p["n"]} == {
        "2025-12": {"1": 1},
        "2026-01": {"5": 1},
        "2026-06": {"1": 1},
        "2026-07": {"5": 1},
    }


def test_a_period_is_provisional_until_a_few_days_after_its_end(
    session: Session, figures: Figures
) -> None:
    """It is noon of the first of December in Shanghai; five days before, November still ran."""
    told(session, "2026-10-05", 5)
    told(session, "2026-11-25", 5)
    points = figures(period="month")["groups"][0]["points"]
    assert [point["provisional"] for point in points] == [False, True]
    assert only(figures(to="2026-11-25"))["provisional"] is False
    assert only(figures(to="2026-11-26"))["provisional"] is True


def test_the_status_says_what_others_would_see(session: Session, figures: Figures) -> None:
    told(session, "2026-09-01", 5, 5, 5, 5)
    assert only(figures())["status"] == "too_few"
    assert only(figures())["value"] == 1.0
    told(session, "2026-09-01", 5)
    assert only(figures())["status"] == "ok"


def test_a_score_of_another_metric_is_not_among_the_answers(
    session: Session, figures: Figures
) -> None:
    make_response(session, make_interaction(session), csat=5, nps=0)
    assert only(figures())["counts"] == {"5": 1}
    assert only(figures(metric="nps"))["value"] == -1.0
    assert only(figures(metric="ces"))["n"] == 0


def test_ces_is_a_mean(session: Session, figures: Figures) -> None:
    response = make_response(session, make_interaction(session))
    response.answers.append(Answer(question_key="ces", metric="ces", score=6))
    assert only(figures(metric="ces"))["value"] == 6.0


def test_asked_answered_and_the_rate_are_of_the_same_interactions(
    app: Flask, session: Session, figures: Figures
) -> None:
    closed = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
    interactions = [report(app, session, closed) for _number in range(4)]
    result = app.test_cli_runner().invoke(args=["work", "--once", "--now", closed.isoformat()])
    assert result.exit_code == 0, result.output
    assert (figures()["asked"], figures()["answered"], figures()["response_rate"]) == (4, 0, 0.0)
    of_first = Invitation.interaction_id == interactions[0].id, Invitation.wave == 1
    invited = session.scalars(sa.select(Invitation).where(*of_first)).one()
    make_response(session, interactions[0], csat=5, invitation_id=invited.id)
    assert (figures()["answered"], figures()["response_rate"]) == (1, 0.25)
    # What other systems collected from people we never asked is answered, but no answer to us.
    told(session, "2026-09-01", *[5] * 7)
    found = figures()
    assert (found["asked"], found["answered"], found["response_rate"]) == (4, 8, 0.25)
    assert only(found)["n"] == 8
    elsewhere = figures(from_="2026-09-02", to="2026-09-02")
    assert (elsewhere["asked"], elsewhere["answered"], elsewhere["response_rate"]) == (0, 0, None)
