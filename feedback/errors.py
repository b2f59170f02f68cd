"""Says what went wrong: a page for people, `application/problem+json` for programs."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from feedback.database import db
from feedback.headers import STILL, add_headers
from feedback.languages import FRAMES, nearest, survey_language
from feedback.problems import problem
from feedback.responses.doorway import LARGEST_BODY, MOST_PARTS
from feedback.responses.out_of_reach import fields_of
from feedback.shedding import Shedding, TurnAway

_OURS = "/api/"
_CUSTOMERS = ("/s/", "/brand/")
# Where in a page that is made once each finds what they had sent.
_PLACE = b"<!-- sent -->"


def install_errors(app: Flask) -> None:
    """Answer every refusal and every failure in the reader's own language."""
    app.register_error_handler(CSRFError, _stale_form)
    for status in (400, 401, 403, 404, 405, 410, 413, 429):
        app.register_error_handler(status, _refusal(status))
    for status in (500, 503):
        app.register_error_handler(status, _failure(status))
    # A pool that has no connection left is one that waits for a database.
    for error in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(error, _no_database)
    app.register_error_handler(DataError, _cannot_be_held)
    door = Shedding(app.wsgi_app, _turning_away(app))
    app.extensions["shedding"] = door
    app.wsgi_app = door  # type: ignore[method-assign]


def _words(status: int) -> tuple[str, str]:
    return {
        400: (_("That could not be read"), _("Please go back, check what was sent and try again.")),
        401: (_("Please sign in"), _("This needs somebody we know.")),
        403: (
            _("This page is not yours to see"),
            _("Your role does not open it. If you need it, ask your administrator."),
        ),
        404: (
            _("There is no such page"),
            _("The address may be mistyped, or the page may have moved."),
        ),
        405: (
            _("That cannot be done here"),
            _("Please go back and use the buttons of the page."),
        ),
        410: (_("This is no longer there"), _("The link has ended.")),
        413: (_("That is too much at once"), _("What was sent is larger than this page takes.")),
        429: (_("Too many tries"), _("Please wait a few minutes and try again.")),
        500: (
            _("Something went wrong on our side"),
            _("It has been written down. Please try again in a moment."),
        ),
        503: (
            _("We cannot reach our records just now"),
            _("Nothing of yours is lost. Please try again in a minute."),
        ),
    }[status]


def _program_words(status: int, title: str, detail: str) -> tuple[str, str]:
    """Return the words for a program, which has no buttons and no way back."""
    return {
        400: (title, _("Check what was sent and try again.")),
        404: (_("There is nothing at this address"), _("See /api/v1/openapi.json for what is.")),
        405: (title, _("The methods that can be used are in the header Allow.")),
    }.get(status, (title, detail))


def _answer(status: int, title: str, detail: str, *, plain: bool = False) -> Response:
    if request.path.startswith(_OURS):
        return problem(status, *_program_words(status, title, detail))
    # Customers know us by the brand that asked them; the frame would name the organisation.
    plain = plain or request.path.startswith(_CUSTOMERS)
    template = "error/plain.html" if plain else "error/page.html"
    text = render_template(template, status=status, heading=title, detail=detail)
    return make_response(text, status)


def _refusal(status: int) -> Callable[[HTTPException], ResponseReturnValue]:
    def answer(error: HTTPException) -> ResponseReturnValue:
        # Some refusals are a whole answer already, and some name what they want (Allow: POST).
        if error.response is not None:
            return error.get_response()
        response = _answer(status, *_words(status))
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                response.headers.setdefault(name, value)
        return response

    return answer


def _failure(status: int) -> Callable[[Exception], ResponseReturnValue]:
    def answer(error: Exception) -> ResponseReturnValue:
        # The frame would ask the database who is reading, and that may be what has failed.
        response = _answer(status, *_words(status), plain=True)
        if status == 503:
            response.headers["Retry-After"] = "30"
        return response

    return answer


def _turning_away(app: Flask) -> TurnAway:
    """Return what turns people away; it must cost next to nothing, so each page is made once."""
    made: dict[tuple[object, ...], tuple[str, list[tuple[str, str]], bytes, str]] = {}

    def turn_away(
        environ: dict[str, Any], seconds: str
    ) -> tuple[str, list[tuple[str, str]], bytes]:
        path = environ["PATH_INFO"]
        kind = next((start for start in (_OURS, *_CUSTOMERS) if path.startswith(start)), "/")
        sent = _sent(environ) if kind == "/s/" and environ["REQUEST_METHOD"] == "POST" else []
        accepted = environ.get("HTTP_ACCEPT_LANGUAGE", "")[:200]
        language = _language_of(accepted, str(app.config["DEFAULT_LOCALE"]))
        scheme = environ["wsgi.url_scheme"]
        which = kind, bool(sent), language, scheme, app.config["PUBLIC_URL"]
        if which not in made:
            asked = {"PATH_INFO": kind, "REQUEST_METHOD": "GET", "QUERY_STRING": ""}
            with app.request_context({**environ, **asked}):
                g.language = language
                response = _too_busy(kind, gives_back=bool(sent))
                body = response.get_data()
                made[which] = response.status, list(response.headers), body, _("What you wrote")
        status, headers, body, label = made[which]
        if sent:
            body = body.replace(_PLACE, fields_of(sent, label).encode("utf-8", "replace"), 1)
            headers = [one for one in headers if one[0] != "Content-Length"]
            headers.append(("Content-Length", str(len(body))))
        return status, [*headers, ("Retry-After", seconds)], body

    return turn_away


# Browsers ask for a few hundred different mixtures, and reading one costs more than all the rest.
@lru_cache(maxsize=512)
def _language_of(accepted: str, default: str) -> str:
    values = parse_accept_header(accepted, LanguageAccept).values()
    return nearest(map(survey_language, (*values, default)), tuple(FRAMES)) or "en"


def _sent(environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what an answer says that is not looked at; nothing where it is no form of ours."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if not 0 < length <= LARGEST_BODY:
            return []
        text = environ["wsgi.input"].read(length).decode("utf-8", "replace")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PARTS)
    except ValueError:
        return []


def _too_busy(kind: str, *, gives_back: bool) -> Response:
    title = _("Very many people are here just now")
    detail = _("Nothing of yours is lost. Please try again in half a minute.")
    if gives_back:
        fields = Markup(_PLACE.decode())  # noqa: S704 - a mark of our own
        text = render_template("survey/kept.html", fields=fields, is_busy=True)
        response = make_response(text, 503)
    elif kind == "/s/":
        response = make_response(render_template("survey/busy.html"), 503)
    else:
        response = _answer(503, title, detail, plain=True)
    # No script runs there, and what is given to many may hold no nonce.
    response.headers["Content-Security-Policy"] = (
        f"{STILL}; form-action '{'self' if gives_back else 'none'}'"
    )
    return add_headers(response)


def _no_database(error: DBAPIError | PoolTimeout) -> ResponseReturnValue:
    # SQLite calls it so, too, when a page that may only read tries to write: that is our mistake.
    if "readonly" in str(getattr(error, "orig", "")):
        raise error
    current_app.logger.error("the database is out of reach", exc_info=error)
    db.session.remove()
    return _failure(503)(error)


def _cannot_be_held(error: DataError) -> ResponseReturnValue:
    """Refuse what no column can hold, such as NUL in a text of PostgreSQL's: nothing was stored."""
    current_app.logger.warning("something that cannot be held was refused", exc_info=error)
    db.session.remove()
    return _answer(400, *_words(400))


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    return _answer(
        400,
        _("This page had been open for too long"),
        _("Nothing was changed. Please open it again and repeat the last step."),
    )
