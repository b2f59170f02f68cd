"""People beside each other: through `scores()`, which the command and the API answer with."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from feedback.reports.request import BadRequest
from tests.factories import make_channel, make_interaction, make_response, make_staff, make_team
from tests.reports.conftest import Figures

DAY = date(2026, 9, 1)
TEAM = [
    (9, 10), (18, 20), (44, 50), (47, 50), (7, 10), (12, 12), (95, 100), (30, 40), (5, 5),
    (60, 80), (16, 20), (38, 40),
]  # fmt: skip


def answers(session: Session, staff: StaffMember, good: int, n: int, **values: Any) -> None:
    """Let so many of n customers be satisfied with this person."""
    for place in range(n):
        values = {"day": DAY, "staff_id": staff.id, "team_id": staff.team_id} | values
        interaction = make_interaction(session, **values)
        make_response(session, interaction, csat=5 if place < good else 1)


def team(session: Session, counts: list[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Have people with these counts, in one team; give their numbers."""
    team_id = make_team(session, "客服一组").id
    keys = {}
    for place, (good, n) in enumerate(counts):
        staff = make_staff(session, f"e-{place:02}", name=f"员工{place:02}", team_id=team_id)
        answers(session, staff, good, n)
        keys[good, n] = f"e-{place:02}"
    return keys


def people(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what each person's point says, by their number."""
    return {group["key"]["staff"]: group["points"][0] for group in found["groups"]}


def near(expected: object, by: float = 1e-6) -> object:
    return pytest.approx(expected, abs=by)


def test_the_best_estimate_says_how_much_of_it_is_ones_own(
    session: Session, figures: Figures
) -> None:
    keys = team(session, TEAM)
    found = people(figures(by="staff"))
    best = {pair: found[key]["person"]["best_estimate"] for pair, key in keys.items()}
    assert best[5, 5]["value"] == near(0.899470, 1e-4)
    assert best[5, 5]["own_weight"] == near(0.240843, 1e-4)
    assert list(best[12, 12].values())[:3] == near([0.922927, 0.801524, 0.995746], 1e-4)
    assert list(best[7, 10].values())[:3] == near([0.805317, 0.605668, 0.930980], 1e-4)


def test_of_twelve_people_one_is_flagged_and_it_is_not_the_lowest(
    session: Session, figures: Figures
) -> None:
    keys = team(session, TEAM)
    found = people(figures(by="staff"))
    flagged = {key for key, point in found.items() if point["person"]["flag"]}
    assert flagged == {keys[60, 80]}
    flag = found[keys[60, 80]]["person"]
    assert (flag["p"], flag["q"], flag["flag"]) == (near(0.003173), near(0.038078), "low")
    assert found[keys[95, 100]]["person"]["q"] == near(0.067096)
    assert found[keys[7, 10]]["person"]["q"] == near(0.312765)


def test_ranks_are_given_on_request_only_and_as_intervals(
    session: Session, figures: Figures
) -> None:
    keys = team(session, TEAM)
    assert "rank" not in people(figures(by="staff"))[keys[95, 100]]["person"]
    found = people(figures(by="staff", rank=1))
    ranks = {pair: found[key]["person"]["rank"] for pair, key in keys.items()}
    assert ranks.pop((95, 100)) == [1, 10]
    assert ranks.pop((60, 80)) == ranks.pop((30, 40)) == [2, 12]
    assert all(rank == [1, 12] for rank in ranks.values())
    with pytest.raises(BadRequest, match="by staff"):
        figures(by="channel", rank=1)
    with pytest.raises(BadRequest, match="by staff"):
        figures(by="staff", rank=1, metric="nps")


def test_where_nobody_differs_nobody_is_told_apart(session: Session, figures: Figures) -> None:
    alike = [(8, 10), (9, 10), (17, 20), (16, 20), (41, 50), (40, 50), (80, 100)]
    team(session, alike)
    found = figures(by="staff", rank=1)
    assert found["people"]["weight"] is None
    assert found["people"]["answers_needed"] == {"0.70": None, "0.90": None}
    for point in people(found).values():
        assert (point["person"]["reliability"], point["person"]["flag"]) == (0, None)
        assert point["person"]["rank"] == [1, 7]


def test_hard_cases_are_expected_to_go_badly_more_often(session: Session, figures: Figures) -> None:
    team_id = make_team(session, "客服一组").id
    web, phone = (make_channel(session, code).id for code in ("web", "phone"))
    work = {"a": ((18, 20, web), (30, 50, phone)), "b": ((45, 50, web), (6, 10, phone))}
    for key, strata in work.items():
        staff = make_staff(session, key, name=key, team_id=team_id)
        for good, n, channel_id in strata:
            answers(session, staff, good, n, channel_id=channel_id)
    other = make_staff(session, "c", name="c", team_id=team_id)
    # Brings everybody's rates to 0.95 on the web and 0.60 on the phone.
    answers(session, other, 127, 130, channel_id=web)
    answers(session, other, 24, 40, channel_id=phone)
    found = people(figures(by="staff"))
    assert [found[key]["value"] for key in "ab"] == near([0.685714, 0.85])
    assert [found[key]["person"]["expected"] for key in "ab"] == near([0.7, 0.891667])
    assert [found[key]["person"]["adjusted"] for key in "ab"] == near([-0.014286, -0.041667])
    assert [found[key]["person"]["z"] for key in "ab"] == near([-0.2779, -1.1441], 1e-4)


def test_five_of_five_is_no_hundred_per_cent_to_others(session: Session, figures: Figures) -> None:
    keys = team(session, [(5, 5), (30, 40), (18, 20), (16, 20)])
    everything = people(figures(by="staff"))[keys[5, 5]]
    assert (everything["value"], everything["low"], everything["high"]) == (1.0, 0.565518, 1.0)
    assert everything["status"] == "too_few"
    assert everything["person"]["standing"] == "few"
    told = people(figures(by="staff", sees_all=False))[keys[5, 5]]
    assert (told["status"], told["n"], told["person"]) == ("too_few", 5, None)
    assert (told["value"], told["low"], told["high"], told["counts"]) == (None, None, None, None)


@pytest.mark.parametrize(
    ("good", "n", "standing"),
    [
        (3, 4, "too_few"),
        (7, 9, "few"),
        (8, 10, "some"),
        (25, 30, "some"),
        (90, 100, "enough"),
        (300, 400, "evidence"),
    ],
)
def test_what_so_many_answers_may_be_used_for(
    session: Session, figures: Figures, good: int, n: int, standing: str
) -> None:
    keys = team(session, [(good, n), *TEAM])
    assert people(figures(by="staff"))[keys[good, n]]["person"]["standing"] == standing


def test_somebody_has_one_expectation_whichever_team_is_asked_for(
    session: Session, figures: Figures
) -> None:
    keys = team(session, [(9, 10), (18, 20), (44, 50)])
    stranger = make_staff(session, "s-1", name="外组", team_id=make_team(session, "客服二组").id)
    answers(session, stranger, 10, 40)
    everybody = people(figures(by="staff"))[keys[44, 50]]["person"]
    of_the_team = figures(by="staff", where=("team=客服一组",))
    assert people(of_the_team)[keys[44, 50]]["person"] == everybody
    assert of_the_team["people"]["people"] == 4


def test_a_new_answer_is_in_the_next_comparison(session: Session, figures: Figures) -> None:
    keys = team(session, [(9, 10), (18, 20), (44, 50)])
    before = people(figures(by="staff"))[keys[9, 10]]["person"]["best_estimate"]
    staff = session.query(StaffMember).filter_by(external_id=keys[9, 10]).one()
    answers(session, staff, 0, 1)
    after = people(figures(by="staff"))[keys[9, 10]]["person"]["best_estimate"]
    assert after["value"] < before["value"]


def test_what_all_have_in_common_is_not_told_where_it_would_tell_of_few(
    session: Session, figures: Figures
) -> None:
    team(session, [(2, 3)])
    found = figures(by="staff", sees_all=False)
    assert "people" not in found
    (point,) = people(found).values()
    assert (point["n"], point["value"], point["asked"]) == (None, None, None)


def test_no_comparison_is_told_from_which_a_hidden_few_could_be_worked_out(
    session: Session, figures: Figures
) -> None:
    # 1 of 3, and whoever covers for them: together they are known from the total, and of all ways
    # to part six good answers among nine only one has just this scatter and these expectations.
    keys = team(session, [(17, 20), (30, 40), (55, 60), (5, 6), (1, 3)])
    found = figures(by="staff", sees_all=False)
    assert [people(found)[keys[pair]]["n"] for pair in ((5, 6), (1, 3))] == [None, None]
    assert found["people"] is None
    assert people(found)[keys[55, 60]]["n"] == 60
    assert {point["person"] for point in people(found).values()} == {None}
    # Nor by month, nor where only the others are asked about.
    by_month = figures(by="staff", period="month", sees_all=False)
    assert {p["person"] for g in by_month["groups"] for p in g["points"]} == {None}
    of_one = figures(by="staff", where=(f"staff={keys[55, 60]}",), sees_all=False)
    assert (of_one["people"], people(of_one)[keys[55, 60]]["person"]) == (None, None)
    assert figures(by="staff")["people"]["people"] == 5


def test_a_comparison_is_told_where_many_are_hidden_in_it(
    session: Session, figures: Figures
) -> None:
    keys = team(session, [(17, 20), (30, 40), (0, 1), (1, 1), (1, 2), (2, 2), (1, 3)])
    found = figures(by="staff", sees_all=False)
    assert found["people"] == figures(by="staff")["people"]
    assert people(found)[keys[30, 40]]["person"]["expected"] is not None


def test_each_person_says_how_many_were_asked_and_answered(
    session: Session, figures: Figures
) -> None:
    keys = team(session, [(9, 10), (18, 20)])
    point = people(figures(by="staff"))[keys[9, 10]]
    # Nobody was asked by us: the answers came from elsewhere.
    assert (point["asked"], point["answered"], point["response_rate"]) == (0, 10, None)
