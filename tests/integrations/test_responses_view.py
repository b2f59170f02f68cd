"""Responses leave by the API: newest first, page by page, none lost and none twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.integrations.cursor import BadCursor, read_cursor, write_cursor
from feedback.responses.models import Answer
from tests.conftest import Time
from tests.factories import CLOSED, make_interaction, make_response
from tests.integrations.conftest import Program, wrong


def pages(program: Program, **query: Any) -> list[list[int]]:
    """Follow `next` to the end; return the ids of each page."""
    found, cursor = [], None
    while True:
        body = program.get("/responses", **query, **({"cursor": cursor} if cursor else {})).json
        found.append([response["id"] for response in body["responses"]])
        cursor = body["next"]
        if cursor is None:
            return found


def test_a_response_has_the_shape_that_is_promised(crm: Program, session: Session) -> None:
    interaction = make_interaction(session, source="crm", external_id="GD-1042")
    response = make_response(session, interaction, csat=4, nps=0, comment="接电话很快 😀")
    for choice in ("wait", "tone"):
        session.add(Answer(response_id=response.id, question_key="reasons", choice=choice))
    session.commit()
    body = crm.get("/responses").json
    assert body == {
        "responses": [
            {
                "id": response.id,
                "interaction": {"source": "crm", "external_id": "GD-1042"},
                "wave": 1,
                "answered_at": "2026-09-02T01:00:00Z",
                "answers": {
                    "csat": 4, "nps": 0, "reasons": ["tone", "wait"], "comment": "接电话很快 😀",
                },
                "provenance": "page",
                "excluded": False,
                "excluded_because": None,
                "text": {"tone": "positive", "urgent": [], "disagrees": False},
            }
        ],
        "next": None,
    }  # fmt: skip
    assert list(body["responses"][0]["answers"]) == ["csat", "nps", "reasons", "comment"]


def test_what_was_left_out_is_not_there(crm: Program, session: Session) -> None:
    make_response(session, nps=7, wave=2, provenance="phone")
    session.commit()
    (response,) = crm.get("/responses").json["responses"]
    assert response["answers"] == {"nps": 7}
    assert (response["wave"], response["provenance"]) == (2, "phone")


def test_an_excluded_response_is_shown_as_such(crm: Program, session: Session) -> None:
    make_response(session, csat=1, excluded_at=CLOSED, excluded_because="test call")
    session.commit()
    (response,) = crm.get("/responses").json["responses"]
    assert (response["excluded"], response["excluded_because"]) == (True, "test call")


def test_no_responses_are_an_empty_page(crm: Program) -> None:
    assert crm.get("/responses").json == {"responses": [], "next": None}


def test_the_newest_come_first_and_a_page_holds_a_hundred(crm: Program, session: Session) -> None:
    made = [
        make_response(session, csat=5, answered_at=CLOSED + timedelta(minutes=number % 7)).id
        for number in range(230)
    ]
    session.commit()
    found = pages(crm)
    assert [len(page) for page in found] == [100, 100, 30]
    moment = {id_: number % 7 for number, id_ in enumerate(made)}
    expected = sorted(made, key=lambda id_: (-moment[id_], -id_))
    assert [id_ for page in found for id_ in page] == expected


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 6, 7, 500])
def test_every_page_size_gives_the_same_responses(
    crm: Program, session: Session, limit: int
) -> None:
    made = [
        make_response(session, csat=5, answered_at=CLOSED + timedelta(microseconds=number // 2)).id
        for number in range(6)
    ]
    session.commit()
    found = pages(crm, limit=limit)
    assert [id_ for page in found for id_ in page] == made[::-1]
    assert found[-1], "the last page is not empty"


def test_what_comes_in_while_paging_neither_doubles_nor_drops_any(
    crm: Program, session: Session
) -> None:
    old = [make_response(session, csat=5).id for _number in range(6)]
    session.commit()
    first = crm.get("/responses", limit=3).json
    newer = make_response(session, csat=1, answered_at=CLOSED + timedelta(hours=1)).id
    same = make_response(session, csat=1).id
    session.commit()
    rest = crm.get("/responses", limit=100, cursor=first["next"]).json
    assert [r["id"] for r in first["responses"] + rest["responses"]] == old[::-1]
    assert rest["next"] is None
    assert [r["id"] for r in crm.get("/responses", limit=2).json["responses"]] == [newer, same]


@pytest.mark.parametrize(
    ("query", "hours"),
    [
        ({"from": "2026-09-02"}, [0, 23, 24]),
        ({"to": "2026-09-02"}, [-1, 0, 23]),
        ({"from": "2026-09-02", "to": "2026-09-02"}, [0, 23]),
        ({"from": "2026-09-03"}, [24]),
        ({"from": "", "to": ""}, [-1, 0, 23, 24]),
        ({"from": "2199-12-31", "to": "2199-12-31"}, []),
    ],
)
def test_days_are_the_organisations_and_both_ends_count(
    crm: Program, session: Session, query: dict[str, str], hours: list[int]
) -> None:
    midnight = datetime(2026, 9, 1, 16, 0, tzinfo=UTC)  # In Shanghai.
    made = {
        make_response(session, csat=5, answered_at=midnight + timedelta(hours=hour)).id: hour
        for hour in (-1, 0, 23, 24)
    }
    session.commit()
    found = [made[response["id"]] for response in crm.get("/responses", **query).json["responses"]]
    assert sorted(found) == hours


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"from": "1.9.2026"}, "from", "is a date"),
    ({"from": "2026-09-31"}, "from", "is a date"),
    ({"from": "2026-W36-3"}, "from", "is a date"),
    ({"to": "9999-12-31"}, "to", "is a date"),
    ({"to": "0001-01-01"}, "to", "is a date"),
    ({"from": "2026-09-02", "to": "2026-09-01"}, "from", "is after the end"),
    ({"limit": "0"}, "limit", "from 1 to 500"),
    ({"limit": "501"}, "limit", "from 1 to 500"),
    ({"limit": "ten"}, "limit", "from 1 to 500"),
    ({"limit": "٣"}, "limit", "from 1 to 500"),
    ({"limit": "9" * 5000}, "limit", "from 1 to 500"),
    ({"limit": ""}, "limit", "from 1 to 500"),
    ({"cursor": "x"}, "cursor", "earlier answer"),
    ({"cursor": "\x00"}, "cursor", "earlier answer"),
    ({"cursor": "回音"}, "cursor", "earlier answer"),
    ({"cursor": "AAAAAAAAAAAAAAAAAAAA"}, "cursor", "earlier answer"),
    ({"wave": "1"}, "wave", "is no field"),
    ({"from": ["2026-09-02", "2026-09-03"]}, "from", "is given twice"),
]


def test_what_cannot_be_asked_is_refused_by_name(crm: Program) -> None:
    for query, field, rule in REFUSED:
        error = wrong(crm.get("/responses", **query))
        assert error["field"] == field, query
        assert rule in error["rule"], query


def test_a_cursor_is_ours_to_the_last_letter() -> None:
    moment = datetime(2026, 9, 2, 1, 0, 0, 123456, tzinfo=UTC)
    cursor = write_cursor(moment, 2**31 - 1, "a key")
    assert read_cursor(cursor, "a key") == (moment, 2**31 - 1)
    # Short enough that nobody takes it for a secret.
    assert len(cursor) < 22
    for forged in (cursor + "A", cursor + "=", cursor[:-1], "A" + cursor, cursor + "\n", ""):
        with pytest.raises(BadCursor):
            read_cursor(forged, "a key")
    for place, letter in enumerate(cursor):
        other = "A" if letter != "A" else "B"
        with pytest.raises(BadCursor):
            read_cursor(cursor[:place] + other + cursor[place + 1 :], "a key")
    with pytest.raises(BadCursor):
        read_cursor(cursor, "another key")


def test_a_page_asks_the_database_as_often_as_a_single_response(
    crm: Program, session: Session, time: Time
) -> None:
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    with crm.app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    # What is looked at once every few seconds is no part of it.
    assert crm.get("/responses").status_code == 200
    counted = []
    for _round in range(2):
        for _number in range(10):
            make_response(session, csat=5, nps=9, comment="…")
        session.commit()
        statements.clear()
        assert crm.get("/responses").status_code == 200
        counted.append(len(statements))
    assert counted[0] == counted[1] < 10


def test_reading_needs_no_write(crm: Program, session: Session) -> None:
    before = session.execute(sa.text("SELECT count(*) FROM idempotent_call")).scalar()
    session.rollback()
    assert crm.get("/responses").status_code == 200
    assert session.execute(sa.text("SELECT count(*) FROM idempotent_call")).scalar() == before


@pytest.mark.parametrize(
    ("csat", "comment", "text"),
    [
        (5, "太差了，很失望", {"tone": "negative", "urgent": [], "disagrees": True}),
        (None, "星期三", {"tone": "undecided", "urgent": [], "disagrees": None}),
        (1, "我要打１２３１５", {
            "tone": "undecided",
            "urgent": [{"kind": "law", "words": ["12315"]}, {"kind": "lowest_score", "words": []}],
            "disagrees": False,
        }),
    ],
)  # fmt: skip
def test_a_comment_is_read_for_what_cannot_wait_and_what_contradicts_its_score(
    crm: Program, session: Session, csat: int | None, comment: str, text: dict[str, Any]
) -> None:
    make_response(session, csat=csat, comment=comment)
    session.commit()
    (response,) = crm.get("/responses").json["responses"]
    assert response["text"] == text


def test_where_there_are_no_words_or_none_are_read_nothing_is_told_of_them(
    crm: Program, session: Session
) -> None:
    make_response(session, csat=1)
    session.commit()
    assert "text" not in crm.get("/responses").json["responses"][0]
    crm.app.config["TEXT_TRIAGE"] = False
    make_response(session, csat=1, comment="我要投诉", wave=2)
    session.commit()
    assert not [one for one in crm.get("/responses").json["responses"] if "text" in one]


def test_the_words_of_the_site_are_told_as_its_own(crm: Program, session: Session) -> None:
    crm.app.config["URGENT_WORDS"] = ("刮痕",)
    make_response(session, csat=3, comment="车门上有刮痕")
    session.commit()
    (response,) = crm.get("/responses").json["responses"]
    assert response["text"]["urgent"] == [{"kind": "own", "words": ["刮痕"]}]
