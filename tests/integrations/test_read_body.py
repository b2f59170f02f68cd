"""Whatever is sent gets an answer that says what is wrong with it, and never a failure."""

import gzip
import json
from io import BytesIO
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.integrations.read_body import DEEPEST, LARGEST
from feedback.interactions.fields import COLUMNS
from tests.integrations.conftest import Program, a_report

BODY = json.dumps(a_report())


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


NO_JSON: list[tuple[bytes, str]] = [
    (b"", "line 1, column 1"),
    (b"{", "line 1, column 2"),
    (b"{'a': 1}", "line 1, column 2"),
    (b"closed_at=now", "line 1, column 1"),
    (b'{"a": "\xff"}', "not UTF-8 from byte 7"),
    ('{"a": "中"}'.encode("gb18030"), "not UTF-8"),
    (BODY.encode("utf-16"), "not UTF-8"),
    (b'{"a": "\x00"}', "line 1, column 8"),
    (nested(10_000).encode(), "16 levels"),
    (nested(300).encode(), "16 levels"),
    (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "16 levels"),
    (nested(DEEPEST + 2).encode(), "16 levels"),
    (b'{"external_id": ' + b"9" * 5000 + b"}", "too many digits"),
    (b'{"external_id": NaN}', "NaN is no number"),
    (b'{"external_id": -Infinity}', "-Infinity is no number"),
    (b'{"a": 1, "a": 2}', "“a” twice"),
    (b'{"custom": {"b": 1, "b": 1}}', "“b” twice"),
    (b"{}{}", "line 1, column 3"),
]


def test_what_is_no_json_is_refused_and_says_where(crm: Program) -> None:
    # One database for all of them: none of these calls gets as far as writing.
    for body, detail in NO_JSON:
        answer = crm.post(body)
        assert answer.status_code == 400, body[:40]
        assert answer.mimetype == "application/problem+json"
        assert detail in answer.json["detail"]


NO_REPORT: list[bytes] = [
        b"null", b"true", b"5", b'"text"', b'"\\ud83d"', b"1e999", b"{}", b'{"\\ud83d\\u0000": 1}',
        b'{"external_id": 1e999}', b'{"channel": "\\u0000", "external_id": "\\u0000"}',
        b'{"": ""}', b'{"customer": {"": {"": {"": 1}}}}', nested(DEEPEST - 1).encode(),
]  # fmt: skip


def test_json_that_is_no_report_is_refused_by_field(crm: Program) -> None:
    for body in NO_REPORT:
        answer = crm.post(body)
        problem = answer.json[0] if answer.status_code == 207 else answer.json
        assert problem["status"] == 422, body
        assert problem["errors"][0]["rule"]
        answer.text.encode()


KINDS = {
    "application/json": 201,
    "application/json; charset=UTF-8": 201,
    "application/vnd.api+json": 201,
    "application/json; charset=gbk": 415,
    "text/plain": 415,
    "application/x-www-form-urlencoded": 415,
    "multipart/form-data; boundary=x": 415,
    "": 415,
}


def test_only_json_is_read(crm: Program) -> None:
    for kind, status in KINDS.items():
        body = json.dumps(a_report(external_id=kind or "none"))
        answer = crm.post(body, Content_Type=kind)
        assert answer.status_code == status, kind
        if status == 415:
            assert answer.mimetype == "application/problem+json"


def test_a_mark_of_utf_8_before_the_text_does_no_harm(crm: Program) -> None:
    assert crm.post(b"\xef\xbb\xbf" + BODY.encode()).status_code == 201


def test_nothing_is_unpacked(crm: Program) -> None:
    for encoding in ("gzip", "br", "deflate", "gzip, identity"):
        answer = crm.post(gzip.compress(BODY.encode()), Content_Encoding=encoding)
        assert answer.status_code == 415, encoding


def test_a_body_has_up_to_four_mebibytes(crm: Program) -> None:
    assert crm.post(BODY.ljust(LARGEST)).status_code == 201
    for data in (BODY.ljust(LARGEST + 1), BODY.ljust(2 * LARGEST)):
        answer = crm.post(data)
        assert answer.status_code == 413
        assert "4,194,304" in answer.json["detail"]


def test_a_body_of_unknown_length_is_measured_too(crm: Program) -> None:
    for size, status in ((LARGEST, 201), (LARGEST + 1, 413), (2 * LARGEST, 413)):
        # As a server hands over a body that comes in chunks: without its length, with its end.
        answer = crm.app.test_client().post(
            "/api/v1/interactions",
            headers={"Authorization": f"Bearer {crm.key}", "Content-Type": "application/json"},
            input_stream=BytesIO(BODY.ljust(size).encode()),
            environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
        )
        assert answer.status_code == status


TEXT = st.text(max_size=30) | st.sampled_from(
    ["", "phone", "2026-09-02T09:30:00+08:00", "2026-09-02", "\x00", "a@example.cn", "男", "zh"]
)
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
VALUE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)
NAME = st.sampled_from([*COLUMNS, "customer", "staff", "custom", "direction"]) | TEXT
INSIDE = st.dictionaries(
    st.sampled_from(["external_id", "name", "email", "phone", "gender", "locale", "product"]), LEAF
)
REPORT = st.builds(
    lambda extra, inside: a_report() | extra | inside,
    st.dictionaries(NAME, VALUE, max_size=5),
    st.dictionaries(st.sampled_from(["customer", "staff", "custom"]), INSIDE | VALUE, max_size=2),
)


@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(body=VALUE | REPORT | st.lists(REPORT | VALUE, max_size=4), half=st.booleans())
def test_no_body_makes_us_fail(crm: Program, body: Any, half: bool) -> None:
    text = json.dumps(body)
    answer = crm.post(text.replace("a", "\\ud83d", 1) if half else text)
    assert answer.status_code in (200, 201, 207, 400, 422), (body, answer.text)
    if answer.status_code in (200, 201):
        assert crm.get(f"/interactions/{answer.json['id']}").status_code == 200
    answer.text.encode("utf-8")
