"""Gives responses to other programs."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback.accounts.keys import key_required
from feedback.database import db
from feedback.integrations.answers import answer, cannot_be_taken, field_error, write
from feedback.integrations.arguments import read_arguments, read_number, refused
from feedback.integrations.cursor import BadCursor, read_cursor, write_cursor
from feedback.integrations.list_responses import list_responses
from feedback.reports.request import BadRequest, read_date

ARGUMENTS = ("from", "to", "cursor", "limit")
PAGE, LARGEST_PAGE = 100, 500


@key_required("responses:read")
def show_responses() -> ResponseReturnValue:
    """List the responses given on these days, newest first."""
    given = read_arguments(ARGUMENTS)
    start, end = _days(given)
    limit = read_number("limit", given["limit"], 1, LARGEST_PAGE) if "limit" in given else PAGE
    config = current_app.config
    key = config["SECRET_KEY"]
    after = None
    if cursor := given.get("cursor"):
        try:
            after = read_cursor(cursor, key)
        except BadCursor as bad:
            rule = _("is not what `next` of an earlier answer said")
            raise cannot_be_taken(field_error("cursor", cursor, rule)) from bad
    responses, place = list_responses(
        db.session(),
        start=_begin(start),
        end=_begin(end, days=1),
        after=after,
        limit=limit,
        own_words=config["URGENT_WORDS"] if config["TEXT_TRIAGE"] else None,
    )
    following = write_cursor(*place, key) if place else None
    return answer(write({"responses": responses, "next": following}))


def _days(given: dict[str, str]) -> tuple[date | None, date | None]:
    try:
        start, end = read_date("from", given.get("from", "")), read_date("to", given.get("to", ""))
        if start and end and start > end:
            raise BadRequest("from", given["from"], _("is after the end"))
    except BadRequest as bad:
        raise refused(bad) from bad
    return start, end


def _begin(day: date | None, days: int = 0) -> datetime | None:
    """Return the first moment of the organisation's day, or of one so many days later."""
    if day is None:
        return None
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    return datetime.combine(day + timedelta(days=days), time(), zone)
