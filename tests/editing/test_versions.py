"""A survey from its first draft to its supersession, in four languages."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.invitations.models import Invitation
from feedback.responses.models import Response
from feedback.surveys.draft import NotADraft, save_draft
from feedback.surveys.models import Survey
from feedback.surveys.publish import publish
from feedback.surveys.read import content_of, upkeep_of
from tests.conftest import Time
from tests.editing.stories import begin, form_of, next_version, press, published, stored
from tests.factories import make_interaction, make_user, sign_in
from tests.responses.stories import invited, link, said, send

SPOKEN = {
    "zh-Hans": ("这次服务怎么样？", "提交", "共 3 题，另可留言，约 30 秒。"),
    "zh-Hant": ("這次服務怎麼樣？", "送出", "共 3 題，另可留言，約 30 秒。"),
    "en": ("How did it go?", "Send", "3 questions and room for a comment, about 30 seconds."),
    "de": ("Wie war es?", "Absenden", "3 Fragen und Platz für einen Kommentar, etwa 30 Sekunden."),
}


def ask(app: Flask, session: Session, survey: Survey, locale: str) -> Invitation:
    interaction = make_interaction(session, customer_locale=locale)
    return invited(app, session, interaction=interaction, survey_id=survey.id)


def test_a_survey_is_answered_in_each_of_four_languages_and_superseded(
    app: Flask, session: Session, admin: FlaskClient, time: Time
) -> None:
    first = published(admin, session)
    customer = app.test_client()
    invitations = {}
    for locale, (title, button, length) in SPOKEN.items():
        invitations[locale] = ask(app, session, first, locale)
        path = link(app, invitations[locale])
        page = customer.get(path).text
        assert f'<html lang="{locale}">' in page
        assert f"<h1>{title}</h1>" in page
        assert f"<button>{button}</button>" in page
        assert length in page
        time.forward(seconds=40)
        answer = send(customer, path, {"csat": "4", "reasons": "fast", "nps": "9"})
        assert answer.status_code == 303
        assert said(session, invitations[locale]) == {"csat": 4, "reasons": {"fast"}, "nps": 9}
        thanks = customer.get(answer.location).text
        assert f'<html lang="{locale}">' in thanks
    answered = session.scalars(sa.select(Response.locale)).all()
    assert sorted(answered) == sorted(SPOKEN)
    # The fifth: of fewer nothing is listed.
    assert send(customer, link(app, ask(app, session, first, "de-AT")), {"csat": "5", "nps": "7"})
    session.commit()

    second_id = next_version(admin, session, first)
    prompts = {
        "q0__prompt__de": "Wie zufrieden waren Sie?", "q0__prompt__en": "How satisfied were you?",
        "q0__prompt__zh-Hans": "您满意吗？", "q0__prompt__zh-Hant": "您滿意嗎？",
    }  # fmt: skip
    assert press(admin, second_id, **prompts).status_code == 303
    refused = press(admin, second_id, "publish")
    assert refused.status_code == 422
    assert "stay comparable" in refused.text
    assert press(admin, second_id, "publish", q0__comparable="keep").status_code == 303

    assert stored(session, first.id).retired_at == time.now
    assert stored(session, second_id).published_at == time.now
    late = ask(app, session, stored(session, second_id), "de")
    assert "Wie zufrieden waren Sie?" in customer.get(link(app, late)).text
    # What was answered is still told in the words it was answered to.
    manager = app.test_client()
    manager.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(manager, session, make_user(session, "manager"), time.now)
    told = manager.get("/responses?from=2026-09-01&to=2026-09-30").text
    assert '<dl class="facts small" lang="de">' in told
    assert "<dt>Wie zufrieden sind Sie mit diesem Service?</dt><dd>Zufrieden</dd>" in told
    assert "<dt>您對本次服務是否滿意？</dt><dd>滿意</dd>" in told
    assert "Wie zufrieden waren Sie?" not in told


def test_a_link_that_is_out_keeps_the_version_it_was_sent_with(
    app: Flask, session: Session, admin: FlaskClient
) -> None:
    first = published(admin, session)
    out = ask(app, session, first, "en")
    planned = ask(app, session, first, "en")
    planned.issued_at = planned.message_id = None
    session.commit()
    second_id = next_version(admin, session, first)
    press(admin, second_id, title__en="How was it?")
    answer = press(admin, second_id, "publish")
    assert answer.status_code == 303
    page = app.test_client().get(link(app, out)).text
    assert "<h1>How did it go?</h1>" in page
    assert send(app.test_client(), link(app, out), {"csat": "2"}).status_code == 303
    asked = dict(session.execute(sa.select(Invitation.id, Invitation.survey_id)).all())
    session.commit()
    # What is planned and not out yet asks what is asked now.
    assert asked == {out.id: first.id, planned.id: second_id}
    assert "1 planned invitations ask it now" in admin.get(answer.location).text


def test_a_published_version_is_never_written(
    session: Session, admin: FlaskClient, time: Time
) -> None:
    survey = published(admin, session)
    session.commit()
    before, number, revision = content_of(survey), survey.id, survey.revision
    answer = admin.post(
        f"/admin/surveys/{survey.id}",
        data={"language": "en", "title.en": "Other words", "revision": survey.revision,
              "most_questions": "3", "do": "save"},
    )  # fmt: skip
    assert answer.status_code == 303
    with pytest.raises(NotADraft):
        save_draft(session, survey.id, survey.revision, before, upkeep_of(survey))
    with pytest.raises(NotADraft):
        publish(session, survey.id, survey.revision, time.now)
    session.rollback()
    dropped = admin.post(f"/admin/surveys/{number}/drop", data={"revision": revision})
    assert dropped.status_code == 303
    assert content_of(stored(session, number)) == before


def test_of_two_who_save_at_once_the_second_is_told_and_loses_nothing(
    session: Session, admin: FlaskClient
) -> None:
    number = begin(admin)
    mine = admin.get(f"/admin/surveys/{number}")
    assert press(admin, number, title__en="Theirs").status_code == 303
    fields = form_of(mine.text)
    fields.setlist("title.en", ["Mine"])
    answer = admin.post(f"/admin/surveys/{number}", data=fields)
    assert answer.status_code == 409
    assert "Somebody else has saved this draft meanwhile" in answer.text
    assert 'value="Mine"' in answer.text
    titles = {text.locale: text.title for text in stored(session, number).texts}
    assert titles["en"] == "Theirs"
    # As it stands there now, with the revision of theirs, it can be saved after all.
    again = form_of(answer.text)
    assert admin.post(f"/admin/surveys/{number}", data=again).status_code == 303


def test_nobody_begins_two_drafts_of_one_survey(session: Session, admin: FlaskClient) -> None:
    survey = published(admin, session)
    first = admin.post(f"/admin/surveys/{survey.id}/version").location
    assert admin.post(f"/admin/surveys/{survey.id}/version").location == first
    versions = sa.select(sa.func.count()).where(Survey.key == survey.key)
    assert session.scalar(versions) == 2


def test_a_copy_begins_with_the_same_words_under_another_key(
    session: Session, admin: FlaskClient
) -> None:
    survey = published(admin, session)
    answer = admin.post(f"/admin/surveys/{survey.id}/copy", data={"key": "counter"})
    number = int(answer.location.rsplit("/", 1)[1])
    copied = stored(session, number)
    assert (copied.key, copied.version, copied.published_at) == ("counter", 1, None)
    assert content_of(copied) == content_of(stored(session, survey.id))
    taken = admin.post(f"/admin/surveys/{survey.id}/copy", data={"key": "counter"})
    assert "survey of this key already" in admin.get(taken.location).text


def test_the_list_tells_versions_by_their_moments_and_how_long_it_takes(
    app: Flask, session: Session, admin: FlaskClient, time: Time
) -> None:
    survey = published(admin, session)
    for seconds in (20, 30, 100):
        path = link(app, ask(app, session, survey, "en"))
        client = app.test_client()
        page = client.get(path)
        time.forward(seconds=seconds)
        nonce = re.search(r'name="nonce" value="([^"]+)"', page.text)
        assert nonce
        client.post(path, data={"nonce": nonce[1], "csat": "5"})
    page = admin.get("/admin/surveys").text
    assert "30 s in the middle, of 3 answers" in page
    assert "3 questions and room for a comment, about 30 seconds." in page
    assert "published on 2 Sept 2026, 10:00" in page or "published on 2 Sep 2026, 10:00" in page
    assert "To learn how the visit went." in page
    assert "Answers for it: 周明" in page
