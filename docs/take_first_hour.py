"""Takes the pictures of docs/first-hour.md, walking the way it describes: `make pictures`.

Serves an empty installation, with a mail server of its own beside it, once in each language, and
prints how long the walk took.
"""

import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures" / "first-hour"
sys.path.insert(0, str(ROOT))

from tests.browser.first_hour import Walk  # noqa: E402
from tests.conftest import CHROMIUM, FLAGS  # noqa: E402
from tests.mail_server import MailServer  # noqa: E402
from tests.sites import FLASK, environment_for, served  # noqa: E402

# Small enough for a page in a repository; text stays sharp with few colours.
WIDTH, HIGHEST, COLOURS = 1000, 1650, 64


def take(browser: Browser, language: str) -> float:
    """Walk the first hour in a language and take each step; return the seconds it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        instance = folder / "instance"
        with MailServer(folder / "mailbox") as office, served(instance) as site:
            locale = {"zh": "zh-CN", "en": "en-GB"}[language]
            context = browser.new_context(viewport={"width": WIDTH, "height": 700}, locale=locale)
            page = context.new_page()
            began = time.monotonic()

            def snap(step: str) -> None:
                picture = page.screenshot(full_page=True, animations="disabled")
                keep(picture, PICTURES / f"{step}-{language}.png")

            code = (instance / "set_up_code").read_text()
            walk = Walk(page, site.url, code, office.port, folder, snap)
            walk.until_mail()
            walk.on_from_mail()
            subprocess.run(  # noqa: S603
                [*FLASK, "backup", str(folder / "afterword.zip")],
                cwd=ROOT,
                env=environment_for(instance),
                check=True,
            )
            walk.finish()
            context.close()
            return time.monotonic() - began


def keep(picture: bytes, path: Path) -> None:
    """Write a picture with few colours, and no longer than a reader scrolls."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, HIGHEST)))
    small = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def main() -> None:
    """Take all pictures in both languages."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        for language in ("zh", "en"):
            seconds = take(browser, language)
            sys.stdout.write(f"{language}: the walk took {seconds:.0f} seconds\n")
        browser.close()
    size = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    sys.stdout.write(f"{size / 1024:.0f} KB in all\n")


if __name__ == "__main__":
    main()
