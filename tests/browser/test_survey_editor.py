"""Surveys written in a real browser, and answered: nothing pushes, and the preview is the page."""

import re
from collections.abc import Iterator
from dataclasses import astuple, replace

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from feedback.surveys.content import Words
from feedback.surveys.draft import begin_draft
from feedback.surveys.library import template
from tests.browser.conftest import LiveSite
from tests.browser.test_answering import sideways, visit
from tests.browser.test_report_pages import signed_in
from tests.conftest import START, Time
from tests.factories import make_interaction
from tests.responses.stories import invited, link, said
from tests.responses.test_kinds import ABOUT, asking, put_out

pytestmark = pytest.mark.browser

EVERY = ("csat", "nps", "ces", "resolved", "expect", "speed")


@pytest.fixture
def editor(live_site: LiveSite, browser: Browser, session: Session) -> Iterator[Page]:
    """A draft in four languages, open in its editor."""
    languages = ["zh-Hans", "en", "zh-Hant", "de"]
    number = begin_draft(session, "visit", template("contact", languages), ABOUT, START).id
    session.commit()
    look = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"}
    with signed_in(browser, live_site, session, "admin", None, look) as page:
        page.goto(f"{live_site.url}/admin/surveys/{number}?look=de")
        yield page


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_both_ends_of_every_scale_are_equally_easy_to_press(
    live_site: LiveSite, browser: Browser, session: Session, time: Time, width: int
) -> None:
    survey = put_out(session, asking(*EVERY))
    interaction = make_interaction(session, customer_locale="en")
    path = link(live_site.app, invited(
        live_site.app, session, interaction=interaction, survey_id=survey.id
    ))  # fmt: skip
    with visit(browser, viewport={"width": width, "height": 800}, locale="en-GB") as page:
        page.goto(live_site.url + path)
        assert sideways(page) == []
        for key in EVERY:
            labels = page.locator(f"label:has(input[name={key}])")
            boxes = [label.bounding_box() for label in labels.all()]
            sizes = {(round(box["width"]), round(box["height"])) for box in boxes if box}
            # Rounding to whole pixels lets neighbours differ by one.
            widths, heights = {one[0] for one in sizes}, {one[1] for one in sizes}
            assert max(widths) - min(widths) <= 1, (key, sizes)
            assert max(heights) - min(heights) <= 1, (key, sizes)
            assert min(widths) >= 44, (key, sizes)
            assert min(heights) >= 44, (key, sizes)
            # Nothing is chosen before, and no colour says which answer is the good one.
            assert page.locator(f"input[name={key}]:checked").count() == 0
            looks = labels.evaluate_all(
                "all => all.map(one => { const s = getComputedStyle(one);"
                " return [s.color, s.backgroundColor, s.borderColor, s.fontSize].join(); })"
            )
            assert len(set(looks)) == 1, key


def test_no_word_is_too_long_for_a_small_phone(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitän"
    content = asking("csat", "nps", "reasons", "callback", "text")

    def longer(texts: dict[str, str]) -> dict[str, str]:
        return dict.fromkeys(texts, f"{word}, {word}?")

    items = tuple(
        replace(
            item,
            texts={"en": Words(*(word if text else "" for text in astuple(item.texts["en"])))},
            options=tuple(replace(one, labels=longer(dict(one.labels))) for one in item.options),
        )
        for item in content.items
    )
    survey = put_out(session, replace(content, titles={"en": word}, items=items))
    interaction = make_interaction(session, customer_locale="en")
    invitation = invited(live_site.app, session, interaction=interaction, survey_id=survey.id)
    with visit(browser, viewport={"width": 320, "height": 568}) as page:
        page.goto(live_site.url + link(live_site.app, invitation) + "?csat=2")
        assert sideways(page) == []


def test_a_question_follows_a_low_answer_without_scripts(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    survey = put_out(session, asking("csat", "callback", "text", callback=("csat", "low")))
    interaction = make_interaction(session, customer_locale="en")
    invitation = invited(live_site.app, session, interaction=interaction, survey_id=survey.id)
    with visit(browser, viewport={"width": 320, "height": 568}) as page:
        page.goto(live_site.url + link(live_site.app, invitation))
        asked = page.get_by_text("May we call you about it?")
        expect(asked).to_be_hidden()
        page.locator("label", has_text=re.compile("^Dissatisfied$")).click()
        expect(asked).to_be_visible()
        expect(page.get_by_text("only after a low answer above")).to_be_hidden()
        page.locator("label", has_text=re.compile("^Yes, in the morning$")).click()
        page.locator("label", has_text=re.compile("^Satisfied$")).click()
        expect(asked).to_be_hidden()
        time.forward(seconds=20)
        page.get_by_role("button", name="Send").click()
        expect(page.locator("h1")).to_have_text("Thank you, we have your answer")
    assert said(session, invitation) == {"csat": 4}


def test_a_browser_that_cannot_hide_it_says_when_it_is_meant(
    live_site: LiveSite, browser: Browser, session: Session, time: Time
) -> None:
    survey = put_out(session, asking("csat", "callback", callback=("csat", "low")))
    interaction = make_interaction(session, customer_locale="en")
    invitation = invited(live_site.app, session, interaction=interaction, survey_id=survey.id)
    with visit(browser) as page:
        page.route("**/survey-rules.css", lambda route: route.abort())
        page.goto(live_site.url + link(live_site.app, invitation))
        expect(page.get_by_text("May we call you about it?")).to_be_visible()
        expect(page.get_by_text("only after a low answer above")).to_be_visible()
        page.locator("label", has_text=re.compile("^Satisfied$")).click()
        page.get_by_role("button", name="Send").click()
        expect(page.locator("h1")).to_have_text("Thank you, we have your answer")


def test_the_preview_follows_what_is_typed_and_nothing_can_be_sent_from_it(
    editor: Page, live_site: LiveSite
) -> None:
    frames = [editor.frame_locator(f".{screen} iframe") for screen in ("phone", "desktop")]
    for frame in frames:
        expect(frame.locator("h1")).to_have_text("Wie war es?")
    editor.locator("[id='title.de']").fill("Wie war es heute?")
    editor.locator("[id='q0.prompt.de']").fill("Alles gut?")
    for frame in frames:
        expect(frame.locator("h1")).to_have_text("Wie war es heute?")
        expect(frame.locator("html")).to_have_attribute("lang", "de")
    mail = editor.frame_locator(".mail iframe")
    expect(mail.get_by_text("Alles gut?")).to_be_visible()
    # Its styles are there, too: the mail's card has a colour of its own.
    colour = mail.locator(".card").evaluate("one => getComputedStyle(one).backgroundColor")
    assert colour == "rgb(255, 254, 251)"
    asked: list[str] = []
    editor.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    frames[0].locator("button").click(force=True)
    editor.wait_for_timeout(0)
    assert [one for one in asked if one.startswith("POST")] == []


def test_a_draft_is_written_and_published_by_clicking_alone(
    editor: Page, live_site: LiveSite
) -> None:
    editor.locator("button[value='up:1']").click()
    expect(editor.locator("[id='q0.key']")).to_have_value("nps")
    editor.locator("#add").select_option("library:resolved")
    editor.locator("button[value='add']").click()
    expect(editor.locator("[id='q4.key']")).to_have_value("resolved")
    editor.locator("[id='q4.after']").select_option(label="only after a low answer to csat")
    editor.get_by_role("button", name="Save and publish").click()
    expect(editor.locator(".notice.good").first).to_contain_text("Published")
    expect(editor.locator("main")).to_contain_text("only after a low answer to csat")
