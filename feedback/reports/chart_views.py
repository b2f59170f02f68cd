"""The charts of the pages, as pictures with addresses of their own and the same sight."""

import hashlib
from collections.abc import Callable

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from feedback.accounts.access import current_user, roles_allowed, signed_in
from feedback.accounts.look import log_looks
from feedback.headers import as_drawing
from feedback.reports.board import where_ids
from feedback.reports.filters import Filters, read_filters
from feedback.reports.gather import About, trends_by
from feedback.reports.people.people_funnel import people_funnel
from feedback.reports.people.person import read_person_filters
from feedback.reports.people.staff_views import seen_staff
from feedback.reports.pictures import funnel_picture, panels_picture, trend_picture
from feedback.reports.reader import Reader, this_reader
from feedback.reports.request import BadRequest
from feedback.reports.team_views import LEADS, read_team_filters, seen_team
from feedback.reports.trends.control import control

blueprint = Blueprint("charts", __name__)

# Draws a picture, dark or not and narrow or not.
Draw = Callable[[bool, bool], bytes]


@blueprint.get("/reports/chart.svg")
@roles_allowed("manager", "analyst", "admin")
def of_everybody() -> ResponseReturnValue:
    """Draw a chart of the reports page."""
    reader = this_reader()
    filters, wrong = read_filters(request.args, reader.session, reader.today)
    metric, wave = filters.metric or "csat", filters.wave or 1

    def channels(dark: bool, narrow: bool) -> bytes:
        found = trends_by(reader, filters, metric, "channel", wave)
        return panels_picture(found, dark=dark, narrow=narrow)

    about = About(person="staff" in filters.where)
    return _picture(
        {
            "trend": _trend(reader, filters, about),
            "channels": channels,
            "funnel": _funnel(reader, filters, "reports"),
        },
        wrong,
    )


@blueprint.get("/team/<int:team_id>/chart.svg")
@roles_allowed(*LEADS)
def of_team(team_id: int) -> ResponseReturnValue:
    """Draw a chart of a team's page."""
    team = seen_team(team_id)
    reader = this_reader()
    asked, wrong = read_team_filters(reader)
    filters = asked.narrowed(team=team.name)
    return _picture(
        {
            "trend": _trend(reader, filters, About()),
            "funnel": _funnel(reader, filters, "team"),
        },
        wrong,
    )


@blueprint.get("/reports/staff/<int:staff_id>/chart.svg")
@signed_in
def of_staff(staff_id: int) -> ResponseReturnValue:
    """Draw the chart of a staff member's page; to draw it is to look."""
    staff = seen_staff(staff_id)
    reader = this_reader()
    own = staff.id == current_user.staff_id
    if own:
        reader = reader.at_own_page()
    else:
        log_looks(reader.session, current_user.id, [staff.id], "staff", reader.now)
    asked, wrong = read_person_filters(reader)
    filters = asked.narrowed(staff=staff.external_id)
    return _picture({"trend": _trend(reader, filters, About(person=True, own=own))}, wrong)


@blueprint.get("/me/chart.svg")
@signed_in
def of_me() -> ResponseReturnValue:
    """Draw the chart of one's own page."""
    if current_user.staff is None:
        abort(404)
    reader = this_reader().at_own_page()
    asked, wrong = read_person_filters(reader)
    filters = asked.narrowed(staff=current_user.staff.external_id)
    return _picture({"trend": _trend(reader, filters, About(person=True, own=True))}, wrong)


def _trend(reader: Reader, filters: Filters, about: About) -> Draw:
    def draw(dark: bool, narrow: bool) -> bytes:
        where = where_ids(reader, filters)
        metric, wave = filters.metric or "csat", filters.wave or 1
        found = control(reader, filters, metric, wave, about, where)
        return trend_picture(found, dark=dark, narrow=narrow)

    return draw


def _funnel(reader: Reader, filters: Filters, page: str) -> Draw:
    def draw(dark: bool, narrow: bool) -> bytes:
        found = people_funnel(reader, filters)
        if found is None:
            abort(404)
        # Only these are named in it; who is a dot like any other has not been looked at.
        others = [id_ for id_ in found.named if id_ != reader.own]
        log_looks(reader.session, current_user.id, others, page, reader.now)
        return funnel_picture(found, dark=dark, narrow=narrow)

    return draw


def _picture(draws: dict[str, Draw], wrong: list[BadRequest]) -> Response:
    """Answer with the chart asked for, or with 304 to whoever has it already."""
    draw = draws.get(request.args.get("draw", "trend"))
    if draw is None or wrong:
        abort(400)
    svg = draw(request.args.get("theme") == "dark", request.args.get("width") == "narrow")
    response = Response(svg, mimetype="image/svg+xml")
    response.set_etag(hashlib.sha256(svg).hexdigest()[:32])
    # A browser may keep it, and asks each time whether it still holds and is still its to see.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    response.make_conditional(request)
    return as_drawing(response)
