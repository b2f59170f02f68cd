"""The whole story, as its users live it: from a file of contacts to a chart, and thirty days on.

Real parts only: commands in processes of their own, a real mail server, the real site, a real
browser with scripts switched off, on both databases. What each part does in detail is told by the
tests of that part; this one shows that they are one product.
"""

import csv
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from tests.mail_server import MailServer
from tests.sites import FLASK, ROOT, environment_for, served

pytestmark = pytest.mark.browser

SHANGHAI = ZoneInfo("Asia/Shanghai")
PASSWORD = "a long walk home"


@dataclass
class Installation:
    """One installation with its own folder, database and mail server."""

    folder: Path
    environment: dict[str, str]
    url: str

    def flask(self, *arguments: str, typed: str | None = None, status: int = 0) -> str:
        """Run a command and return what it printed."""
        done = subprocess.run(
            [*FLASK, *arguments],
            cwd=ROOT,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == status, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def work(self, now: datetime | None = None) -> dict[str, int]:
        """Let the worker do all that is due, now or at a moment that stands for now."""
        moment = ("--now", now.isoformat()) if now else ()
        return json.loads(self.flask("work", "--once", "--format", "json", *moment))  # type: ignore[no-any-return]


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[MailServer]:
    """A mail server in a process of its own."""
    with MailServer(tmp_path / "mailbox") as server:
        yield server


@pytest.fixture
def installation(
    database_url: str, tmp_path: Path, mail_server: MailServer
) -> Iterator[Installation]:
    """The site, served; the worker is run by hand, so that the story goes step by step."""
    instance = tmp_path / "instance"
    settings = {
        "DATABASE_URL": database_url,
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(mail_server.port),
        "MAIL_SENDER": '"Example 客服" <care@example.cn>',
        "WORKER": "off",
        # One answer is enough to tell the story; elsewhere so few would be shown to nobody.
        "MIN_GROUP": "1",
    }
    with served(instance, **settings) as site:
        environment = environment_for(instance, **settings, PUBLIC_URL=site.url)
        yield Installation(tmp_path, environment, site.url)
        assert site.stop() == 0


def a_file_of_contacts(path: Path, closed_at: datetime) -> Path:
    """Write three contacts the way a Chinese office exports them: GB18030, local times."""
    local = closed_at.astimezone(SHANGHAI)
    with path.open("w", encoding="gb18030", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["external_id", "channel", "closed_at", "customer_name", "customer_gender",
             "customer_email", "customer_phone", "staff_external_id", "staff_name", "team",
             "subject"]
        )  # fmt: skip
        when = f"{local:%Y年%m月%d日 %H:%M}"
        by = ["e-1", "李静", "客服一组"]
        mail, phone = "wangwei@example.cn", "138 0013 8000"
        rows.writerow(["GD-1", "phone", when, "王伟", "male", mail, "", *by, "空调清洗预约"])
        rows.writerow(["GD-2", "phone", when, "赵敏", "female", "", phone, *by, "退款"])
        rows.writerow(["GD-3", "phone", "昨天", "孙强", "male", "sq@example.cn", "", *by, ""])
    return path


def links(mail: EmailMessage) -> list[str]:
    """Return the addresses in a mail's plain text, which anybody can copy."""
    part = mail.get_body(("plain",))
    assert part is not None
    return re.findall(r"http://[\w.:/?=&-]+", part.get_content())


def test_from_a_file_to_a_chart_and_thirty_days_on(
    installation: Installation, mail_server: MailServer, browser: Browser
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    closed_at = now - timedelta(hours=1)

    # Contacts come in by file: two are taken, one is refused with what is wrong with it.
    file = a_file_of_contacts(installation.folder / "contacts.csv", closed_at)
    said = json.loads(
        installation.flask("import", "interactions", str(file), "--format", "json", status=1)
    )
    assert (said["read"], said["created"], said["refused"]) == (3, 2, 1)
    refusal = said["refusals"][0]
    assert (refusal["row"], refusal["column"], refusal["value"]) == (3, "closed_at", "昨天")

    # One mail goes out, to the one who has an address.
    assert installation.work() | {"rolled_up_days": 0} == {
        "issued": 1, "withheld": 0, "reminded": 0, "sent": 1, "failed": 0, "rolled_up_days": 0,
    }  # fmt: skip
    (wire,) = mail_server.received()
    mail = message_from_bytes(wire, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail["To"] == "wangwei@example.cn"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "尊敬的王先生" in text
    rating_links = [link for link in links(mail) if "csat=" in link]
    assert len(rating_links) == 5

    # The customer answers on a phone that runs no scripts; scanners were there before.
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", java_script_enabled=False
    )
    page = phone.new_page()
    for link in rating_links:
        page.goto(link)
    (dissatisfied,) = [link for link in rating_links if link.endswith("csat=2")]
    page.goto(dissatisfied)
    assert page.locator("input[name=csat][value='2']").is_checked()
    page.locator("label:has(input[name=csat][value='4'])").click()
    page.locator("label:has(input[name=nps][value='9'])").click()
    page.locator("textarea[name=comment]").fill("接电话很快，解释清楚。𠮷🙂")
    page.locator("form button[type=submit], form button:not([type])").first.click()
    assert page.url.endswith("/thanks")
    # A page still loading cannot be gone back from.
    page.wait_for_load_state()
    page.go_back()
    page.goto(dissatisfied)
    assert page.locator("input[type=radio]").count() == 0
    assert phone.cookies() == []
    phone.close()

    # It is one answer, on every surface the same.
    installation.work()
    scores = json.loads(
        installation.flask("scores", "--metric", "csat", "--by", "staff", "--format", "json")
    )
    assert (scores["asked"], scores["answered"], scores["response_rate"]) == (1, 1, 1.0)
    (group,) = scores["groups"]
    assert group["key"] == {"staff": "e-1"}
    assert group["points"][0]["counts"] == {"4": 1}

    # The manager signs in and sees it, with its count and a chart.
    installation.flask(
        "user", "add", "manager@example.cn", "--role", "manager", "--password-stdin", typed=PASSWORD
    )
    office = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    page = office.new_page()
    page.goto(f"{installation.url}/sign-in")
    page.fill("input[name=email]", "manager@example.cn")
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button").click()
    page.goto(f"{installation.url}/reports")
    drawn = page.evaluate(
        "Array.from(document.querySelectorAll('main figure img'),"
        " image => image.complete && image.naturalWidth > 0)"
    )
    assert drawn
    assert all(drawn)
    page.goto(f"{installation.url}/responses")
    assert "接电话很快，解释清楚。𠮷🙂" in page.locator("main").inner_text()

    # Thirty days later the follow-up arrives, with its own words; not an hour before.
    month_later = closed_at + timedelta(days=30)
    before = installation.work(month_later - timedelta(hours=1))
    assert before["issued"] == 0
    after_holidays = installation.work(month_later + timedelta(days=14))
    assert (after_holidays["issued"], after_holidays["sent"]) == (1, 1)
    follow_up = message_from_bytes(mail_server.received()[-1], policy=policy.default)
    assert isinstance(follow_up, EmailMessage)
    assert follow_up["Message-ID"] != mail["Message-ID"]
    assert "是否" in str(follow_up["Subject"])
    (worse,) = [link for link in links(follow_up) if link.endswith("csat=3")]
    page.goto(worse)
    page.locator("form button[type=submit], form button:not([type])").first.click()
    assert page.url.endswith("/thanks")

    # Both waves stand side by side.
    installation.work()
    both = json.loads(
        installation.flask("scores", "--metric", "csat", "--by", "wave", "--format", "json")
    )
    assert [group["points"][0]["counts"] for group in both["groups"]] == [{"4": 1}, {"3": 1}]
    office.close()
