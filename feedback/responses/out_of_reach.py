"""What is sent while the database is away, or too many come, comes back whole and without one."""

import html
import re
from collections.abc import Iterable

from flask import Response, current_app, make_response, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
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
    text = render_template("survey/kept.html", fields=fields_of(request.form.items(multi=True)))
    response = make_response(text, 503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def fields_of(sent: Iterable[tuple[str, str]], label: str = "") -> Markup:
    """Return what was sent as fields of a form, and what somebody has typed for them to see.

    By hand: where too many come at once there is no time for a template.
    """
    label, lines = label or _("What you wrote"), []
    for name, value in sent:
        name, value = html.escape(name), html.escape(value)
        if _CHOSEN.fullmatch(value):
            lines.append(f'<input type="hidden" name="{name}" value="{value}">')
        else:
            box = f'<textarea name="{name}" rows="5">\n{value}</textarea>'
            lines.append(f"<p><label>{html.escape(label)}{box}</label></p>")
    return Markup("\n".join(lines))  # noqa: S704 - each part of it is escaped above
