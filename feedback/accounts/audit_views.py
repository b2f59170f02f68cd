"""The page of the audit log: what was done, by whom, to what; as a file; and checked on demand."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from feedback.accounts import audit_check, audit_list
from feedback.accounts.access import roles_allowed
from feedback.accounts.acting import note_taken
from feedback.accounts.audit_words import action_words, actor_words, break_words, detail_words
from feedback.accounts.models import AuditEntry
from feedback.accounts.recent import recently
from feedback.addresses import row_number
from feedback.database import db, snapshot
from feedback.interactions.formula_guard import guarded

blueprint = Blueprint("audit", __name__, url_prefix="/admin/audit")

# So many are read in a second or two; the whole of a longer log is checked by a command.
_CHECKED = 50_000
_FILTERS = ("who", "action", "about", "from", "to")
_COLUMNS = ("number", "at", "actor_kind", "actor_id", "actor_name", "action", "about_kind",
            "about_id", "about_name", "details", "previous", "hash")  # fmt: skip


@blueprint.get("")
@roles_allowed("admin")
def page() -> ResponseReturnValue:
    """Show the log, the newest entry first, and whether it is whole if that is asked."""
    session, wrong = db.session(), list[str]()
    asked = _asked(wrong)
    before = request.args.get("before", type=row_number)
    entries, next_before = audit_list.page_of(session, asked, _zone(), before)
    verdict = None
    if request.args.get("check") == "1":
        verdict = audit_check.verify(session, newest=_CHECKED)
    text = render_template(
        "admin/audit.html",
        entries=entries,
        actions=sorted((action_words(one), one) for one in audit_list.actions(session)),
        asked=asked,
        wrong=wrong,
        given={name: request.args.get(name, "") for name in _FILTERS},
        verdict=verdict,
        checked=_CHECKED,
        break_words=break_words,
        action_words=action_words,
        actor_words=actor_words,
        detail_words=detail_words,
        older=_address(before=next_before) if next_before else None,
        newest=_address() if before else None,
        check=_address(check=1),
        file=f"{url_for('audit.csv_file')}?{urlencode(_filters())}",
    )
    return make_response(text, 400 if wrong else 200)


@blueprint.get("/log.csv")
@roles_allowed("admin")
@recently
def csv_file() -> ResponseReturnValue:
    """Send the entries that are asked for, with their hashes, so that others can check them."""
    wrong = list[str]()
    asked = _asked(wrong)
    if wrong:
        return page()
    note_taken("audit log", _filters())
    answer = Response(stream_with_context(_lines(asked, _zone())), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    return answer


def _lines(asked: audit_list.Asked, zone: ZoneInfo) -> Iterator[str]:
    """Yield the file bit by bit; without the mark, Excel takes Chinese for something else."""
    yield "\ufeff" + _line(_COLUMNS)
    with snapshot() as session:
        for entry in audit_list.every(session, asked, zone):
            yield _line([_cell(entry, name) for name in _COLUMNS])


def _line(cells: list[str] | tuple[str, ...]) -> str:
    file = io.StringIO()
    csv.writer(file).writerow(cells)
    return file.getvalue()


def _cell(entry: AuditEntry, name: str) -> str:
    value = getattr(entry, name)
    if name == "at":
        # As the hash has it.
        return str(value.isoformat(timespec="microseconds"))
    return guarded("" if value is None else str(value))


def _asked(wrong: list[str]) -> audit_list.Asked:
    """Read the filters in the address; what cannot be read is told in `wrong` and left out."""
    given = {name: _plain(request.args.get(name, "")) for name in _FILTERS}
    days = {name: _day(name, given[name], wrong) for name in ("from", "to")}
    first, last = days["from"], days["to"]
    if first and last and first > last:
        wrong.append(_("The last day is before the first."))
    return audit_list.Asked(given["who"], given["action"], given["about"], first, last)


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isprintable()).strip()[:200]


def _day(name: str, text: str, wrong: list[str]) -> date | None:
    if not text:
        return None
    try:
        if not re.fullmatch(r"(19|20)\d\d-\d\d-\d\d", text, re.ASCII):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        wrong.append(_("%(value)s is not a date such as 2026-09-02.", value=text))
        return None


def _filters() -> dict[str, str]:
    return {name: request.args[name] for name in _FILTERS if request.args.get(name)}


def _address(**more: int) -> str:
    """Return this page's address with its filters and these."""
    return f"{url_for('audit.page')}?{urlencode({**_filters(), **more})}"


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["TIMEZONE"])
