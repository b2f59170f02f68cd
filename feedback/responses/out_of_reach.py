"""What is sent while the database is away comes back whole, on a page that needs no database."""

import re

from flask import Response, current_app, make_response, render_template, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from feedback.database import db

# What the database being away, full or locked for too long looks like.
OUT_OF_REACH = (InterfaceError, OperationalError)
RETRY_AFTER = "30"
# A score, a choice, a nonce: what nobody has typed.
_CHOSEN = re.compile(r"[\w.+-]*", re.ASCII)


def kept_page(error: DBAPIError) -> Response:
    """Return what was sent, as it was sent, to be sent again in a minute."""
    # SQLite calls it so, too, when a page that may only read tries to write: that is our mistake.
    if "readonly" in str(error.orig) or request.method != "POST":
        raise error
    current_app.logger.error("an answer could not be stored", exc_info=error)
    db.session.remove()
    sent = list(request.form.items(multi=True))
    text = render_template(
        "survey/kept.html",
        chosen=[one for one in sent if _CHOSEN.fullmatch(one[1])],
        written=[one for one in sent if not _CHOSEN.fullmatch(one[1])],
    )
    response = make_response(text, 503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response
