"""Every word anybody can write stands on every page as words: no script runs, nothing is fetched.

All payloads are in each text, which SQLite lets be as long as it likes.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.acting import WORKER
from feedback.accounts.audit import About, note
from feedback.work import work_until_idle
from tests.browser.conftest import LiveSite
from tests.browser.test_pages import PAGES, places, visit  # noqa: F401 — fixtures.
from tests.invitations.stories import report
from tests.security.payloads import PAYLOADS, all_from
from tests.security.poison import OURS, WORDS, poison, texts
from tests.security.zoo import Letter

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
            # In a drawing that is opened by itself no script runs at all, ours neither.
            if ".svg" not in path:
                try:
                    page.evaluate("new Promise(done => setTimeout(done, 0))")
                except Error as error:
                    # Words of somebody's have sent the reader to another page.
                    wrong.append(f"{path}: led away: {error}")
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
    # What other tests have compiled does escape.
    live_site.app.jinja_env.bytecode_cache = None
    page: Page = visit("customer", "en-GB", "light", 1280)  # type: ignore[operator]
    found = swept(page, live_site.url, ["/s/{token}".format(**places)])
    assert any("stopped" in one or "led away" in one for one in found)


FILL = """([action, text]) => {
  const form = [...document.forms].find(one => one.getAttribute("action") === action);
  for (const field of form.elements) {
    const kind = field.type;
    if (["hidden", "radio", "checkbox", "submit", "button", "file", "fieldset", "password"]
        .includes(kind) || kind.startsWith("select")) continue;
    if (field.tagName === "INPUT") field.type = "text";
    field.removeAttribute("maxlength");
    field.value = text;
  }
  HTMLFormElement.prototype.submit.call(form);
}"""
# These end what the sweep goes by, or hold everything up.
LEFT_ALONE = (
    "/sign-out", "/account/sign-ins", "/account/two-step", "/admin/pause", "/language",
    "/admin/people/two-step",
)  # fmt: skip
LEAVES = ("/sign-ins/end", "/two-step/oblige", "/role", "/leave")


def test_no_text_runs_where_a_form_comes_back(
    live_site: LiveSite,
    places: dict[str, object],  # noqa: F811
    visit: object,  # noqa: F811
) -> None:
    """Each form of an administrator's pages is sent with scripts in all its fields, once."""
    page: Page = visit("admin", "en-GB", "light", 1280)  # type: ignore[operator]
    table = f"{','.join(PAYLOADS[:3])}\n{','.join(PAYLOADS[3:6])}\n".encode()
    wrong, sent = [], set()
    with watched(page, live_site.url) as found:
        for path in [one.format(**places) for one in PAGES["admin"]]:
            page.goto(live_site.url + path)
            actions = page.evaluate(
                "[...document.querySelectorAll('form[method=post]')]"
                ".map(one => one.getAttribute('action') || '')"
            )
            for number, action in enumerate(actions):
                key = re.sub(r"\d+", "0", action)
                ends_it = action.startswith(LEFT_ALONE) or key.endswith(LEAVES)
                if not action or key in sent or ends_it:
                    continue
                sent.add(key)
                page.goto(live_site.url + path)
                form = page.locator(f"form[action='{action}']")
                # What an earlier form has changed may have taken this one away.
                if form.count() == 0:
                    continue
                for files in form.first.locator("input[type=file]").all():
                    files.set_input_files(
                        {"name": f"{PAYLOADS[6]}.csv", "mimeType": "text/csv", "buffer": table}
                    )
                with page.expect_navigation():
                    page.evaluate(FILL, [action, all_from(number)[:2000]])
                page.evaluate("new Promise(done => setTimeout(done, 0))")
                wrong += [f"{path} {action}: {one}" for one in found]
                found.clear()
    assert len(sent) > 15
    assert wrong == []


def test_no_text_runs_in_a_mail(
    live_site: LiveSite, session: Session, app: Flask, browser: Browser
) -> None:
    """Mail programs have no policy of ours; what they show is looked at without one."""
    now = clock.now()
    for number in range(0, len(PAYLOADS), 6):
        words = " ".join(PAYLOADS[number : number + 6])
        values = {"customer_name": words[:190], "subject": words, "product": words[:190]}
        report(app, session, now, external_id=f"{number} {words}"[:190], **values)
    done = work_until_idle(app, now=now + timedelta(minutes=11), worker="w")
    assert done.sent == len(range(0, len(PAYLOADS), 6))
    page, wrong = browser.new_page(), []
    with watched(page, live_site.url) as found:
        for path in (Path(app.config["INSTANCE_PATH"]) / "mail").glob("*.eml"):
            body = Letter.read(path.read_bytes()).mail.get_body(("html",))
            assert body is not None
            page.set_content(body.get_content())
            wrong += [f"{path.name}: {one}" for one in found]
            found.clear()
        assert wrong == []
        # The planted hole: a mail with somebody's words as they are.
        page.set_content("<p><img src=x onerror=alert(1)></p>")
        page.wait_for_timeout(200)
        assert found
    page.close()
