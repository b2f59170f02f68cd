"""The pages on which a list of staff is uploaded, tried and taken in."""

from typing import Any
from zoneinfo import ZoneInfo

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
from flask_babel import ngettext

from feedback import clock
from feedback.accounts.access import current_user, roles_allowed
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.accounts.uploads import find_upload, forget_upload, keep_upload
from feedback.database import db
from feedback.interactions.encodings import UnreadableFile
from feedback.interactions.guess_columns import not_kept
from feedback.interactions.staff import COLUMNS, REQUIRED
from feedback.milestones import STAFF_IMPORTED, note_milestone
from feedback.operating import staff_list
from feedback.operating.staff_list import Look, Tried

blueprint = Blueprint("staff_import", __name__, url_prefix="/admin/staff-import")

_SHOWN_REFUSALS = 100


@blueprint.get("")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """Ask for a list, or show the one chosen a moment ago."""
    found = find_upload(db.session(), current_user.id, clock.now())
    if found is None:
        return _ask()
    name, content = found
    look = staff_list.look(content)
    return _show(name, look, look.guessed)


@blueprint.post("")
@roles_allowed("admin")
def upload() -> ResponseReturnValue:
    """Keep a list for an hour, so that it can be looked at and tried."""
    given = request.files.get("list")
    if given is None or not given.filename:
        return _ask(_("Choose a file first."), 422)
    try:
        content = staff_list.as_table(given.read())
    except UnreadableFile as error:
        return _ask(_why(error.what), 422)
    # PostgreSQL takes no NUL, and no page a control character.
    name = "".join(letter for letter in given.filename if letter.isprintable()) or "–"
    keep_upload(db.session(), current_user.id, name=name, content=content, now=clock.now())
    db.session.commit()
    return redirect(url_for("staff_import.page"), 303)


@blueprint.post("/try")
@roles_allowed("admin")
def dry_run() -> ResponseReturnValue:
    """Say what would become of each row; write nothing."""
    return _run(dry_run=True)


@blueprint.post("/take")
@roles_allowed("admin")
def take() -> ResponseReturnValue:
    """Take the list in."""
    return _run(dry_run=False)


@blueprint.post("/forget")
@roles_allowed("admin")
def forget() -> ResponseReturnValue:
    """Forget the list without taking it in."""
    forget_upload(db.session(), current_user.id)
    db.session.commit()
    return redirect(url_for("staff_import.page"), 303)


def _run(*, dry_run: bool) -> ResponseReturnValue:
    session, user_id, now = db.session(), current_user.id, clock.now()
    found = find_upload(session, user_id, now)
    if found is None:
        return _ask(_("The list is no longer here: it is kept for an hour. Choose it again."), 422)
    name, content = found
    look, mapping = staff_list.look(content), _mapping()
    if wrong := staff_list.problems(look, mapping):
        return _show(name, look, mapping, wrong=wrong, status=422)
    # Its batches are transactions of their own, as those of the command are.
    session.rollback()
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    tried = staff_list.run(session, content, mapping, zone, dry_run=dry_run)
    if dry_run:
        return _show(name, look, mapping, tried=tried)
    taken = tried.outcome.created + tried.outcome.updated
    note_milestone(session, STAFF_IMPORTED, now, name)
    forget_upload(session, user_id)
    counts = ("read", "created", "duplicate", "updated", "refused")
    details = {count: getattr(tried.outcome, count) for count in counts}
    note_done("file.imported", About("file", "staff", name), details)
    session.commit()
    if tried.refusals:
        return _show(name, look, mapping, tried=tried, is_done=True)
    said = ngettext("%(num)s person taken in.", "%(num)s people taken in.", taken)
    flash(said, "good")
    return redirect(url_for("first_hour.page"), 303)


def _mapping() -> dict[str, str]:
    given = {ours: request.form.get(ours, "") for ours in COLUMNS}
    return {ours: column for ours, column in given.items() if column}


def _ask(wrong: str | None = None, status: int = 200) -> ResponseReturnValue:
    return make_response(render_template("operating/staff_upload.html", wrong=wrong), status)


def _show(
    name: str,
    look: Look,
    mapping: dict[str, str],
    *,
    wrong: list[str] | None = None,
    tried: Tried | None = None,
    is_done: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    more: dict[str, Any] = {}
    if tried is not None:
        more = {"refusals": tried.refusals[:_SHOWN_REFUSALS], "counts": _counts(tried)}
    text = render_template(
        "operating/staff_import.html",
        name=name,
        look=look,
        mapping=mapping,
        ours=_ours(),
        required=REQUIRED,
        wrong=wrong or [],
        tried=tried,
        is_done=is_done,
        left_out=not_kept(look.columns),
        **more,
    )
    return make_response(text, status)


def _counts(tried: Tried) -> list[str]:
    found = tried.outcome
    known = found.duplicate - found.updated
    parts = [ngettext("%(num)s new", "%(num)s new", found.created)]
    if found.updated:
        parts.append(ngettext("%(num)s changed", "%(num)s changed", found.updated))
    if known:
        parts.append(ngettext("%(num)s known already", "%(num)s known already", known))
    if tried.twice:
        parts.append(ngettext("%(num)s duplicate number", "%(num)s duplicate numbers", tried.twice))
    if others := found.refused - tried.twice:
        parts.append(ngettext("%(num)s refused", "%(num)s refused", others))
    if tried.without_mail:
        without = tried.without_mail
        parts.append(ngettext("%(num)s without mail", "%(num)s without mail", without))
    return parts


def _ours() -> dict[str, str]:
    return {
        "external_id": _("Number"),
        "name": _("Name"),
        "email": _("E-mail address"),
        "team": _("Team"),
        "left_at": _("Left on"),
    }


def _why(what: str) -> str:
    told = {
        "encoding": _("It is neither UTF-8, UTF-16 nor GB18030."),
        "workbook": _("It is a workbook of the old kind (.xls); save it as .xlsx or CSV."),
        "empty": _("It has no header."),
        "columns": _("It has more columns than any table has."),
        "damaged": _("It is damaged, or no workbook."),
        "unfolds": _("It would unfold to more than 50 MB; save only the sheet with the list."),
        "rows": _("It has more than 50,000 rows."),
    }
    return str(told.get(what, what))
