"""Every word anybody can write stands on every page as words: no script runs, nothing is fetched.

All payloads are in each text, which SQLite lets be as long as it likes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.acting import WORKER
from feedback.accounts.audit import About, note
from tests.browser.conftest import LiveSite
from tests.browser.test_pages import PAGES, places, visit  # noqa: F401 — fixtures.
from tests.security.payloads import PAYLOADS, all_from
from tests.security.poison import OURS, WORDS, poison, texts

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

CHARTS = {
    "staff": ["/me/chart.svg", "/responses?text=%3Cscript%3E"],
    "manager": [
        "/reports/chart.svg?metric=csat", "/reports/staff/{staff}/chart.svg",
        "/team/{team}/chart.svg", "/reports?rank=1", "/admin/touchpoints",
    ],
}  # fmt: skip


@contextmanager
def watched(page: Page, own: str) -> Iterator[list[str]]:
    """Gather what runs, what the policy had to stop, and what is fetched from elsewhere."""
    found: list[str] = []
    page.on("dialog", lambda dialog: (found.append(f"ran: {dialog.message}"), dialog.dismiss()))
    page.on(
        "console",
        lambda said: "Security Policy" in said.text and found.append(f"stopped: {said.text[:150]}"),
    )
    page.on(
        "request",
        lambda asked: (
            asked.url.startswith((own, "data:", "about:"))
            or found.append(f"fetched: {asked.url[:100]}")
        ),
    )
    yield found


def swept(page: Page, own: str, paths: list[str]) -> list[str]:
    wrong = []
    with watched(page, own) as found:
        for path in paths:
            answer = page.goto(own + path)
            if answer is None or answer.status >= 500:
                wrong.append(f"{path}: {answer and answer.status}")
            page.evaluate("new Promise(done => setTimeout(done, 0))")
            wrong += [f"{path}: {one}" for one in found]
            found.clear()
    return wrong


def test_every_text_the_database_keeps_is_told_apart() -> None:
    for table, columns in texts().items():
        assert columns == WORDS.get(table, set()) | OURS.get(table, set()), table
        assert not WORDS.get(table, set()) & OURS.get(table, set()), table
    assert len(PAYLOADS) >= 120


@pytest.mark.parametrize("who", PAGES)
def test_no_text_runs_on_any_page(
    who: str,
    live_site: LiveSite,
    session: Session,
    app: Flask,
    places: dict[str, object],  # noqa: F811
    visit: object,  # noqa: F811
) -> None:
    about = About("team", "<b>", all_from(3)[:250])
    with app.app_context():
        note(session, clock.now(), WORKER, "team.changed", about, {all_from(5): all_from(7)})
    assert poison(session, all_from) > 500
    page: Page = visit(who, "en-GB", "light", 1280)  # type: ignore[operator]
    paths = [path.format(**places) for path in PAGES[who] + CHARTS.get(who, [])]
    assert swept(page, live_site.url, paths) == []


def test_the_sweep_bites_where_a_page_writes_words_as_they_are(
    live_site: LiveSite,
    session: Session,
    places: dict[str, object],  # noqa: F811
    visit: object,  # noqa: F811
) -> None:
    """The planted hole: templates that escape nothing; what then runs, the policy stops."""
    poison(session, all_from)
    live_site.app.jinja_env.autoescape = False
    page: Page = visit("customer", "en-GB", "light", 1280)  # type: ignore[operator]
    found = swept(page, live_site.url, ["/s/{token}".format(**places)])
    assert any("stopped" in one for one in found)
