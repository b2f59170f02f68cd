"""Over time, as pages show it: one wave as a control chart, both in the table, all in words."""

import re
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from feedback.reports.models import Annotation
from tests.conftest import Time
from tests.factories import make_user
from tests.reports.stories import answered, person, reader, words

DAYS = "from=2026-06-01&to=2026-09-02&lang=en"


@pytest.fixture
def staff(session: Session) -> StaffMember:
    return person(session, "e-1", "李静")


@pytest.fixture
def manager(client: FlaskClient, session: Session, staff: StaffMember, time: Time) -> FlaskClient:
    """Sign a manager in, thirteen steady months and a bad one, July 2026, being told."""
    for place in range(14):
        year, number = divmod(5 + place, 12)
        closed = datetime(2025 + year, number + 1, 10, 4, tzinfo=UTC)
        good = 4 if place == 13 else 15 + place % 3
        answered(session, staff, [5] * good + [2] * (20 - good), closed_at=closed)
        answered(session, staff, [5] * 6 + [2] * 2, closed_at=closed, wave=2)
    reader(client, session, "manager", None)
    return client


def section(client: FlaskClient, address: str) -> str:
    page = client.get(address).text
    start = page.index('id="trend"')
    return page[start : page.index("</section>", start)]


def row(text: str, month: str) -> str:
    found = re.search(rf"<tr><th[^>]*>\s*<span[^>]*>{month}</span>.*?</tr>", text, re.DOTALL)
    assert found
    return words(found[0])


def test_the_waves_are_tabs_and_the_page_stays_what_it_was(manager: FlaskClient) -> None:
    text = section(manager, f"/reports?{DAYS}&metric=csat&period=month")
    tabs = dict(re.findall(r'<li><a href="([^"]*)#trend"[^>]*?>(Right after|30 days later)', text))
    assert sorted(tabs.values()) == ["30 days later", "Right after"]
    current = re.findall(r'aria-current="true">([^<]+)<', text)
    assert current == ["CSAT", "Right after", "Month"]
    (later,) = [address for address, name in tabs.items() if name == "30 days later"]
    for kept in ("wave=2", "from=2026-06-01", "metric=csat", "period=month", "lang=en"):
        assert kept in later
    second = section(manager, later.replace("&amp;", "&"))
    assert re.findall(r'aria-current="true">([^<]+)<', second)[1] == "30 days later"
    assert "wave=2" in re.findall(r'src="([^"]+)"', second)[0]


def test_the_table_has_both_waves_and_marks_in_words(manager: FlaskClient) -> None:
    text = section(manager, f"/reports?{DAYS}")
    heads = words(text[text.index("<thead>") : text.index("</thead>")]).split()
    assert " ".join(heads) == "Month Right after 30 days later Limits: right after"
    july = row(text, "Jul 2026")
    assert "20 % 20 answers · 8–42 % outside the limits 75 % 8 answers" in july
    assert "outside" not in row(text, "Jun 2026")
    # Of the other wave nothing is out of the ordinary, and its marks are its own.
    assert "outside" not in row(section(manager, f"/reports?{DAYS}&wave=2"), "Jul 2026")


def test_the_picture_says_the_same_to_those_who_do_not_see_it(manager: FlaskClient) -> None:
    text = section(manager, f"/reports?{DAYS}")
    alt = re.search(r'alt="([^"]+)"', text)
    assert alt
    assert "Jul 2026 20 % (20 answers, 95 % interval 8–42 %), limits" in alt[1]
    assert alt[1].endswith("1 point is outside the limits.")


def test_what_happened_stands_in_its_month_and_a_break_says_so(
    manager: FlaskClient, session: Session
) -> None:
    by = make_user(session, "admin", email="a@example.cn").id
    for day, text, breaks in ((3, "New script <b>", True), (20, "Summer party", False)):
        session.add(
            Annotation(
                day=date(2026, 7, day), text=text, breaks=breaks, subject="all", subject_id=0,
                made_at=datetime(2026, 7, 30, tzinfo=UTC), made_by_id=by,
            )
        )  # fmt: skip
    session.commit()
    text = section(manager, f"/reports?{DAYS}")
    assert "New script &lt;b&gt;" in text
    july = row(text, "Jul 2026")
    assert "3 Jul 2026: New script <b> A new baseline begins." in july
    assert "20 Jul 2026: Summer party 20 %" in july
    # July is of both ways of working, so it is held against neither.
    assert "outside" not in july
    assert "Building a baseline: 0 of 12 months" in words(text)


def test_without_a_baseline_there_is_no_column_of_limits(
    client: FlaskClient, session: Session, staff: StaffMember, time: Time
) -> None:
    answered(session, staff, [5] * 9 + [1])
    reader(client, session, "manager", None)
    text = section(client, f"/reports?{DAYS}")
    assert "Limits" not in text[text.index("<thead>") : text.index("</thead>")]
    assert "Building a baseline: 0 of 12 months" in words(text)


@pytest.mark.parametrize("address", ["/reports/staff/{}", "/me"])
def test_a_persons_chart_that_sees_little_says_so(
    client: FlaskClient, session: Session, staff: StaffMember, time: Time, address: str
) -> None:
    for number in (5, 6, 7):
        closed = datetime(2026, number, 10, 4, tzinfo=UTC)
        answered(session, staff, [5] * 11 + [1], closed_at=closed)
    is_own = address == "/me"
    reader(client, session, "staff" if is_own else "manager", staff if is_own else None)
    text = words(section(client, f"{address.format(staff.id)}?{DAYS}"))
    assert "With so few answers a month (usually 12), this chart cannot see a change" in text
    assert "Building a baseline: 3 of 12 months" in text
