"""No address makes us fail: what cannot be asked is refused by the argument's name."""

from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.factories import make_response
from tests.integrations.conftest import Program, wrong

NAME = st.sampled_from(
    ["metric", "by", "period", "from", "to", "wave", "where", "cursor", "limit", "lang", "x", ""]
)
VALUE = st.binary(max_size=12) | st.sampled_from(
    [
        b"csat", b"nps", b"staff", b"day", b"week", b"2026-09-02", b"2026-09-01", b"1900-01-01",
        b"2199-12-31", b"1", b"2", b"channel=phone", b"team=\xe5\xae\xa2", b"staff=\x00", b"zh",
        b"9" * 30, b"staff=\xed\xa0\x80",
    ]
)  # fmt: skip


@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    path=st.sampled_from(["/scores", "/responses", "/scores", "/interactions/1"]),
    query=st.lists(st.tuples(NAME, VALUE), max_size=5),
    with_metric=st.booleans(),
)
def test_no_query_makes_us_fail(
    crm: Program, path: str, query: list[tuple[str, bytes]], with_metric: bool
) -> None:
    given_ = [("metric", b"csat")] if with_metric else []
    text = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in given_ + query)
    answer = crm.call("GET", f"{path}?{text}")
    assert answer.status_code in (200, 404, 422), (path, query, answer.text)
    answer.text.encode("utf-8")


@pytest.mark.parametrize("path", ["/responses", "/scores?metric=csat"])
def test_the_language_may_be_asked_for_anywhere(crm: Program, path: str) -> None:
    joint = "&" if "?" in path else "?"
    assert crm.call("GET", f"{path}{joint}lang=zh").status_code == 200


def test_bytes_that_are_no_letters_are_refused_like_any_other_value(crm: Program) -> None:
    error = wrong(crm.call("GET", "/scores?metric=csat&where=team=%FF"))
    assert error["field"] == "where"


def test_the_real_value_is_still_found_among_them(crm: Program, session: Session) -> None:
    make_response(session, csat=5)
    session.commit()
    answer = crm.call("GET", "/scores?metric=csat&where=team=%E5%AE%A2%E6%9C%8D%E4%B8%80%E7%BB%84")
    assert answer.status_code == 200
    assert answer.json["groups"][0]["points"][0]["n"] == 1
