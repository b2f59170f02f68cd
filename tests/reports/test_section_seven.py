"""The table of what a bare number hides (statistics, section 7), row by row, from the outside.

`ROWS` says of every row which test reproduces it through the API or `flask scores`. Those that had
no place by their subject stand here.
"""

import ast
import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from tests.conftest import Time
from tests.factories import make_response, make_user
from tests.integrations.conftest import Program, a_report
from tests.integrations.conftest import program as program
from tests.reports.stories import person
from tests.reports.two_waves import LONG_AGO, contact, invite, twice

TESTS = Path(__file__).parent.parent
SECTION_ROWS = "reports/test_section_rows.py"
# The numbers are those of the table. It has none of 7, 33 and 34.
ROWS: dict[int, tuple[str, str]] = {
    1: (SECTION_ROWS, "test_scores_of_every_row_have_the_value_and_the_range_expected"),
    2: (SECTION_ROWS, "test_scores_of_every_row_have_the_value_and_the_range_expected"),
    3: (SECTION_ROWS, "test_row_3_nothing_is_not_zero"),
    4: (SECTION_ROWS, "test_scores_of_every_row_have_the_value_and_the_range_expected"),
    5: (SECTION_ROWS, "test_scores_of_every_row_have_the_value_and_the_range_expected"),
    6: ("reports/test_botanic.py", "test_everywhere_the_same_number_without_those_who_skipped"),
    8: (SECTION_ROWS, "test_row_8_has_a_label_and_its_mean_beside_it"),
    9: (SECTION_ROWS, "test_row_9_is_a_mean_and_the_share_of_easy_answers_stands_beside_it"),
    22: (SECTION_ROWS, "test_row_22_both_scores_are_shown_where_answers_were_struck"),
    # Words get no score, so there is no figure to ask for. How the lists do on reviews they
    # know nothing of is measured by `bench/triage.py`.
    35: ("triage/test_urgent.py", "test_of_the_confirmed_sentences_hardly_one_is_missed"),
}
IN_THE_TABLE = {*range(1, 7), *range(8, 33), 35}
# Twelve people, as (satisfied, answers).
TEAM = [
    (9, 10), (18, 20), (44, 50), (47, 50), (7, 10), (12, 12), (95, 100), (30, 40), (5, 5),
    (60, 80), (16, 20), (38, 40),
]  # fmt: skip
TakeIn = Callable[..., None]
Asked = Callable[..., Any]


def near(expected: object, by: float = 1e-6) -> object:
    return pytest.approx(expected, abs=by)


@pytest.fixture
def asked(
    program: Callable[..., Program], runner: FlaskCliRunner, time: Time
) -> Callable[..., Any]:
    """Ask the API and the command, which must say the same: `asked(metric="csat", by="staff")`."""
    asker = program("scores:read-all", name="a report")

    def ask(*where: str, **given: str) -> Any:
        answer = asker.call("GET", "/scores", query_string=given | {"where": list(where)})
        assert answer.status_code == 200, answer.text
        options = [part for name, value in given.items() for part in (f"--{name}", value)]
        # The command has it as a switch.
        options = [part for part in options if part != "1"] if "rank" in given else options
        options += [part for one in where for part in ("--where", one)]
        printed = runner.invoke(args=["scores", *options, "--format", "json"])
        assert printed.exit_code == 0, printed.output
        found = json.loads(printed.stdout)
        # Names are in the reader's language; the figures are the same.
        assert [g["points"] for g in found["groups"]] == [
            g["points"] for g in answer.json["groups"]
        ]
        assert {k: v for k, v in found.items() if k != "groups"} == {
            k: v for k, v in answer.json.items() if k != "groups"
        }
        return answer.json

    return ask


@pytest.fixture
def take_in(runner: FlaskCliRunner, session: Session, tmp_path: Path, time: Time) -> TakeIn:
    """Import a file of contacts or responses."""

    def take(what: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        path = tmp_path / f"{what}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        result = runner.invoke(args=["import", what, str(path)])
        assert result.exit_code == 0, result.output
        # PostgreSQL does so by itself within a minute; until then it plans for empty tables.
        session.execute(sa.text("ANALYZE"))
        session.commit()

    return take


@pytest.fixture
def told(take_in: TakeIn) -> TakeIn:
    """Import contacts and what was answered: (score, times), and of whom, where and when."""

    def tell(
        *what: tuple[Sequence[tuple[int, int]], Mapping[str, str]], metric: str = "csat"
    ) -> None:
        contacts, said = [], []
        for scores, values in what:
            for score in (score for score, times in scores for _ in range(times)):
                key = f"{metric}/{len(said)}"
                about = {"channel": "phone", "day": "2026-08-05", "customer": key} | dict(values)
                contacts.append(
                    (key, about["channel"], f"{about['day']} 10:00", about["customer"],
                     about.get("staff", ""))
                )  # fmt: skip
                said.append((key, f"{about['day']} 11:00", score))
        header = (
            "external_id",
            "channel",
            "closed_at",
            "customer_external_id",
            "staff_external_id",
        )
        take_in("interactions", header, contacts)
        take_in("responses", ("interaction_external_id", "answered_at", metric), said)

    return tell


def csat(good: int, n: int) -> list[tuple[int, int]]:
    return [(5, good), (2, n - good)]


def people_of(found: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {group["key"]["staff"]: group["points"][0] for group in found["groups"]}


def test_every_row_of_the_table_has_its_test() -> None:
    """A row that is missing, or whose test was renamed, is found here."""
    here = {
        int(node.name.split("_")[2])
        for node in ast.parse(Path(__file__).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_row_")
    }
    assert here | ROWS.keys() == IN_THE_TABLE
    for path, name in ROWS.values():
        tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_row_10_eight_points_down_cannot_be_told(told: TakeIn, asked: Asked) -> None:
    told((csat(45, 50), {"day": "2026-06-05"}), (csat(41, 50), {"day": "2026-07-05"}))
    change = asked(metric="csat", period="month")["groups"][0]["points"][1]["change"]
    assert change == {
        "value": -0.08, "low": -0.219889, "high": 0.06028, "p": 0.251381, "detectable": 0.136016,
        "detectable_with_power": 0.194423, "verdict": "cannot_tell",
    }  # fmt: skip


def test_row_11_ten_points_of_nps_cannot_be_told(told: TakeIn, asked: Asked) -> None:
    before, now = [(0, 10), (7, 15), (10, 25)], [(0, 5), (7, 20), (10, 25)]
    told((before, {"day": "2026-06-05"}), (now, {"day": "2026-07-05"}), metric="nps")
    change = asked(metric="nps", period="month")["groups"][0]["points"][1]["change"]
    assert [change[name] for name in ("value", "low", "high")] == near([0.1, -0.181315, 0.383969])
    assert change["verdict"] == "cannot_tell"


def test_row_12_a_real_change_is_higher(told: TakeIn, asked: Asked) -> None:
    told((csat(48, 80), {"day": "2026-06-05"}), (csat(56, 70), {"day": "2026-07-05"}))
    change = asked(metric="csat", period="month")["groups"][0]["points"][1]["change"]
    assert [change[name] for name in ("value", "low", "high")] == near([0.2, 0.052431, 0.333873])
    assert change["verdict"] == "higher"


@pytest.fixture
def team(told: TakeIn, asked: Asked) -> tuple[dict[tuple[int, int], Any], Any]:
    """Twelve people's points by (satisfied, answers), and what they have in common."""
    told(*((csat(*pair), {"staff": f"e-{place}"}) for place, pair in enumerate(TEAM)))
    found = asked(metric="csat", by="staff", rank="1")
    points = people_of(found)
    return {pair: points[f"e-{place}"] for place, pair in enumerate(TEAM)}, found["people"]


def test_row_13_a_perfect_score_of_five_is_a_quarter_of_its_estimate(team: Any) -> None:
    best = {pair: point["person"]["best_estimate"] for pair, point in team[0].items()}
    assert list(best[12, 12].values())[:3] == near([0.922927, 0.801524, 0.995746], 1e-4)
    assert best[5, 5]["value"] == near(0.899470, 1e-4)
    assert best[5, 5]["own_weight"] == near(0.240843, 1e-4)
    assert list(best[7, 10].values())[:3] == near([0.805317, 0.605668, 0.930980], 1e-4)


def test_row_14_ranks_are_intervals(team: Any) -> None:
    ranks = {pair: point["person"]["rank"] for pair, point in team[0].items()}
    assert (ranks.pop((95, 100)), ranks.pop((60, 80)), ranks.pop((30, 40))) == (
        [1, 10], [2, 12], [2, 12],
    )  # fmt: skip
    assert set(map(tuple, ranks.values())) == {(1, 12)}


def test_row_14_clear_differences_have_clear_ranks(told: TakeIn, asked: Asked) -> None:
    good = (190, 184, 170, 150, 120)
    told(*((csat(x, 200), {"staff": f"e-{x}"}) for x in good))
    points = people_of(asked(metric="csat", by="staff", rank="1"))
    assert [points[f"e-{x}"]["person"]["rank"] for x in good] == [
        [1, 2], [1, 3], [2, 4], [3, 4], [5, 5],
    ]  # fmt: skip


def test_row_15_where_nobody_differs_there_is_no_order(told: TakeIn, asked: Asked) -> None:
    alike = [(8, 10), (9, 10), (8, 10), (17, 20), (16, 20), (41, 50), (40, 50), (80, 100)]
    told(*((csat(*pair), {"staff": f"e-{place}"}) for place, pair in enumerate(alike)))
    found = asked(metric="csat", by="staff", rank="1")
    assert (found["people"]["weight"], found["people"]["between_people"]) == (None, None)
    for point in people_of(found).values():
        assert (point["person"]["flag"], point["person"]["rank"]) == (None, [1, 8])
        assert point["person"]["reliability"] == 0


def test_row_16_one_of_twelve_is_marked_and_it_is_not_the_lowest(team: Any) -> None:
    flagged = {pair for pair, point in team[0].items() if point["person"]["flag"]}
    assert flagged == {(60, 80)}
    marked = team[0][60, 80]["person"]
    assert (marked["p"], marked["q"]) == near((0.003173, 0.038078))
    assert team[0][95, 100]["person"]["q"] == near(0.067096)
    assert team[0][7, 10]["person"]["q"] == near(0.312765)


def test_row_17_how_many_answers_an_appraisal_would_take_is_said(team: Any) -> None:
    points, people = team
    assert people["weight"] == near(22.5284, 5e-5)
    assert people["answers_needed"] == {"0.70": 52.6, "0.90": 202.8}
    twenty = points[18, 20]["person"]
    # Below `enough`: not for appraisal.
    assert (twenty["reliability"], twenty["standing"]) == (near(0.4703, 5e-5), "some")


def test_row_18_hard_cases_turn_the_order_round(told: TakeIn, asked: Asked) -> None:
    told(
        (csat(18, 20), {"staff": "A", "channel": "easy"}),
        (csat(30, 50), {"staff": "A", "channel": "hard"}),
        (csat(45, 50), {"staff": "B", "channel": "easy"}),
        (csat(6, 10), {"staff": "B", "channel": "hard"}),
        # Brings everybody's rates to 0.95 and 0.60.
        (csat(127, 130), {"staff": "C", "channel": "easy"}),
        (csat(24, 40), {"staff": "C", "channel": "hard"}),
    )
    found = people_of(asked(metric="csat", by="staff"))
    assert [found[key]["value"] for key in "AB"] == near([0.6857, 0.85], 5e-5)
    people = [found[key]["person"] for key in "AB"]
    assert [one["expected"] for one in people] == near([0.7, 0.8917], 5e-5)
    assert [one["adjusted"] for one in people] == near([-0.0143, -0.0417], 5e-5)
    assert [one["z"] for one in people] == near([-0.2779, -1.1441], 5e-5)


def test_row_19_repeat_customers_widen_the_range(told: TakeIn, asked: Asked) -> None:
    pairs = [(10, 10), *[(1, 1)] * 8, (0, 2)]
    told(*((csat(*pair), {"customer": f"c-{place}"}) for place, pair in enumerate(pairs)))
    (point,) = asked(metric="csat")["groups"][0]["points"]
    assert (point["low"], point["high"]) == (0.698966, 0.972134)
    by_customer = point["by_customer"]
    assert (by_customer["design_effect"], by_customer["effective_n"]) == (near(2.6667, 5e-5), 7.5)
    assert (by_customer["low"], by_customer["high"]) == (0.543519, 0.985513)


@pytest.mark.parametrize(("silent", "low", "high"), [(80, 0.18, 0.98), (5, 0.72, 0.92)])
def test_row_20_few_answers_leave_wide_bounds(
    session: Session, asked: Asked, silent: int, low: float, high: float
) -> None:
    staff = person(session, "e-1", "李静")
    for score, times in ((5, 18), (3, 2), (None, silent)):
        for _number in range(times):
            one = contact(session, staff)
            invitation = invite(session, one, 1)
            if score is not None:
                make_response(session, one, csat=score, invitation_id=invitation.id)
    session.commit()
    bounds = asked(metric="csat")["bounds"]
    assert (bounds["asked"], bounds["low"], bounds["high"]) == (20 + silent, low, high)


def test_row_21_who_leaves_customers_out_is_seen(
    session: Session, asked: Callable[..., Any]
) -> None:
    staff = {key: person(session, key, key) for key in ("few", "usual", "chosen", "others")}

    def work(key: str, channel: str, invited: int, left_out: int, *reopened: int) -> None:
        for number in range(invited + left_out):
            is_invited = number < invited
            place = number if is_invited else number - invited
            trouble = reopened[0 if is_invited else 1] if reopened else 0
            one = contact(
                session,
                staff[key],
                channel=channel,
                status="reopened" if place < trouble else "closed",
            )
            invite(session, one, 1, withheld=None if is_invited else "no_address")

    work("few", "phone", 170, 30)
    work("usual", "phone", 92, 8)
    work("chosen", "chat", 190, 12, 30, 9)
    work("others", "chat", 95, 6)
    session.commit()
    found = asked(metric="csat", by="staff")["who_was_asked"]
    people = {one["key"]["staff"]: one for one in found["people"]}
    assert (found["tested"], found["has_marks"]) == (4, True)
    few, chosen = people["few"], people["chosen"]
    assert (few["invited"]["number"], few["invited"]["of"], few["expected"]) == (170, 200, 0.92)
    assert few["p_invited"] == near(0.000965)
    assert (few["invited_less_often"], few["uninvited_in_trouble"]) == (True, False)
    assert chosen["p_selective"] == pytest.approx(2.30e-5, abs=1e-7)
    assert (chosen["invited_less_often"], chosen["uninvited_in_trouble"]) == (False, True)
    # Whoever is asked about alone is held against the same others.
    (alone,) = asked("staff=few", metric="csat", by="staff")["who_was_asked"]["people"]
    assert alone == few


def test_row_23_each_of_several_weighs_as_was_agreed(
    program: Callable[..., Program], take_in: Callable[..., None], asked: Callable[..., Any]
) -> None:
    weights = (1, 1, 0.5, 0.5, 0.5, 1, 0.25, 0.25)
    satisfied = (1, 1, 0, 1, 1, 1, 0, 1)
    crm = program(name="crm")
    for number, weight in enumerate(weights):
        staff: Any = {"external_id": "e-1", "name": "李静"}
        if weight < 1:
            other = {"external_id": "e-2", "name": "王磊", "share": 1 - weight}
            staff = [staff | {"share": weight}, other]
        told = crm.report(a_report(external_id=f"c-{number}", staff=staff))
        assert told.status_code == 201, told.text
    take_in(
        "responses",
        ("interaction_external_id", "answered_at", "csat"),
        [(f"c-{i}", "2026-09-02 09:45", 5 if x else 2) for i, x in enumerate(satisfied)],
    )
    points = {
        group["key"]["staff"]: group["points"][0]
        for group in asked(metric="csat", by="staff")["groups"]
    }
    own = points["e-1"]
    # Whole contacts are what they were; nothing is given to two people in full.
    assert (own["n"], own["value"]) == (3, 1.0)
    assert own["shared"] == {
        "n": 5, "weight": 5.0, "effective_n": near(6.4516, 5e-5), "value": 0.85,
        "low": 0.465121, "high": 0.973634,
    }  # fmt: skip
    assert (points["e-2"]["n"], points["e-2"]["shared"]["n"]) == (0, 5)
    (everybody,) = asked(metric="csat")["groups"][0]["points"]
    assert (everybody["n"], everybody["value"]) == (8, 0.75)


def test_row_24_only_what_is_due_is_in_the_denominator(
    session: Session, asked: Asked, time: Time
) -> None:
    time.now = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)
    staff = person(session, "e-1", "李静")
    for month, day, says in (
        (5, 1, True), (5, 10, True), (5, 24, False), (5, 25, False), (6, 20, False),
    ):  # fmt: skip
        one = contact(session, staff, closed_at=datetime(2026, month, day, 3, 0, tzinfo=UTC))
        made = invite(session, one, 2, waits=month == 6)
        if says:
            make_response(session, one, wave=2, csat=5, invitation_id=made.id)
    session.commit()
    matured = asked(metric="csat", by="wave")["matured"]
    assert (matured["answered"], matured["matured"], matured["not_yet_due"]) == (2, 3, 2)
    assert [matured[name] for name in ("value", "low", "high")] == near(
        [0.6667, 0.207660, 0.938508], 5e-5
    )


def test_row_25_the_same_customers_twice_are_paired(session: Session, asked: Asked) -> None:
    twice(session, person(session, "e-1", "李静"), (60, 15, 5, 8))
    paired = asked(metric="csat", by="wave")["paired"]
    assert [paired[name] for name in ("difference", "low", "high")] == near(
        [0.113636, 0.015243, 0.217056], 1e-6
    )
    assert (paired["p_exact"], paired["p_mid"]) == near((0.041389, 0.026604))


def test_row_26_a_trend_has_laneys_limits_and_no_mark_without_news(
    take_in: Callable[..., None], asked: Callable[..., Any]
) -> None:
    # (satisfied, answers) of each month from July 2024 on; the first twelve are the baseline.
    months = [
        (33, 40), (30, 36), (41, 44), (28, 38), (40, 42), (31, 40), (38, 41), (29, 37), (36, 40),
        (34, 45), (37, 39), (32, 40), (35, 40), (33, 41), (38, 44), (31, 38), (36, 43), (34, 40),
        (35, 39), (33, 42), (37, 41), (32, 40), (36, 44), (12, 40),
    ]  # fmt: skip
    starts = [f"{2024 + (6 + i) // 12}-{(6 + i) % 12 + 1:02}" for i in range(len(months))]
    rows = [
        (f"{start}/{number}", f"{start}-15 10:00", 5 if number < good else 2)
        for start, (good, n) in zip(starts, months, strict=True)
        for number in range(n)
    ]
    take_in(
        "interactions",
        ("external_id", "channel", "closed_at", "customer_external_id"),
        [(key, "phone", moment, key) for key, moment, _score in rows],
    )
    take_in(
        "responses",
        ("interaction_external_id", "answered_at", "csat"),
        [(key, moment, score) for key, moment, score in rows],
    )
    days = {"from": "2024-07-01", "to": "2026-06-30"}
    points = asked(metric="csat", period="month", **days)["groups"][0]["points"]

    # Computed anew from the published formula, by nothing of the product.
    basis = months[:12]
    centre = sum(x for x, _n in basis) / sum(n for _x, n in basis)
    z = [(x / n - centre) / sqrt(centre * (1 - centre) / n) for x, n in basis]
    sigma_z = sum(abs(b - a) for a, b in pairwise(z)) / 11 / 1.128
    assert sigma_z > 1
    for (good, n), point in zip(months, points, strict=True):
        half = 3 * sqrt(centre * (1 - centre) / n) * sigma_z
        limits = max(0, centre - half), min(1, centre + half)
        assert (point["n"], point["limits"]) == (n, near(list(limits)))
        outside = not limits[0] <= good / n <= limits[1]
        assert point["mark"] == ("outside" if outside else None)
    assert [point["mark"] for point in points] == [None] * 23 + ["outside"]


def test_row_27_no_rolling_line_can_be_asked_for(
    program: Callable[..., Program], runner: FlaskCliRunner
) -> None:
    """A smoothed line signals by itself, so there is none, and nothing to draw a signal on."""
    answer = program("scores:read-all").get("/scores", metric="csat", period="rolling-3")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "period")
    printed = runner.invoke(args=["scores", "--metric", "csat", "--period", "rolling-3"])
    assert printed.exit_code == 2


def test_row_28_a_young_month_is_provisional_until_late_answers_are_there(
    session: Session, asked: Asked, time: Time
) -> None:
    # So many of how many, after so many days: the later, the worse.
    waited = ((0, 71, 84), (1, 6, 8), (3, 2, 4), (8, 2, 4))

    def month(number: int, *delays: int) -> None:
        for delay, good, n in waited:
            for place in range(n if delay in delays else 0):
                closed_at = datetime(2026, number, 4 + place % 28, 4, 0, tzinfo=UTC)
                make_response(
                    session,
                    contact(session, None, closed_at=closed_at, staff_id=None),
                    csat=5 if place < good else 2,
                    answered_at=closed_at + timedelta(days=delay),
                )
        session.commit()

    def august(day: datetime) -> tuple[float, bool]:
        time.now = day
        points = asked(metric="csat", period="month")["groups"][0]["points"]
        (point,) = (one for one in points if one["period"] == "2026-08")
        return point["value"], point["provisional"]

    month(7, 0, 1, 3, 8)
    month(8, 0)
    assert august(datetime(2026, 8, 31, 12, 0, tzinfo=UTC)) == (round(71 / 84, 6), True)
    month(8, 1, 3, 8)
    assert august(datetime(2026, 9, 20, 4, 0, tzinfo=UTC)) == (0.81, False)


def test_row_29_response_rates_have_their_names(session: Session, asked: Asked) -> None:
    staff = person(session, "e-1", "李静")

    def become(times: int, *, said: Any = None, **invitation: Any) -> None:
        for _number in range(times):
            one = contact(session, staff)
            made = invite(session, one, 1, **invitation)
            if said is not None:
                make_response(session, one, invitation_id=made.id, **said)

    become(50, said={"csat": 5})
    # The question that must be answered is CSAT.
    become(5, said={"nps": 9})
    become(3, stopped_at=LONG_AGO)
    become(40)
    become(2, mail={"sent_at": None, "failed_at": LONG_AGO})
    session.commit()
    rates = asked(metric="csat")["response_rates"]
    assert [rates[name] for name in ("rr1", "rr2", "rr5", "rr6")] == near(
        [0.5, 0.55, 0.510204, 0.561224]
    )


def test_row_30_a_small_cell_cannot_be_had_by_subtraction(
    told: TakeIn, program: Callable[..., Program]
) -> None:
    told(*((csat(n, n), {"channel": code}) for code, n in (("a", 150), ("b", 80), ("c", 2))))
    asker = program("scores:read", name="a screen")
    groups = asker.get("/scores", metric="csat", by="channel").json["groups"]
    assert {g["key"]["channel"]: g["points"][0]["n"] for g in groups} == {
        "a": 150, "b": None, "c": None,
    }  # fmt: skip
    assert asker.get("/scores", metric="csat").json["groups"][0]["points"][0]["n"] == 232
    for code, n in (("a", 150), ("b", None), ("c", None)):
        found = asker.get("/scores", metric="csat", where=f"channel={code}").json
        assert found["groups"][0]["points"][0]["n"] == n


def test_row_31_a_target_is_met_not_met_or_not_decided(
    session: Session, runner: FlaskCliRunner, time: Time, told: TakeIn, asked: Asked
) -> None:
    manager = make_user(session, "manager")
    session.commit()
    set_ = runner.invoke(
        args=["target", "set", "--metric", "csat", "--value", "0.8", "--from", "2026-09-03",
              "--by", manager.email]
    )  # fmt: skip
    assert set_.exit_code == 0, set_.output
    time.forward(days=20)
    cases = {
        "a": (60, 80, 0.645153, 0.831938, "undecided"),
        "b": (150, 200, 0.685659, 0.804918, "undecided"),
        "c": (140, 200, 0.633209, 0.759253, "not_met"),
        "d": (95, 100, 0.888250, 0.978456, "met"),
    }
    told(
        *(
            (csat(good, n), {"channel": code, "day": "2026-09-10"})
            for code, (good, n, *_expected) in cases.items()
        )
    )
    days = {"from": "2026-09-03", "to": "2026-09-20"}
    for code, (_good, _n, low, high, outcome) in cases.items():
        (point,) = asked(f"channel={code}", metric="csat", **days)["groups"][0]["points"]
        assert (point["low"], point["high"], point["target"]["outcome"]) == (low, high, outcome)


def test_row_32_a_funnel_has_limits(told: TakeIn, asked: Asked) -> None:
    # 954 of 1,183 are the rate of the published case, and people differ no more than by chance.
    told(
        (csat(3, 4), {"staff": "few"}),
        *((csat(317, 393), {"staff": f"many-{number}"}) for number in range(3)),
    )
    found = asked(metric="csat", by="staff")
    assert found["people"]["rate"] == near(0.80642448)
    limits = people_of(found)["few"]["person"]["limits"]
    assert limits == {"0.95": near([0.419234, 1], 2e-6), "0.998": near([0.195949, 1], 2e-6)}
