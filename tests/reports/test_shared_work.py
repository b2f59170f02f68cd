"""Shared work: it counts for the team, weighs as agreed in people's own, and gives nobody away."""

import csv
import io
import json
import random
from collections.abc import Mapping
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction, InteractionShare, StaffMember
from feedback.measures.wilson import wilson
from feedback.reports.roll_up import roll_up
from tests.conftest import Time
from tests.factories import make_channel, make_interaction, make_response, make_team
from tests.reports.conftest import NOW, Figures
from tests.reports.stories import RECENTLY, answered, person, reader, words

Parts = Mapping[str, float | None]
HALVES: Parts = {"e-1": 0.5, "e-2": 0.5}
DAYS = "from=2026-06-01&to=2026-09-30&lang=en"


@pytest.fixture
def people(session: Session) -> dict[str, StaffMember]:
    names = {"e-1": "李静", "e-2": "王磊", "e-3": "陈晨", "e-4": "丁一"}
    return {key: person(session, key, name) for key, name in names.items()}


def together(
    session: Session,
    people: Mapping[str, StaffMember],
    parts: Parts,
    scores: list[int],
    *,
    channel: str = "phone",
    wave: int = 1,
    **values: Any,
) -> list[Interaction]:
    """Let customers answer about contacts these people shared."""
    made = []
    for score in scores:
        interaction = make_interaction(
            session,
            channel_id=make_channel(session, channel).id,
            staff_id=None,
            team_id=make_team(session).id,
            **({"closed_at": RECENTLY} | values),
        )
        for key, part in parts.items():
            share = InteractionShare(
                interaction_id=interaction.id, staff_id=people[key].id, part=part
            )
            session.add(share)
        make_response(session, interaction, csat=score, wave=wave)
        made.append(interaction)
    session.commit()
    return made


def of(found: dict[str, Any], key: str | None = "e-1") -> dict[str, Any]:
    (point,) = next(g for g in found["groups"] if g["key"]["staff"] == key)["points"]
    return point  # type: ignore[no-any-return]


class TestFigures:
    def test_nothing_is_shared_where_all_served_alone(
        self, session: Session, people: dict[str, StaffMember], figures: Figures
    ) -> None:
        answered(session, people["e-1"], [5] * 12)
        assert of(figures(by="staff"))["shared"] is None

    def test_whole_contacts_and_the_team_count_as_ever(
        self, session: Session, people: dict[str, StaffMember], figures: Figures
    ) -> None:
        answered(session, people["e-1"], [5] * 9 + [1])
        together(session, people, HALVES, [1] * 10)
        found = figures(by="staff")
        own = of(found)
        assert (own["n"], own["value"], own["counts"]) == (10, 0.9, {"1": 1, "5": 9})
        # 9 of 10 and ten halves that are not.
        assert (own["shared"]["n"], own["shared"]["weight"]) == (10, 15.0)
        low, high = wilson(0.6 * 225 / 12.5, 225 / 12.5) or (0, 0)
        assert own["shared"] == {
            "n": 10, "weight": 15.0, "effective_n": 18.0, "value": 0.6,
            "low": pytest.approx(low, abs=1e-6), "high": pytest.approx(high, abs=1e-6),
        }  # fmt: skip
        # They stand with those nobody is named for, and in everything that is no person.
        assert of(found, None)["n"] == 10
        assert figures(by="team")["groups"][0]["points"][0]["n"] == 20

    def test_without_agreed_parts_nobody_is_given_any(
        self, session: Session, people: dict[str, StaffMember], figures: Figures
    ) -> None:
        answered(session, people["e-1"], [5] * 10)
        together(session, people, {"e-1": None, "e-2": None}, [1] * 10)
        found = figures(by="staff")
        assert of(found)["shared"] is None
        assert "e-2" not in {group["key"]["staff"] for group in found["groups"]}

    def test_who_only_shared_work_is_there_without_a_figure_of_their_own(
        self, session: Session, people: dict[str, StaffMember], figures: Figures
    ) -> None:
        together(session, people, {"e-1": 0.2, "e-2": 0.8}, [5] * 6 + [1] * 4)
        for where in ((), ("staff=e-2",)):
            point = of(figures(by="staff", where=where), "e-2")
            assert (point["n"], point["value"], point["status"]) == (0, None, "no_answers")
            assert (point["shared"]["n"], point["shared"]["effective_n"]) == (10, 10.0)
            assert point["shared"]["value"] == 0.6

    def test_days_parts_waves_and_struck_answers_are_minded(
        self, session: Session, people: dict[str, StaffMember], figures: Figures
    ) -> None:
        together(session, people, HALVES, [5, 5], channel="chat")
        together(session, people, HALVES, [1], closed_at=RECENTLY - timedelta(days=40))
        together(session, people, HALVES, [1, 1, 1], wave=2)
        (struck,) = together(session, people, HALVES, [1])
        response = make_response(session, struck, csat=1, wave=2)
        response.excluded_at, response.excluded_because = RECENTLY, "a test"
        chat = of(figures(by="staff", where=("channel=chat",)))["shared"]
        assert (chat["n"], chat["value"]) == (2, 1.0)
        assert of(figures(by="staff", wave=2))["shared"]["n"] == 3
        by_month = figures(by="staff", period="month", where=("staff=e-1",))["groups"][0]["points"]
        assert [point["shared"] and point["shared"]["n"] for point in by_month] == [1, 3]

    def test_the_tallies_count_as_the_answers_do(
        self, session: Session, people: dict[str, StaffMember], figures: Figures
    ) -> None:
        answered(session, people["e-1"], [5] * 10)
        together(session, people, HALVES, [1] * 10)
        before = figures(by="staff")
        roll_up(session, NOW)
        assert figures(by="staff") == before

    def test_it_is_about_no_other_metric(
        self, session: Session, people: dict[str, StaffMember], figures: Figures
    ) -> None:
        together(session, people, HALVES, [5] * 10)
        found = figures(by="staff", metric="nps")
        assert [point for group in found["groups"] for point in group["points"]] == []

    def test_the_command_prints_it_beside(
        self, session: Session, people: dict[str, StaffMember], runner: FlaskCliRunner, time: Time
    ) -> None:
        answered(session, people["e-1"], [5] * 10)
        together(session, people, HALVES, [1] * 10)
        printed = runner.invoke(args=["scores", "--metric", "csat", "--by", "staff"]).stdout
        assert "含共同完成的 10 份：66.7%" in printed


class TestOthers:
    """What a program that sees figures only, and a manager on a page, are told."""

    def test_enough_of_each_crew_is_shown(
        self, session: Session, people: dict[str, StaffMember], figures: Figures
    ) -> None:
        answered(session, people["e-1"], [5] * 10)
        together(session, people, HALVES, [1] * 5)
        everything = of(figures(by="staff"))["shared"]
        assert of(figures(by="staff", sees_all=False))["shared"] == everything
        # Of whom there is nothing else, five are too few to judge.
        assert of(figures(by="staff", sees_all=False), "e-2")["shared"] is None

    @pytest.mark.parametrize(
        "crews",
        [
            [(HALVES, 4)],
            # Enough together, and too few with either other: theirs would tell.
            [(HALVES, 4), ({"e-1": 0.5, "e-3": 0.5}, 4)],
            # With other parts the same people's sum can be taken apart.
            [(HALVES, 9), ({"e-1": 0.9, "e-2": 0.1}, 1)],
        ],
    )
    def test_few_of_any_crew_hide_the_figure(
        self,
        session: Session,
        people: dict[str, StaffMember],
        figures: Figures,
        crews: list[tuple[Parts, int]],
    ) -> None:
        answered(session, people["e-1"], [5] * 20)
        for parts, times in crews:
            together(session, people, parts, [1] * times)
        assert of(figures(by="staff"))["shared"] is not None
        assert of(figures(by="staff", sees_all=False))["shared"] is None

    def test_own_answers_that_are_hidden_are_not_told_by_the_sum(
        self, session: Session, people: dict[str, StaffMember], figures: Figures
    ) -> None:
        answered(session, people["e-1"], [5] * 7)
        answered(session, people["e-3"], [5] * 30)
        together(session, people, HALVES, [1] * 20)
        found = figures(by="staff", sees_all=False)
        assert (of(found)["counts"], of(found)["shared"]) == (None, None)
        assert of(found, "e-2")["shared"]["n"] == 20

    def test_what_is_left_of_the_whole_is_not_few_either(
        self, session: Session, people: dict[str, StaffMember], figures: Figures
    ) -> None:
        answered(session, people["e-1"], [5] * 10)
        answered(session, people["e-3"], [5] * 10)
        together(session, people, HALVES, [1] * 9)
        together(session, people, {"e-3": 0.5, "e-4": 0.5}, [1] * 2)
        found = figures(by="staff", sees_all=False)
        # Eleven count for nobody; less nine they would be the other two's.
        assert of(found, None)["n"] == 11
        assert (of(found)["shared"], of(found, "e-3")["shared"]) == (None, None)

    @pytest.mark.parametrize("seed", [3, 11])
    def test_no_sum_of_what_is_shown_gives_a_few_shared_answers_away(
        self, session: Session, people: dict[str, StaffMember], figures: Figures, seed: int
    ) -> None:
        """Ask by everything, everywhere, and solve the equations that gives."""
        draw = random.Random(seed)  # noqa: S311 — a world to look at, not a secret.
        crews: list[Parts] = [
            {}, HALVES, {"e-1": 0.9, "e-2": 0.1}, {"e-1": 0.5, "e-3": 0.5},
            {"e-3": 0.25, "e-4": 0.75}, {"e-2": 0.4, "e-3": 0.4, "e-4": 0.2},
        ]  # fmt: skip
        channels = ("phone", "chat")
        atoms = list(product(range(len(crews)), channels))
        sizes = {atom: draw.choice((0, 1, 2, 6, 8, 11)) for atom in atoms}
        for (crew, channel), times in sizes.items():
            together(session, people, crews[crew], [1] * times, channel=channel)
        for staff, channel in product(people.values(), channels):
            answered(session, staff, [5] * 12, channel=channel)
        known = []
        told = 0
        for where in ({}, *({"channel": code} for code in channels)):
            there = tuple(f"{subject}={key}" for subject, key in where.items())

            def row(of_crew: Mapping[int, float], where: Mapping[str, str] = where) -> list[float]:
                return [
                    of_crew.get(crew, 0.0) if where.get("channel", channel) == channel else 0.0
                    for crew, channel in atoms
                ]

            for group in figures(by="staff", where=there, sees_all=False)["groups"]:
                key, (point,) = group["key"]["staff"], group["points"]
                if key is None and point["n"] is not None:
                    known.append(row(dict.fromkeys(range(len(crews)), 1.0)))
                if key is not None and point["shared"] is not None:
                    known.append(row({i: crew.get(key) or 0.0 for i, crew in enumerate(crews)}))
                    told += 1
        assert told > 0
        rank = np.linalg.matrix_rank(np.array(known))
        for crew in range(len(crews)):
            for where in ((), *((code,) for code in channels)):
                inside = [atom for atom in atoms if atom[0] == crew and atom[1] in (where or atom)]
                size = sum(sizes[atom] for atom in inside)
                if 0 < size < 5:
                    target = [float(atom in inside) for atom in atoms]
                    assert np.linalg.matrix_rank(np.array([*known, target])) > rank, inside


class TestPages:
    def test_ones_own_page_shows_what_is_shared_beside(
        self, client: FlaskClient, session: Session, people: dict[str, StaffMember], time: Time
    ) -> None:
        answered(session, people["e-1"], [5] * 9 + [1])
        together(session, people, HALVES, [1] * 3)
        reader(client, session, "staff", people["e-1"])
        page = words(client.get(f"/me?{DAYS}").text)
        assert "CSAT, right after, with shared work Not for appraisal" in page
        assert "78 % · own answers: 10, shared: 3" in page
        assert "Worth 12.3 whole answers." in page

    def test_too_few_are_counted_and_not_judged(
        self, client: FlaskClient, session: Session, people: dict[str, StaffMember], time: Time
    ) -> None:
        together(session, people, HALVES, [1] * 3)
        reader(client, session, "staff", people["e-1"])
        page = words(client.get(f"/me?{DAYS}").text)
        assert "own answers: 0, shared: 3 Too few answers to judge (3 of 10)." in page

    def test_without_shared_work_the_page_is_as_it_was(
        self, client: FlaskClient, session: Session, people: dict[str, StaffMember], time: Time
    ) -> None:
        answered(session, people["e-1"], [5] * 10)
        reader(client, session, "staff", people["e-1"])
        assert "Work shared with others" not in client.get(f"/me?{DAYS}").text

    @pytest.mark.parametrize(("times", "is_shown"), [(5, True), (4, False)])
    def test_a_manager_sees_it_where_it_gives_nobody_away(
        self,
        client: FlaskClient,
        session: Session,
        people: dict[str, StaffMember],
        time: Time,
        times: int,
        is_shown: bool,
    ) -> None:
        answered(session, people["e-1"], [5] * 10)
        together(session, people, HALVES, [1] * times)
        reader(client, session, "manager", None)
        page = words(client.get(f"/reports/staff/{people['e-1'].id}?{DAYS}").text)
        assert ("Work shared with others" in page) == is_shown

    def test_a_lead_who_shared_it_covers_for_nobody(
        self, client: FlaskClient, session: Session, people: dict[str, StaffMember], time: Time
    ) -> None:
        answered(session, people["e-3"], [5] * 10)
        # Together enough to hide each other, but not from one who knows the first.
        together(session, people, HALVES, [1] * 4)
        together(session, people, {"e-3": 0.5, "e-4": 0.5}, [1] * 4)
        reader(client, session, "lead", people["e-1"])
        page = client.get(f"/reports/staff/{people['e-3'].id}?{DAYS}").text
        assert "Work shared with others" not in page


def test_files_that_leave_have_it_and_come_back_in(
    session: Session,
    people: dict[str, StaffMember],
    runner: FlaskCliRunner,
    time: Time,
) -> None:
    answered(session, people["e-1"], [5] * 10)
    together(session, people, {"e-1": 0.25, "e-2": 0.75}, [1] * 2)

    def column(what: str, name: str, *options: str) -> set[str]:
        printed = runner.invoke(args=["export", what, *options])
        assert printed.exit_code == 0, printed.output
        return {row[name] for row in csv.DictReader(io.StringIO(printed.stdout.lstrip("\ufeff")))}

    for what in ("interactions", "responses"):
        assert column(what, "staff_shares") == {"", "e-1=0.25;e-2=0.75"}
    # Every cell stands under its own name.
    assert all(number.isdigit() for number in column("interactions", "id"))
    own = ("--by", "staff", "--metric", "csat", "--period", "whole", "--wave", "1")
    assert column("scores", "shared_n", *own) == {"", "2"}
    assert column("scores", "shared_weight", *own) == {"", "10.5", "1.5"}


def test_parts_that_come_with_their_answers_are_refused(
    session: Session, runner: FlaskCliRunner, time: Time, app: Flask, tmp_path: Path
) -> None:
    """Whoever divides an answer that is known chooses whose it is."""
    folder = Path(app.instance_path) / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    columns = ("external_id", "channel", "closed_at", "customer_email", "answered_at", "csat",
               "staff_shares")  # fmt: skip
    profile = {
        "columns": {"source": "=other", **{name: name for name in columns}},
        "carries_interactions": True,
    }
    (folder / "rated.json").write_text(json.dumps(profile), encoding="utf-8")
    path = tmp_path / "rated.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(columns)
        for number, shares in enumerate(("a=0.5;b=0.5", "a;b")):
            moment = "2026-09-01 10:00"
            out.writerow((number, "phone", moment, f"{number}@b.cn", moment, 5, shares))
    arguments = ["import", "responses", str(path), "--profile", "rated", "--format", "json"]
    told = json.loads(runner.invoke(args=arguments).stdout)
    assert (told["created"], told["refused"]) == (1, 1)
    (refusal,) = told["refusals"]
    assert (refusal["row"], refusal["column"], refusal["value"]) == (1, "staff_shares", "a=0.5")
    assert session.scalars(sa.select(InteractionShare.part)).all() == [None, None]
