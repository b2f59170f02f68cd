"""`flask check`: looks at everything this installation stands on, one line each."""

import json
import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from feedback import clock
from feedback.database import db, reading
from feedback.health.finding import Finding
from feedback.health.findings import findings


@click.command("check")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def check(form: str) -> None:
    """Look at settings, database, mail, clock, fonts and queue; end with 1 if any is bad."""
    found = []
    with reading():
        looks = findings(db.session(), current_app.config, clock.now(), visiting_mail_server=True)
        for finding in looks:
            found.append(finding)
            if form == "text":
                click.echo(_line(finding))
    is_well = all(finding.state != "bad" for finding in found)
    if form == "json":
        rows = [{"name": f.name, "status": f.state, "why": f.why} for f in found]
        status = "ok" if is_well else "bad"
        click.echo(json.dumps({"status": status, "checks": rows}, ensure_ascii=False))
    sys.exit(0 if is_well else 1)


def _line(finding: Finding) -> str:
    words = {"ok": _("ok"), "warn": _("look"), "bad": _("bad"), "unknown": "?"}
    colours = {"ok": "green", "warn": "yellow", "bad": "red", "unknown": "yellow"}
    mark = click.style(f"{words[finding.state]:<5}", fg=colours[finding.state])
    return f"{mark} {finding.name:<10} {finding.why}"


COMMANDS: tuple[click.Command, ...] = (check,)
