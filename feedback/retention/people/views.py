"""What is stored about somebody who works here: their own page, and the administrator's."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.access import current_user, roles_allowed, signed_in
from feedback.accounts.acting import note_taken
from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.accounts.recent import recently
from feedback.database import commit_once, db, reading, settle_file
from feedback.interactions.models import StaffMember
from feedback.retention.forget_mails import remove_files
from feedback.retention.people.colleague import Colleague, of_member, of_user, why_not
from feedback.retention.people.erase_colleague import Gone
from feedback.retention.people.erase_noted import erase_and_note
from feedback.retention.people.gone_words import gone_words
from feedback.retention.people.held_colleague import held_about

blueprint = Blueprint("held", __name__)


@blueprint.get("/account/held")
@signed_in
def own_page() -> ResponseReturnValue:
    """Show what is stored about oneself."""
    user = db.session.get_one(User, current_user.id)
    held = _held(of_user(db.session(), user), clock.now())
    return render_template("account/held.html", held=held)


@blueprint.get("/account/held.json")
@signed_in
@recently
def own_file() -> ResponseReturnValue:
    """Take out all that is stored about oneself."""
    user = db.session.get_one(User, current_user.id)
    return _file(of_user(db.session(), user), "my-data.json")


@blueprint.get("/admin/staff/<int:staff_id>/held")
@roles_allowed("admin")
def staff_page(staff_id: int) -> ResponseReturnValue:
    """Show what is stored about a staff member, in numbers, and whether they can be erased."""
    return _page(_staff(staff_id), "staff", staff_id)


@blueprint.get("/admin/staff/<int:staff_id>/held.json")
@roles_allowed("admin")
@recently
def staff_file(staff_id: int) -> ResponseReturnValue:
    """Take out all that is stored about a staff member, for them."""
    return _file(_staff(staff_id), f"staff-{staff_id}.json")


@blueprint.post("/admin/staff/<int:staff_id>/erase")
@roles_allowed("admin")
@recently
def erase_staff(staff_id: int) -> ResponseReturnValue:
    """Erase a staff member who has left."""
    return _erase(_staff(staff_id), "staff", staff_id)


@blueprint.get("/admin/people/<int:user_id>/held")
@roles_allowed("admin")
def person_page(user_id: int) -> ResponseReturnValue:
    """Show what is stored about somebody with an account, and whether they can be erased."""
    return _page(_person(user_id), "person", user_id)


@blueprint.get("/admin/people/<int:user_id>/held.json")
@roles_allowed("admin")
@recently
def person_file(user_id: int) -> ResponseReturnValue:
    """Take out all that is stored about somebody with an account, for them."""
    return _file(_person(user_id), f"person-{user_id}.json")


@blueprint.post("/admin/people/<int:user_id>/erase")
@roles_allowed("admin")
@recently
def erase_person(user_id: int) -> ResponseReturnValue:
    """Erase somebody with an account who has left."""
    return _erase(_person(user_id), "person", user_id)


def _staff(staff_id: int) -> Colleague:
    member = db.get_or_404(StaffMember, staff_id)
    return of_member(db.session(), member) if member.erased_at is None else abort(404)


def _person(user_id: int) -> Colleague:
    user = db.get_or_404(User, user_id)
    return of_user(db.session(), user) if user.erased_at is None else abort(404)


def _held(who: Colleague, now: datetime) -> dict[str, Any]:
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    return held_about(db.session(), who, now, zone=zone)


def _file(who: Colleague, name: str) -> ResponseReturnValue:
    row = who.member or who.user
    body = json.dumps(_held(who, clock.now()), ensure_ascii=False, indent=1)
    note_taken("person", {"who": "staff", "number": row.id if row else 0})
    response = Response(body, mimetype="application/json")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(
    who: Colleague, kind: str, id_: int, *, status: int = 200, wrong: str = ""
) -> ResponseReturnValue:
    now = clock.now()
    part: dict[str, Any] = {"staff_id" if kind == "staff" else "user_id": id_}
    text = render_template(
        "admin/held.html",
        who=who,
        name=_name(who),
        held=_held(who, now),
        reasons=why_not(db.session(), who, now),
        wrong=wrong,
        file=url_for(f"held.{kind}_file", **part),
        erase=url_for(f"held.erase_{kind}", **part),
    )
    return make_response(text, status)


def _name(who: Colleague) -> str:
    named = (who.member and who.member.name, who.user and (who.user.name or who.user.email))
    return next(name for name in named if name)


def _erase(who: Colleague, kind: str, id_: int) -> ResponseReturnValue:
    if request.form.get("sure") != "yes":
        wrong = _("Nothing has been erased yet. Please tick the box, and press once more.")
        return _page(who, kind, id_, status=422, wrong=wrong)
    session, now = db.session(), clock.now()

    def work() -> Gone:
        again = _staff(id_) if kind == "staff" else _person(id_)
        # Kept as words, so in the language of the house.
        with force_locale(current_app.config["DEFAULT_LOCALE"]):
            return erase_and_note(session, again, now)

    try:
        gone = commit_once(session, work)
    except NotPossible as refusal:
        session.rollback()
        again = _staff(id_) if kind == "staff" else _person(id_)
        return _page(again, kind, id_, status=422, wrong=refusal.reason)
    session.close()
    with reading(), Session(db.engine) as reader:
        remove_files(reader, Path(current_app.instance_path) / "mail")
    settle_file(db.engine)
    flash(f"{_('Erased.')} {gone_words(gone)}", "good")
    to = "staff_admin.page" if kind == "staff" else "accounts_admin.people_page"
    return redirect(url_for(to), 303)
