"""Customers answer in a real browser: on a phone, without scripts, by keyboard, large and dark."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from feedback.organisation import Organisation
from tests.browser.conftest import LiveSite
from tests.conftest import START, Time
from tests.factories import make_interaction
from tests.responses.stories import count, invited, link, said, the_response

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 568}


@contextmanager
def visit(browser: Browser, **options: Any) -> Iterator[Page]:
    """Open a fresh browser window, without scripts unless asked for."""
    options = {"viewport": PHONE, "locale": "zh-CN", "java_script_enabled": False} | options
    context = browser.new_context(**options)
    try:
        yield context.new_page()
    finally:
        context.close()


def ask(app: Flask, session: Session, **values: Any) -> tuple[Any, str]:
    """Invite somebody of an organisation; return the invitation and its path."""
    if session.get(Organisation, 1) is None:
        names = {"name_en": "Blue River", "name_zh": "蓝河家居", "contact": "care@example.cn"}
        session.add(Organisation(id=1, is_demo=True, created_at=START, **names))
    interaction = make_interaction(session, subject="退款进度查询", **values)
    invitation = invited(app, session, interaction=interaction)
    return invitation, link(app, invitation)


def choose(page: Page, label: str) -> None:
    page.locator("label", has_text=re.compile(f"^{label}$")).click()


def send(page: Page, name: str | None = "提交") -> None:
    """Press the button and wait for the page that comes back."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def sideways(page: Page) -> list[str]:
    """Return what sticks out of the window to the side, as a reader would have to scroll to it."""
    # What a link leads to may still be without its style sheet.
    page.wait_for_load_state()
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
             .filter(e => !e.closest('.trap, .unseen'))
             .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5
                       || e.scrollWidth > e.clientWidth + 1
                          && getComputedStyle(e).overflow != 'visible')
             .map(e => e.outerHTML.slice(0, 80))"""
    )
    wide: bool = page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
    return [*found, *(["the page itself"] if wide else [])]


def test_a_customer_answers_on_a_phone_in_chinese_without_scripts(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    invitation, path = ask(live_site.app, session)
    asked: list[str] = []
    with visit(browser) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{live_site.url}{path}?csat=2")
        expect(page.locator("h1")).to_have_text("这次服务怎么样？")
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
        expect(page.get_by_label("不满意", exact=True)).to_be_checked()
        # The reasons that fit a low score are there, and those that fit a high one are not.
        expect(page.get_by_text("哪些方面让您不满意？")).to_be_visible()
        expect(page.get_by_text("哪些方面做得好？")).to_be_hidden()
        choose(page, "8")
        choose(page, "响应慢")
        choose(page, "满意")
        expect(page.get_by_text("哪些方面做得好？")).to_be_visible()
        expect(page.get_by_text("哪些方面让您不满意？")).to_be_hidden()
        choose(page, "一次解决")
        page.fill("textarea", "谢谢 👍🏽 𠮷")
        time.forward(seconds=30)
        send(page)
        assert page.url == f"{live_site.url}{path}/thanks"
        expect(page.locator("h1")).to_have_text("感谢您，评价已收到")
        expect(page.locator("body")).to_contain_text(invitation.interaction.external_id)
        expect(page.locator("body")).not_to_contain_text("谢谢 👍🏽")
        assert page.context.cookies() == []
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(live_site.url).netloc}
    assert said(session, invitation) == {
        "csat": 4,
        "nps": 8,
        "reasons": {"first_time"},
        "comment": "谢谢 👍🏽 𠮷",
    }


def test_going_back_and_sending_again_ends_at_the_same_thanks(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    invitation, path = ask(live_site.app, session)
    with visit(browser) as page:
        page.goto(live_site.url + path)
        choose(page, "非常满意")
        send(page)
        page.go_back()
        if page.get_by_role("button", name="提交").count():
            choose(page, "一般")
            send(page)
            assert page.url == f"{live_site.url}{path}/thanks"
        page.goto(live_site.url + path)
        expect(page.locator("h1")).to_have_text("您已完成评价，感谢！")
    assert said(session, invitation) == {"csat": 5}
    assert count(session) == 1


def test_a_double_click_is_one_answer(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    _, path = ask(live_site.app, session)
    with visit(browser) as page:
        page.goto(live_site.url + path)
        choose(page, "满意")
        page.get_by_role("button", name="提交").dblclick()
        # The second press breaks off what the first began.
        expect(page).to_have_url(re.compile(r"/thanks$"))
    assert count(session) == 1


def test_nothing_is_sent_without_the_one_answer_that_is_needed(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    _, path = ask(live_site.app, session)
    with visit(browser) as page:
        page.goto(live_site.url + path)
        page.get_by_role("button", name="提交").click()
        assert page.url == live_site.url + path
    assert count(session) == 0


def test_too_long_a_comment_comes_back_with_everything_and_the_focus_on_the_reason(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    _, path = ask(live_site.app, session)
    with visit(browser, java_script_enabled=True) as page:
        page.goto(live_site.url + path)
        choose(page, "满意")
        page.fill("textarea", "好" * 1001)
        send(page)
        summary = page.get_by_role("alert")
        expect(summary).to_be_focused()
        expect(summary).to_contain_text("最多1000字，现在是1001字")
        expect(page.get_by_label("满意", exact=True)).to_be_checked()
        expect(page.locator("textarea")).to_have_value("好" * 1001)
        expect(page.locator("textarea")).to_have_attribute("aria-invalid", "true")
        summary.get_by_role("link").click()
        page.wait_for_url("**#comment")
    assert count(session) == 0


def test_a_thousand_emoji_can_be_typed(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    invitation, path = ask(live_site.app, session)
    with visit(browser) as page:
        page.goto(f"{live_site.url}{path}?csat=5")
        page.locator("textarea").focus()
        page.keyboard.insert_text("😀" * 1000)
        send(page)
        assert page.url.endswith("/thanks")
    assert said(session, invitation)["comment"] == "😀" * 1000


def test_the_keyboard_alone_is_enough(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    invitation, path = ask(live_site.app, session)
    with visit(browser, java_script_enabled=True, locale="en-GB") as page:
        page.goto(f"{live_site.url}{path}?lang=en")

        def focused() -> str:
            name: str = page.evaluate(
                "() => document.activeElement.name || document.activeElement.tagName"
            )
            return name

        seen = []
        for _ in range(4):
            page.keyboard.press("Tab")
            seen.append(focused())
            if focused() == "csat":
                page.keyboard.press("Space")
                page.keyboard.press("ArrowDown")
                page.keyboard.press("ArrowDown")
            if focused() == "nps":
                page.keyboard.press("Space")
                page.keyboard.press("ArrowRight")
                # Where one is must be seen, also though the native circle is not drawn.
                ring = page.evaluate(
                    "() => getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
                )
                assert ring == "solid"
            if focused() == "reasons":
                page.keyboard.press("Space")
        assert seen[1:] == ["csat", "nps", "reasons"]
        while focused() != "comment":
            page.keyboard.press("Tab")
        page.keyboard.type("by keyboard")
        while focused() != "BUTTON":
            page.keyboard.press("Tab")
            assert focused() != "website"
        page.keyboard.press("Enter")
        page.wait_for_url("**/thanks?lang=en")
    assert said(session, invitation) == {
        "csat": 3,
        "nps": 1,
        "reasons": {"slow"},
        "comment": "by keyboard",
    }


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize(
    ("viewport", "text"), [(SMALL, 100), (PHONE, 100), ({"width": 360, "height": 740}, 200)]
)
def test_nothing_is_cut_and_nobody_scrolls_sideways(
    live_site: LiveSite, browser: Browser, session: Session, time: Time,
    viewport: dict[str, int], text: int, locale: str,
) -> None:  # fmt: skip
    _, path = ask(live_site.app, session)
    done, done_path = ask(live_site.app, session)
    _, stopped_path = ask(live_site.app, session)
    live_site.app.test_client().post(f"{stopped_path}/stop")
    with visit(browser, viewport=viewport, java_script_enabled=True) as page:
        page.goto(f"{live_site.url}{done_path}?csat=4")
        send(page, None)
        for address in (
            f"{path}?csat=2", f"{path}?csat=5", f"{path}/stop", f"{done_path}/thanks", done_path,
            stopped_path, f"{stopped_path}/stop", "/s/nothing",
        ):  # fmt: skip
            page.goto(f"{live_site.url}{address}{'&' if '?' in address else '?'}lang={locale}")
            page.evaluate(f"() => document.documentElement.style.fontSize = '{text}%'")
            for detail in page.locator("details").all():
                detail.locator("summary").click()
            assert sideways(page) == [], address
    assert the_response(session, done).provenance == "confirmed_click"


def test_targets_are_large_enough_for_thumbs(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    _, path = ask(live_site.app, session)
    with visit(browser, viewport=SMALL, java_script_enabled=True) as page:
        page.goto(f"{live_site.url}{path}?csat=2")
        choices = page.locator("fieldset label:visible")
        boxes = [box.bounding_box() for box in choices.all()]
        sizes = [(box["width"], box["height"]) for box in boxes if box]
        assert len(sizes) == 5 + 11 + 9
        assert all(min(size) >= 44 for size in sizes), min(sizes)
        options = page.locator(".rows").first.locator("label")
        heights = {round(option.bounding_box()["height"]) for option in options.all()}  # type: ignore[index]
        assert len(heights) == 1, "no answer is easier to hit than another"
        # Eleven numbers in two rows.
        tops = {round(n.bounding_box()["y"]) for n in page.locator(".numbers label").all()}  # type: ignore[index]
        assert len(tops) == 2


def test_a_browser_that_cannot_tell_shows_both_kinds_of_reasons(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    """Older kernels skip the whole block of rules that ask whether something is chosen."""
    _, path = ask(live_site.app, session)

    def without_has(route: Any) -> None:
        style = route.fetch().text().replace("selector(:has(a))", "selector(:unheard-of)")
        route.fulfill(body=style, content_type="text/css")

    with visit(browser) as page:
        page.route("**/survey.css", without_has)
        page.goto(live_site.url + path)
        expect(page.get_by_text("哪些方面让您不满意？")).to_be_visible()
        expect(page.get_by_text("哪些方面做得好？")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_day_and_night_can_be_read(
    live_site: LiveSite, browser: Browser, session: Session, time: Time, scheme: str
) -> None:
    _, path = ask(live_site.app, session)
    with visit(browser, java_script_enabled=True, color_scheme=scheme) as page:
        page.goto(f"{live_site.url}{path}?csat=2&nps=3")
        colours: list[list[float]] = page.evaluate(
            """() => ['body', 'textarea', '.rows label', '.numbers :checked + span', 'button',
                      '.facts']
                 .map(s => getComputedStyle(document.querySelector(s)))
                 .flatMap(s => [[s.color, s.backgroundColor]])
                 .map(pair => pair.map(c => {
                    const [r, g, b] = c.match(/[\\d.]+/g).map(Number)
                      .map(v => v / 255)
                      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
                 }))"""
        )
        for ink, ground in colours:
            light, dark = max(ink, ground), min(ink, ground)
            assert (light + 0.05) / (dark + 0.05) >= 4.5
        assert (colours[0][1] < 0.1) is (scheme == "dark")


def test_the_way_out_works_without_scripts_and_back(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    _, path = ask(live_site.app, session, customer_email="chenjie@example.cn")
    with visit(browser) as page:
        page.goto(live_site.url + path)
        page.get_by_text("不是您？").click()
        page.get_by_role("link", name="退订此类邮件").click()
        expect(page.locator("body")).to_contain_text("chen***@example.cn")
        choose(page, "暂停6个月")
        send(page, "确认")
        expect(page.locator("h1")).to_have_text("已暂停，立即生效")
        page.goto(live_site.url + path)
        expect(page.locator("h1")).to_have_text("您已退订")
        page.get_by_role("link", name="查看或撤销").click()
        send(page, "撤销，恢复接收")
        page.goto(live_site.url + path)
        expect(page.locator("h1")).to_have_text("这次服务怎么样？")


def test_an_answer_is_changed_by_the_same_link(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    invitation, path = ask(live_site.app, session)
    with visit(browser) as page:
        page.goto(f"{live_site.url}{path}?csat=2")
        page.fill("textarea", "太慢")
        send(page)
        page.get_by_role("link", name="修改我的评价").click()
        expect(page.locator("textarea")).to_have_value("太慢")
        expect(page.get_by_label("不满意", exact=True)).to_be_checked()
        choose(page, "满意")
        send(page)
        expect(page.locator("body")).to_contain_text("修改时间")
        expect(page.get_by_role("link", name="修改我的评价")).to_have_count(0)
    assert said(session, invitation) == {"csat": 4, "comment": "太慢"}
