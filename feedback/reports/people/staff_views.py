"""The page of one staff member for those who may look; that they looked is kept."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from feedback.accounts.access import current_sight, current_user, signed_in
from feedback.accounts.look import log_look
from feedback.database import db
from feedback.interactions.models import StaffMember
from feedback.reports.people.person import show_person
from feedback.reports.reader import this_reader

blueprint = Blueprint("staff", __name__)


def seen_staff(staff_id: int) -> StaffMember:
    """Return the staff member, or end with 403; to whom may see nobody, nobody is missing."""
    staff = db.session().get(StaffMember, staff_id)
    sight = current_sight()
    if not sight.sees_staff(staff_id, staff.team_id if staff else None):
        abort(403)
    if staff is None:
        abort(404)
    return staff


@blueprint.get("/reports/staff/<int:staff_id>")
@signed_in
def page(staff_id: int) -> ResponseReturnValue:
    """Show a staff member's figures to somebody else; oneself is sent to one's own page."""
    staff = seen_staff(staff_id)
    if staff.id == current_user.staff_id:
        query = request.query_string.decode("ascii", "replace")
        return redirect(url_for("me.page") + (f"?{query}" if query else ""))
    reader = this_reader()
    log_look(current_user.id, staff.id, "staff", reader.now)
    return show_person(
        "reports/staff.html",
        reader,
        staff,
        "staff.page",
        "charts.of_staff",
        {"staff_id": staff.id},
    )
