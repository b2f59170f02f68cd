"""Charts have addresses of their own, and tell nobody more than their page does."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import Look
from feedback.reports import charts, pictures
from feedback.reports.chart_points import ChartLine, ControlLine, Funnel, FunnelDot
from tests.conftest import Time
from tests.reports.stories import RECENTLY, answered, person, reader, words

DAYS = "from=2026-06-01&to=2026-09-02&lang=en"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Sequence[ChartLine]]]:
    """Note what would be drawn, which is quicker than drawing it."""
    asked: list[tuple[str, Sequence[ChartLine]]] = []

    def draw(kind: str, lines: Sequence[ChartLine], *how: Any) -> bytes:
        asked.append((kind, lines))
        return f"<svg><!-- {kind} {lines} {how} --></svg>".encode()

    def draw_trend(line: ControlLine, *how: Any) -> bytes:
        points = tuple(one.point for one in line.points)
        return draw("trend", (ChartLine("", points),), line, *how)

    monkeypatch.setattr(pictures, "_drawn", draw)
    monkeypatch.setattr(pictures, "_drawn_trend", draw_trend)
    return asked


@pytest.fixture
def dots(monkeypatch: pytest.MonkeyPatch) -> list[tuple[FunnelDot, ...]]:
    """Note whose dots would be drawn in a funnel."""
    asked: list[tuple[FunnelDot, ...]] = []

    def draw(funnel: Funnel, *how: Any) -> bytes:
        asked.append(funnel.dots)
        return b"<svg/>"

    monkeypatch.setattr(pictures, "_drawn_funnel", draw)
    return asked


def test_a_chart_is_a_picture_that_may_be_kept_and_is_asked_for_again(
    client: FlaskClient, session: Session, time: Time
) -> None:
    answered(session, person(session, "e-1", "李静"), [4, 5, 2] * 4)
    reader(client, session, "manager", None)
    first = client.get(f"/reports/chart.svg?{DAYS}")
    assert first.status_code == 200
    assert first.mimetype == "image/svg+xml"
    assert first.data.lstrip().startswith(b"<?xml")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(
        f"/reports/chart.svg?{DAYS}", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    assert again.data == b""
    dark = client.get(f"/reports/chart.svg?{DAYS}&theme=dark")
    assert dark.headers["ETag"] != first.headers["ETag"]


def test_another_answer_is_another_picture(
    client: FlaskClient, session: Session, time: Time, drawn: Any
) -> None:
    staff = person(session, "e-1", "李静")
    answered(session, staff, [4] * 9)
    reader(client, session, "manager", None)
    tags = [client.get(f"/reports/chart.svg?{DAYS}").headers["ETag"]]
    answered(session, staff, [1])
    tags.append(client.get(f"/reports/chart.svg?{DAYS}").headers["ETag"])
    assert tags[0] != tags[1]


def test_pages_name_only_pictures_there_are(
    client: FlaskClient, session: Session, time: Time, drawn: Any
) -> None:
    staff = person(session, "e-1", "李静")
    answered(session, staff, [4] * 12)
    for role, addresses in (
        ("manager", ["/reports", f"/team/{staff.team_id}", f"/reports/staff/{staff.id}"]),
        ("staff", ["/me"]),
    ):
        reader(client, session, role, staff if role == "staff" else None)
        for address in addresses:
            page = client.get(f"{address}?{DAYS}").text
            pictures_there = re.findall(r'(?:src|srcset)="([^"]*chart\.svg[^"]*)"', page)
            assert len(pictures_there) >= 4
            for picture in pictures_there:
                assert client.get(picture.replace("&amp;", "&")).status_code == 200


def test_the_picture_has_the_points_of_the_table(
    client: FlaskClient, session: Session, time: Time, drawn: Any
) -> None:
    staff = person(session, "e-1", "李静")
    answered(session, staff, [5] * 9 + [1])
    answered(session, staff, [5] * 6, closed_at=RECENTLY - timedelta(days=60))
    reader(client, session, "manager", None)
    client.get(f"/reports/chart.svg?{DAYS}")
    kind, lines = drawn[-1]
    assert kind == "trend"
    # One line: the wave of the page.
    assert len(lines) == 1
    points = {point.label: point for point in lines[0].points}
    assert (points["2026-08"].n, points["2026-08"].value) == (10, 0.9)
    assert points["2026-08"].provisional
    # No answers are a gap, never a zero.
    assert (points["2026-07"].n, points["2026-07"].value) == (0, None)
    client.get(f"/reports/chart.svg?{DAYS}&wave=2")
    points = {point.label: point for point in drawn[-1][1][0].points}
    assert {point.n for point in points.values()} == {0}


def test_what_is_too_few_has_no_dot(
    client: FlaskClient, session: Session, time: Time, dots: list[tuple[FunnelDot, ...]]
) -> None:
    quiet = person(session, "e-1", "李静")
    answered(session, quiet, [5] * 3)
    # Long ago she had enough to be no secret: else nobody would be compared at all.
    answered(session, quiet, [5] * 5, closed_at=RECENTLY - timedelta(days=400))
    answered(session, person(session, "e-2", "白云"), [5] * 40)
    answered(session, person(session, "e-3", "丁一"), [5] * 50)
    answered(session, person(session, "e-4", "马六"), [5] * 7)
    answered(session, person(session, "e-5", "王五"), [5] * 60)
    reader(client, session, "manager", None)
    # 马六 stands in for 李静, and would be too few to judge as well.
    assert client.get(f"/reports/chart.svg?{DAYS}&draw=funnel").status_code == 200
    assert {(dot.name, dot.n, dot.value) for dot in dots[-1]} == {
        ("白云", 40, 1.0), ("丁一", 50, 1.0), ("王五", 60, 1.0),
    }  # fmt: skip
    page = words(client.get(f"/reports?{DAYS}").text)
    assert "2 people with fewer than 10 answers are not drawn." in page


def test_only_those_outside_what_chance_does_are_named_and_looked_at(
    client: FlaskClient, session: Session, time: Time, dots: list[tuple[FunnelDot, ...]]
) -> None:
    for number in range(12):
        usual = person(session, f"e-{number}", f"常人{number}")
        answered(session, usual, [5] * (32 + number % 3) + [1] * (8 - number % 3))
    outside = person(session, "e-x", "周浩")
    answered(session, outside, [5] * 6 + [1] * 34)
    manager = reader(client, session, "manager", None)
    client.get(f"/reports/chart.svg?{DAYS}&draw=funnel")
    assert {dot.name for dot in dots[-1] if dot.outside} == {"周浩"}
    assert {dot.name for dot in dots[-1] if dot.marked} == {"周浩"}
    looked_at = session.scalars(sa.select(Look.staff_id).where(Look.user_id == manager.id))
    assert list(looked_at) == [outside.id]


def test_nobody_to_draw_is_no_picture(client: FlaskClient, session: Session, time: Time) -> None:
    answered(session, person(session, "e-1", "李静"), [5] * 7)
    reader(client, session, "manager", None)
    assert client.get(f"/reports/chart.svg?{DAYS}&draw=funnel").status_code == 404
    assert "draw=funnel" not in client.get(f"/reports?{DAYS}").text


@pytest.mark.parametrize("query", ["draw=pie", "metric=ucsat", "from=never"])
def test_what_cannot_be_drawn_is_refused(
    client: FlaskClient, session: Session, time: Time, query: str
) -> None:
    reader(client, session, "manager", None)
    assert client.get(f"/reports/chart.svg?{query}").status_code == 400


def test_nobody_has_a_chart_without_a_staff_record(
    client: FlaskClient, session: Session, time: Time
) -> None:
    reader(client, session, "manager", None)
    assert client.get("/me/chart.svg").status_code == 404


def test_the_same_picture_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(charts, "draw_trend", lambda *a, **k: calls.append(a) or b"<svg/>")
    pictures._drawn_trend.cache_clear()
    for _ in range(2):
        pictures._drawn_trend("line", "scale", "words", False, False)  # type: ignore[arg-type]
    assert len(calls) == 1
    pictures._drawn_trend.cache_clear()
