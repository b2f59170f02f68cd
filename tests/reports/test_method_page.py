"""The method page: its sections are found, and its examples are the specification's."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.measures.non_response import worst_case_bounds
from feedback.measures.targets import target_outcome
from feedback.measures.wilson import wilson
from feedback.reports import method_examples
from tests.conftest import Time
from tests.reports.stories import answered, person, reader, words

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
# From the table of expected results (statistics, section 7).
EXPECTED = (
    "The CSAT is 85 %, and its interval 64–95 %.",
    "(15 − 8) / 36 is +19, and its interval −7 to +43.",
    "have the mean 4.1 (4.0–4.2). 46 % of them are a 5, 6 or 7",
    "who answered it is +53.4. Were silence an answer, it would be +52.1.",
    "5 of 5 satisfied are 100 %, but the interval is 57–100 %.",
    "most likely at 92 % (80–99.6 %)",
    "With 5 of 5 it is 90 %, and 24 %.",
    "A is −1 and B −4 points away, so the order turns round.",
    "P is 0.003, and 0.038 with all twelve",
    "not: there it is 0.313",
    "have the reliability 0.47; 0.70 takes 53 answers, 0.90 takes 203.",
    "in the ranks 1–10, 60 of 80 in 2–12, and 12 of 12 in 1–12",
    "−8 points (−22 to +6): no evidence of change. So many answers show 14 points, and find 19",
    "+20 points (+5 to +33): higher.",
    "the limits are 68–100 %",
    "With 80 % of those satisfied at first it held; together that is −11 points (−22 to −2).",
    "2 of 3 are 67 % (21–94 %), and 2 are not yet due. All five together would be 40 %.",
    "P is 0.0010",
    "P is 0.00002",
    "within 18–98 %; if 25 were asked, within 72–92 %.",
    "95 of 100 (89–98 %) meet it, 140 of 200 (63–76 %) do not, 60 of 80 (65–83 %) are not",
    "are 80 %. With three low ones struck it is 94 %.",
)


@pytest.fixture
def page(client: FlaskClient, session: Session, time: Time) -> str:
    reader(client, session, "staff", None)
    answer = client.get("/method?lang=en")
    assert answer.status_code == 200
    return answer.text.replace("\u00a0", " ")


def test_the_contents_lead_to_every_section(page: str) -> None:
    linked = re.findall(r'<li><a href="#([a-z]+)">', page)
    sections = re.findall(r'<section class="stack" id="([a-z]+)"', page)
    assert linked == sections
    assert len(linked) == len(set(linked)) == 26


def test_every_link_to_a_section_from_elsewhere_finds_it(page: str) -> None:
    there = set(re.findall(r'<section class="stack" id="([a-z]+)"', page))
    asked = set()
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r"method\.page', \{\}\) \}\}#([a-z]+)", text))
        asked |= set(re.findall(r"\{\{ method \}\}#([a-z]+)", text))
    assert {"estimate", "few", "provisional", "trend"} <= asked
    assert asked <= there


def test_the_examples_say_what_the_specification_expects(page: str) -> None:
    found = words(page)
    assert [said for said in EXPECTED if said not in found] == []


def test_examples_are_worked_out_and_not_typed_in(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        before = method_examples.examples()["bounds_few"]
        monkeypatch.setattr(
            method_examples, "worst_case_bounds", lambda *n: worst_case_bounds(n[0], n[1], 40)
        )
        assert method_examples.examples()["bounds_few"] != before
    for path in (TEMPLATES / "reports" / "method").glob("*.html"):
        # Of percentages there are only those that are given, not those that come out.
        given = set(re.findall(r"([0-9]+) %%", path.read_text(encoding="utf-8")))
        assert given <= {"100", "92", "80", "85", "75", "5"}


def test_the_outcomes_of_the_targets_are_those_the_page_names() -> None:
    counts = {"met": (95, 100), "not_met": (140, 200), "undecided": (60, 80)}
    for outcome, (x, n) in counts.items():
        low, high = wilson(x, n) or (None, None)
        assert target_outcome(low, high, 0.80) == outcome


def test_it_says_the_days_in_force(client: FlaskClient, session: Session, time: Time) -> None:
    staff = person(session, "e-1", "李静")
    reader(client, session, "staff", staff)
    usual = "Provisional until 5 days after its last day: there are too few answers yet"
    assert usual in words(client.get("/method?lang=en").text)
    answered(session, staff, [5] * 120, closed_at=time.forward(days=-60))
    time.forward(days=60)
    found = words(client.get("/method?lang=en").text)
    assert "Provisional until 1 days after" not in found
    assert "Provisional until 1 day after its last day: 95 of 100 answers had come" in found


def test_the_settings_in_force_are_those_it_tells_of(
    client: FlaskClient, app: Flask, session: Session, time: Time
) -> None:
    reader(client, session, "staff", None)
    app.config.update(FOLLOW_UP_DAYS=45, REMIND_AFTER_DAYS=0)
    found = words(client.get("/method?lang=en").text)
    assert "45 days later whether it has held" in found
    assert "again on 17 Oct 2026" in found
    assert "gets one reminder" not in found


def test_it_is_there_in_chinese_from_top_to_bottom(
    client: FlaskClient, session: Session, time: Time
) -> None:
    reader(client, session, "staff", None)
    found = client.get("/method?lang=zh").text
    main = words(re.sub(r'<(p|span) lang="en">.*?</\1>', "", found).split("<main", 1)[1])
    assert "20 份答复中有 17 份是 4 分或 5 分，CSAT 为 85%，区间为 64–95%。" in main
    # Names of methods, definitions, sources and formulas stay; sentences do not.
    assert re.findall(r"\b(?:the|and|with|answers|Example)\b", main.split("<footer")[0]) == []
