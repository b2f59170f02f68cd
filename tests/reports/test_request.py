"""What can be asked, and that what cannot is refused by name rather than guessed at."""

from datetime import date

import pytest
from flask import Flask

from feedback.reports.request import BadRequest, read_score_request


@pytest.fixture(autouse=True)
def words(app: Flask) -> object:
    with app.app_context():
        yield


def test_everything_at_once() -> None:
    request = read_score_request(
        {
            "metric": "nps", "by": "staff", "period": "week", "from": "2026-07-01",
            "to": "2026-09-30", "wave": "2",
        },
        ["channel=phone", "team=客服=一组"],
    )  # fmt: skip
    assert (request.metric, request.by, request.period, request.wave) == ("nps", "staff", "week", 2)
    assert (request.start, request.end) == (date(2026, 7, 1), date(2026, 9, 30))
    assert request.where == {"channel": "phone", "team": "客服=一组"}


def test_only_the_metric_is_needed_and_blanks_are_nothing() -> None:
    request = read_score_request({"metric": " csat ", "by": "", "from": " ", "wave": None})
    assert (request.by, request.start, request.wave, request.where) == (None, None, None, {})


@pytest.mark.parametrize(
    ("given", "where", "field"),
    [
        ({}, [], "metric"),
        ({"metric": "CSAT"}, [], "metric"),
        ({"metric": "csat", "by": "customer"}, [], "by"),
        ({"metric": "csat", "period": "year"}, [], "period"),
        ({"metric": "csat", "wave": "3"}, [], "wave"),
        ({"metric": "csat", "wave": "２"}, [], "wave"),
        ({"metric": "csat", "from": "2026-9-2"}, [], "from"),
        ({"metric": "csat", "from": "20260902"}, [], "from"),
        ({"metric": "csat", "from": "2026-W36-3"}, [], "from"),
        ({"metric": "csat", "from": "２０２６-09-02"}, [], "from"),
        ({"metric": "csat", "to": "2026-02-29"}, [], "to"),
        ({"metric": "csat", "to": "0001-01-01"}, [], "to"),
        ({"metric": "csat", "from": "2026-09-02", "to": "2026-09-01"}, [], "from"),
        ({"metric": "csat"}, ["channel"], "where"),
        ({"metric": "csat"}, ["channel="], "where"),
        ({"metric": "csat"}, ["wave=1"], "where"),
        ({"metric": "csat"}, ["customer=c-1"], "where"),
        ({"metric": "csat"}, ["channel=phone", "channel=chat"], "where"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    given: dict[str, str], where: list[str], field: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        read_score_request(given, where)
    assert refused.value.field == field
    assert refused.value.rule
