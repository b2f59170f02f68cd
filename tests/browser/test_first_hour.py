"""From an empty machine to a test mail and to being live, on the pages alone."""

import subprocess
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.first_hour import ADMIN, Walk
from tests.mail_server import MailServer
from tests.sites import FLASK, ROOT, environment_for, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def test_the_first_hour_leads_from_nothing_to_a_test_mail_and_to_being_live(
    browser: Browser, tmp_path: Path
) -> None:
    instance = tmp_path / "instance"
    with MailServer(tmp_path / "mailbox") as office, served(instance) as site:
        context = browser.new_context(locale="zh-CN")
        page = context.new_page()
        code = (instance / "set_up_code").read_text()
        walk = Walk(page, site.url, code, office.port, tmp_path, lambda name: None)
        walk.until_mail()
        assert page.locator(".trial .badge.good").count() == 4
        (taken,) = office.received()
        mail = message_from_bytes(taken, policy=policy.default)
        assert (mail["To"], mail["From"]) == (ADMIN, "灯笼家居 <care@example.cn>")
        assert "测试邮件" in mail["Subject"]
        walk.on_from_mail()
        assert "运行中：客服一组" in page.locator("h2.state").inner_text()
        backup = [*FLASK, "backup", str(tmp_path / "all.zip")]
        subprocess.run(backup, cwd=ROOT, env=environment_for(instance), check=True)
        page.goto(f"{site.url}/admin/first-hour")
        assert page.locator(".steps > li.done").count() == 9
        # Done, it leads nobody any more, and is still there.
        assert page.locator(".strip-end").count() == 0
        context.close()
        assert "Traceback" not in site.output()
