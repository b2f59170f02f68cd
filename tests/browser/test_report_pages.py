"""The report pages in a real browser: by day and by night, wide and narrow, in both languages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from feedback.accounts.passwords import hash_password
from feedback.interactions.models import StaffMember
from tests.browser.conftest import LiveSite
from tests.conftest import START, Time, missing
from tests.factories import make_user
from tests.reports.stories import answered, person

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "correct horse battery staple"
DAYS = "from=2026-03-01&to=2026-09-02"
LOOKS: list[dict[str, Any]] = [
    {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "color_scheme": "light"},
    {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "color_scheme": "dark"},
]


@pytest.fixture
def team(session: Session, time: Time) -> list[StaffMember]:
    """Let half a year of answers come to a team of three; one of them has too few."""
    people = [person(session, f"e-{number}", name) for number, name in enumerate("赵钱孙")]
    for number, (staff, size) in enumerate(zip(people, (9, 7, 1), strict=True)):
        for month in range(3):
            for wave in (1, 2):
                answered(
                    session, staff, [5, 4, 2, 5, 3, 4, 1, 5, 4][:size],
                    nps=[10, 9, 3, 8, 7, 6, 0, 10, 9][:size], channel=("phone", "chat")[month % 2],
                    wave=wave, closed_at=START - timedelta(days=20 + 31 * month, hours=number),
                    comments=["等了很久，最后还是解决了。👍 مرحبا", None, "x" * 300],
                )  # fmt: skip
    return people


@contextmanager
def signed_in(
    browser: Browser, site: LiveSite, session: Session, role: str, staff: StaffMember | None,
    look: dict[str, Any],
) -> Iterator[Page]:  # fmt: skip
    """Sign somebody in by the form, in a window of their own."""
    user = make_user(
        session, role, staff_id=staff.id if staff else None, password_hash=hash_password(PASSWORD)
    )
    session.commit()
    context = browser.new_context(**look)
    try:
        page = context.new_page()
        page.goto(f"{site.url}/sign-in")
        page.fill("input[name=email]", user.email)
        page.fill("input[name=password]", PASSWORD)
        with page.expect_navigation():
            page.locator("main form button").click()
        yield page
    finally:
        context.close()


@pytest.mark.parametrize("look", LOOKS, ids=["wide-light-en", "narrow-dark-zh"])
def test_every_report_can_be_read_by_everybody(
    browser: Browser, live_site: LiveSite, session: Session, team: list[StaffMember],
    look: dict[str, Any],
) -> None:  # fmt: skip
    if not AXE.exists():
        missing("axe-core (make test installs it)")
    boss, member, _quiet = team
    pages = {
        ("manager", None): [
            f"/reports?{DAYS}", "/reports?from=never&channel=fax", "/team",
            f"/team/{boss.team_id}?{DAYS}", f"/reports/staff/{member.id}?{DAYS}&period=week",
            f"/responses?{DAYS}&metric=csat&score=low", "/method", "/me",
        ],
        ("staff", member): [f"/me?{DAYS}", f"/responses?{DAYS}&comments=1"],
    }  # fmt: skip
    for (role, staff), addresses in pages.items():
        with signed_in(browser, live_site, session, role, staff, look) as page:
            for address in addresses:
                page.goto(f"{live_site.url}{address}")
                page.wait_for_load_state("networkidle")
                page.evaluate(
                    "for (const more of document.querySelectorAll('details')) more.open = 1"
                )
                page.evaluate(AXE.read_text(encoding="utf-8"))
                found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
                said = [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]
                assert said == [], address
                assert page.locator("h1").count() == 1, address
                too_wide = "document.documentElement.scrollWidth > innerWidth"
                assert not page.evaluate(too_wide), address
                drawn = "[...document.images].every(one => one.complete && one.naturalWidth > 0)"
                assert page.evaluate(drawn), address


def test_pictures_are_of_the_readers_theme_and_width(
    browser: Browser, live_site: LiveSite, session: Session, team: list[StaffMember]
) -> None:
    for look, expected in zip(LOOKS, (set(), {"theme=dark", "width=narrow"}), strict=True):
        with signed_in(browser, live_site, session, "manager", None, look) as page:
            page.goto(f"{live_site.url}/reports?{DAYS}")
            sources = page.evaluate("[...document.images].map(one => one.currentSrc)")
            assert len(sources) == 3
            for source in sources:
                assert set(source.split("&")) & {"theme=dark", "width=narrow"} == expected


def test_on_paper_the_points_stand_open_and_the_pictures_are_light(
    browser: Browser, live_site: LiveSite, session: Session, team: list[StaffMember]
) -> None:
    with signed_in(browser, live_site, session, "manager", None, LOOKS[1]) as page:
        page.goto(f"{live_site.url}/reports?{DAYS}")
        stands = "document.querySelector('details.points table').checkVisibility()"
        assert not page.evaluate(stands)
        page.emulate_media(media="print")
        assert page.evaluate(stands)
        light = "[...document.images].every(one => !one.currentSrc.includes('theme=dark'))"
        page.wait_for_function(light)
