"""A report's fields: what is taken, what is dropped, and what is refused under which name."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from feedback import create_app
from feedback.integrations.answers import Refusal
from feedback.integrations.bodies import read_reported
from feedback.interactions.fields import LIMITS, Report
from tests.conftest import settings_for
from tests.integrations.conftest import Program, a_report, wrong

NOW = datetime(2026, 9, 2, 2, 0, tzinfo=UTC)
ADDRESS = {"email": "w@example.cn"}


def read(body: Any) -> Report:
    return read_reported(body, zone=ZoneInfo("Asia/Shanghai"), now=NOW, default_source="api")


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application that is only asked for its words, so it needs no database."""
    return create_app(settings_for("sqlite:///:memory:", tmp_path_factory.mktemp("words")))


@pytest.fixture
def words(speaking: Flask) -> Iterator[None]:
    """Let gettext speak English, as to a program that asks for it."""
    with speaking.test_request_context("/api/v1/interactions", headers={"Accept-Language": "en"}):
        yield


def test_the_target_shape_of_other_systems_is_taken_with_all_it_carries(words: None) -> None:
    report = read({
        "source": "wukong-main", "external_id": "activity:58213", "kind": "follow_up",
        "channel": "phone", "direction": "outbound", "status": "closed",
        "occurred_at": "2026-09-01T14:03:00+08:00", "closed_at": "2026-09-01T14:11:00+08:00",
        "first_response_at": None, "subject": "合同续签沟通", "order_no": "HT-2026-0317",
        "customer": {
            "external_id": "customer:3021", "contact_external_id": "contact:4410", "name": "王伟",
            "gender": "male", "company": "杭州示例贸易有限公司", "email": "wangwei@example.cn",
            "phone": "+8613800138000", "segment": "A", "locale": "zh-Hans-CN",
        },
        "staff": {"external_id": "user:27", "name": "李静", "email": "lijing@example.cn"},
        "team": "客服一组", "location": "杭州西湖店", "recording_url": None,
        "custom": {"product": "标准版"},
    })  # fmt: skip
    assert report == Report(
        source="wukong-main", external_id="activity:58213", kind="follow_up", channel="phone",
        channel_name="phone", status="closed", occurred_at=datetime(2026, 9, 1, 6, 3, tzinfo=UTC),
        closed_at=datetime(2026, 9, 1, 6, 11, tzinfo=UTC), subject="合同续签沟通",
        customer_external_id="customer:3021", customer_name="王伟", customer_gender="male",
        customer_email="wangwei@example.cn", customer_phone="+8613800138000",
        customer_locale="zh-Hans", segment="A", staff_external_id="user:27", staff_name="李静",
        staff_email="lijing@example.cn", team="客服一组", location="杭州西湖店", product="标准版",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field", "value", "rule"),
    [
        ({"external_id": None}, "external_id", "", "is required"),
        ({"external_id": "  "}, "external_id", "", "is required"),
        ({"channel": ""}, "channel", "", "is required"),
        ({"closed_at": None}, "closed_at", "", "is required"),
        ({"customer": None}, "customer_external_id", "", "one of"),
        ({"customer": {}}, "customer.external_id", "", "one of"),
        ({"customer": {"name": "王伟"}}, "customer.external_id", "", "one of"),
        ({"customer": {"phone": "-"}}, "customer.phone", "-", "one person is known by"),
        ({"customer": {"phone": "12345"}}, "customer.phone", "12345", "one person is known by"),
        ({"status": "open"}, "status", "open", "does not say that it has ended"),
        ({"closed_at": "2026-09-02T02:15:01Z"}, "closed_at", None, "lies in the future"),
        ({"customer": "c-77"}, "customer", "c-77", "must be an object"),
        ({"staff": "e-1"}, "staff", "e-1", "must be an object"),
        ({"custom": "x"}, "custom", "x", "must be an object"),
        # Nothing is made into text that is none.
        ({"channel": 5}, "channel", "5", "must be text"),
        ({"external_id": 5.0}, "external_id", "5.0", "must be text"),
        ({"external_id": True}, "external_id", "true", "must be text"),
        ({"external_id": 10**40}, "external_id", "", "must be text"),
        ({"closed_at": 1788314400}, "closed_at", "1788314400", "must be text"),
        ({"team": {"name": "客服一组"}}, "team", '{"name": "客服一组"}', "must be text"),
        ({"customer": {"email": ["a@b.cn"]}}, "customer.email", '["a@b.cn"]', "must be text"),
        ({"customer": {"phone": 13800138000}}, "customer.phone", "13800138000", "must be text"),
        ({"custom": {"product": {"id": 5}}}, "custom.product", '{"id": 5}', "must be text"),
        # Moments are read as in files.
        ({"closed_at": "yesterday"}, "closed_at", "yesterday", "is not a date and time"),
        ({"closed_at": "2026-09-01T25:00:00Z"}, "closed_at", None, "is not a date and time"),
        ({"closed_at": "03/04/2026 10:00"}, "closed_at", None, "is not a date and time"),
        ({"closed_at": "0001-01-01T00:00:00Z"}, "closed_at", None, "is not a date and time"),
        ({"occurred_at": "9999-12-31T23:59:59Z"}, "occurred_at", None, "is not a date and time"),
        # Lengths are those the database holds on every system.
        ({"subject": "x" * 2001}, "subject", "x" * 200, "is longer than 2000"),
        ({"customer": {"email": "İ" * 200}}, "customer.email", None, "is longer than 320"),
        # What nobody documented is refused: nothing is set by guessing its name.
        ({"id": 5}, "id", "5", "is no field"),
        ({"customer": ADDRESS | {"score": 5}}, "customer.score", "5", "is no field"),
        ({"staff": {"role": "admin"}}, "staff.role", "admin", "is no field"),
        ({"customer.email": "a@b.cn"}, "customer.email", "a@b.cn", "is no field"),
        ({"recorded_at": None}, "recorded_at", "null", "is no field"),
        # Nothing may be said in two ways at once.
        ({"customer_email": "a@b.cn"}, "customer.email", "wangwei@example.cn", "is given twice"),
        ({"segment": "A", "customer": {"segment": "B"}}, "customer.segment", "B", "is given twice"),
        ({"product": "A", "custom": {"product": "B"}}, "custom.product", "B", "is given twice"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_taken_is_named_with_its_rule(
    words: None, values: dict[str, Any], field: str, value: str | None, rule: str
) -> None:
    # Flat names first, so that the nested one is the second where both are given.
    body = values | {name: a_report()[name] for name in a_report() if name not in values}
    with pytest.raises(Refusal) as caught:
        read(body)
    (error,) = caught.value.errors
    assert caught.value.status == 422
    assert error.field == field
    assert rule in error.rule
    if value is not None:
        assert error.value == value


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-09-01T14:11:00+08:00", (6, 11)),
        ("2026-09-01T06:11:00Z", (6, 11)),
        ("2026-09-01T06:11:00.250Z", (6, 11)),
        ("2026-09-01T14:11:00", (6, 11)),
        ("2026-09-01 14:11", (6, 11)),
        ("2026/9/1 14:11", (6, 11)),
        ("2026年9月1日 14:11", (6, 11)),
    ],
)
def test_a_moment_without_offset_is_the_organisations(
    words: None, text: str, moment: tuple[int, int]
) -> None:
    closed_at = read(a_report(closed_at=text)).closed_at
    assert (closed_at.hour, closed_at.minute) == moment
    assert closed_at.utcoffset() is not None


def test_numbers_are_names_where_systems_number_their_records(words: None) -> None:
    report = read(
        a_report(external_id=58213, customer={"external_id": 77}, staff={"external_id": 0})
    )
    assert (report.external_id, report.customer_external_id, report.staff_external_id) == (
        "58213", "77", "0",
    )  # fmt: skip


def test_every_unknown_field_is_named_at_once_up_to_a_few(words: None) -> None:
    with pytest.raises(Refusal) as caught:
        read(a_report(role="admin", score=5))
    assert [error.field for error in caught.value.errors] == ["role", "score"]
    with pytest.raises(Refusal) as caught:
        read({f"x{number}": 1 for number in range(60_000)})
    assert len(caught.value.errors) == 20


KEPT = [
    ("a\\u0000b", "ab"),
    ("half \\ud83d of one", "half � of one"),
    ("\\ud83d\\ude00 whole", "😀 whole"),
    ("𠮷野家 \\u202eright to left", "𠮷野家 \u202eright to left"),
    ("line\\r\\nline", "line\nline"),
    ("  round  ", "round"),
]


def test_words_are_kept_alike_on_both_databases(crm: Program) -> None:
    for number, (sent, kept) in enumerate(KEPT):
        body = json.dumps(a_report(external_id=number), ensure_ascii=False)
        answer = crm.post(f'{body[:-1]}, "subject": "{sent}"}}'.encode())
        assert answer.status_code == 201
        assert crm.get(f"/interactions/{answer.json['id']}").json["subject"] == kept


def test_the_longest_texts_are_taken_on_both_databases(crm: Program) -> None:
    for name in ("source", "kind", "subject", "segment", "team", "location", "product"):
        most = LIMITS[name]
        answer = crm.report(a_report(external_id=name) | {name: "回" * most})
        assert answer.status_code == 201
        error = wrong(crm.report(a_report(external_id=name) | {name: "回" * (most + 1)}))
        assert error["field"] == name


def test_the_longest_keys_are_taken_on_both_databases(crm: Program) -> None:
    longest = a_report(
        source="s" * 60, external_id="x" * 200, channel="c" * 60,
        customer={
            "external_id": "k" * 200, "name": "王" * 200, "email": "e" * 320, "phone": "1" * 60,
        },
        staff={"external_id": "e" * 120, "name": "李" * 120, "email": "m" * 120},
    )  # fmt: skip
    assert crm.report(longest).status_code == 201
    by_address = a_report(customer={"email": "e" * 320}, staff={"email": "m" * 120})
    assert crm.report(by_address).status_code == 201
    by_phone = a_report(
        external_id="3", customer={"phone": "13800138000"}, staff={"name": "李" * 120}
    )
    assert crm.report(by_phone).status_code == 201
