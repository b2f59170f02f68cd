"""Takes the README's pictures from this build: `make pictures`.

Serves the demo organisation from a folder of its own on a free port, signs in as its manager, and
takes each page as a visitor would see it.
"""

import email
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
sys.path.insert(0, str(ROOT))

from feedback import create_app  # noqa: E402
from feedback.database import db  # noqa: E402
from feedback.demo.cast import PASSWORD  # noqa: E402
from feedback.invitations.models import Invitation  # noqa: E402
from feedback.links import survey_url  # noqa: E402

CHROMIUM = {
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
}  # fmt: skip


@contextmanager
def demo_site(folder: Path) -> Iterator[str]:
    """Serve the demo until the block ends; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {"FEEDBACK_INSTANCE_PATH": str(folder), "FEEDBACK_PUBLIC_URL": url}
    command = [str(Path(sys.executable).parent / "flask"), "serve", "--demo", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603
    try:
        wait_for(f"{url}/healthz")
        yield url
    finally:
        process.terminate()
        process.wait(15)


def wait_for(address: str, seconds: int = 90) -> None:
    """Return once the address answers."""
    for _ in range(seconds * 4):
        try:
            urllib.request.urlopen(address, timeout=2)  # noqa: S310
        except OSError:
            time.sleep(0.25)
        else:
            return
    raise TimeoutError(address)


def page_of(browser: Browser, width: int, height: int, locale: str) -> Page:
    """Return a fresh page of a browser in the language."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=locale, device_scale_factor=2
    )
    return context.new_page()


def take_reports(browser: Browser, url: str) -> None:
    """Sign in as the manager and take the reports page in both languages."""
    for locale, name in (("en-GB", "en"), ("zh-CN", "zh")):
        page = page_of(browser, 1280, 900, locale)
        page.goto(f"{url}/sign-in?lang={name}")
        page.fill("input[name=email]", "manager@example.com")
        page.fill("input[name=password]", PASSWORD)
        page.click("main form button")
        page.goto(f"{url}/reports?lang={name}")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / f"reports-{name}.png")


def take_customer(browser: Browser, folder: Path, url: str) -> None:
    """Take the survey as a customer opens it from the mail, and the mail itself."""
    app = create_app({"INSTANCE_PATH": str(folder), "PUBLIC_URL": url, "WORKER": "off"})
    with app.app_context():
        waiting = (
            sa.select(Invitation.id)
            .where(Invitation.issued_at.is_not(None), Invitation.answered_at.is_(None))
            .where(Invitation.wave == 1)
            .order_by(Invitation.issued_at.desc())
            .limit(1)
        )
        link = survey_url(db.session.scalars(waiting).one())
    page = page_of(browser, 390, 844, "zh-CN")
    page.goto(f"{link}?csat=4&lang=zh")
    page.screenshot(path=PICTURES / "survey-zh.png")
    page = page_of(browser, 390, 844, "zh-CN")
    page.set_content(a_mail(folder), wait_until="load")
    page.screenshot(path=PICTURES / "mail-zh.png")


def a_mail(folder: Path, seconds: int = 60) -> str:
    """Return the HTML of a Chinese mail, as the demo's worker writes it in its first round."""
    for _ in range(seconds * 4):
        for path in sorted((folder / "mail").glob("*.eml")):
            mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            part = mail.get_body(("html",))
            if mail["Content-Language"] == "zh-Hans" and part is not None:
                return str(part.get_content())
        time.sleep(0.25)
    raise TimeoutError("no mail was written")


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        with demo_site(folder) as url:
            browser = playwright.chromium.launch(**CHROMIUM)
            take_reports(browser, url)
            take_customer(browser, folder, url)
            browser.close()


if __name__ == "__main__":
    main()
