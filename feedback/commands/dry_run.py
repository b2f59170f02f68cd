"""`flask dry-run`: what asking would have come to in some days; it writes nothing."""

import json
from datetime import datetime, time
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _

from feedback import clock
from feedback.commands.columns import aligned
from feedback.commands.refusal import refusal
from feedback.database import snapshot
from feedback.reports.reader import Reader
from feedback.reports.rehearsal import Rehearsal, read_days, read_guess, rehearse
from feedback.reports.rehearsal_json import rehearsal_json
from feedback.reports.rehearsal_words import RehearsalWords
from feedback.reports.request import BadRequest


@click.command("dry-run")
@click.option("--from", "start", default="", help="First day; the last whole month where not said.")
@click.option("--to", "end", default="", help="Last day.")
@click.option("--rate", default="", help="Response rate in per cent where too little is known: 20.")
@click.option(
    "--daily-at",
    type=click.DateTime(["%H:%M"]),
    help="As if the worker ran once a day at this time, not always.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def dry_run(start: str, end: str, rate: str, daily_at: datetime | None, form: str) -> None:
    """Say what asking about the contacts of some days would have come to."""
    at = daily_at.time() if daily_at is not None else None
    with snapshot() as session:
        reader = Reader(
            session=session,
            zone=ZoneInfo(current_app.config["TIMEZONE"]),
            min_group=current_app.config["MIN_GROUP"],
            locale=str(get_locale()),
            now=clock.now(),
            own=None,
            follow_up_days=current_app.config["FOLLOW_UP_DAYS"],
            sees_all=True,
        )
        found = _ask(reader, start, end, rate, at)
        if form == "json":
            click.echo(json.dumps(rehearsal_json(session, found), ensure_ascii=False))
        else:
            _print(RehearsalWords(found))


def _ask(reader: Reader, start: str, end: str, rate: str, at: time | None) -> Rehearsal:
    try:
        days = read_days({"from": start, "to": end}, reader.today)
        guess = read_guess(rate)
    except BadRequest as bad:
        raise refusal(bad) from bad
    return rehearse(reader, days, current_app.config, guess=guess, daily_at=at)


def _print(words: RehearsalWords) -> None:
    if not words.found.run.interactions:
        click.echo(_("No interactions in these days."))
        return
    for line in words.first:
        click.echo(line)
    click.echo()
    rows = [["", *words.heads]]
    for row in (*words.lines, words.total):
        name = f"· {row.name}" if row.is_part else row.name
        rows.append([name, *map(format_decimal, row.numbers)])
    for text in aligned(rows, right=frozenset({1, 2})):
        click.echo(text)


COMMANDS: tuple[click.Command, ...] = (dry_run,)
