"""Struck answers: the figure is shown without and with them (row 22), and never tells of a few."""

from collections.abc import Sequence

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.measures.binomial import fisher_more
from feedback.reports.struck import struck_of
from feedback.responses.models import Response
from tests.conftest import START, Time
from tests.reports.stories import answered, person, reader, words

DAYS = "from=2026-08-01&to=2026-09-02&lang=en"


def strike(session: Session, responses: Sequence[Response]) -> None:
    for response in responses:
        response.excluded_at, response.excluded_because = START, "duplicate"
        response.changed_at = START
    session.commit()


def reports(client: FlaskClient, query: str = "") -> str:
    return words(client.get(f"/reports?{DAYS}&{query}").text)


def test_removing_three_bad_of_twenty_is_told_with_both_figures() -> None:
    found = struck_of("csat", {5: 16, 1: 1}, {1: 3})
    assert found is not None
    assert (found.n, found.with_them.value, found.with_them.n) == (3, 0.8, 20)
    # 3 of 4 low ones against 0 of 16 high ones.
    assert found.p == fisher_more(3, 4, 0, 16)
    assert found.p == pytest.approx(4 / 1140)


def test_nothing_struck_has_nothing_to_tell() -> None:
    assert struck_of("csat", {5: 16}, {}) is None


def test_striking_praise_as_often_as_blame_is_no_steering() -> None:
    found = struck_of("nps", {9: 8, 7: 5, 2: 8}, {9: 2, 2: 2})
    assert found is not None
    assert found.p is not None
    assert found.p > 0.5


class TestOnThePage:
    @pytest.fixture(autouse=True)
    def manager(self, client: FlaskClient, session: Session, time: Time) -> None:
        reader(client, session, "manager", None)

    def test_the_card_says_both_figures(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        strike(session, answered(session, person(session, "e-1", "李静"), [5] * 16 + [1] * 4)[-3:])
        page = reports(client)
        assert "94 % · 17 answers" in page
        assert (
            "3 answers struck, all of them low: 94 % without, 80 % with them"
            " (20 answers, 58–92 %)." in page
        )
        assert "Low scores are struck more often than high ones (P 0.004)." in page

    def test_praise_struck_is_told_the_same_way(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        given = answered(session, person(session, "e-1", "李静"), [5] * 16 + [1] * 4)
        strike(session, given[:1])
        assert "1 answer struck, high: 79 % without, 80 % with it (20 answers" in reports(client)
        strike(session, given[-1:])
        page = reports(client)
        assert "2 answers struck, 1 low, 1 high: 83 % without, 80 % with them" in page
        assert "more often" not in page

    def test_where_nothing_is_struck_nothing_is_said(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        answered(session, person(session, "e-1", "李静"), [5] * 16 + [1] * 4)
        assert "struck" not in reports(client)

    def test_what_was_struck_of_others_or_on_other_days_is_not_told_here(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        strike(session, answered(session, person(session, "e-1", "李静"), [5] * 16 + [1] * 4)[-3:])
        answered(session, person(session, "e-2", "王强"), [5] * 12)
        assert "struck" not in reports(client, "staff=e-2")
        assert "struck" not in words(
            client.get("/reports?from=2026-01-01&to=2026-02-01&lang=en").text
        )

    @pytest.mark.parametrize("size", [0, 3])
    def test_what_was_struck_of_somebody_with_too_few_answers_is_not_told(
        self, client: FlaskClient, session: Session, time: Time, size: int
    ) -> None:
        answered(session, person(session, "e-1", "李静"), [5] * 16 + [1] * 4)
        newcomer = person(session, "e-2", "新人")
        strike(session, answered(session, newcomer, [1] * (size + 2))[:2])
        page = reports(client)
        assert "so the figure with them is not shown" in page
        assert "all of them low" not in page

    def test_a_figure_that_is_hidden_says_nothing_of_what_was_struck(
        self, client: FlaskClient, session: Session, time: Time
    ) -> None:
        strike(session, answered(session, person(session, "e-1", "李静"), [5, 5, 1, 1])[-1:])
        assert "struck" not in reports(client, "staff=e-1")


def test_oneself_is_told_of_every_struck_answer(
    client: FlaskClient, session: Session, time: Time
) -> None:
    me = person(session, "e-1", "李静")
    strike(session, answered(session, me, [5] * 11 + [1])[-1:])
    reader(client, session, "staff", me)
    page = words(client.get(f"/me?{DAYS}").text)
    assert "1 answer struck, low: 100 % without, 92 % with it" in page


def test_where_oneself_has_no_score_yet_only_how_many_is_told(
    client: FlaskClient, session: Session, time: Time
) -> None:
    me = person(session, "e-1", "李静")
    strike(session, answered(session, me, [5] * 6 + [1])[-1:])
    reader(client, session, "staff", me)
    assert "1 answer struck. " in words(client.get(f"/me?{DAYS}").text)
