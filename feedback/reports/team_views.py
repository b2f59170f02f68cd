"""A team's page: its figures, and its members by name; and the list of teams."""

from dataclasses import replace

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from feedback.accounts.access import current_sight, current_user, roles_allowed
from feedback.accounts.look import log_looks
from feedback.database import db
from feedback.interactions.models import StaffMember, Team
from feedback.reports.board import board
from feedback.reports.figures import no_answers
from feedback.reports.filters import Filters, read_filters
from feedback.reports.gather import WAVES, About, Row, rows_by
from feedback.reports.page import Page, show
from feedback.reports.people.people import People, people_of
from feedback.reports.people.people_funnel import people_funnel
from feedback.reports.reader import Reader, this_reader
from feedback.reports.request import BadRequest
from feedback.reports.subjects import by_name, named

blueprint = Blueprint("team", __name__)

LEADS = ("lead", "manager", "analyst", "admin")


@blueprint.get("/team")
@roles_allowed(*LEADS)
def first() -> ResponseReturnValue:
    """Show a lead their own team, and the others all teams to choose from."""
    sight = current_sight()
    if not sight.everything:
        team_id = next(iter(sight.team_ids), None)
        if team_id is None:
            return render_template("reports/no_team.html")
        return _show_team(seen_team(team_id))
    reader = this_reader()
    asked, wrong = read_team_filters(reader)
    metric = asked.metric or "csat"
    ids = {key: id_ for id_, (key, _name) in named(reader.session, "team", "").items()}
    found, _how_many = rows_by(reader, asked, metric, "team")
    rows = {row.key: row for row in found}
    nothing = tuple(no_answers(metric, wave) for wave in WAVES)
    teams = [
        (ids[name], rows.get(name, Row(name, name, nothing))) for name in sorted(ids, key=by_name)
    ]
    return show(
        "reports/teams.html",
        reader,
        Page("team.first", asked),
        wrong,
        choices=("channel",),
        teams=teams,
    )


@blueprint.get("/team/<int:team_id>")
@roles_allowed(*LEADS)
def page(team_id: int) -> ResponseReturnValue:
    """Show one team."""
    return _show_team(seen_team(team_id))


def seen_team(team_id: int) -> Team:
    """Return the team, or end with 403 for one that is not the reader's."""
    if not current_sight().sees_team(team_id):
        abort(403)
    team = db.session().get(Team, team_id)
    if team is None:
        abort(404)
    return team


def read_team_filters(reader: Reader) -> tuple[Filters, list[BadRequest]]:
    """Return the filters of a page whose address says already which team it is about."""
    return read_filters(
        request.args, reader.session, reader.today, subjects=("channel", "touchpoint")
    )


def members_of(
    reader: Reader, filters: Filters, metric: str, team: Team, *, ranked: bool = False
) -> People:
    """Return all who are in the team today, and all who answered for it in these days."""
    people = people_of(reader, filters, metric, everybody=True, ranked=ranked)
    nothing = tuple(no_answers(metric, wave) for wave in WAVES)
    have = {row.key for row in people.listed}
    today = reader.session.scalars(
        sa.select(StaffMember).where(StaffMember.team_id == team.id, StaffMember.left_at.is_(None))
    )
    idle = [Row(m.name, m.external_id, nothing) for m in today if m.external_id not in have]
    rows = sorted(
        [*people.listed, *idle], key=lambda row: (not row.key, by_name(row.label), row.key)
    )
    return replace(people, listed=rows, how_many=len(rows))


def _show_team(team: Team) -> ResponseReturnValue:
    reader = this_reader()
    asked, wrong = read_team_filters(reader)
    more = {"rank": "1"} if request.args.get("rank") == "1" else {}
    page = Page(
        "team.page", asked, {"team_id": team.id}, {"team": team.name}, "charts.of_team", more
    )
    members = members_of(reader, page.filters, asked.metric or "csat", team, ranked="rank" in more)
    log_looks(reader.session, current_user.id, members.seen(reader.own), "team", reader.now)
    sight = current_sight()
    teams = dict(
        reader.session.execute(sa.select(StaffMember.external_id, StaffMember.team_id)).all()
    )
    return show(
        "reports/team.html",
        reader,
        page,
        wrong,
        choices=("channel",),
        team=team,
        all_teams=sight.everything,
        people=members,
        funnel=people_funnel(reader, page.filters) if members.compared else None,
        opens={
            row.key: members.ids[row.key]
            for row in members.listed
            if row.key and sight.sees_staff(members.ids[row.key], teams[row.key])
        },
        elsewhere={row.key for row in members.listed if row.key and teams[row.key] != team.id},
        board=board(reader, page.filters, About(), with_reference=True),
    )
