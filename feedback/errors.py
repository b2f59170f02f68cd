"""Says what went wrong: a page for people, `application/problem+json` for programs."""

from collections.abc import Callable

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from feedback.database import db
from feedback.problems import problem

_OURS = "/api/"
_CUSTOMERS = ("/s/", "/brand/")


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
