"""Contacts reported with several people: taken as they are, refused by field, shown again."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import InteractionShare
from feedback.invitations.models import Invitation
from tests.integrations.conftest import Program, a_report, wrong

TWO = [
    {"external_id": "e-1001", "name": "李静", "share": 0.25},
    {"external_id": "e-1002", "name": "王磊", "share": 0.75},
]


def test_several_people_are_kept_with_their_shares_and_shown_again(crm: Program) -> None:
    told = crm.report(a_report(staff=TWO))
    assert told.status_code == 201
    shown = crm.get(f"/interactions/{told.json['id']}").json
    assert (shown["staff"], shown["team"]) == (None, "客服一组")
    assert shown["shared_by"] == TWO


def test_flat_and_nested_say_the_same(crm: Program) -> None:
    flat = {name: value for name, value in a_report().items() if name != "staff"}
    told = crm.report(flat | {"staff_shares": "e-1001=0.25;e-1002=0.75"})
    assert told.status_code == 201
    shown = crm.get(f"/interactions/{told.json['id']}").json["shared_by"]
    assert [(one["external_id"], one["share"]) for one in shown] == [
        ("e-1001", 0.25), ("e-1002", 0.75),
    ]  # fmt: skip


def test_reported_again_with_other_shares_the_first_stand(crm: Program) -> None:
    first = crm.report(a_report(staff=TWO)).json["id"]
    again = crm.report(a_report(staff=[TWO[0] | {"share": 0.9}, TWO[1] | {"share": 0.1}]))
    assert (again.status_code, again.json["id"]) == (200, first)
    assert crm.get(f"/interactions/{first}").json["shared_by"] == TWO


def test_a_list_of_one_is_the_one_who_served(crm: Program) -> None:
    told = crm.report(a_report(staff=[{"external_id": "e-1001", "name": "李静"}]))
    shown = crm.get(f"/interactions/{told.json['id']}").json
    assert (shown["staff"], shown["shared_by"]) == ({"external_id": "e-1001", "name": "李静"}, [])


def test_customers_of_shared_contacts_are_asked_like_any_other(
    crm: Program, session: Session
) -> None:
    told = crm.report(a_report(staff=[{"external_id": "a"}, {"external_id": "b"}]))
    assert told.json["invitations"][0]["state"] == "scheduled"
    own = [one | {"email": f"{one['external_id']}@example.cn"} for one in TWO]
    # Here the customer is one of those who served.
    crm.report(a_report(external_id="2", staff=own, customer={"email": "e-1002@example.cn"}))
    reasons = session.scalars(sa.select(Invitation.withheld_because).where(Invitation.wave == 1))
    assert set(reasons) == {None, "own_staff"}


@pytest.mark.parametrize(
    ("values", "field", "value", "rule"),
    [
        ({"staff": [TWO[0], TWO[0]]}, "staff", "e-1001", "named twice"),
        ({"staff": TWO[:1]}, "staff", "0.25", "what the shares add up to, and not 1"),
        ({"staff": [TWO[0], {"external_id": "b"}]}, "staff", "b", "has no share while others"),
        ({"staff": [{"share": 1}]}, "staff.0.external_id", "", "is required"),
        ({"staff": [{"external_id": "a", "shar": 1}]}, "staff.0.shar", "1", "is no field"),
        ({"staff": [{"external_id": "a", "share": 2}]}, "staff.0.share", "2", "is no share of"),
        ({"staff": TWO, "staff_name": "李静"}, "staff", None, "so does staff_name"),
        ({"staff": None, "staff_shares": ["a"]}, "staff_shares", '["a"]', "must be text"),
        ({"staff": TWO, "staff_shares": "a;b"}, "staff_shares", "a;b", "is given twice"),
    ],
)
def test_what_cannot_be_shared_is_named_and_nothing_is_kept(
    crm: Program, session: Session, values: dict[str, Any], field: str, value: str, rule: str
) -> None:
    error = wrong(crm.report(a_report(**values)))
    assert error["field"] == field
    assert value is None or error["value"] == value
    assert rule in error["rule"]
    assert session.scalars(sa.select(InteractionShare)).all() == []
