"""Targets beside the figures of the command and the API: met, not met, or not decided."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from feedback.touchpoints.models import Target
from tests.factories import make_interaction, make_response, make_user
from tests.reports.conftest import NOW, Figures


def told(session: Session, day: str, good: int, n: int) -> None:
    for place in range(n):
        interaction = make_interaction(session, day=date.fromisoformat(day))
        make_response(session, interaction, csat=5 if place < good else 1)


def aim(session: Session, value: float, from_day: str, set_on: str) -> None:
    """Have a manager set a target for everything."""
    manager = make_user(session, "manager")
    session.add(
        Target(
            metric="csat",
            wave=1,
            subject="all",
            subject_id=0,
            value=value,
            from_day=date.fromisoformat(from_day),
            set_on=date.fromisoformat(set_on),
            set_at=NOW,
            set_by_id=manager.id,
        )
    )


@pytest.mark.parametrize(
    ("good", "n", "low", "high", "outcome"),
    [
        (60, 80, 0.645153, 0.831938, "undecided"),
        (150, 200, 0.685659, 0.804918, "undecided"),
        (140, 200, 0.633209, 0.759253, "not_met"),
        (95, 100, 0.888250, 0.978456, "met"),
    ],
)
def test_the_whole_interval_decides(
    session: Session, figures: Figures, good: int, n: int, low: float, high: float, outcome: str
) -> None:
    aim(session, 0.8, "2026-09-01", "2026-08-20")
    told(session, "2026-09-10", good, n)
    (point,) = figures(from_="2026-09-01", to="2026-09-30")["groups"][0]["points"]
    assert (point["low"], point["high"]) == (low, high)
    assert point["target"] == {
        "value": 0.8, "outcome": outcome, "set_late": False, "changed": False,
    }  # fmt: skip


def test_each_month_has_the_target_of_its_own_days(session: Session, figures: Figures) -> None:
    aim(session, 0.8, "2026-09-01", "2026-08-20")
    told(session, "2026-08-10", 95, 100)
    told(session, "2026-09-10", 95, 100)
    (group,) = figures(period="month", from_="2026-08-01", to="2026-10-31")["groups"]
    targets = [point["target"] for point in group["points"]]
    assert targets[0] is None
    assert targets[1]["outcome"] == "met"
    # Nobody answered in October, so nothing was met and nothing missed.
    assert targets[2] is None


def test_a_persons_few_answers_meet_no_target_and_miss_none(
    session: Session, figures: Figures
) -> None:
    aim(session, 0.8, "2026-09-01", "2026-08-20")
    told(session, "2026-09-10", 2, 29)
    (point,) = figures(by="staff")["groups"][0]["points"]
    assert point["high"] < 0.8
    assert point["target"] is None
