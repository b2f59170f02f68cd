"""The planner: how often a target would be wrong about people, before anybody sets one."""

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback.accounts.access import current_sight, current_user, roles_allowed
from feedback.reports.aims import planner
from feedback.reports.aims.planner_words import PlanWords
from feedback.reports.gather import address
from feedback.reports.page import wrong_words
from feedback.reports.reader import this_reader
from feedback.reports.request import BadRequest

blueprint = Blueprint("planner", __name__)


@blueprint.get("/reports/planner")
@roles_allowed("lead", "manager", "analyst", "admin")
def page() -> ResponseReturnValue:
    """Say what so many answers can decide."""
    found = planner.known(this_reader(), _own_part())
    asked, wrong = planner.read_asked(request.args, planner.usual(found))
    names = {
        "answers": _("Answers per person and period"),
        "target": _("Target"),
        "rate": _("True rate"),
        "distance": _("Distance below the line"),
    }
    text = render_template(
        "reports/planner.html",
        asked=asked,
        words=PlanWords(planner.plan(asked), found),
        wrong=[wrong_words(BadRequest(names[bad.field], bad.value, bad.rule)) for bad in wrong],
        names=names,
        # What is wrong stays in its field, to be put right there.
        typed={bad.field: bad.value for bad in wrong},
        most_answers=planner.MOST_ANSWERS,
        address=address,
        language=request.args.get("lang", ""),
    )
    return make_response(text, 400 if wrong else 200)


def _own_part() -> dict[str, str] | None:
    """Return whose rate is the reader's to know: everybody's, or their own team's, or nobody's."""
    if current_sight().everything:
        return {}
    staff = current_user.staff
    return {"team": staff.team.name} if staff is not None and staff.team is not None else None
