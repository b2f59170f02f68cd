"""The file from which anybody who may read the answers of a figure can compute it again."""

from flask import Blueprint, Response, abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback.accounts.access import current_sight, current_user, signed_in
from feedback.accounts.acting import note_taken
from feedback.accounts.look import log_looks
from feedback.accounts.recent import recently
from feedback.reports.files.recompute import MOST_ANSWERS, Recomputable, TooMany, recomputable
from feedback.reports.files.recompute_sheet import recompute_rows
from feedback.reports.files.write_recompute import as_csv, as_workbook
from feedback.reports.filters import Filters, read_filters
from feedback.reports.gather import address
from feedback.reports.page import choices_of
from feedback.reports.reader import Reader, this_reader
from feedback.reports.scope import OutOfSight, within_sight
from feedback.reports.settling import settling

blueprint = Blueprint("recompute", __name__)

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/responses/recompute.csv")
@signed_in
@recently
def csv_file() -> ResponseReturnValue:
    """Send the figure of the address, its formulas and its answers as CSV."""
    return _file("csv")


@blueprint.get("/responses/recompute.xlsx")
@signed_in
@recently
def workbook() -> ResponseReturnValue:
    """Send the same as a workbook that calculates."""
    return _file("xlsx")


def _file(kind: str) -> ResponseReturnValue:
    """Send the file, or whoever may not have it to the list of answers, which says why."""
    reader, sight = this_reader(), current_sight()
    asked, wrong = read_filters(request.args, reader.session, reader.today)
    if not sight.everything and {bad.field for bad in wrong} & {"staff", "team"}:
        abort(403)
    try:
        filters = within_sight(reader.session, asked, sight, current_user.staff)
    except OutOfSight:
        abort(403)
    if filters is None or wrong:
        return redirect(address("answers.page", _given()))
    own = current_user.staff
    if own is not None and filters.where.get("staff") == own.external_id:
        reader = reader.at_own_page()
    try:
        found = recomputable(reader, filters, with_reference=current_user.role != "staff")
    except TooMany:
        most = f"{MOST_ANSWERS:,}"
        flash(_("A file holds at most %(most)s answers. Choose fewer days.", most=most), "wait")
        found = None
    if found is None:
        return redirect(address("answers.page", _given()))
    others = found.seen_staff - {reader.own}
    log_looks(reader.session, current_user.id, others, "recompute", reader.now)
    note_taken(
        "recompute",
        {
            "format": kind,
            "metric": found.figure.metric,
            "wave": found.figure.wave,
            "from": filters.span.first,
            "to": filters.span.last,
            "where": dict(filters.where),
        },
    )
    return _sent(reader, filters, found, kind)


def _given() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name != "lang"}


def _sent(reader: Reader, filters: Filters, found: Recomputable, kind: str) -> Response:
    rows = recompute_rows(
        found,
        settles=settling(reader.session, zone=reader.zone, now=reader.now)[found.figure.wave],
        made_at=reader.now.astimezone(reader.zone),
        filters=_named(reader, filters),
    )
    if kind == "csv":
        answer = Response(as_csv(rows), mimetype="text/csv")
    else:
        answer = Response(as_workbook(rows, found.figure.metric), mimetype=_WORKBOOK)
    span = filters.span
    name = f"recompute-{found.figure.metric}-{found.figure.wave}-{span.first}-{span.last}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _named(reader: Reader, filters: Filters) -> list[tuple[str, str]]:
    """Return what the figure is narrowed to, as its page names it."""
    names = {
        "channel": _("Channel"),
        "team": _("Team"),
        "staff": _("Staff member"),
        "touchpoint": _("Touchpoint"),
    }
    found = []
    for subject, key in filters.where.items():
        labels = {choice.value: choice.label for choice in choices_of(reader, filters, subject)}
        found.append((str(names[subject]), labels.get(key, key)))
    return found
