"""A brand's page in a browser: what is written is seen at once, by day and at night."""

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Frame, Page, expect
from sqlalchemy.orm import Session

from feedback.accounts.passwords import hash_password
from tests.brands.pictures import picture
from tests.brands.stories import add_other
from tests.browser.conftest import LiveSite
from tests.factories import make_user

pytestmark = pytest.mark.browser

PASSWORD = "a long walk home"
GROUND = "getComputedStyle(document.body).backgroundColor"
# How long it may take on a busy machine; it does not wait for it otherwise.
PATIENCE = 60_000
# The next one is drawn unseen before it takes this one's place.
SEEN = "iframe.preview:not([hidden])"


@pytest.fixture
def brand_id(app: Flask, session: Session) -> int:
    make_user(session, "admin", email="admin@example.cn", password_hash=hash_password(PASSWORD))
    return add_other(app, session).id


def frame(page: Page, title: str) -> Frame:
    """Return the page or mail drawn under this title, once it is there."""
    inner = page.frame_locator(SEEN).frame_locator(f'iframe[title="{title}"]')
    expect(inner.locator("body")).not_to_be_empty(timeout=PATIENCE)
    handle = page.frame_locator(SEEN).locator(f'iframe[title="{title}"]')
    found = handle.element_handle(timeout=PATIENCE).content_frame()
    assert found is not None
    return found


def test_what_is_written_is_seen_at_once_and_nothing_is_stored(
    live_site: LiveSite, browser: Browser, brand_id: int, tmp_path: Path, session: Session
) -> None:
    page = browser.new_page(locale="en-GB", color_scheme="dark")
    page.set_default_timeout(PATIENCE)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{live_site.url}/sign-in")
    page.fill("input[name=email]", "admin@example.cn")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.locator("main form button").click()
    page.goto(f"{live_site.url}/admin/brands/{brand_id}")
    # Whatever the reader's own scheme is.
    for kind in ("Page", "Mail"):
        light = frame(page, f"English · {kind}, by day").evaluate(GROUND)
        dark = frame(page, f"English · {kind}, at night").evaluate(GROUND)
        assert light.startswith(("rgb(250", "rgb(243"))
        assert dark == "rgb(17, 23, 24)"
    steps = page.evaluate("history.length")
    logo = tmp_path / "logo.png"
    logo.write_bytes(picture(size=(120, 60)))
    page.set_input_files("[name=logo]", str(logo))
    page.fill("[name=name_en]", "Paper Moon")
    page.fill("[name=footer_en]", "9 Moon Street")
    preview = page.frame_locator(SEEN)
    mail = preview.frame_locator('iframe[title="English · Mail, by day"]')
    expect(mail.get_by_text("9 Moon Street")).to_be_visible(timeout=PATIENCE)
    expect(mail.locator("img")).to_have_attribute("width", "96")
    drawn = preview.frame_locator('iframe[title="English · Page, at night"]')
    expect(drawn.locator("header img")).to_have_attribute("alt", "Paper Moon")
    assert said == []
    # Looking is no step of the way here.
    expect(page.locator("iframe.preview")).to_have_count(1, timeout=PATIENCE)
    assert page.evaluate("history.length") == steps
    assert len(page.context.pages) == 1
    page.reload()
    assert page.input_value("[name=name_en]") == "Lantern"
    page.close()


def test_it_works_without_scripts_by_its_button(
    live_site: LiveSite, browser: Browser, brand_id: int
) -> None:
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{live_site.url}/sign-in")
    page.fill("input[name=email]", "admin@example.cn")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.locator("main form button").click()
    page.goto(f"{live_site.url}/admin/brands/{brand_id}")
    page.fill("[name=name_en]", "Paper Moon")
    page.get_by_role("button", name="Preview").click()
    titles = page.frame_locator(SEEN).locator("iframe")
    drawn = page.frame_locator(SEEN).locator('iframe[title="English · Page, by day"]')
    expect(drawn).to_have_attribute("srcdoc", re.compile("Paper Moon"), timeout=PATIENCE)
    expect(titles).to_have_count(8, timeout=PATIENCE)
    assert page.url.endswith(f"/admin/brands/{brand_id}")
    context.close()
