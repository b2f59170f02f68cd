"""Ten answers of one customer are not ten opinions."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.conftest import Time
from tests.factories import make_customer, make_interaction, make_response
from tests.reports.conftest import Figures
from tests.reports.stories import reader, words


def answered(session: Session, customer_id: int, good: int, n: int) -> None:
    for place in range(n):
        interaction = make_interaction(session, day=date(2026, 9, 1), customer_id=customer_id)
        make_response(session, interaction, csat=5 if place < good else 1)


def test_a_customer_who_gave_half_of_the_answers_widens_the_interval(
    session: Session, figures: Figures
) -> None:
    pairs = [(10, 10), *[(1, 1)] * 8, (0, 2)]
    for number, (good, n) in enumerate(pairs):
        answered(session, make_customer(session, f"c-{number}").id, good, n)
    (point,) = figures()["groups"][0]["points"]
    assert (point["n"], point["value"]) == (20, 0.9)
    assert (point["low"], point["high"]) == (0.698966, 0.972134)
    assert point["by_customer"] == {
        "design_effect": pytest.approx(2.666667), "effective_n": 7.5,
        "low": 0.543519, "high": 0.985513,
    }  # fmt: skip
    (of_wave,) = figures(by="wave", wave=1)["groups"]
    assert of_wave["points"][0]["by_customer"] == point["by_customer"]


def test_where_nobody_answered_twice_the_plain_interval_holds(
    session: Session, figures: Figures
) -> None:
    for number in range(6):
        answered(session, make_customer(session, f"c-{number}").id, 1, 1)
    (point,) = figures()["groups"][0]["points"]
    assert point["by_customer"] is None


def test_a_hidden_figure_is_hidden_by_customer_too(session: Session, figures: Figures) -> None:
    answered(session, make_customer(session, "c-1").id, 2, 3)
    (point,) = figures(sees_all=False)["groups"][0]["points"]
    assert (point["n"], point["by_customer"]) == (None, None)


def test_the_page_says_so_where_it_makes_a_point_of_difference(
    client: FlaskClient, session: Session, time: Time
) -> None:
    for number, (good, n) in enumerate([(10, 10), *[(1, 1)] * 8, (0, 2)]):
        answered(session, make_customer(session, f"c-{number}").id, good, n)
    session.commit()
    reader(client, session, "manager", None)
    page = words(client.get("/reports?from=2026-08-01&to=2026-09-30&lang=en").text)
    assert "90 % · 20 answers · 70–97 %" in page
    assert "Counted by customer, the interval is 54–99 %." in page
