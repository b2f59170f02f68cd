"""Customers look after what we hold about them: on a small phone, without scripts or cookies."""

from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from feedback.outbox.models import Suppression
from feedback.retention.models import Erasure
from feedback.work import one_round
from tests.browser.conftest import LiveSite
from tests.browser.test_answering import SMALL, sideways, visit
from tests.conftest import START, Time
from tests.customers.stories import preferences, rated
from tests.responses.stories import count, looking

pytestmark = pytest.mark.browser


def address_in_the_mail(app: Flask) -> str:
    """Return the address that the last kept mail leads to."""
    [path] = Path(app.instance_path, "mail").glob("*.eml")
    part = BytesParser(policy=policy.default).parsebytes(path.read_bytes()).get_body(("plain",))
    assert part is not None
    [address] = [word for word in part.get_content().split() if "/my/" in word]
    return str(address)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_a_mail_to_everything_erased(
    live_site: LiveSite, browser: Browser, session: Session, time: Time, scheme: str
) -> None:
    app = live_site.app
    invitation, _response = rated(app, session, comment="很长的一句话" * 30)
    other, _ = rated(app, session, comment="https://example.cn/" + "x" * 200)
    with visit(browser, viewport=SMALL, color_scheme=scheme) as page:

        def fits() -> None:
            assert sideways(page) == []
            assert page.context.cookies() == []

        page.goto(live_site.url + preferences(app, invitation))
        fits()
        page.get_by_label("暂停6个月").check()
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status")).to_contain_text("立即生效")
        expect(page.get_by_label("暂停至")).to_be_checked()
        with looking(session) as looker:
            assert looker.scalars(sa.select(Suppression.reason)).all() == ["paused"]

        page.get_by_role("button", name="把专属链接发给我").click()
        expect(page.get_by_role("heading", name="专属链接已发出")).to_be_visible()
        fits()
        # Paused they are, and this mail they have asked for.
        assert one_round(app, now=START, worker="w").sent == 1
        page.goto(address_in_the_mail(app))
        fits()
        assert page.get_by_role("link", name="撤回这条评价").count() == 2

        with page.expect_navigation():
            page.get_by_role("link", name="打开可阅读、打印的页面").click()
        expect(page.get_by_text("浴室漏水").first).to_be_visible()
        fits()
        # A page still loading cannot be gone back from.
        page.wait_for_load_state()
        page.go_back()

        with page.expect_navigation():
            page.get_by_role("link", name="撤回这条评价").first.click()
        fits()
        page.get_by_role("button", name="永久撤回").click()
        expect(page.get_by_role("status")).to_contain_text("已撤回")
        assert page.get_by_role("link", name="撤回这条评价").count() == 1

        with page.expect_navigation():
            page.get_by_role("link", name="删除我的全部信息").click()
        fits()
        # Without the tick the browser itself does not send it.
        page.get_by_role("button", name="永久删除").click()
        assert count(session, Erasure) == 0
        page.get_by_label("我知道删除后无法恢复").check()
        page.get_by_role("button", name="永久删除").click()
        expect(page.get_by_role("heading", name="已全部删除")).to_be_visible()
        fits()
        page.goto(live_site.url + preferences(app, other))
        expect(page.get_by_role("heading", name="已全部删除")).to_be_visible()
    with looking(session) as looker:
        assert looker.scalars(sa.select(Suppression.reason)).all() == ["erased"]
        assert looker.scalars(sa.select(Erasure.contacts)).all() == [2]
