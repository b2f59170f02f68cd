"""`flask export`: responses, interactions and scores as files for other programs and people."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from feedback import clock
from feedback.commands.scores import ask
from feedback.database import db, reading
from feedback.measures.estimate import DEFINITIONS
from feedback.reports import export_rows
from feedback.reports.export_rows import Days
from feedback.reports.request import BadRequest, read_date
from feedback.reports.subjects import answered_metrics
from feedback.reports.write_table import Row, write_csv, write_xlsx

_SCORE_COLUMNS = (
    "metric", "definition", "date_basis", "wave", "by", "key", "label", "period", "n", "value",
    "low", "high", "level", "status", "provisional",
)  # fmt: skip


@dataclass(frozen=True)
class _Table:
    """What one export holds."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Row]
    length: int | None


@click.group("export")
def export() -> None:
    """Write responses, interactions or scores to a file or to standard output."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for decorate in (
        click.option(
            "--output",
            type=click.Path(dir_okay=False, path_type=Path),
            help="The file to write; without it, standard output.",
        ),
        click.option("--format", "form", type=click.Choice(["csv", "xlsx"]), default="csv"),
        click.option("--to", "end", help="Last day of the interactions."),
        click.option("--from", "start", help="First day of the interactions, such as 2026-07-01."),
    ):
        command = decorate(command)
    return with_appcontext(command)


@export.command("responses")
@_options
def export_responses(start: str | None, end: str | None, form: str, output: Path | None) -> None:
    """Write every response, with the columns a responses file has, and more."""
    days, session = _days(start, end), db.session()
    with reading():
        rows = export_rows.response_rows(session, days, _zone())
        length = export_rows.count_responses(session, days)
        _write(_Table("responses", export_rows.RESPONSE_COLUMNS, rows, length), form, output)


@export.command("interactions")
@_options
def export_interactions(start: str | None, end: str | None, form: str, output: Path | None) -> None:
    """Write every interaction with its customer's address, and what became of it."""
    days, session = _days(start, end), db.session()
    with reading():
        rows = export_rows.interaction_rows(session, days, _zone(), clock.now())
        length = export_rows.count_interactions(session, days)
        _write(_Table("interactions", export_rows.INTERACTION_COLUMNS, rows, length), form, output)


@export.command("scores")
@click.option("--metric", help="csat, nps or ces; without it, all there are answers to.")
@click.option("--by", help="channel, staff, team, touchpoint or wave; without it, all but wave.")
@click.option("--period", default="month", help="day, week, month or quarter.")
@click.option("--wave", help="1 right after, 2 thirty days later; without it, both.")
@click.option("--where", multiple=True, help="Only these: channel=phone; may be repeated.")
@_options
def export_scores(
    metric: str | None,
    by: str | None,
    period: str,
    wave: str | None,
    where: tuple[str, ...],
    start: str | None,
    end: str | None,
    form: str,
    output: Path | None,
) -> None:
    """Write the figures as a long table: one line for each group and period."""
    with reading():
        metrics = [metric] if metric else answered_metrics(db.session())
    parts: tuple[str | None, ...] = (
        (by,) if by else (None, "channel", "team", "staff", "touchpoint")
    )
    given = {"period": period, "from": start, "to": end}
    asked = [
        given | {"metric": one, "by": part, "wave": number}
        for one in metrics
        for part in parts
        for number in ((wave,) if wave or by == "wave" else ("1", "2"))
    ]
    rows = (row for request in asked for row in _score_rows(request, where))
    _write(_Table("scores", _SCORE_COLUMNS, rows, None), form, output)


def _score_rows(request: dict[str, str | None], where: tuple[str, ...]) -> Iterator[Row]:
    found: dict[str, Any] = ask(request, where)
    by = request["by"]
    for group in found["groups"]:
        wave = group["key"].get("wave") or found["wave"]
        for point in group["points"]:
            yield (
                found["metric"],
                found["definition"],
                found["date_basis"],
                wave,
                by or "all",
                group["key"].get(by) if by else None,
                group["label"],
                point["period"],
                point["n"],
                point["value"],
                point["low"],
                point["high"],
                found["level"],
                point["status"],
                "yes" if point["provisional"] else None,
            )


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["TIMEZONE"])


def _days(start: str | None, end: str | None) -> Days:
    days: list[date | None] = []
    for name, text in (("from", start), ("to", end)):
        try:
            days.append(read_date(name, text or ""))
        except BadRequest as bad:
            raise click.UsageError(f"--{bad.field} {bad.value}: {bad.rule}") from bad
    if days[0] and days[1] and days[0] > days[1]:
        raise click.UsageError(f"--from {start}: " + _("is after the end"))
    return Days(*days)


def _write(table: _Table, form: str, output: Path | None) -> None:
    """Write the table; a file appears only when it is whole."""
    if output is None:
        if form == "xlsx" and sys.stdout.isatty():
            raise click.UsageError(_("A workbook is not for a terminal; use --output FILE."))
        if form == "csv":
            _fill(sys.stdout.buffer, table, form)
            return
        # A workbook is put together from its end; standard output only goes forward.
        with tempfile.TemporaryFile() as aside:
            _fill(aside, table, form)
            aside.seek(0)
            shutil.copyfileobj(aside, sys.stdout.buffer)
        return
    handle, name = tempfile.mkstemp(dir=output.resolve().parent, prefix=f".{output.name}.")
    try:
        with os.fdopen(handle, "w+b") as aside:
            _fill(aside, table, form)
        Path(name).replace(output)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _fill(file: BinaryIO, table: _Table, form: str) -> None:
    with click.progressbar(
        table.rows, length=table.length, label=_("Exporting"), file=sys.stderr
    ) as rows:
        if form == "csv":
            write_csv(file, table.columns, rows)
        else:
            write_xlsx(file, table.columns, rows, sheet=table.name, definitions=_definitions())


def _definitions() -> list[tuple[str, str]]:
    meanings = {
        "csat": _("Answers of 4 and 5 on the scale 1–5, divided by all answers to the question."),
        "nps": _("The share of 9–10 less the share of 0–6 on the scale 0–10, from −1 to 1."),
        "ces": _("The mean agreement on the scale 1–7, 7 being the easiest."),
    }
    more = _(
        "low and high are the ends of a 95 % interval. The day is the interaction's, in the"
        " organisation's zone. Excluded responses are listed with their reason and count in no"
        " figure."
    )
    return [(DEFINITIONS[name].name, text) for name, text in meanings.items()] + [("", more)]


COMMANDS: tuple[click.Command, ...] = (export,)
