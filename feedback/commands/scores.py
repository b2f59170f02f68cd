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
from feedback.commands.columns import aligned
from feedback.commands.refusal import refusal
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
                follow_up_days=current_app.config["FOLLOW_UP_DAYS"],
                trouble_words=current_app.config["TROUBLE_WORDS"],
                sees_all=True,
                locale=str(get_locale()),
                now=clock.now(),
            )
    except BadRequest as bad:
        raise refusal(bad) from bad


@click.command("scores")
@click.option("--metric", required=True, help="csat, nps or ces.")
@click.option("--by", help="channel, staff, team, touchpoint or wave.")
@click.option("--period", help="day, week, month or quarter.")
@click.option("--from", "start", help="First day, such as 2026-07-01.")
@click.option("--to", "end", help="Last day.")
@click.option("--wave", help="1 right after (where nothing is said), 2 thirty days later.")
@click.option("--where", multiple=True, help="Only these: channel=phone; may be repeated.")
@click.option("--rank", is_flag=True, help="With --by staff: between which ranks each may stand.")
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
    rank: bool,
    form: str,
) -> None:
    """Print figures, each with its count and 95 % interval."""
    given = {"metric": metric, "by": by, "period": period, "from": start, "to": end, "wave": wave}
    given |= {"rank": "1"} if rank else {}
    found = ask(given, where)
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)


def _print(found: dict[str, Any]) -> None:
    click.echo(
        _(
            "%(definition)s, wave %(wave)s, contacts from %(first)s to %(last)s",
            definition=found["definition"],
            wave=found["wave"] or "1, 2",
            first=found["from"] or "–",
            last=found["to"] or "–",
        )
    )
    rate = found["response_rate"]
    click.echo(
        _(
            "%(answered)s answered, %(asked)s asked",
            answered=_number(found["answered"]),
            asked=_number(found["asked"]),
        )
        + (_(" (%(rate)s of those asked)", rate=f"{rate:.1%}") if rate is not None else "")
    )
    if not found["groups"]:
        click.echo(_("No answers."))
        return
    has_periods = any(len(group["points"]) > 1 for group in found["groups"])
    head = ["", "n", found["metric"].upper(), _("95 % interval"), ""]
    rows = [["", *head] if has_periods else head]
    for group in found["groups"]:
        for at, point in enumerate(group["points"]):
            cells = [_number(point["n"]), *_figure(found["metric"], point), _notes(point)]
            label = group["label"] if at == 0 else ""
            rows.append([label, point["period"], *cells] if has_periods else [label, *cells])
    numbers = frozenset(range(1 + has_periods, 4 + has_periods))
    for line in aligned(rows, right=numbers):
        click.echo(line)


def _figure(metric: str, point: dict[str, Any]) -> tuple[str, str]:
    """Return value and interval as people write them: per cent, points, or the mean."""
    if point["value"] is None:
        return "–", ""
    written = {"csat": _per_cent, "nps": _in_points, "ces": "{:.2f}".format}[metric]
    return written(point["value"]), f"{written(point['low'])} … {written(point['high'])}"


def _per_cent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _in_points(value: float) -> str:
    points = round(100 * value, 1)
    return f"{points:+.1f}".replace("-", "−") if points else "0.0"


def _number(number: int) -> str:
    return f"{number:,}"


def _notes(point: dict[str, Any]) -> str:
    notes = []
    if point["status"] == "no_answers":
        notes.append(_("no answers"))
    if point["status"] == "too_few":
        notes.append(_("hidden from others"))
    if point["provisional"] and point["n"]:
        notes.append(_("provisional"))
    if shared := point.get("shared"):
        around = f"{_per_cent(shared['low'])} … {_per_cent(shared['high'])}"
        notes.append(
            _(
                "with %(n)s shared: %(value)s (%(around)s)",
                n=_number(shared["n"]),
                value=_per_cent(shared["value"]),
                around=around,
            )
        )
    return ", ".join(notes)


COMMANDS: tuple[click.Command, ...] = (scores,)
