"""`flask target`: what is aimed at, and the log of it."""

import json
from zoneinfo import ZoneInfo

import click
from flask import current_app
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
from feedback.reports.aims.outcomes import target_value_words
from feedback.reports.figures import metric_words
from feedback.touchpoints.models import Target
from feedback.touchpoints.set_target import said_of, set_target
from feedback.touchpoints.targets import the_log


@click.group("target")
def target() -> None:
    """Set targets, and list who set them when."""


@target.command("set")
@click.option("--metric", required=True, help="csat, nps or ces.")
@click.option("--wave", type=click.Choice(["1", "2"]), default="1", help="1 right after, 2 later.")
@click.option("--about", default="", help="channel=phone, team=… or touchpoint=…; else everything.")
@click.option(
    "--value", type=float, help="In the figure's own unit: 0.85 for 85 %, 0.2 for +20, 5.5 for CES."
)
@click.option("--none", "ends", is_flag=True, help="No target in these days.")
@click.option("--from", "start", required=True, help="First day, such as 2026-07-01.")
@click.option("--to", "end", default="", help="Last day; without it, until it is changed.")
@click.option("--reason", default="", help="Needed where the first day has begun.")
@click.option("--by", required=True, help="E-mail address of the manager in whose name it is set.")
@with_appcontext
def set_(
    metric: str,
    wave: str,
    about: str,
    value: float | None,
    ends: bool,
    start: str,
    end: str,
    reason: str,
    by: str,
) -> None:
    """Set a target; where its days have begun, a second person confirms it on the page."""
    session = db.session()
    if (value is None) != ends:
        raise click.UsageError(_("Give one of --value and --none."))
    subject, subject_id = about_what(session, about)
    try:
        line = set_target(
            session,
            metric=metric,
            wave=int(wave),
            subject=subject,
            subject_id=subject_id,
            value=value,
            from_day=a_day("--from", start),
            to_day=a_day("--to", end) if end else None,
            reason=reason,
            by=somebody(session, by),
            now=clock.now(),
            zone=ZoneInfo(current_app.config["TIMEZONE"]),
        )
    except NotPossible as refusal:
        session.rollback()
        raise click.BadParameter(refusal.reason, param_hint=f"--{refusal.field}") from refusal
    details = said_of(line) | {"by": line.set_by.email}
    note_done("target.set", About("target", line.id), details)
    session.commit()
    if line.is_waiting:
        said = _("Proposed. Its days have begun, so it counts once a second person confirms it.")
    else:
        said = _("Set.")
    click.echo(said, err=True)


@target.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def list_targets(form: str) -> None:
    """List the log of targets, the newest first."""
    session = db.session()
    lines, names = the_log(session), subject_names(session, str(get_locale()))
    if form == "json":
        keys = subject_keys(session)
        rows = [_row(line, keys[line.subject, line.subject_id]) for line in lines]
        click.echo(json.dumps({"targets": rows}, ensure_ascii=False))
        return
    states = {
        "waiting": _("waiting"),
        "declined": _("declined"),
        "late": _("set late"),
        "set": "",
    }
    cells = [
        [
            line.set_on.isoformat(),
            metric_words(line.metric),
            str(line.wave),
            names[line.subject, line.subject_id],
            target_value_words(line.metric, line.value),
            f"{line.from_day} … {line.to_day or ''}".strip(),
            states[_state(line)],
        ]
        for line in lines
    ]
    for text in aligned(cells, right=frozenset({4})):
        click.echo(text)


def _state(line: Target) -> str:
    if line.is_waiting:
        return "waiting"
    if line.declined_at is not None:
        return "declined"
    return "late" if line.is_late else "set"


def _row(line: Target, about: dict[str, str]) -> dict[str, object]:
    return {
        "id": line.id,
        "metric": line.metric,
        "wave": line.wave,
        "about": about,
        "value": line.value,
        "from": line.from_day.isoformat(),
        "to": line.to_day.isoformat() if line.to_day else None,
        "state": _state(line),
        "reason": line.reason,
        "set_at": line.set_at.isoformat(),
        "set_by": line.set_by.email,
        "confirmed_at": line.confirmed_at.isoformat() if line.confirmed_at else None,
        "confirmed_by": line.confirmed_by.email if line.confirmed_by else None,
    }


COMMANDS: tuple[click.Command, ...] = (target,)
