"""The preview: what a customer would get, in a frame from which nothing can be sent."""

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from feedback.accounts.access import roles_allowed
from feedback.database import db, set_reading
from feedback.editing.preview import mail_of, page_of
from feedback.editing.read_form import read_form
from feedback.editing.views import LARGEST_BODY, MOST_PARTS
from feedback.languages import survey_language
from feedback.surveys.content import Content
from feedback.surveys.models import Survey
from feedback.surveys.read import content_of, read_survey

blueprint = Blueprint("preview", __name__, url_prefix="/admin/surveys")

# Only this page may be framed, and only by us. No script runs in it, and no form leaves it.
_POLICY = (
    "default-src 'none'; style-src {styles}; img-src 'self' data:; font-src 'self';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)


@blueprint.before_request
def _write_nothing() -> None:
    # The draft is posted here as somebody types, to be looked at; the database refuses more.
    set_reading(True)
    request.max_form_parts = MOST_PARTS
    request.max_content_length = request.max_form_memory_size = LARGEST_BODY


@blueprint.get("/<int:survey_id>/preview/<any(page, mail):what>")
@roles_allowed("admin")
def show(survey_id: int, what: str) -> ResponseReturnValue:
    """Show a version as it is stored."""
    db.get_or_404(Survey, survey_id)
    survey = read_survey(db.session(), survey_id)
    assert survey is not None  # noqa: S101 — it was there a moment ago, in the same transaction.
    return _drawn(content_of(survey), what)


@blueprint.post("/<int:survey_id>/preview/<any(page, mail):what>")
@roles_allowed("admin")
def show_sent(survey_id: int, what: str) -> ResponseReturnValue:
    """Show a draft as it stands in its editor, saved or not."""
    db.get_or_404(Survey, survey_id)
    return _drawn(read_form(request.form).content, what)


def _drawn(content: Content, what: str) -> Response:
    tag = survey_language(request.args.get("look"))
    if tag not in content.languages:
        tag = next(iter(content.languages), None)
    if tag is None:
        abort(404)
    draw = mail_of if what == "mail" else page_of
    html = draw(db.session(), content, tag) or render_template("admin/no_mail.html")
    response = make_response(html)
    # Mails carry their styles themselves, since mail programs read no others.
    styles = "'unsafe-inline'" if what == "mail" else "'self'"
    response.headers["Content-Security-Policy"] = _POLICY.format(styles=styles)
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
