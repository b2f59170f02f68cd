"""What a program that may see figures, but not all of them, is given."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Channel, Interaction, StaffMember, Team
from feedback.responses.models import Answer, Response
from tests.factories import make_channel, make_interaction, make_response, make_staff, make_team
from tests.reports.conftest import Figures

NOTHING = {"n": None, "counts": None, "value": None, "low": None, "high": None}


def told(session: Session, times: int, day: str = "2026-09-02", **values: Any) -> None:
    for number in range(times):
        values = {"day": date.fromisoformat(day)} | values
        wave = values.pop("wave", 1)
        make_response(session, make_interaction(session, **values), csat=1 + number % 5, wave=wave)
        values["wave"] = wave


def person(session: Session, number: int, team: str = "客服一组") -> dict[str, int]:
    team_id = make_team(session, team).id
    staff = make_staff(session, f"e-{number}", name=f"员工{number}", team_id=team_id)
    return {"staff_id": staff.id, "team_id": team_id}


def shown(found: dict[str, Any]) -> dict[Any, list[int | None]]:
    """Return how many answers each group shows, None where they are hidden."""
    return {
        next(iter(group["key"].values()), None): [point["n"] for point in group["points"]]
        for group in found["groups"]
    }


def test_a_hidden_group_carries_neither_value_nor_count(session: Session, figures: Figures) -> None:
    for channel, times in (("phone", 15), ("chat", 8), ("web", 2)):
        told(session, times, channel_id=make_channel(session, channel).id)
    found = figures(by="channel", sees_all=False)
    points = {group["key"]["channel"]: group["points"][0] for group in found["groups"]}
    for channel in ("chat", "web"):
        assert points[channel]["status"] == "too_few"
        assert NOTHING.items() <= points[channel].items()
    assert (points["phone"]["status"], points["phone"]["n"]) == ("ok", 15)
    # The total is shown: less the phone's it is that of two channels, and of ten answers.
    assert shown(figures(sees_all=False)) == {None: [25]}
    assert (found["asked"], found["answered"]) == (0, 25)
    # Those who see all see the figures, and the same status.
    everything = figures(by="channel")
    assert shown(everything) == {"phone": [15], "chat": [8], "web": [2]}
    statuses = {g["key"]["channel"]: g["points"][0]["status"] for g in everything["groups"]}
    assert statuses == {channel: point["status"] for channel, point in points.items()}


def test_where_names_somebody_with_few_answers_nothing_is_said(
    session: Session, figures: Figures
) -> None:
    told(session, 3, **person(session, 1))
    told(session, 30, **person(session, 2))
    told(session, 9, **person(session, 3))
    found = figures(where=("staff=e-1",), sees_all=False)
    (point,) = found["groups"][0]["points"]
    assert point["status"] == "too_few"
    assert NOTHING.items() <= point.items()
    assert (found["asked"], found["answered"], found["response_rate"]) == (None, None, None)
    assert figures(where=("staff=e-1",))["answered"] == 3
    # Neither of whom it is hidden with, however they are asked about.
    for asked in ({"where": ("staff=e-3",)}, {"by": "staff"}, {"by": "staff", "period": "month"}):
        assert [None] in shown(figures(sees_all=False, **asked)).values()
    assert shown(figures(by="staff", sees_all=False)) == {"e-1": [None], "e-2": [30], "e-3": [None]}


def test_a_team_less_its_others_does_not_give_one_away(session: Session, figures: Figures) -> None:
    told(session, 20, **person(session, 1, "一组"))
    told(session, 3, **person(session, 2, "一组"))
    told(session, 30, **person(session, 3, "二组"))
    told(session, 9, **person(session, 4, "二组"))
    assert shown(figures(by="team", sees_all=False)) == {"一组": [23], "二组": [39]}
    of_first = figures(by="staff", where=("team=一组",), sees_all=False)
    assert shown(of_first) == {"e-1": [None], "e-2": [None]}
    assert (of_first["answered"], of_first["asked"]) == (23, 0)
    by_staff = shown(figures(by="staff", sees_all=False))
    assert by_staff == {"e-1": [None], "e-2": [None], "e-3": [30], "e-4": [9]}


def test_one_more_day_does_not_give_that_day_away(session: Session, figures: Figures) -> None:
    told(session, 9, "2026-09-01")
    told(session, 2, "2026-09-02")
    told(session, 9, "2026-09-03")
    assert shown(figures(sees_all=False)) == {None: [20]}
    for given in (
        {"from_": "2026-09-02", "to": "2026-09-02"},
        {"to": "2026-09-01"},
        {"from_": "2026-09-03"},
        {"to": "2026-09-02"},
        {"from_": "2026-09-02"},
    ):
        found = figures(sees_all=False, **given)
        assert shown(found) == {None: [None]}, given
        assert found["answered"] is None
    by_day = figures(period="day", sees_all=False)["groups"][0]["points"]
    assert [point["n"] for point in by_day] == [None, None, None]


def test_days_enough_for_themselves_are_shown(session: Session, figures: Figures) -> None:
    for day in ("2026-09-01", "2026-09-02", "2026-09-04"):
        told(session, 5, day)
    by_day = figures(period="day", sees_all=False)["groups"][0]["points"]
    assert [(point["n"], point["status"]) for point in by_day] == [
        (5, "ok"), (5, "ok"), (0, "no_answers"), (5, "ok"),
    ]  # fmt: skip


def test_a_small_second_wave_hides_itself_and_not_the_first(
    session: Session, figures: Figures
) -> None:
    told(session, 9)
    told(session, 3, wave=2)
    found = figures(by="wave", sees_all=False)
    assert shown(found) == {1: [9], 2: [None]}
    # Twelve answered less nine would be the second wave's three.
    assert found["answered"] is None
    assert figures(wave=1, sees_all=False)["answered"] == 9
    assert figures(wave=2, sees_all=False)["answered"] is None


def test_a_metric_few_gave_does_not_say_how_many_answered(
    session: Session, figures: Figures
) -> None:
    told(session, 3)
    found = figures(metric="nps", sees_all=False)
    assert found["groups"][0]["points"][0]["status"] == "no_answers"
    assert found["answered"] == 3
    assert figures(sees_all=False)["answered"] is None


@pytest.fixture
def crowd(session: Session) -> None:
    """Two months of answers, of people of all sizes, on channels of all sizes."""
    chance = Random(7)  # noqa: S311
    channels = [make_channel(session, code).id for code in ("phone", "chat", "web")]
    people = [person(session, number, f"{1 + number % 2}组") for number in range(5)]
    for _number in range(160):
        place = chance.choices(people, (9, 5, 3, 2, 1))[0]
        day = date(2026, 8, 20) + timedelta(days=chance.randrange(40))
        channel_id = chance.choices(channels, (9, 4, 1))[0]
        interaction = make_interaction(session, day=day, channel_id=channel_id, **place)
        make_response(session, interaction, csat=chance.randint(1, 5))


def everyone(session: Session) -> list[tuple[int, dict[str, str], date]]:
    """Return each answer with what it can be asked by."""
    return [
        (number, {"channel": channel, "team": team, "staff": staff}, day)
        for number, channel, team, staff, day in session.execute(
            sa.select(
                Response.id, Channel.code, Team.name, StaffMember.external_id, Interaction.day
            )
            .select_from(Answer)
            .join(Response, Response.id == Answer.response_id)
            .join(Interaction, Interaction.id == Response.interaction_id)
            .join(Channel)
            .join(StaffMember, StaffMember.id == Interaction.staff_id)
            .join(Team, Team.id == Interaction.team_id)
        )
    ]


def test_no_two_figures_of_which_one_is_part_of_the_other_leave_a_small_rest(
    session: Session, figures: Figures, crowd: None
) -> None:
    """Ask by everything, where everything, for many ranges; then subtract all from all."""
    answers = everyone(session)
    filters: list[tuple[str, ...]] = [
        (), ("staff=e-0",), ("staff=e-4",), ("channel=phone",), ("channel=web",), ("team=1组",),
    ]  # fmt: skip
    ranges: list[dict[str, str]] = [
        {},
        {"to": "2026-09-02"},
        {"from_": "2026-08-31", "to": "2026-09-06", "period": "day"},
        {"period": "month"},
    ]
    seen: dict[tuple[tuple[str, str], ...], dict[tuple[date, date], frozenset[int]]]
    seen = defaultdict(dict)
    for by, where, given in product((None, "channel", "staff", "team", "wave"), filters, ranges):
        found = figures(by=by, where=where, sees_all=False, **given)
        named = dict(text.split("=") for text in where)
        whole: set[int] = set()
        for group in found["groups"]:
            key = {name: value for name, value in group["key"].items() if name != "wave"}
            if group["key"].get("wave") == 2 or any(
                named.get(name, value) != value for name, value in key.items()
            ):
                continue
            for point in group["points"]:
                first, last = days_of(point["period"], found["from"], found["to"])
                mine = frozenset(
                    number
                    for number, subjects, day in answers
                    if first <= day <= last
                    and all(subjects[name] == value for name, value in (named | key).items())
                )
                if point["status"] == "too_few":
                    assert (NOTHING | {"n": point["n"]}).items() <= point.items()
                if point["n"] is None:
                    continue
                assert point["n"] == len(mine)
                assert len(mine) == 0 or len(mine) >= 5
                seen[tuple(sorted((named | key).items()))][first, last] = mine
                whole |= mine
        if by not in (None, "wave") and found["answered"] is not None:
            assert found["answered"] - len(whole) == 0 or found["answered"] - len(whole) >= 5
    assert len(seen) > 10
    for (of_one, ones), (of_other, others) in product(seen.items(), repeat=2):
        if set(of_one) <= set(of_other):
            for one, other in product(ones.values(), others.values()):
                assert not other < one or not other or len(one - other) >= 5


def days_of(period: str, first: str, last: str) -> tuple[date, date]:
    """Return the days of a point that lie within the range."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if "/" in period:
        return start, end
    if "W" in period:
        monday = date.fromisocalendar(int(period[:4]), int(period[6:]), 1)
        return max(monday, start), min(monday + timedelta(days=6), end)
    if len(period) == len("2026-09"):
        month = date.fromisoformat(f"{period}-01")
        after = (month + timedelta(days=31)).replace(day=1)
        return max(month, start), min(after - timedelta(days=1), end)
    return date.fromisoformat(period), date.fromisoformat(period)
