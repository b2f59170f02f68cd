"""Signing in as people do: a phone set up, a code typed, and nothing lost when asked once more."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from feedback.accounts.two_step import totp
from tests.accounts.doors import PASSWORD, make_person
from tests.browser.conftest import LiveSite
from tests.conftest import Time, missing

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


def is_well(page: Page) -> None:
    """Look for what axe-core finds, for what is wider than the screen, and for refused styles."""
    if not AXE.exists():
        missing("axe-core")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(result => result.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def type_password(page: Page) -> None:
    page.fill("input[name=email]", "lijing@example.cn")
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button").click()


@pytest.mark.parametrize(
    ("locale", "scheme", "width"), [("zh-CN", "dark", 390), ("en-GB", "light", 1280)]
)
def test_from_the_first_code_to_a_key_made_later(
    live_site: LiveSite, browser: Browser, session: Session, time: Time, locale: str,
    scheme: str, width: int,
) -> None:  # fmt: skip
    make_person(session, "admin", name="李静")
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        locale=locale,
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_site.url}/sign-in")
    type_password(page)
    page.goto(f"{live_site.url}/account/two-step")
    is_well(page)
    page.locator("main a.button").click()
    expect(page.locator("svg.qr")).to_be_visible()
    drawn = page.locator("svg.qr").bounding_box()
    assert drawn is not None
    assert drawn["width"] > 160
    is_well(page)
    page.locator("main details summary").click()
    typed = page.locator("#secret").inner_text().replace(" ", "")
    secret = totp.base64.b32decode(typed)
    page.fill("input[name=code]", totp.code_at(secret, totp.step_of(time.now)))
    page.locator("main form button").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    is_well(page)
    page.goto(f"{live_site.url}/account/two-step")
    is_well(page)
    page.locator("header form button").click()

    time.forward(minutes=1)
    page.goto(f"{live_site.url}/sign-in?next=/admin/keys")
    type_password(page)
    expect(page.locator("input[name=code]")).to_be_focused()
    is_well(page)
    page.fill("input[name=code]", totp.code_at(secret, totp.step_of(time.now)))
    page.locator("main form button").click()
    expect(page).to_have_url(f"{live_site.url}/admin/keys")

    time.forward(minutes=11)
    page.fill("input[name=name]", 'CRM "新"')
    page.locator("input[value='scores:read']").check()
    page.locator("main details form button").click()
    expect(page.locator("input[name=password_now]")).to_be_focused()
    is_well(page)
    page.fill("input[name=password_now]", "wrong")
    page.locator("main form button").click()
    expect(page.locator("#password_now-wrong")).to_be_visible()
    is_well(page)
    page.fill("input[name=password_now]", PASSWORD)
    page.locator("main form button").click()
    expect(page.locator("#new-key")).to_contain_text("afk_")
    expect(page.locator("main tbody th")).to_contain_text('CRM "新"')
    # A status of 403 or 422 is told there as well; what the pages' own rules refuse is not.
    assert [one for one in refused if "Content Security Policy" in one] == []
    context.close()
