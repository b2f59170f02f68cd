"""`flask export`: takes responses, interactions and figures out, and what is held of somebody."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.acting import note_taken
from feedback.accounts.people import NotPossible
from feedback.commands.erase import person_meant
from feedback.commands.export_target import Target, find_target
from feedback.commands.refusal import refusal
from feedback.commands.write_json import write_json
from feedback.customers.held_customer import held_by_reference
from feedback.database import snapshot
from feedback.measures.estimate import DEFINITIONS
from feedback.reports.files.export_interactions import export_interactions
from feedback.reports.files.export_responses import export_responses
from feedback.reports.files.export_scores import PARTED_BY, WAVES, all_requests, export_scores
from feedback.reports.periods import PERIODS
from feedback.reports.request import BadRequest, ScoreRequest, read_date, read_score_request
from feedback.reports.scores import scores
from feedback.retention.people.colleague import Colleague, find_colleague
from feedback.retention.people.held_colleague import held_about


@click.group("export")
def export() -> None:
    """Take responses, interactions, figures or one person's data out, or into a file."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Give an export the options all of them share."""
    for decorate in (
        click.option(
            "--output",
            type=click.Path(path_type=Path),
            help="The file to write; standard output where nothing is said.",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(["csv", "xlsx"]),
            help="csv, or xlsx; where nothing is said, as the file's name ends.",
        ),
        click.option("--to", "end", default="", help="Last day."),
        click.option("--from", "start", default="", help="First day, such as 2026-07-01."),
    ):
        command = decorate(command)
    return with_appcontext(command)


@export.command("responses")
@_options
def responses(start: str, end: str, form: str | None, output: Path | None) -> None:
    """Take out what customers said, on these days of their answers; an import can take it in."""
    target = find_target(form, output)
    first, last = _days(start, end)
    with snapshot() as session:
        after = last + timedelta(days=1) if last else None
        sheet = export_responses(session, start=_midnight(first), end=_midnight(after))
        target.write(sheet, _zone(), _about(first, last))
    note_taken("responses", {"from": first, "to": last, "format": target.form})


@export.command("interactions")
@_options
def interactions(start: str, end: str, form: str | None, output: Path | None) -> None:
    """Take out the contacts of these days, with their customers' addresses: keep it locked up."""
    target = find_target(form, output)
    first, last = _days(start, end)
    with snapshot() as session:
        sheet = export_interactions(session, start=first, end=last, now=clock.now())
        target.write(sheet, _zone(), _about(first, last))
    note_taken("interactions", {"from": first, "to": last, "format": target.form})


@export.command("scores")
@click.option(
    "--metric",
    "metrics",
    type=click.Choice(list(DEFINITIONS)),
    multiple=True,
    help="csat, nps or ces; may be repeated. All where nothing is said.",
)
@click.option(
    "--by",
    "parts",
    type=click.Choice(["all", "channel", "staff", "team", "touchpoint"]),
    multiple=True,
    help="How to part them; may be repeated. All, channel and staff where nothing is said.",
)
@click.option(
    "--period",
    type=click.Choice([*PERIODS, "whole"]),
    default="month",
    help="One figure for each month, where nothing is said, or for the whole time.",
)
@click.option("--wave", type=click.Choice(["1", "2"]), help="Both, where nothing is said.")
@click.option("--where", multiple=True, help="Only these: channel=phone; may be repeated.")
@_options
def export_figures(
    metrics: tuple[str, ...],
    parts: tuple[str, ...],
    period: str,
    wave: str | None,
    where: tuple[str, ...],
    start: str,
    end: str,
    form: str | None,
    output: Path | None,
) -> None:
    """Take out figures on these days of the contacts: a row for each group and period."""
    target = find_target(form, output)
    try:
        given = read_score_request(
            {
                "metric": "csat",
                "period": "" if period == "whole" else period,
                "from": start,
                "to": end,
            },
            where,
        )
        requests = all_requests(
            given,
            metrics or tuple(DEFINITIONS),
            [None if part == "all" else part for part in dict.fromkeys(parts)] or PARTED_BY,
            [int(wave)] if wave else WAVES,
        )
        with snapshot() as session:
            sheet = export_scores(requests, _asking(session, target))
            target.write(sheet, _zone(), _about(given.start, given.end), at_once=True)
    except BadRequest as bad:
        raise refusal(bad) from bad
    note_taken("scores", {"from": given.start, "to": given.end, "format": target.form})


def _asking(session: Session, target: Target) -> Callable[[ScoreRequest], dict[str, Any]]:
    """Return what computes the figures of a request, as somebody who sees all."""
    locale, now = str(get_locale()), clock.now()

    def ask(request: ScoreRequest) -> dict[str, Any]:
        found = scores(
            session,
            request,
            zone=_zone(),
            min_group=current_app.config["MIN_GROUP"],
            sees_all=True,
            locale=locale,
            now=now,
        )
        target.tell(1)
        return found

    return ask


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["TIMEZONE"])


def _days(start: str, end: str) -> tuple[date | None, date | None]:
    try:
        first, last = read_date("from", start.strip()), read_date("to", end.strip())
        if first and last and first > last:
            raise BadRequest("from", start, _("is after the end"))
    except BadRequest as bad:
        raise refusal(bad) from bad
    return first, last


def _midnight(day: date | None) -> datetime | None:
    """Return the first moment of the organisation's day."""
    return None if day is None else datetime.combine(day, time(), _zone())


def _about(first: date | None, last: date | None) -> list[tuple[str, str]]:
    """Return what a workbook says of itself."""
    now = clock.now().astimezone(_zone())
    return [
        (_("Taken out"), now.isoformat(timespec="seconds")),
        (_("From"), first.isoformat() if first else _("the beginning")),
        (_("To"), last.isoformat() if last else _("the end")),
        (_("Zone of all moments"), str(_zone())),
    ]


@export.command("person")
@click.argument("who", metavar="EMAIL|NUMBER")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The file to write; standard output where nothing is said.",
)
@with_appcontext
def person(who: str, output: Path | None) -> None:
    """Take out all that is stored about somebody who works here, as JSON; no customer is named."""
    with snapshot() as session:
        try:
            found = find_colleague(session, who)
        except NotPossible as wrong:
            raise click.BadParameter(wrong.reason, param_hint="EMAIL|NUMBER") from wrong
        held = held_about(session, found, clock.now(), zone=_zone())
    write_json(held, output)
    note_taken("person", {"who": "staff", "number": _number(found)})


@export.command("customer")
@click.argument("who", metavar="EMAIL|ID")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The file to write; standard output where nothing is said.",
)
@with_appcontext
def customer(who: str, output: Path | None) -> None:
    """Take out all that is stored about one customer, as JSON, for them alone."""
    with snapshot() as session:
        held = held_by_reference(session, person_meant(session, who), clock.now())
    write_json(held, output)
    # Not whose: the log outlives what is erased.
    note_taken("customer", {"contacts": len(held["contacts"])})


def _number(who: Colleague) -> int:
    row = who.member or who.user
    return row.id if row is not None else 0


COMMANDS: tuple[click.Command, ...] = (export,)
