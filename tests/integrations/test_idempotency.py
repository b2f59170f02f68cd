"""A call that comes twice with the same key is carried out once and answered alike."""

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.integrations import report_views
from feedback.integrations.models import IdempotentCall
from feedback.interactions.models import Interaction
from tests.conftest import Time
from tests.integrations.conftest import Program, a_report, wrong
from tests.integrations.test_report_views import THREADS, at_once, counts


def test_the_same_call_gets_the_same_answer(crm: Program, session: Session) -> None:
    first = crm.report(a_report(), Idempotency_Key="k")
    second = crm.report(a_report(), Idempotency_Key="k")
    # Carried out again, it would have been a duplicate: 200.
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert first.location == second.location
    assert first.headers.get("Idempotent-Replayed") is None
    assert second.headers["Idempotent-Replayed"] == "true"
    assert counts(session, Interaction, IdempotentCall) == [1, 1]


def test_a_list_is_answered_alike_too(crm: Program) -> None:
    body = [a_report(), {"external_id": "bad"}]
    first, second = (crm.report(body, Idempotency_Key="k") for _time in range(2))
    assert (first.status_code, second.status_code) == (207, 207)
    assert first.data == second.data
    assert second.json[0]["status"] == 201


def test_a_refusal_is_repeated_as_it_was(crm: Program, time: Time) -> None:
    early = a_report(closed_at="2026-09-03T11:00:00+08:00")
    first = crm.report(early, Idempotency_Key="k")
    time.forward(hours=23)
    second = crm.report(early, Idempotency_Key="k", Accept_Language="zh")
    assert (first.status_code, second.status_code) == (422, 422)
    assert first.data == second.data
    assert second.mimetype == "application/problem+json"
    time.forward(hours=3)
    assert crm.report(early, Idempotency_Key="another").status_code == 201


def test_another_body_under_the_same_key_is_refused(crm: Program, session: Session) -> None:
    crm.report(a_report(), Idempotency_Key="k")
    error = wrong(crm.report(a_report(external_id="other"), Idempotency_Key="k"))
    assert (error["field"], error["value"]) == ("Idempotency-Key", "k")
    assert counts(session, Interaction) == [1]


def test_the_same_key_of_another_program_is_another_key(
    program: Callable[..., Program], session: Session
) -> None:
    one, other = program(name="one"), program(name="other")
    assert one.report(a_report(), Idempotency_Key="k").status_code == 201
    assert other.report(a_report(external_id="2"), Idempotency_Key="k").status_code == 201
    assert counts(session, Interaction) == [2]


def test_after_a_day_a_key_is_new_again(crm: Program, session: Session, time: Time) -> None:
    crm.report(a_report(), Idempotency_Key="k")
    time.forward(hours=23, minutes=59)
    assert crm.report(a_report(), Idempotency_Key="k").status_code == 201
    time.forward(minutes=1)
    assert crm.report(a_report(), Idempotency_Key="k").status_code == 200
    assert crm.report(a_report(), Idempotency_Key="k").headers["Idempotent-Replayed"] == "true"
    assert counts(session, IdempotentCall) == [1]


def test_old_calls_are_forgotten(crm: Program, session: Session, time: Time) -> None:
    for number in range(120):
        session.add(
            IdempotentCall(
                api_key_id=1, key=str(number), request_digest="", status=200, body="{}",
                created_at=time.now,
            )
        )  # fmt: skip
    session.commit()
    time.forward(hours=23)
    crm.report(a_report(), Idempotency_Key="young")
    assert counts(session, IdempotentCall) == [121]
    time.forward(hours=2)
    for number in range(3):
        crm.report(a_report(), Idempotency_Key=f"new {number}")
    keys = set(session.scalars(sa.select(IdempotentCall.key)))
    assert keys == {"young", "new 0", "new 1", "new 2"}


def test_a_key_is_short_and_printable(crm: Program, session: Session) -> None:
    for key in ("", "x" * 201, "a\tb", "schlüssel", "a\x7f"):
        error = wrong(crm.report(a_report(), Idempotency_Key=key))
        assert error["field"] == "Idempotency-Key"
    assert counts(session, Interaction) == [0]


def test_the_longest_key_is_taken(crm: Program) -> None:
    key = '"' + "~ " * 99 + '"'
    assert len(key) == 200
    assert crm.report(a_report(), Idempotency_Key=key).status_code == 201
    assert crm.report(a_report(), Idempotency_Key=key).status_code == 201


def test_of_calls_that_come_together_one_is_carried_out(crm: Program, session: Session) -> None:
    answers = at_once([lambda: crm.report(a_report(), Idempotency_Key="k")] * THREADS)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    replayed = [answer.headers.get("Idempotent-Replayed") for answer in answers]
    assert sorted(map(str, replayed)) == ["None"] + ["true"] * (THREADS - 1)
    assert counts(session, Interaction, IdempotentCall) == [1, 1]


def test_calls_sweep_together_without_waiting_for_each_other(
    crm: Program, session: Session, time: Time
) -> None:
    for number in range(30):
        crm.report([], Idempotency_Key=f"old {number}")
    time.forward(days=2)
    answers = at_once(
        [
            lambda n=n: crm.report(a_report(external_id=f"t-{n}"), Idempotency_Key=f"new {n}")
            for n in range(THREADS)
        ]
    )
    assert {answer.status_code for answer in answers} == {201}
    assert counts(session, IdempotentCall) == [THREADS]


def test_a_failure_of_ours_is_not_remembered(
    crm: Program, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(report_views, "take_reports", fail)
        with pytest.raises(ZeroDivisionError):
            crm.report(a_report(), Idempotency_Key="k")
    assert counts(session, IdempotentCall) == [0]
    assert crm.report(a_report(), Idempotency_Key="k").status_code == 201


def test_the_body_is_the_same_only_byte_for_byte(crm: Program) -> None:
    crm.post(json.dumps(a_report()), Idempotency_Key="k")
    answer = crm.post(json.dumps(a_report(), indent=1), Idempotency_Key="k")
    assert wrong(answer)["field"] == "Idempotency-Key"
