"""Interactions come in by the API: once each, whole or not at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.integrations import report_views
from feedback.interactions.models import Channel, Customer, Interaction, StaffMember, Team
from feedback.invitations.models import Invitation
from feedback.invitations.plan import Planner
from tests.conftest import Time
from tests.integrations.conftest import Program, a_report, wrong

THREADS = 8


def counts(session: Session, *models: type) -> list[int]:
    """Count the rows of each, and let go of the database: SQLite has one writer at a time."""
    found = [session.scalar(sa.select(sa.func.count()).select_from(model)) for model in models]
    session.rollback()
    return found


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Make the calls from as many threads, all starting together."""
    gate = Barrier(len(calls))

    def go(call: Callable[[], Any]) -> Any:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(go, calls))


def test_a_reported_interaction_is_taken_and_planned(crm: Program, session: Session) -> None:
    answer = crm.report(a_report(subject="空调清洗预约"))
    assert answer.status_code == 201
    interaction = session.scalars(sa.select(Interaction)).one()
    assert answer.location == f"/api/v1/interactions/{interaction.id}"
    body = answer.json
    assert {name: body[name] for name in ("id", "source", "external_id")} == {
        "id": interaction.id, "source": "crm", "external_id": "GD-1042",
    }  # fmt: skip
    first, second = body["invitations"]
    assert (first["wave"], first["state"], first["withheld_because"]) == (1, "scheduled", None)
    assert first["due_at"] == "2026-09-02T01:30:00Z"
    assert (second["wave"], second["state"], second["due_at"][:10]) == (
        2,
        "scheduled",
        "2026-10-08",
    )
    assert interaction.subject == "空调清洗预约"
    assert interaction.closed_at == datetime(2026, 9, 2, 1, 30, tzinfo=UTC)
    assert interaction.customer_email == "wangwei@example.cn"
    assert interaction.staff.name == "李静"


def test_why_nothing_goes_out_is_told_at_once(crm: Program) -> None:
    answer = crm.report(a_report(customer={"phone": "13800138000"}))
    assert answer.status_code == 201
    assert {i["state"] for i in answer.json["invitations"]} == {"withheld"}
    assert {i["withheld_because"] for i in answer.json["invitations"]} == {"no_address"}


def test_reporting_twice_makes_one_and_changes_nothing(crm: Program, session: Session) -> None:
    first = crm.report(a_report())
    second = crm.report(a_report(subject="otherwise", team="another"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert session.scalars(sa.select(Interaction)).one().subject == ""
    assert counts(session, Invitation, Team) == [2, 1]


def test_flat_and_nested_are_the_same_report(crm: Program, session: Session) -> None:
    nested = a_report(
        external_id="n",
        customer={
            "external_id": "c-1", "name": "王伟", "gender": "male", "email": "w@example.cn",
            "phone": "13800138000", "locale": "zh-Hans-CN", "segment": "A",
        },
        custom={"product": "标准版", "anything": [{"else": 1}]},
    )  # fmt: skip
    flat = {
        "source": "crm", "external_id": "f", "channel": "phone",
        "closed_at": "2026-09-02T09:30:00+08:00", "customer_external_id": "c-1",
        "customer_name": "王伟", "customer_gender": "male", "customer_email": "w@example.cn",
        "customer_phone": "13800138000", "customer_locale": "zh-Hans-CN", "segment": "A",
        "staff_external_id": "e-1001", "staff_name": "李静", "staff_email": "lijing@example.cn",
        "team": "客服一组", "product": "标准版",
    }  # fmt: skip
    assert crm.report(nested).status_code == crm.report(flat).status_code == 201
    one, other = session.scalars(sa.select(Interaction).order_by(Interaction.id))
    columns = {c.key for c in Interaction.__table__.columns} - {"id", "external_id"}
    assert {c: getattr(one, c) for c in columns} == {c: getattr(other, c) for c in columns}
    assert one.product == "标准版"


def test_a_list_gets_a_row_for_each_entry(crm: Program, session: Session) -> None:
    good, other = a_report(external_id="a"), a_report(external_id="b")
    answer = crm.report([good, a_report(channel=None), other, 5, good])
    assert answer.status_code == 207
    assert [row["index"] for row in answer.json] == [0, 1, 2, 3, 4]
    assert [row["status"] for row in answer.json] == [201, 422, 201, 422, 200]
    assert answer.json[1]["errors"] == [{"field": "channel", "value": "", "rule": "is required"}]
    assert answer.json[3]["errors"][0]["rule"] == "must be an object"
    assert answer.json[0]["id"] == answer.json[4]["id"]
    assert len(answer.json[2]["invitations"]) == 2
    assert counts(session, Interaction, Invitation) == [2, 4]


def test_a_refused_entry_leaves_nothing_behind(crm: Program, session: Session) -> None:
    bad = a_report(channel="new", team="new", closed_at="soon", staff={"name": "new"})
    assert crm.report([bad, a_report()]).json[0]["errors"][0]["field"] == "closed_at"
    assert counts(session, Channel, Team, StaffMember, Customer) == [1, 1, 1, 1]


def test_a_list_has_up_to_a_thousand_entries(crm: Program, session: Session) -> None:
    entries = [a_report(external_id=f"t-{number}") for number in range(1000)]
    answer = crm.report(entries)
    assert answer.status_code == 207
    assert {row["status"] for row in answer.json} == {201}
    error = wrong(crm.report([*entries, a_report(external_id="one-more")]))
    assert (error["field"], error["value"]) == ("body", "1001")
    assert "1,000" in error["rule"]
    assert counts(session, Interaction) == [1000]


def test_an_empty_list_is_answered_with_one(crm: Program) -> None:
    answer = crm.report([])
    assert (answer.status_code, answer.json) == (207, [])


def test_without_a_source_the_keys_name_stands_for_it(
    program: Callable[..., Program], session: Session
) -> None:
    desk = program("interactions:write", name="service desk " + "x" * 60)
    answer = desk.report(a_report(source=None))
    assert answer.json["source"] == ("service desk " + "x" * 60)[:60]
    other = program("interactions:write", name="shop")
    assert other.report(a_report(source="")).status_code == 201
    assert counts(session, Interaction) == [2]


def test_the_same_contact_from_many_threads_makes_one(crm: Program, session: Session) -> None:
    answers = at_once([lambda: crm.report(a_report())] * THREADS)
    assert sorted(answer.status_code for answer in answers) == [200] * (THREADS - 1) + [201]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert counts(session, Interaction, Invitation, Customer, StaffMember) == [1, 2, 1, 1]


def test_different_contacts_of_one_new_customer_are_all_taken(
    crm: Program, session: Session
) -> None:
    answers = at_once(
        [lambda n=n: crm.report(a_report(external_id=f"t-{n}")) for n in range(THREADS)]
    )
    assert {answer.status_code for answer in answers} == {201}
    assert counts(session, Interaction, Customer, Channel, Team) == [THREADS, 1, 1, 1]


def test_the_same_lists_in_other_orders_all_get_through(crm: Program, session: Session) -> None:
    entries = [
        a_report(external_id=f"t-{n}", team=f"team {n}", customer={"email": f"c{n}@example.cn"})
        for n in range(6)
    ]
    answers = at_once([lambda: crm.report(entries), lambda: crm.report(entries[::-1])] * 2)
    assert {answer.status_code for answer in answers} == {207}
    rows = [row for answer in answers for row in answer.json]
    assert sorted(row["status"] for row in rows) == [200] * 18 + [201] * 6
    assert counts(session, Interaction, Customer, Team) == [6, 6, 6]


def test_a_failure_of_ours_loses_nothing_by_halves(
    crm: Program, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_all = Planner.plan_all

    def fail_later(self: Planner, *rest: Any) -> None:
        plan_all(self, *rest)
        raise ZeroDivisionError

    monkeypatch.setattr(Planner, "plan_all", fail_later)
    with pytest.raises(ZeroDivisionError):
        crm.report([a_report(external_id="a"), a_report(external_id="b")])
    assert counts(session, Interaction, Invitation, Channel, Customer) == [0, 0, 0, 0]
    monkeypatch.undo()


def test_a_body_on_its_way_holds_no_lock(
    crm: Program, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_body = report_views.read_body

    def slow() -> bytes:
        # Somebody else writes while the body is still coming in.
        session.add(Team(name="meanwhile"))
        session.commit()
        return read_body()

    monkeypatch.setattr(report_views, "read_body", slow)
    assert crm.report(a_report()).status_code == 201
    assert counts(session, Team) == [2]


def test_what_became_of_an_interaction_is_shown(crm: Program, session: Session, time: Time) -> None:
    body = a_report(subject="退款", occurred_at="2026-09-02 09:00", location="杭州西湖店")
    number = crm.report(body | {"customer": {"email": "wangwei@example.cn", "phone": "1"}}).json
    invitation = session.scalars(sa.select(Invitation).where(Invitation.wave == 2)).one()
    invitation.withheld_at, invitation.withheld_because = time.now, "suppressed"
    session.commit()
    answer = crm.get(f"/interactions/{number['id']}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    shown = answer.json
    first, second = shown.pop("invitations")
    assert shown == {
        "id": number["id"], "source": "crm", "external_id": "GD-1042", "kind": "",
        "channel": "phone", "status": "", "occurred_at": "2026-09-02T01:00:00Z",
        "closed_at": "2026-09-02T01:30:00Z", "recorded_at": "2026-09-02T02:00:00Z",
        "subject": "退款", "customer": {"email": "wang***@example.cn", "locale": None},
        "segment": "", "staff": {"external_id": "e-1001", "name": "李静"}, "shared_by": [],
        "team": "客服一组", "location": "杭州西湖店", "product": "", "tags": [],
    }  # fmt: skip
    assert first["state"] == "scheduled"
    assert (second["state"], second["withheld_because"]) == ("withheld", "suppressed")
    assert second["withheld_at"] == "2026-09-02T02:00:00Z"
    assert "退款" in answer.text


def test_an_interaction_without_staff_or_address_is_shown(crm: Program) -> None:
    number = crm.report(a_report(staff=None, team=None, customer={"external_id": "c"})).json["id"]
    shown = crm.get(f"/interactions/{number}").json
    assert (shown["staff"], shown["team"], shown["customer"]["email"]) == (None, None, None)


def test_an_interaction_that_is_not_there_is_not_found(crm: Program) -> None:
    for name in ("1", "0", "2147483648", "9" * 40, "-1", "x", "1.5", "%00", "1/"):
        answer = crm.get(f"/interactions/{name}")
        assert answer.status_code == 404, name
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("interactions:write", "POST", "/interactions"),
        ("interactions:read", "GET", "/interactions/1"),
        ("responses:read", "GET", "/responses"),
        ("scores:read", "GET", "/scores?metric=csat"),
    ],
)
def test_a_key_opens_what_its_scope_says_and_nothing_else(
    program: Callable[..., Program], scope: str, method: str, path: str
) -> None:
    opened = {
        one: program(one, name=one).call(method, path).status_code != 403
        for one in (
            "interactions:write", "interactions:read", "responses:read", "scores:read",
            "scores:read-all", "metrics:write",
        )
    }  # fmt: skip
    allowed = {scope} | ({"scores:read-all"} if scope == "scores:read" else set())
    assert {one for one, is_open in opened.items() if is_open} == allowed


def test_without_a_key_nothing_is_read(crm: Program) -> None:
    answer = Program(crm.app, "afk_1_nonsense").post(b"x" * 100)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/interactions", {"POST", "OPTIONS"}),
        ("DELETE", "/interactions/1", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/scores", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_another_method_is_told_which_there_are(
    crm: Program, method: str, path: str, allowed: set[str]
) -> None:
    answer = crm.call(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert answer.mimetype == "application/problem+json"
    assert "Allow" in answer.json["detail"]
    assert set(crm.call("OPTIONS", path).headers["Allow"].split(", ")) == allowed


def test_head_answers_as_get_does_without_the_body(crm: Program) -> None:
    number = crm.report(a_report()).json["id"]
    head, get = (crm.call(method, f"/interactions/{number}") for method in ("HEAD", "GET"))
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_what_is_wrong_is_said_in_the_callers_language(crm: Program) -> None:
    body = a_report(closed_at=None)
    english = crm.report(body, Accept_Language="en-GB").json["errors"][0]["rule"]
    chinese = crm.report(body, Accept_Language="zh-CN").json["errors"][0]["rule"]
    assert english == "is required"
    assert chinese != english
