"""Targets, annotations and the planner in a real browser; the way there needs no manual."""

from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from feedback.interactions.models import StaffMember
from feedback.reports.trends.annotate import annotate
from feedback.touchpoints.set_target import confirm_target
from tests.browser.conftest import LiveSite
from tests.browser.test_report_pages import AXE, DAYS, LOOKS, signed_in, team
from tests.conftest import START, missing
from tests.factories import make_user
from tests.touchpoints.stories import TODAY, aim, days_on

pytestmark = pytest.mark.browser
__all__ = ["team"]

LONG = "新话术 and a reason of two hundred characters " + "x" * 150


@pytest.fixture
def planned(session: Session, team: list[StaffMember]) -> None:
    """Have targets of every kind in the log, and one annotation."""
    manager, admin = make_user(session, "manager"), make_user(session, "admin")
    aim(session, manager, 0.8)
    late = aim(session, manager, 0.6, days_on(-90), reason=LONG[:200])
    confirm_target(session, late.id, by=admin, now=START)
    aim(session, admin, None, days_on(-10), days_on(20), reason="a storm")
    for text in (LONG[:200], "a storm"):
        annotate(
            session, day=TODAY, text=text, breaks=True, subject="all", subject_id=0, by=manager,
            now=START,
        )  # fmt: skip
    session.commit()


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("look", LOOKS, ids=["wide-light-en", "narrow-dark-zh"])
def test_every_page_can_be_read_by_everybody(
    browser: Browser, live_site: LiveSite, session: Session, look: dict[str, Any]
) -> None:
    if not AXE.exists():
        missing("axe-core (make test installs it)")
    addresses = [f"/reports?{DAYS}", f"/team?{DAYS}", "/reports/annotations", "/reports/targets",
                 "/reports/planner", "/reports/planner?answers=0&rate=x", "/method"]  # fmt: skip
    with signed_in(browser, live_site, session, "manager", None, look) as page:
        for address in addresses:
            page.goto(f"{live_site.url}{address}")
            page.evaluate("for (const more of document.querySelectorAll('details')) more.open = 1")
            # What is just being opened fades in, and is pale until it has.
            page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            said = [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]
            assert said == [], address
            too_wide = "document.documentElement.scrollWidth > innerWidth"
            assert not page.evaluate(too_wide), address


@pytest.mark.usefixtures("planned")
def test_a_target_is_set_by_clicking_alone(
    browser: Browser, live_site: LiveSite, session: Session
) -> None:
    with signed_in(browser, live_site, session, "manager", None, LOOKS[0]) as page:
        page.goto(f"{live_site.url}/reports?{DAYS}")
        page.get_by_role("link", name="Targets", exact=True).click()
        page.get_by_text("Set a target").click()
        page.get_by_label("Target", exact=True).fill("85")
        page.get_by_label("From").fill(str(days_on(30)))
        page.get_by_label("About").select_option(label="Phone")
        with page.expect_navigation():
            page.get_by_role("button", name="Set it").click()
        assert page.get_by_text("Set, from 2 Oct 2026 on.").is_visible()
        assert page.locator("#waiting").get_by_role("button", name="Confirm").count() == 1
