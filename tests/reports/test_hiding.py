"""No small group can be worked out from what others are shown, however they ask."""

import random
from collections.abc import Mapping
from itertools import combinations, product
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback.reports.request import ScoreRequest
from feedback.reports.scores import scores
from tests.conftest import START
from tests.reports.stories import answered, person

NAMES = {"staff": ["e-0", "e-1", "e-2", "e-3", "e-4"], "channel": ["phone", "chat"]}
TEAMS = {"e-0": "A", "e-1": "A", "e-2": "A", "e-3": "B", "e-4": "B"}
Where = Mapping[str, str]


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> Any:
    with app.test_request_context("/?lang=en"):
        yield


def ask(session: Session, where: Where, by: str | None = None, own: int | None = None) -> Any:
    return scores(
        session,
        ScoreRequest("csat", by, None, None, None, 1, where),
        zone=ZoneInfo("Asia/Shanghai"),
        min_group=5,
        sees_all=False,
        locale="en",
        now=START,
        own=own,
    )


def shown(session: Session, where: Where, by: str, own: int | None = None) -> dict[str, Any]:
    groups = ask(session, where, by, own)["groups"]
    return {group["key"][by]: group["points"][0]["n"] for group in groups}


def belongs(staff: str, channel: str, where: Where) -> bool:
    facts = {"staff": staff, "channel": channel, "team": TEAMS[staff]}
    return all(facts[subject] == key for subject, key in where.items())


def test_no_sum_of_what_is_shown_gives_a_small_group_away(session: Session) -> None:
    """Ask by everything with every one or two filters, and solve the equations that gives."""
    draw = random.Random(7)  # noqa: S311 — a world to look at, not a secret.
    people = {key: person(session, key, key, TEAMS[key]) for key in NAMES["staff"]}
    cells = {cell: draw.choice((0, 1, 2, 3, 6, 9)) for cell in product(*NAMES.values())}
    for (key, channel), times in cells.items():
        answered(session, people[key], [4] * times, channel=channel)
    kinds = NAMES | {"team": ["A", "B"]}
    filters: list[dict[str, str]] = [{}]
    for number in (1, 2):
        for subjects in combinations(kinds, number):
            filters += [
                dict(zip(subjects, keys, strict=True))
                for keys in product(*(kinds[subject] for subject in subjects))
            ]

    def row(where: Where) -> list[float]:
        return [float(belongs(*cell, where)) for cell in cells]

    known = [row({})]
    for where in filters:
        for by in [None, *(kind for kind in kinds if kind not in where)]:
            for group in ask(session, where, by)["groups"]:
                if group["points"][0]["n"] is not None:
                    known.append(row({**where, **group["key"]}))
    rank = np.linalg.matrix_rank(np.array(known))
    for where in filters:
        size = sum(times for cell, times in cells.items() if belongs(*cell, where))
        if len(where) == 1 and 0 < size < 5:
            together = np.linalg.matrix_rank(np.array([*known, row(where)]))
            assert together > rank, f"{where} has {size}, and anybody can work that out"


def test_whoever_covers_for_a_colleague_stays_hidden_when_asked_for_alone(session: Session) -> None:
    for key, times in (("e-0", 3), ("e-1", 6), ("e-2", 20)):
        answered(session, person(session, key, key, "A"), [4] * times)
    answered(session, person(session, "e-3", "e-3", "B"), [4] * 5)
    everybody = shown(session, {}, "staff")
    assert everybody == {"e-0": None, "e-1": None, "e-2": 20, "e-3": 5}
    assert shown(session, {"team": "A"}, "staff") == {"e-0": None, "e-1": None, "e-2": 20}
    for key in everybody:
        alone = ask(session, {"staff": key})
        assert alone["groups"][0]["points"][0]["n"] == everybody[key]


def test_how_many_answered_is_not_told_of_whom_has_too_few(session: Session) -> None:
    answered(session, person(session, "e-0", "e-0", "A"), [4] * 3)
    answered(session, person(session, "e-1", "e-1", "A"), [4] * 9)
    assert ask(session, {"staff": "e-0"})["answered"] is None
    assert ask(session, {"team": "A"})["answered"] == 12


def test_the_readers_own_figure_is_shown_and_covers_nobody(session: Session) -> None:
    me = person(session, "e-0", "e-0", "A")
    answered(session, me, [4] * 2)
    answered(session, person(session, "e-1", "e-1", "A"), [4] * 3)
    answered(session, person(session, "e-2", "e-2", "A"), [4] * 20)
    found = shown(session, {}, "staff", own=me.id)
    assert found == {"e-0": 2, "e-1": None, "e-2": None}


def test_a_part_of_what_is_hidden_is_hidden_too(session: Session) -> None:
    """On each channel somebody else would cover, and her parts would add up to her whole."""
    having = {
        "quiet": {"phone": 3},
        "cover": {"phone": 6, "chat": 6},
        "busy": {"phone": 5, "chat": 35},
        "busier": {"chat": 5, "web": 30},
        "busiest": {"web": 31},
    }
    for key, channels in having.items():
        staff = person(session, key, key, "A")
        for channel, times in channels.items():
            answered(session, staff, [4] * times, channel=channel)
    assert shown(session, {}, "staff")["cover"] is None
    parts = [shown(session, {"channel": channel}, "staff") for channel in ("phone", "chat")]
    assert [part["cover"] for part in parts] == [None, None]
