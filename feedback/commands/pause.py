"""`flask pause` and `flask resume`: let asking stand still, and take it up again."""

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.invitations.backlog import resume as take_up_again
from feedback.operating.words import backlog_words
from feedback.pauses import begin_pause

_BY = "flask"


@click.command("pause")
@click.option("--reason", default="", help="Why, for those who wonder.")
@with_appcontext
def pause(reason: str) -> None:
    """Stop issuing, reminding and sending, in every worker and within a minute."""
    if len(reason) > 200:
        raise click.UsageError(_("--reason: at most %(length)s characters.", length=200))
    begun = begin_pause(db.session(), now=clock.now(), by=_BY, reason=reason)
    if begun:
        note_done("asking.paused", About("asking"), {"reason": reason})
    db.session.commit()
    click.echo(_("Paused.") if begun else _("It is paused already."))


@click.command("resume")
@with_appcontext
def resume() -> None:
    """Take up asking again; what became due meanwhile goes out one by one."""
    policy = InvitationPolicy.from_config(current_app.config)
    backlog = take_up_again(db.session(), policy, now=clock.now(), by=_BY)
    if backlog is not None:
        note_done("asking.resumed", About("asking"), {"waiting": backlog.going})
    db.session.commit()
    if backlog is None:
        click.echo(_("It was not paused."))
        return
    for line in backlog_words(backlog):
        click.echo(line)


COMMANDS: tuple[click.Command, ...] = (pause, resume)
