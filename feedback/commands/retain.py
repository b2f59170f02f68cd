"""`flask retain`: forgets what is older than it is to be kept, or says what that would be."""

import json
from datetime import datetime

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.acting import who_acts
from feedback.commands.moment import Moment
from feedback.database import db, reading
from feedback.retention.periods.agreed import agree, lengths_in_force, waiting
from feedback.retention.periods.lengths import KINDS, lengths_set
from feedback.retention.periods.run import Pass
from feedback.retention.periods.words import counted, kind_words, length_words


@click.command("retain")
@click.option("--dry-run", is_flag=True, help="Say what is too old, and change nothing.")
@click.option("--agree", "agreeing", is_flag=True, help="Agree to the lengths as they are set.")
@click.option("--now", "moment", type=Moment(), help="Stand-in for the clock, to try things out.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def retain(dry_run: bool, agreeing: bool, moment: datetime | None, form: str) -> None:
    """Forget what is older than it is to be kept; the worker does so every day."""
    if moment is not None and current_app.config["LIVE"] and not dry_run:
        raise click.UsageError(_("--now is refused on a live site (FEEDBACK_LIVE=1)."))
    if dry_run and agreeing:
        raise click.UsageError(_("--dry-run and --agree do not go together."))
    now, config = moment or clock.now(), current_app.config
    if dry_run:
        with reading(), Session(db.engine) as session:
            found = Pass(db.engine, config, now, lengths_set(config)).how_many(session)
        _tell(found, form, is_done=False)
        return
    if agreeing:
        agree(db.session(), lengths_set(config), now)
        db.session.commit()
    with reading():
        lengths, not_agreed = lengths_in_force(db.session(), config), waiting(db.session(), config)
        db.session.close()
    if not_agreed:
        _say_what_waits(not_agreed)
    if not lengths:
        raise SystemExit(1)
    run = Pass(db.engine, config, now, lengths, by=who_acts()).go_on()
    if run is not None:
        _tell(run.counts(), form, is_done=True)
    if not_agreed:
        raise SystemExit(1)


def _say_what_waits(names: list[str]) -> None:
    words, lengths = kind_words(), lengths_set(current_app.config)
    click.echo(
        _("Not deleted before somebody agrees, by --agree or on the page “Retention”:"), err=True
    )
    for name in names:
        length, setting = length_words(name, lengths[name]), KINDS[name].setting
        click.echo(f"  {words[name]}: {length} ({setting})", err=True)


def _tell(counts: dict[str, int], form: str, *, is_done: bool) -> None:
    if form == "json":
        click.echo(json.dumps(counts | {"dry_run": not is_done}))
        return
    for words, number in counted(counts):
        click.echo(f"{number:>9} {words}")
    if not any(counts.values()):
        click.echo(_("Nothing is too old."))
    if not is_done:
        click.echo(_("Nothing has been changed."))


COMMANDS: tuple[click.Command, ...] = (retain,)
