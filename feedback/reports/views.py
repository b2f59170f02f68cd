"""The reports page: the figures of everybody, per channel and per staff member."""

import sqlalchemy as sa
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.look import log_looks
from feedback.interactions.models import Interaction
from feedback.reports.board import board
from feedback.reports.filters import read_filters
from feedback.reports.gather import About, rows_by, trends_by
from feedback.reports.page import Page, show
from feedback.reports.people.bare_rule import bare_rule
from feedback.reports.people.people import people_of
from feedback.reports.people.people_funnel import people_funnel
from feedback.reports.reader import Reader, this_reader
from feedback.reports.spans import Span, recent

blueprint = Blueprint("reports", __name__)


@blueprint.get("/reports")
@roles_allowed("manager", "analyst", "admin")
def page() -> ResponseReturnValue:
    """Show what the answers of these days add up to."""
    reader = this_reader()
    asked, wrong = read_filters(request.args, reader.session, reader.today)
    metric, wave = asked.metric or "csat", asked.wave or 1
    more = {name: "1" for name in ("everybody", "rank") if request.args.get(name) == "1"}
    people = people_of(reader, asked, metric, everybody="everybody" in more, ranked="rank" in more)
    about = About(person="staff" in asked.where, weights=people.weights)
    log_looks(reader.session, current_user.id, people.seen(reader.own), "reports", reader.now)
    return show(
        "reports/reports.html",
        reader,
        Page("reports.page", asked, chart_endpoint="charts.of_everybody", more=more),
        wrong,
        choices=("channel", "team", "staff", "touchpoint"),
        board=board(reader, asked, about, with_reference=True),
        channels=trends_by(reader, asked, metric, "channel", wave),
        channel_rows=rows_by(reader, asked, metric, "channel")[0],
        people=people,
        funnel=people_funnel(reader, asked) if people.compared else None,
        # What a line would do to everybody is said of everybody only.
        bare=None if asked.where.keys() & {"team", "staff"} else bare_rule(people.compared),
        elsewhen=_elsewhen(reader, asked.span),
    )


def _elsewhen(reader: Reader, span: Span) -> Span | None:
    """Return days with contacts in them, where these have none: history may have come in."""
    last = reader.session.scalar(sa.select(sa.func.max(Interaction.day)))
    return recent(last) if last is not None and last < span.first else None
