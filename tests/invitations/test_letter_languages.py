"""The mail in each language of its survey, and in the nearest where it is asked in no such one."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback.invitations.letter import send_letter
from feedback.surveys.draft import begin_draft
from feedback.surveys.gaps import Upkeep
from feedback.surveys.library import template
from feedback.surveys.publish import publish
from tests.conftest import START
from tests.factories import make_interaction
from tests.responses.stories import invited

ABOUT = Upkeep("To learn.", "了解。", "周明", "zhou@example.cn", 3)


@pytest.mark.parametrize(
    ("asked_in", "customer", "written_in", "word"),
    [
        (["zh-Hans", "en", "zh-Hant", "de"], "de", "de", "Wie zufrieden sind Sie"),
        (["zh-Hans", "en", "zh-Hant", "de"], "de-CH", "de", "Wie zufrieden sind Sie"),
        (["zh-Hans", "en", "zh-Hant", "de"], "zh-Hant", "zh-Hant", "您對本次服務是否滿意"),
        (["zh-Hans", "en", "zh-Hant", "de"], "en", "en", "How satisfied are you"),
        # Whom we have no words for is written to as the organisation speaks.
        (["zh-Hans", "en", "zh-Hant", "de"], "fr", "zh-Hans", "您对本次服务是否满意"),
        (["zh-Hans", "en", "zh-Hant", "de"], None, "zh-Hans", "您对本次服务是否满意"),
        (["zh-Hans", "en"], "zh-Hant", "zh-Hans", "您对本次服务是否满意"),
        (["en", "de"], None, "en", "How satisfied are you"),
        (["de"], None, "de", "Wie zufrieden sind Sie"),
    ],
)
def test_a_customer_is_written_to_in_their_language_or_the_nearest(
    app: Flask,
    session: Session,
    asked_in: list[str],
    customer: str | None,
    written_in: str,
    word: str,
) -> None:
    draft = begin_draft(session, "visit", template("contact", asked_in), ABOUT, START)
    publish(session, draft.id, draft.revision, START)
    interaction = make_interaction(session, customer_locale=customer)
    invitation = invited(app, session, interaction=interaction, survey_id=draft.id)
    with app.app_context():
        for kind in ("invitation", "follow_up", "reminder"):
            now = START + timedelta(days=30)
            message = send_letter(session, app.config, invitation, kind, now)
            assert message.locale == written_in
            assert f'<html lang="{written_in}">' in message.html
            assert word in message.html
            assert word in message.text
