"""Filters in the address: what cannot be read is named, and the rest is taken."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback.reports.filters import MOST_POINTS, Filters, read_filters
from feedback.reports.request import BadRequest
from feedback.reports.spans import Span, parts
from tests.reports.stories import answered, person

TODAY = date(2026, 9, 2)


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> Iterator[None]:
    with app.test_request_context("/?lang=en"):
        yield


def read(session: Session, **given: str) -> tuple[Filters, list[BadRequest]]:
    return read_filters({name.rstrip("_"): text for name, text in given.items()}, session, TODAY)


def test_nothing_asked_for_is_csat_by_month_of_the_last_months(session: Session) -> None:
    filters, wrong = read(session)
    assert (filters.metric, filters.period, filters.wave, filters.where) == ("csat", "month", 1, {})
    assert filters.span == Span(date(2025, 9, 1), TODAY)
    assert wrong == []


def test_everything_can_be_asked_for_and_stands_in_the_address_again(session: Session) -> None:
    answered(session, person(session, "e-1", "李静"), [4], channel="chat")
    asked = {
        "metric": "nps", "period": "week", "wave": "2", "from": "2026-07-01", "to": "2026-07-31",
        "channel": "chat", "team": "客服一组", "staff": "e-1",
    }  # fmt: skip
    filters, wrong = read_filters(asked, session, TODAY)
    assert wrong == []
    assert filters.query() == asked


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("metric", "ucsat"), ("period", "day"), ("wave", "3"), ("from", "2026-02-30"),
        ("to", "1 July"), ("to", "20260901"), ("from", "2026-W36-3"), ("to", "9999-12-31"),
        ("channel", "fax"), ("team", "客服九组"), ("staff", "e-99"), ("touchpoint", "x"),
        ("from", "2027-01-01"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_and_left_at_its_default(
    session: Session, field: str, text: str
) -> None:
    filters, wrong = read_filters({field: text, "metric": "nps"} | {field: text}, session, TODAY)
    assert [(bad.field, bad.value) for bad in wrong] == [(field, text)]
    assert filters.span == Span(date(2025, 9, 1), TODAY)
    assert filters.where == {}


def test_an_emptied_day_reaches_as_far_as_there_are_contacts(session: Session) -> None:
    answered(session, person(session, "e-1", "李静"), [4])
    filters, wrong = read(session, from_="", to="")
    assert filters.span == Span(date(2026, 8, 13), TODAY)
    assert wrong == []


def test_an_end_alone_gives_the_months_up_to_it(session: Session) -> None:
    filters, _wrong = read(session, to="2026-03-15")
    assert filters.span == Span(date(2025, 3, 1), date(2026, 3, 15))


def test_more_points_than_a_screen_can_show_are_refused(session: Session) -> None:
    """Ten years of weeks are not a chart, and a hundred thousand of them would be an attack."""
    staff = person(session, "e-1", "李静")
    answered(session, staff, [4], closed_at=datetime(2010, 1, 4, 1, tzinfo=UTC))
    filters, wrong = read(session, from_="1900-01-01", period="week")
    assert [bad.field for bad in wrong] == ["period"]
    assert filters.period == "month"
    assert sum(1 for _part in parts(Span(date(2010, 1, 4), TODAY), "month")) <= MOST_POINTS


def test_days_without_contacts_are_no_points(session: Session) -> None:
    answered(session, person(session, "e-1", "李静"), [4])
    filters, wrong = read(session, from_="1900-01-01", period="week")
    assert wrong == []
    assert filters.period == "week"
