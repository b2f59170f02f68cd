"""Opens the customers' own pages: by the link in every mail, and by the key mailed on request.

The link shows and changes what may be known to whoever got the mail forwarded. What was answered,
and everything else held, takes a key that goes to the address itself and lasts two hours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request
from flask import url_for as url_for_endpoint
from flask.typing import ResponseReturnValue

from feedback import clock
from feedback.chosen import refresh_behind_link
from feedback.database import db, reading
from feedback.interactions.channel_words import channel_words
from feedback.interactions.models import Channel
from feedback.languages import OWN_LANGUAGES, language_code, nearest, survey_language
from feedback.links import (
    OWN_KEY_LASTS,
    BadLink,
    Shown,
    preferences_token,
    read_own_key,
    read_page_nonce,
    read_preferences_token,
)
from feedback.responses.doorway import LARGEST_BODY, MOST_PARTS, page_language, unknown
from feedback.responses.opening import Opened, find
from feedback.retention.models import Erasure

blueprint = Blueprint("customers", __name__)


@dataclass(frozen=True)
class Holder:
    """Who came by a key, and until when it opens what it opens."""

    opened: Opened
    key: str
    until: datetime


@blueprint.before_request
def _bound_bodies() -> None:
    request.max_content_length = LARGEST_BODY
    request.max_form_parts = MOST_PARTS


def opens_preferences(
    view: Callable[[Opened, datetime], ResponseReturnValue],
) -> Callable[[str], ResponseReturnValue]:
    """Give the view what the link in a mail opens; whatever is no link of ours ends here."""

    @wraps(view)
    def opening(token: str) -> ResponseReturnValue:
        now = clock.now()
        try:
            invitation_id = read_preferences_token(token)
        except BadLink:
            return unknown(now)
        return _open(invitation_id, now, lambda opened: view(opened, now))

    return opening


def opens_own(
    view: Callable[..., ResponseReturnValue],
) -> Callable[..., ResponseReturnValue]:
    """Give the view who holds the key; one that is too old leads to where a new one is had."""

    @wraps(view)
    def opening(key: str, **parts: Any) -> ResponseReturnValue:
        now = clock.now()
        try:
            invitation_id, asked_at = read_own_key(key)
        except BadLink:
            return unknown(now)
        until = asked_at + OWN_KEY_LASTS

        def enter(opened: Opened) -> ResponseReturnValue:
            if now >= until:
                address = _address_of("preferences", token=preferences_token(invitation_id))
                return own_page("key_ended", opened, status=410, preferences_address=address)
            return view(Holder(opened, key, until), now, **parts)

        return _open(invitation_id, now, enter)

    return opening


def _open(
    invitation_id: int, now: datetime, enter: Callable[[Opened], ResponseReturnValue]
) -> ResponseReturnValue:
    refresh_behind_link()
    # As with the survey: nobody who writes waits while a page is put together.
    with reading():
        opened = find(db.session(), invitation_id, now)
        erasure = None
        if opened is not None:
            g.language = _asked_for() or page_language(opened, OWN_LANGUAGES)
            g.languages = OWN_LANGUAGES
            if opened.interaction.erasure_id is not None:
                erasure = db.session().get(Erasure, opened.interaction.erasure_id)
        db.session.close()
    if opened is None:
        return make_response(render_template("survey/closed.html"), 410)
    # What is erased has nothing left to show or to change, whatever leads here.
    if erasure is not None:
        return own_page("erased", opened, erasure=erasure)
    return enter(opened)


def own_page(name: str, opened: Opened, *, status: int = 200, **content: object) -> Response:
    """Return one of the customers' own pages."""
    html = render_template(
        f"own/{name}.html", opened=opened, own_url=url_for, channel_name=_channel_name, **content
    )
    return make_response(html, status)


def url_for(endpoint: str, **query: Any) -> str:
    """Return the address of another page behind the same link or key, in the language asked for."""
    parts = dict(request.view_args or {})
    parts.pop("response_id", None)
    return _address_of(endpoint, **parts, **query)


def _address_of(endpoint: str, **query: Any) -> str:
    if asked := _asked_for():
        query["lang"] = language_code(asked)
    return url_for_endpoint(f"customers.{endpoint}", **query)


def _asked_for() -> str | None:
    return nearest([survey_language(request.args.get("lang"))], OWN_LANGUAGES)


def _channel_name(channel: Channel) -> str:
    return channel_words(channel, g.language)


def was_shown(opened: Opened, purpose: str) -> bool:
    """Tell whether what was sent came from a page of ours that was shown for this purpose."""
    shown: Shown | None = read_page_nonce(request.form.get("nonce", ""))
    return (
        shown is not None
        and shown.purpose == purpose
        and shown.invitation_id == opened.invitation.id
    )
