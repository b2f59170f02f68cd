"""`flask check`: looks at everything this installation stands on, one line each."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from feedback import clock
from feedback.database import db, reading
from feedback.health import surroundings, vital
from feedback.health.vital import Finding


@click.command("check")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def check(form: str) -> None:
    """Look at settings, database, mail, clock, fonts and queue; end with 1 if any is bad."""
    found = []
    with reading():
        for finding in findings():
            found.append(finding)
            if form == "text":
                click.echo(_line(finding))
    is_well = all(finding.state != "bad" for finding in found)
    if form == "json":
        rows = [{"name": f.name, "status": f.state, "why": f.why} for f in found]
        status = "ok" if is_well else "bad"
        click.echo(json.dumps({"status": status, "checks": rows}, ensure_ascii=False))
    sys.exit(0 if is_well else 1)


def findings() -> Iterator[Finding]:
    """Yield what each look finds; what needs the database is passed over while it is away."""
    session, config, now = db.session(), current_app.config, clock.now()
    yield surroundings.settings(config)
    yield surroundings.chart_font()
    yield surroundings.disk(Path(current_app.instance_path))
    yield surroundings.mail_server(config)
    answers = vital.database(session)
    if answers.state == "bad":
        yield answers
        return
    kept = surroundings.database_kept(session)
    yield kept
    if kept.state == "bad":
        return
    today = now.astimezone(ZoneInfo(config["TIMEZONE"])).date()
    looks: tuple[Callable[[], Finding], ...] = (
        lambda: surroundings.clock_right(session, config, now),
        lambda: vital.queue(session, now),
        lambda: surroundings.failed_mail(session, now),
        # Nothing is wrong with an installation whose site is not running just now.
        lambda: _at_most_odd(vital.worker(session, config, now)),
        lambda: surroundings.working_days(session, today),
    )
    for look in looks:
        yield look()


def _at_most_odd(finding: Finding) -> Finding:
    return replace(finding, state="warn") if finding.state == "bad" else finding


def _line(finding: Finding) -> str:
    words = {"ok": _("ok"), "warn": _("look"), "bad": _("bad")}
    colours = {"ok": "green", "warn": "yellow", "bad": "red"}
    mark = click.style(f"{words[finding.state]:<5}", fg=colours[finding.state])
    return f"{mark} {finding.name:<10} {finding.why}"


COMMANDS: tuple[click.Command, ...] = (check,)
