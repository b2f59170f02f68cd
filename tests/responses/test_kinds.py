"""Questions of every kind, and such as are shown only after a low or a high answer."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.surveys.content import Content, Words
from feedback.surveys.draft import begin_draft
from feedback.surveys.gaps import Upkeep
from feedback.surveys.library import question, template
from feedback.surveys.models import Survey
from feedback.surveys.publish import publish
from tests.conftest import START, Time
from tests.factories import make_interaction
from tests.responses.stories import checked, invited, link, said, send

ABOUT = Upkeep("To learn.", "了解。", "周明", "zhou@example.cn", 20)


def put_out(session: Session, content: Content) -> Survey:
    """Publish a survey that asks this."""
    made = begin_draft(session, "visit", content, ABOUT, START)
    publish(session, made.id, made.revision, START)
    session.commit()
    return made


def asking(*names: str, **rules: tuple[str, str]) -> Content:
    """Return a survey with questions of the library, some of which follow others."""
    content = replace(template("short", ["en"]), items=tuple(question(n, ["en"]) for n in names))
    ruled = [
        replace(item, after_key=rules[item.key][0], after_side=rules[item.key][1])
        if item.key in rules
        else item
        for item in content.items
    ]
    return replace(content, items=tuple(ruled))


def ask(app: Flask, session: Session, content: Content) -> tuple[Any, str]:
    survey = put_out(session, content)
    interaction = make_interaction(session, customer_locale="en")
    invitation = invited(app, session, interaction=interaction, survey_id=survey.id)
    return invitation, link(app, invitation)


def test_each_kind_is_stored_as_what_it_is(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    content = asking("csat", "nps", "ces", "resolved", "expect", "end", "repurchase", "callback")
    invitation, path = ask(app, session, content)
    given = {"csat": "4", "nps": "10", "ces": "7", "resolved": "partly", "expect": "-2",
             "end": "5", "repurchase": "1", "callback": "no"}  # fmt: skip
    assert send(client, path, given).status_code == 303
    assert said(session, invitation) == {
        "csat": 4, "nps": 10, "ces": 7, "resolved": {"partly"}, "expect": -2, "end": 5,
        "repurchase": 1, "callback": {"no"},
    }  # fmt: skip
    # To change it, everything stands there again.
    assert checked(client.get(f"{path}?change=1").text) == set(given.items())


@pytest.mark.parametrize(
    ("key", "value"),
    [("expect", "3"), ("expect", "-3"), ("expect", "-0"), ("expect", "+1"), ("end", "0"),
     ("end", "6"), ("resolved", "maybe"), ("resolved", "")],
)  # fmt: skip
def test_what_is_off_its_scale_is_refused_or_was_not_given(
    app: Flask, session: Session, client: FlaskClient, time: Time, key: str, value: str
) -> None:
    _, path = ask(app, session, asking("csat", "expect", "end", "resolved"))
    answer = send(client, path, {"csat": "4", key: value})
    assert answer.status_code == (422 if value else 303)


def test_what_follows_only_a_low_answer_is_taken_only_after_one(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    content = asking("csat", "callback", "peak", callback=("csat", "low"), peak=("csat", "high"))
    both = {"callback": "morning", "peak": "The reception"}
    number = put_out(session, content).id
    for score, kept in (("2", {"callback": {"morning"}}), ("5", {"peak": "The reception"})):
        interaction = make_interaction(session, customer_locale="en")
        invitation = invited(app, session, interaction=interaction, survey_id=number)
        # Without scripts a browser sends what was chosen before the score was changed, too.
        assert send(client, link(app, invitation), {"csat": score, **both}).status_code == 303
        assert said(session, invitation) == {"csat": int(score), **kept}


def test_what_must_be_answered_must_be_only_where_it_is_asked(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    content = asking("csat", "callback", callback=("csat", "low"))
    needed = replace(content.items[1], is_required=True)
    invitation, path = ask(app, session, replace(content, items=(content.items[0], needed)))
    page = client.get(path).text
    # A browser would not let go of a page with a hidden question it takes for unanswered.
    assert page.count(" required>") == 5
    refused = send(client, path, {"csat": "1"})
    assert refused.status_code == 422
    assert "Please choose one." in refused.text
    assert send(client, path, {"csat": "5"}).status_code == 303
    assert said(session, invitation) == {"csat": 5}


def test_the_page_says_what_follows_what_and_pays_for_it_only_then(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    _, path = ask(app, session, asking("csat", "callback", callback=("csat", "low")))
    page = client.get(path).text
    assert '<div class="then after-1-low">' in page
    assert page.count('data-then="1-low"') == 3
    assert "only after a low answer above" in page
    assert "survey-rules.css" in page
    plain = link(app, invited(app, session))
    assert "survey-rules.css" not in client.get(plain).text


def test_words_that_must_be_written_are_asked_for(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    content = asking("csat", "text")
    needed = replace(content.items[1], is_required=True, texts={"en": Words("Why?")})
    _, path = ask(app, session, replace(content, items=(content.items[0], needed)))
    refused = send(client, path, {"csat": "1", "comment": "  "})
    assert refused.status_code == 422
    assert "Please write a few words." in refused.text
    assert "2 questions, about 40 seconds." in refused.text


def test_recommendation_alone_can_lead(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation, path = ask(app, session, asking("nps", "text"))
    page = client.get(f"{path}?nps=10").text
    assert checked(page) == {("nps", "10")}
    assert send(client, path, {"nps": "10"}, query="?nps=10").status_code == 303
    assert said(session, invitation) == {"nps": 10}
