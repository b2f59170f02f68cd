"""Who was asked, person by person: for managers everybody, for a lead the own team."""

import sqlalchemy as sa
from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from feedback.accounts.access import current_sight, current_user, roles_allowed
from feedback.accounts.look import log_looks
from feedback.interactions.models import StaffMember, Team
from feedback.reports.board import where_ids
from feedback.reports.filters import Filters, read_filters
from feedback.reports.page import Page, show
from feedback.reports.people import asked_words
from feedback.reports.people.people import MOST_LISTED
from feedback.reports.people.who_was_asked import (
    TESTED_FROM,
    AskedPerson,
    WhoWasAsked,
    who_was_asked,
)
from feedback.reports.reader import Reader, this_reader
from feedback.reports.request import BadRequest
from feedback.reports.subjects import by_name, named
from feedback.reports.team_views import LEADS, read_team_filters, seen_team

blueprint = Blueprint("asked", __name__)


@blueprint.get("/reports/asked")
@roles_allowed("manager", "analyst", "admin")
def page() -> ResponseReturnValue:
    """Show how far everybody's contacts came."""
    reader = this_reader()
    asked, wrong = read_filters(
        request.args, reader.session, reader.today, subjects=("channel", "team", "touchpoint")
    )
    return _show(
        reader,
        Page("asked.page", asked),
        wrong,
        choices=("channel", "team", "touchpoint"),
        team=None,
    )


@blueprint.get("/team/<int:team_id>/asked")
@roles_allowed(*LEADS)
def of_team(team_id: int) -> ResponseReturnValue:
    """Show how far the contacts of one team's people came."""
    team = seen_team(team_id)
    reader = this_reader()
    asked, wrong = read_team_filters(reader)
    page = Page("asked.of_team", asked, {"team_id": team.id}, {"team": team.name})
    return _show(reader, page, wrong, choices=("channel",), team=team)


def asked_by(reader: Reader, filters: Filters) -> WhoWasAsked:
    """Return who was asked under these filters, as the reader may see it."""
    return who_was_asked(
        reader.session,
        where_ids(reader, filters),
        filters.wave or 1,
        filters.span,
        trouble_words=current_app.config["TROUBLE_WORDS"],
        min_group=reader.min_group,
        own=reader.own,
    )


def _show(
    reader: Reader,
    page: Page,
    wrong: list[BadRequest],
    *,
    choices: tuple[str, ...],
    team: Team | None,
) -> ResponseReturnValue:
    found = asked_by(reader, page.filters)
    rows = _by_name(reader, found)
    most = None if request.args.get("everybody") == "1" else MOST_LISTED
    listed = rows[:most]
    seen = [one.staff_id for _name, one in listed if one.staff_id != reader.own]
    log_looks(reader.session, current_user.id, seen, "asked", reader.now)
    return show(
        "reports/who_was_asked.html",
        reader,
        page,
        wrong,
        choices=choices,
        team=team,
        found=found,
        listed=listed,
        how_many=len(rows),
        opens=_opens(reader, [one for _name, one in listed]),
        asked_words=asked_words,
        tested_from=TESTED_FROM,
    )


def _by_name(reader: Reader, found: WhoWasAsked) -> list[tuple[str, AskedPerson]]:
    names = named(reader.session, "staff", reader.locale)
    rows = [(names[id_][1], person) for id_, person in found.people.items()]
    return sorted(rows, key=lambda row: (by_name(row[0]), row[1].staff_id))


def _opens(reader: Reader, people: list[AskedPerson]) -> set[int]:
    sight = current_sight()
    if sight.everything:
        return {one.staff_id for one in people}
    teams = dict(reader.session.execute(sa.select(StaffMember.id, StaffMember.team_id)).all())
    return {one.staff_id for one in people if sight.sees_staff(one.staff_id, teams[one.staff_id])}
