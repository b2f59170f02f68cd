"""Pages of teams: who leads them, who is or was in them on a day; new ones, names, closing."""

import re
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts import keep_staff, staff_list
from feedback.accounts.access import roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About, changes
from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.accounts.staff_forms import TeamForm
from feedback.database import db
from feedback.interactions.models import Membership, StaffMember, Team

blueprint = Blueprint("team_admin", __name__, url_prefix="/admin/teams")


@dataclass(frozen=True)
class Row:
    """A team, who leads it, and how many are in it today."""

    team: Team
    leads: list[User]
    members: int


@blueprint.get("")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """List the teams."""
    return _list(TeamForm())


@blueprint.post("")
@roles_allowed("admin")
def add() -> ResponseReturnValue:
    """Add a team."""
    form = TeamForm()
    if not form.validate_on_submit():
        return _list(form, 422)
    try:
        team = keep_staff.add_team(db.session(), form.name.data)
    except NotPossible as refusal:
        db.session.rollback()
        form.name.errors = [refusal.reason]
        return _list(form, 422)
    note_done("team.added", _about(team))
    return _done(team.id, _("Added."))


@blueprint.get("/<int:team_id>")
@roles_allowed("admin")
def one(team_id: int) -> ResponseReturnValue:
    """Show a team and who is, or on another day was, in it."""
    return _show(db.get_or_404(Team, team_id))


@blueprint.post("/<int:team_id>")
@roles_allowed("admin")
def rename(team_id: int) -> ResponseReturnValue:
    """Give a team another name."""
    team, form = db.get_or_404(Team, team_id), TeamForm()
    if not form.validate_on_submit():
        return _show(team, form, 422)
    before = team.name
    try:
        keep_staff.rename_team(db.session(), team, form.name.data)
    except NotPossible as refusal:
        db.session.rollback()
        form.name.errors = [refusal.reason]
        return _show(db.get_or_404(Team, team_id), form, 422)
    if details := changes({"name": before}, {"name": team.name}):
        note_done("team.changed", _about(team), details)
    return _done(team_id, _("Saved."))


@blueprint.post("/<int:team_id>/close")
@roles_allowed("admin")
def close(team_id: int) -> ResponseReturnValue:
    """Let nobody move into a team any more."""
    team = db.get_or_404(Team, team_id)
    was_open = team.closed_at is None
    try:
        keep_staff.close_team(db.session(), team, clock.now())
    except NotPossible as refusal:
        db.session.rollback()
        flash(refusal.reason, "bad")
        return redirect(url_for("team_admin.one", team_id=team_id), 303)
    if was_open:
        note_done("team.changed", _about(team), changes({"closed": False}, {"closed": True}))
    return _done(team_id, _("It is closed. Its figures stay."))


@blueprint.post("/<int:team_id>/open")
@roles_allowed("admin")
def reopen(team_id: int) -> ResponseReturnValue:
    """Let people move into a team again."""
    team = db.get_or_404(Team, team_id)
    if team.closed_at is not None:
        team.closed_at = None
        note_done("team.changed", _about(team), changes({"closed": True}, {"closed": False}))
    return _done(team_id, _("It is open again."))


def _list(form: TeamForm, status: int = 200) -> ResponseReturnValue:
    session = db.session()
    counted = dict(
        session.execute(
            sa.select(StaffMember.team_id, sa.func.count())
            .where(StaffMember.left_at.is_(None))
            .group_by(StaffMember.team_id)
        ).all()
    )
    leads = _leads()
    rows = [
        Row(team, leads.get(team.id, []), counted.get(team.id, 0))
        for team in staff_list.teams_by_name(session, closed=True)
    ]
    return make_response(render_template("admin/teams.html", form=form, rows=rows), status)


def _leads() -> dict[int, list[User]]:
    """Return who leads which team: accounts of that role, by the team their record is in today."""
    query = (
        sa.select(StaffMember.team_id, User)
        .select_from(StaffMember)
        .join(User, User.staff_id == StaffMember.id)
        .where(User.role == "lead", User.left_at.is_(None))
        .order_by(User.email)
    )
    found: dict[int, list[User]] = {}
    for team_id, user in db.session.execute(query):
        if team_id is not None:
            found.setdefault(team_id, []).append(user)
    return found


def _show(team: Team, form: TeamForm | None = None, status: int = 200) -> ResponseReturnValue:
    day, wrong = _day()
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    query = (
        sa.select(Membership, StaffMember)
        .join(StaffMember, StaffMember.id == Membership.staff_id)
        .where(
            Membership.team_id == team.id,
            sa.or_(Membership.from_day.is_(None), Membership.from_day <= day),
            sa.or_(Membership.to_day.is_(None), Membership.to_day >= day),
        )
        .order_by(StaffMember.name, StaffMember.id)
    )
    # Somebody who has left is in no team from that day on.
    found = [
        (membership, member)
        for membership, member in db.session.execute(query)
        if (left := keep_staff.left_day(member, zone)) is None or day < left
    ]
    text = render_template(
        "admin/team.html",
        team=team,
        form=form or TeamForm(formdata=None, name=team.name),
        members=found,
        leads=_leads().get(team.id, []),
        day=day,
        is_today=day == _today(),
        wrong=wrong,
    )
    return make_response(text, 400 if wrong else status)


def _day() -> tuple[date, str]:
    """Return the day asked for, else today, and what is wrong with what was asked."""
    text = request.args.get("on", "")
    try:
        if text and re.fullmatch(r"(19|20)\d\d-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text), ""
    except ValueError:
        pass
    plain = "".join(character for character in text if character.isprintable())[:40]
    wrong = _("%(value)s is not a date such as 2026-09-02.", value=plain) if text else ""
    return _today(), wrong


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(current_app.config["TIMEZONE"])).date()


def _about(team: Team) -> About:
    return About("team", team.id, team.name)


def _done(team_id: int, message: str) -> ResponseReturnValue:
    db.session.commit()
    flash(message, "good")
    return redirect(url_for("team_admin.one", team_id=team_id), 303)
