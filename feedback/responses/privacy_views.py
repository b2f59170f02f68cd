"""The page that says how what is sent is handled, whatever has become of the link."""

from datetime import datetime

from flask import current_app
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from feedback.brands.models import Notice
from feedback.brands.notice import Words, words_of
from feedback.database import db, reading
from feedback.responses.doorway import opens_link, page, url_for
from feedback.responses.opening import Opened


@opens_link
def show(opened: Opened, now: datetime) -> ResponseReturnValue:
    """Show the notice in force, and the one an answer was given under where that is another."""
    locale, months = str(get_locale()), current_app.config["RETENTION_MONTHS"]
    return page(
        "privacy",
        opened=opened,
        privacy=opened.privacy(locale, months),
        given_under=_given_under(opened, locale, months),
        survey_url=url_for,
    )


def _given_under(opened: Opened, locale: str, months: int) -> Words | None:
    response = opened.response
    if response is None or response.notice_id is None:
        return None
    if opened.notice is not None and opened.notice.id == response.notice_id:
        return None
    with reading():
        notice = db.session.get_one(Notice, response.notice_id)
        db.session.close()
    return words_of(notice, opened.brand, locale, months)
