"""`flask annotation`: what happened on which day."""

import json

import click
from flask.cli import with_appcontext
from flask_babel import get_locale
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.accounts.people import NotPossible
from feedback.commands.aimed import a_day, about_what, somebody
from feedback.commands.columns import aligned
from feedback.database import db
from feedback.reports.aims.aim_subjects import subject_keys, subject_names
from feedback.reports.trends.annotate import annotate, said_of
from feedback.reports.trends.annotations import all_annotations


@click.group("annotation")
def annotation() -> None:
    """Note what happened on a day, and list it."""


@annotation.command("add")
@click.argument("day")
@click.argument("text")
@click.option("--breaks", is_flag=True, help="The process changed here: start a new baseline.")
@click.option("--about", default="", help="channel=phone, team=… or touchpoint=…; else everything.")
@click.option(
    "--by", required=True, help="E-mail address of the manager in whose name it is noted."
)
@with_appcontext
def add(day: str, text: str, breaks: bool, about: str, by: str) -> None:
    """Note what happened on a day."""
    session = db.session()
    subject, subject_id = about_what(session, about)
    try:
        made = annotate(
            session,
            day=a_day("DAY", day),
            text=text,
            breaks=breaks,
            subject=subject,
            subject_id=subject_id,
            by=somebody(session, by),
            now=clock.now(),
        )
    except NotPossible as refusal:
        session.rollback()
        hints = {"text": "TEXT"}
        hint = hints.get(refusal.field, f"--{refusal.field}")
        raise click.BadParameter(refusal.reason, param_hint=hint) from refusal
    details = said_of(made) | {"by": made.made_by.email}
    note_done("annotation.added", About("annotation", made.id), details)
    session.commit()
    click.echo(_("Noted; it stands on the charts of that day."), err=True)


@annotation.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def list_annotations(form: str) -> None:
    """List the annotations, the latest day first."""
    session = db.session()
    found, names = all_annotations(session), subject_names(session, str(get_locale()))
    keys = subject_keys(session)
    rows = [
        {
            "id": one.id,
            "day": one.day.isoformat(),
            "text": one.text,
            "breaks": one.breaks,
            "about": keys[one.subject, one.subject_id],
            "made_at": one.made_at.isoformat(),
            "made_by": one.made_by.email,
            "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
        }
        for one in found
    ]
    if form == "json":
        click.echo(json.dumps({"annotations": rows}, ensure_ascii=False))
        return
    cells = [
        [
            one.day.isoformat(),
            names[one.subject, one.subject_id],
            one.text,
            _("new baseline") if one.breaks else "",
            _("withdrawn") if one.withdrawn_at else "",
        ]
        for one in found
    ]
    for text in aligned(cells, right=frozenset()):
        click.echo(text)


COMMANDS: tuple[click.Command, ...] = (annotation,)
