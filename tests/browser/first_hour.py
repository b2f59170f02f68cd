"""The first hour as an administrator walks it, by what stands on the pages, in either language.

The test walks it to see that it works, and the guide's pictures are taken on the same way.
"""

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page

STAFF = """工号,姓名,部门,手机,邮箱,直属上级
1001,李静,客服一组,13800000001,lijing@example.cn,王强
1002,陈晓,客服一组,13800000002,chenxiao@example.cn,王强
1003,赵敏,客服二组,13800000003,zhaomin@example.cn,王强
1004,周杰,客服二组,13800000004,,王强
1004,周洁,客服二组,13800000005,zhoujie@example.cn,王强
"""
ADMIN, PASSWORD = "admin@example.cn", "a long walk home"


@dataclass(frozen=True)
class Walk:
    """One walk: the page, the site and its set-up code, the mail server, and who looks on."""

    page: Page
    url: str
    code: str
    smtp_port: int
    folder: Path
    snap: Callable[[str], None]

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)

    def press(self, action: str) -> None:
        """Press the button of the form that is sent to this address."""
        self.click(f'form[action="{action}"] button:not([formaction])')

    def click(self, selector: str) -> None:
        """Press the last such button, and wait for the page that comes back."""
        with self.page.expect_navigation():
            self.page.locator(selector).last.click()

    def set_up(self) -> None:
        self.open(f"/set-up?code={self.code}")
        for field, text in (
            ("name_zh", "灯笼家居"),
            ("name_en", "Lantern Home"),
            ("contact", "400-820-1234"),
            ("email", ADMIN),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ):
            self.page.fill(f"#{field}", text)
        self.snap("1-set-up")
        self.click("main form button")
        self.snap("1-first-hour")

    def look_at_appearance(self) -> None:
        self.open("/admin/organisation")
        self.snap("2-organisation")

    def import_staff(self) -> None:
        path = self.folder / "staff.csv"
        path.write_text(STAFF, encoding="gb18030")
        self.open("/admin/staff-import")
        self.page.set_input_files("#list", path)
        self.click("main form button")
        self.press("/admin/staff-import/try")
        self.snap("3-staff")
        self.click('button[formaction="/admin/staff-import/take"]')

    def connect(self) -> None:
        """Make a key, and report contacts with it as another system would."""
        self.open("/admin/keys")
        self.page.fill("#name", "CRM")
        self.page.locator('input[value="interactions:write"]').check()
        self.snap("4-key")
        self.press("/admin/keys")
        key = self.page.locator("#new-key").inner_text()
        now = datetime.now(UTC)
        contacts = [
            {
                "external_id": f"GD-{number}",
                "channel": "phone",
                "closed_at": (now - timedelta(hours=24 + 3 * number)).isoformat(),
                "customer": {"name": "王伟", "email": f"customer{number}@example.cn"}
                if number % 4
                else {"name": "王伟", "phone": f"1390000000{number % 10}"},
                "staff": {"external_id": str(1001 + number % 3)},
                "team": "客服二组" if number % 3 == 2 else "客服一组",
            }
            for number in range(12)
        ]
        asked = urllib.request.Request(
            f"{self.url}/api/v1/interactions",
            json.dumps(contacts).encode(),
            {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        urllib.request.urlopen(asked, timeout=20).close()

    def set_mail(self) -> None:
        self.open("/admin/mail")
        self.page.fill("#server", "127.0.0.1")
        self.page.fill("#port", str(self.smtp_port))
        self.page.select_option("#encryption", "plain")
        self.page.fill("#sender", "灯笼家居 <care@example.cn>")
        self.press("/admin/mail")
        self.press("/admin/mail/test#trial")
        self.snap("5-mail")

    def choose(self) -> None:
        self.open("/admin/go-live")
        self.page.select_option("#team", label="客服一组")
        self.press("/admin/go-live/choose")
        self.snap("6-choose")

    def simulate(self) -> None:
        self.press("/admin/go-live/simulate")
        self.snap("7-simulation")

    def go_live(self) -> None:
        self.open("/admin/go-live")
        self.press("/admin/go-live")
        self.snap("8-live")

    def finish(self) -> None:
        self.open("/admin/first-hour")
        self.snap("9-done")
        self.open("/admin/status")
        self.snap("9-status")

    def until_mail(self) -> None:
        """Walk from the first visit to the test mail."""
        self.set_up()
        self.look_at_appearance()
        self.import_staff()
        self.connect()
        self.set_mail()

    def on_from_mail(self) -> None:
        """Walk from the test mail to being live."""
        self.choose()
        self.simulate()
        self.go_live()
