"""The dry run as a page: what asking would have come to, before it is switched on."""

from flask import Blueprint, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback.accounts.access import roles_allowed
from feedback.addresses import row_number
from feedback.database import db
from feedback.reports.page import wrong_words
from feedback.reports.reader import this_reader
from feedback.reports.rehearsal import read_days, read_guess, rehearse
from feedback.reports.rehearsal_words import RehearsalWords
from feedback.reports.request import BadRequest
from feedback.touchpoints.models import Touchpoint

blueprint = Blueprint("rehearsal", __name__)


@blueprint.get("/admin/dry-run")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """Say what the contacts of some days would have led to."""
    reader = this_reader()
    names = {"from": _("From"), "to": _("To"), "rate": _("Response rate, if unknown")}
    wrong = []
    try:
        days = read_days(request.args, reader.today)
    except BadRequest as bad:
        wrong.append(wrong_words(BadRequest(names[bad.field], bad.value, bad.rule)))
        days = read_days({}, reader.today)
    try:
        guess = read_guess(request.args.get("rate", ""))
    except BadRequest as bad:
        wrong.append(wrong_words(BadRequest(names[bad.field], bad.value, bad.rule)))
        guess = read_guess("")
    alone = _alone()
    found = rehearse(
        reader,
        days,
        current_app.config,
        guess=guess,
        touchpoints=None if alone is None else [alone],
    )
    text = render_template(
        "admin/dry_run.html",
        days=days,
        guess=guess,
        found=found,
        words=RehearsalWords(found),
        names=names,
        wrong=wrong,
        alone=alone,
    )
    return make_response(text, 400 if wrong else 200)


def _alone() -> Touchpoint | None:
    """Return the touchpoint to be tried as if it were the only one, where the address names it."""
    number = request.args.get("alone", type=row_number)
    return None if number is None else db.get_or_404(Touchpoint, number)
