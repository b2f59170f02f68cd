"""`flask erase-staff`: forgets somebody who worked here, once they have left."""

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts.people import NotPossible
from feedback.database import commit_once, db, settle_file
from feedback.retention.forget_mails import remove_files
from feedback.retention.people.colleague import find_colleague
from feedback.retention.people.erase_colleague import Gone
from feedback.retention.people.erase_noted import erase_and_note
from feedback.retention.people.gone_words import gone_words


@click.command("erase-staff")
@click.argument("who", metavar="EMAIL|NUMBER")
@click.option("--dry-run", is_flag=True, help="Say what it would come to, and change nothing.")
@click.option("--yes", is_flag=True, help="Erase without asking once more.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def erase_staff(who: str, dry_run: bool, yes: bool, form: str) -> None:
    """Erase somebody who has left: no name, account or figure of their own stays."""
    session, now = db.session(), clock.now()

    def work() -> Gone:
        # Kept as words, so in the language of the house.
        with force_locale(current_app.config["DEFAULT_LOCALE"]):
            return erase_and_note(session, find_colleague(session, who), now)

    try:
        if dry_run or not yes:
            # The very same work, and taken back: what it says is what it would do.
            told = work()
            session.rollback()
            if dry_run:
                _tell(told, form, is_done=False)
                return
            click.echo(gone_words(told), err=True)
            click.confirm(_("Erase this for good?"), abort=True, err=True)
        told = commit_once(session, work)
    except NotPossible as refusal:
        session.rollback()
        raise click.BadParameter(refusal.reason, param_hint="EMAIL|NUMBER") from refusal
    session.close()
    with Session(db.engine) as reader:
        remove_files(reader, Path(current_app.instance_path) / "mail")
    settle_file(db.engine)
    _tell(told, form, is_done=True)


def _tell(told: Gone, form: str, *, is_done: bool) -> None:
    if form == "json":
        click.echo(json.dumps(told.counts() | {"dry_run": not is_done}))
        return
    click.echo(gone_words(told))
    click.echo(_("Erased.") if is_done else _("Nothing has been changed."))


COMMANDS: tuple[click.Command, ...] = (erase_staff,)
