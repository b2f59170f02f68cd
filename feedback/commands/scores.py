"""`flask scores`: the figures, as the pages and the API have them."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import get_locale
from flask_babel import gettext as _

from feedback import clock
from feedback.database import db, reading
from feedback.reports.request import BadRequest, read_score_request
from feedback.reports.scores import scores as compute


def ask(given: dict[str, str | None], where: tuple[str, ...]) -> dict[str, Any]:
    """Return the figures as somebody who sees all; end with 2 where they cannot be asked so."""
    try:
        with reading():
            return compute(
                db.session(),
                read_score_request(given, where),
                zone=ZoneInfo(current_app.config["TIMEZONE"]),
                min_group=current_app.config["MIN_GROUP"],
                sees_all=True,
                locale=str(get_locale()),
                now=clock.now(),
            )
    except BadRequest as bad:
        raise click.UsageError(f"--{bad.field} {bad.value}: {bad.rule}".replace(" :", ":")) from bad


@click.command("scores")
@click.option("--metric", required=True, help="csat, nps or ces.")
@click.option("--by", help="channel, staff, team, touchpoint or wave.")
@click.option("--period", help="day, week, month or quarter.")
@click.option("--from", "start", help="First day, such as 2026-07-01.")
@click.option("--to", "end", help="Last day.")
@click.option("--wave", help="1 right after (where nothing is said), 2 thirty days later.")
@click.option("--where", multiple=True, help="Only these: channel=phone; may be repeated.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def scores(
    metric: str,
    by: str | None,
    period: str | None,
    start: str | None,
    end: str | None,
    wave: str | None,
    where: tuple[str, ...],
    form: str,
) -> None:
    """Print figures, each with its count and 95 % interval."""
    given = {"metric": metric, "by": by, "period": period, "from": start, "to": end, "wave": wave}
    found = ask(given, where)
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)


def _print(found: dict[str, Any]) -> None:
    rate = found["response_rate"]
    click.echo(
        _(
            "%(definition)s, %(first)s to %(last)s, %(answered)s answered of %(asked)s asked",
            definition=found["definition"],
            first=found["from"] or "–",
            last=found["to"] or "–",
            answered=found["answered"],
            asked=found["asked"],
        )
        + (f" ({rate:.1%})" if rate is not None else "")
    )
    for group in found["groups"]:
        click.echo(group["label"])
        for point in group["points"]:
            figure = _("no answers")
            if point["value"] is not None:
                figure = f"{point['value']:+.4f}  [{point['low']:+.4f}, {point['high']:+.4f}]"
            mark = "" if point["status"] != "too_few" else "  " + _("hidden from others")
            click.echo(f"  {point['period']:<22} n {point['n']:>6}  {figure}{mark}")


COMMANDS: tuple[click.Command, ...] = (scores,)
