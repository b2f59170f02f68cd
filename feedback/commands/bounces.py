"""`flask bounces`: takes mail that came back, from files, from a pipe or from the mailbox."""

import json
from dataclasses import asdict
from typing import BinaryIO

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from feedback import clock
from feedback.bounces.collect import Collected, collect_returns, mailbox_of, take_return
from feedback.bounces.mailbox import MailboxAway
from feedback.bounces.report import LARGEST


@click.command("bounces")
@click.argument("files", nargs=-1, type=click.File("rb"), metavar="[FILE]…")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def bounces(files: tuple[BinaryIO, ...], form: str) -> None:
    """Take returned mail: each FILE is one (- for standard input), else the mailbox is read.

    A mail server can pipe what comes to the return address: `|flask bounces -`.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    now, done = clock.now(), Collected()
    for file in files:
        take_return(app, file.read(LARGEST), now, done)
    if not files:
        if mailbox_of(app) is None:
            raise click.UsageError(_("No mailbox is set (BOUNCE_MAILBOX), and no file is named."))
        try:
            done = collect_returns(app, now=now, at_once=True)
        except MailboxAway as away:
            raise click.ClickException(str(away)) from away
    if form == "json":
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(
        _(
            "%(news)s returned, %(known)s known already, %(other)s that are no returns of ours.",
            news=done.news,
            known=done.known,
            other=done.other,
        )
    )


COMMANDS: tuple[click.Command, ...] = (bounces,)
