"""Opens links: who comes with a good one is let through, in their language.

Nothing here sets a cookie or needs one; the link is the only proof.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from math import ceil
from typing import Any

from flask import Blueprint, Response, current_app, g, make_response, render_template, request
from flask import url_for as url_for_endpoint
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from feedback import clock
from feedback.accounts.access import current_user
from feedback.accounts.throttle import network_of
from feedback.chosen import refresh_behind_link
from feedback.database import db, reading
from feedback.invitations.letter import language_of
from feedback.languages import FRAMES, language_code, nearest, survey_language
from feedback.links import BadLink, preferences_token, read_survey_token
from feedback.responses.guessing import Misses
from feedback.responses.opening import Opened, find
from feedback.responses.out_of_reach import OUT_OF_REACH, kept_page

blueprint = Blueprint("responses", __name__)

# A thousand characters need at most twelve bytes each on their way here.
LARGEST_BODY = 64 * 1024
MOST_PARTS = 200
# Who is rated does not rate; those who only look at figures may try a link out.
_RATED = ("staff", "lead")
_MISSES = "survey_misses"


@blueprint.record_once
def _count_misses(state: BlueprintSetupState) -> None:
    state.app.extensions[_MISSES] = Misses()


@blueprint.before_request
def _bound_bodies() -> None:
    request.max_content_length = LARGEST_BODY
    request.max_form_parts = MOST_PARTS


@blueprint.app_context_processor
def _say_where_preferences_are() -> dict[str, object]:
    return {"preferences_path": preferences_path}


def preferences_path(opened: Opened, **query: Any) -> str:
    """Return where whoever an invitation was sent to finds their preferences."""
    if asked := nearest([survey_language(request.args.get("lang"))], g.get("languages", ())):
        query["lang"] = language_code(asked)
    token = preferences_token(opened.invitation.id)
    return url_for_endpoint("customers.preferences", token=token, **query)


@blueprint.errorhandler(413)
def _too_much(error: RequestEntityTooLarge) -> ResponseReturnValue:
    return make_response(render_template("survey/refused.html", why="too_much"), 413)


def opens_link(
    view: Callable[[Opened, datetime], ResponseReturnValue],
) -> Callable[[str], ResponseReturnValue]:
    """Give the view what the link opens and the moment; whatever is no link of ours ends here."""

    @wraps(view)
    def opening(token: str) -> ResponseReturnValue:
        now = clock.now()
        try:
            invitation_id = read_survey_token(token)
        except BadLink:
            return unknown(now)
        _speak_as_browser_does()
        try:
            return _open(invitation_id, now, view)
        except OUT_OF_REACH as error:
            return kept_page(error)

    return opening


def _open(
    invitation_id: int, now: datetime, view: Callable[[Opened, datetime], ResponseReturnValue]
) -> ResponseReturnValue:
    refresh_behind_link()
    # Reading and writing are two transactions: while the page is loaded and the answer is
    # weighed, nobody who writes has to wait.
    with reading():
        opened = find(db.session(), invitation_id, now)
        g.is_rated = _is_rated()
        if opened is not None:
            g.language, g.languages = _asked_for(opened), opened.languages
        db.session.close()
    if opened is None:
        return page("closed", status=410)
    return view(opened, now)


def unknown(now: datetime) -> Response:
    """Say that this is no link of ours: the same to all, and without asking the database."""
    _speak_as_browser_does()
    misses: Misses = current_app.extensions[_MISSES]
    wait = misses.note(network_of(request.remote_addr), now)
    if wait is None:
        return page("unknown", status=404)
    response = page("refused", why="too_often", status=429)
    response.headers["Retry-After"] = str(ceil(wait.total_seconds()))
    return response


def _speak_as_browser_does() -> None:
    """Go by the browser's language as long as nothing says which one the mail was written in."""
    accepted = [request.args.get("lang"), *request.accept_languages.values()]
    g.language = nearest(map(survey_language, accepted), tuple(FRAMES)) or survey_language(
        current_app.config["DEFAULT_LOCALE"]
    )


def page_language(opened: Opened, offered: Sequence[str] = ()) -> str:
    """Return the language of the pages behind a link: the one its mails are written in.

    Of those offered, or of those its survey is asked in.
    """
    default = current_app.config["DEFAULT_LOCALE"]
    return language_of(
        opened.invitation, opened.chosen_locale, default, offered or opened.languages
    )


def _asked_for(opened: Opened) -> str:
    # Not the browser's: a shop lends its guests its own.
    asked = nearest([survey_language(request.args.get("lang"))], opened.languages)
    return asked or page_language(opened)


def _is_rated() -> bool:
    """Tell whether somebody whose work is rated is signed in with this browser."""
    if not current_user.is_authenticated:
        return False
    return current_user.role in _RATED or current_user.staff_id is not None


def page(name: str, *, status: int = 200, **content: object) -> Response:
    """Return one of the customers' pages."""
    return make_response(render_template(f"survey/{name}.html", **content), status)


def url_for(endpoint: str, **query: Any) -> str:
    """Return the address of another page behind the same link, in the language asked for."""
    if asked := nearest([survey_language(request.args.get("lang"))], g.get("languages", ())):
        query["lang"] = language_code(asked)
    token = (request.view_args or {})["token"]
    return url_for_endpoint(f"responses.{endpoint}", token=token, **query)
