"""Gives the figures to other programs, as every other surface shows them."""

from zoneinfo import ZoneInfo

from flask import current_app, g, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from feedback import clock
from feedback.accounts.keys import key_required, scopes_of
from feedback.database import db
from feedback.integrations.answers import answer, write
from feedback.integrations.arguments import read_arguments, refused
from feedback.reports.request import BadRequest, read_score_request
from feedback.reports.scores import scores

ARGUMENTS = ("metric", "by", "period", "from", "to", "wave", "rank")


@key_required("scores:read")
def show_scores() -> ResponseReturnValue:
    """Show figures; the key's scope says whether those of small groups are among them."""
    given = read_arguments(ARGUMENTS, lists=("where",))
    sees_all = "scores:read-all" in scopes_of(g.api_key)
    try:
        found = scores(
            db.session(),
            read_score_request(given, request.args.getlist("where")),
            zone=ZoneInfo(current_app.config["TIMEZONE"]),
            min_group=current_app.config["MIN_GROUP"],
            follow_up_days=current_app.config["FOLLOW_UP_DAYS"],
            trouble_words=current_app.config["TROUBLE_WORDS"],
            sees_all=sees_all,
            guards_days=not sees_all,
            locale=str(get_locale()),
            now=clock.now(),
        )
    except BadRequest as bad:
        raise refused(bad) from bad
    return answer(write(found))
