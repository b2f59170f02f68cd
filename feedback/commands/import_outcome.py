"""Prints what an import did: for a program as one JSON object, for people in words."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import click
from flask_babel import gettext as _

from feedback.interactions.import_rows import Outcome

_SHOWN_OUT_OF_ORDER = 20


def print_outcome(outcome: Outcome, form: str, *, dry_run: bool) -> None:
    """Print the counts on standard output; in words, what was refused goes to standard error."""
    if form == "json":
        # Bit by bit: a file may have more bad rows than there is memory for.
        for part in _as_json(outcome):
            click.echo(part, nl=False)
        click.echo()
    else:
        _print_words(outcome, dry_run)


def _as_json(outcome: Outcome) -> Iterator[str]:
    counts = {
        name: getattr(outcome, name)
        for name in ("read", "created", "duplicate", "updated", "refused")
    }
    counts["out_of_order"] = len(outcome.out_of_order)
    yield json.dumps(counts).removesuffix("}")
    for name, entries in (
        ("refusals", outcome.refusals),
        ("out_of_order_rows", outcome.out_of_order),
    ):
        yield f', "{name}": ['
        yield from _parted(entries)
        yield "]"
    yield "}"


def _parted(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    comma = ""
    for entry in entries:
        yield comma + json.dumps(entry, ensure_ascii=False)
        comma = ", "


def _print_words(outcome: Outcome, dry_run: bool) -> None:
    if dry_run:
        click.echo(_("A dry run: nothing was written."))
    click.echo(
        _(
            "%(read)s read, %(created)s created, %(duplicate)s duplicates, %(refused)s refused",
            read=outcome.read,
            created=outcome.created,
            duplicate=outcome.duplicate,
            refused=outcome.refused,
        )
    )
    if outcome.updated:
        click.echo(_("%(count)s of the duplicates were brought up to date", count=outcome.updated))
    if odd := len(outcome.out_of_order):
        rows = ", ".join(str(e["row"]) for e in islice(outcome.out_of_order, _SHOWN_OUT_OF_ORDER))
        click.echo(_("%(count)s ended before they began; they are kept", count=odd))
        more = " …" if odd > _SHOWN_OUT_OF_ORDER else ""
        click.echo(_("Rows that ended before they began: %(rows)s", rows=rows + more), err=True)
    for refusal in outcome.refusals:
        click.echo(_refusal(refusal), err=True)


def _refusal(refusal: dict[str, Any]) -> str:
    if not refusal["column"]:
        return str(_("Row %(row)s %(reason)s", **refusal))
    shown = refusal | {"value": repr(refusal["value"])}
    return str(_("Row %(row)s, %(column)s %(value)s: %(reason)s", **shown))
