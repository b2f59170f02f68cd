"""Until when a period is provisional: until 95 of 100 answers used to have come (row 28)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.reports.request import read_score_request
from feedback.reports.scores import scores
from feedback.reports.settling import Settling, settling
from feedback.responses.models import Response
from tests.factories import make_interaction, make_response

SHANGHAI = ZoneInfo("Asia/Shanghai")
JULY = date(2026, 7, 1)
# Of a hundred answers, how many came after so many days, and how many of those were satisfied:
# the later, the worse, as in the shop's own month.
WAITED = {0: (84, 71), 1: (8, 6), 3: (4, 2), 8: (4, 2)}


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def tell(
    session: Session,
    delays: Sequence[tuple[int, int]],
    *,
    first: date = JULY,
    days: int = 28,
    **values: Any,
) -> None:
    """Let a contact each be answered after so many days with such a score, spread over the days."""
    for place, (delay, score) in enumerate(delays):
        day = first + timedelta(days=place % days)
        interaction = make_interaction(session, closed_at=noon(day))
        moment = noon(day + timedelta(days=delay))
        make_response(session, interaction, csat=score, answered_at=moment, **values)
    session.commit()


def a_hundred() -> list[tuple[int, int]]:
    return [
        (delay, 5 if place < good else 2)
        for delay, (times, good) in WAITED.items()
        for place in range(times)
    ]


def found(app: Flask, session: Session, now: datetime) -> dict[int, Settling]:
    session.rollback()
    with app.app_context():
        return dict(settling(session, zone=SHANGHAI, now=now))


def month(app: Flask, session: Session, now: datetime, name: str) -> dict[str, Any]:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        request = read_score_request({"metric": "csat", "period": "month"})
        points = scores(
            session, request, zone=SHANGHAI, min_group=5, sees_all=True, locale="en", now=now
        )["groups"][0]["points"]
    session.rollback()
    return next(point for point in points if point["period"] == name)


def test_a_young_month_looks_better_and_says_so_until_the_late_answers_are_there(
    app: Flask, session: Session
) -> None:
    """July has matured; its answers say when to believe August, looked at on its last evening."""
    tell(session, a_hundred())
    tell(session, [one for one in a_hundred() if one[0] == 0], first=date(2026, 8, 4))
    at_its_end = noon(date(2026, 8, 31))
    assert found(app, session, at_its_end)[1] == Settling(3, 100)
    early = month(app, session, at_its_end, "2026-08")
    assert (early["value"], early["provisional"]) == (round(71 / 84, 6), True)
    # The rest of August's answers come.
    tell(session, [one for one in a_hundred() if one[0] > 0], first=date(2026, 8, 4))
    for day, provisional in ((3, True), (4, False)):
        late = month(app, session, noon(date(2026, 9, day)), "2026-08")
        assert (late["value"], late["provisional"]) == (0.81, provisional)
    assert early["value"] > 0.81


def test_with_fewer_than_a_hundred_answers_the_fixed_days_hold(
    app: Flask, session: Session
) -> None:
    tell(session, a_hundred()[:99])
    assert found(app, session, noon(date(2026, 9, 1))) == {1: Settling(5, 0), 2: Settling(35, 0)}


def test_without_any_answer_the_fixed_days_hold(app: Flask, session: Session) -> None:
    assert found(app, session, noon(JULY)) == {1: Settling(5, 0), 2: Settling(35, 0)}


def test_contacts_whose_answers_may_still_come_say_nothing(app: Flask, session: Session) -> None:
    tell(session, a_hundred(), days=1)
    last_young = JULY + timedelta(days=29)
    assert found(app, session, noon(last_young))[1] == Settling(5, 0)
    assert found(app, session, noon(last_young + timedelta(days=1)))[1] == Settling(3, 100)


def test_the_follow_up_is_counted_from_the_contact_too(app: Flask, session: Session) -> None:
    tell(session, [(32 + delay, score) for delay, score in a_hundred()], wave=2)
    assert found(app, session, noon(date(2026, 10, 1)))[2] == Settling(35, 100)


def test_a_follow_up_is_not_settled_on_the_day_it_is_due(app: Flask, session: Session) -> None:
    tell(session, [(30, 5)] * 100, wave=2)
    assert found(app, session, noon(date(2026, 10, 1)))[2] == Settling(31, 100)


def test_nothing_settles_on_its_own_day_nor_waits_for_longer_than_a_month(
    app: Flask, session: Session
) -> None:
    now = noon(date(2026, 9, 20))
    tell(session, [(0, 5)] * 100)
    assert found(app, session, now)[1].days == 1
    session.execute(sa.update(Response).values(answered_at=now, changed_at=now))
    session.commit()
    assert found(app, session, now)[1].days == 30


def test_imported_moments_may_lengthen_the_wait_but_not_shorten_it(
    app: Flask, session: Session
) -> None:
    """An export that dates each answer on the day of its contact proves no haste."""
    now = noon(date(2026, 9, 20))
    tell(session, [(0, 5)] * 300, provenance="import")
    assert found(app, session, now)[1] == Settling(5, 300)
    tell(session, [(12, 5)] * 30, provenance="import")
    assert found(app, session, now)[1] == Settling(12, 330)


def test_answers_to_our_own_question_go_before_imported_ones(app: Flask, session: Session) -> None:
    tell(session, [(20, 5)] * 300, provenance="import")
    tell(session, a_hundred())
    assert found(app, session, noon(date(2026, 9, 20)))[1] == Settling(3, 100)


def test_an_answer_before_its_contact_is_a_slip_and_says_nothing(
    app: Flask, session: Session
) -> None:
    tell(session, [(-40, 5)] * 100)
    tell(session, a_hundred()[:99])
    assert found(app, session, noon(date(2026, 9, 20)))[1] == Settling(5, 0)


def test_the_day_of_an_answer_is_the_organisations(app: Flask, session: Session) -> None:
    """Seven in the evening in London is the next day in Shanghai."""
    tell(session, [(1, 5)] * 100)
    evening = Response.answered_at
    for response in session.scalars(sa.select(Response).where(evening.is_not(None))):
        response.answered_at += timedelta(hours=15)
        response.changed_at = response.answered_at
    session.commit()
    assert found(app, session, noon(date(2026, 9, 20)))[1].days == 2


@pytest.mark.parametrize("struck", [True, False])
def test_struck_answers_say_nothing(app: Flask, session: Session, struck: bool) -> None:
    tell(session, a_hundred()[:99])
    moment = noon(date(2026, 8, 1))
    more = {"excluded_at": moment, "excluded_because": "test"} if struck else {}
    tell(session, [(0, 5)], changed_at=moment, **more)
    assert found(app, session, noon(date(2026, 9, 20)))[1].answers == (0 if struck else 100)


def test_it_is_worked_out_again_only_when_something_has_changed(
    app: Flask, session: Session
) -> None:
    tell(session, a_hundred())
    now = noon(date(2026, 9, 1))
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "JOIN response" in statement:
            asked.append(statement)

    sa.event.listen(session.get_bind(), "before_cursor_execute", note)
    before = found(app, session, now)
    assert len(asked) == 2
    assert found(app, session, now) == before
    assert len(asked) == 2
    tell(session, [(2, 1)], changed_at=now)
    assert found(app, session, now)[1].answers == 101
    assert len(asked) == 4
