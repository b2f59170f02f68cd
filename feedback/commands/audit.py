"""`flask audit`: the log of what was done, and whether it is as it was written."""

import json
import sys

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext

from feedback.accounts import audit_check
from feedback.accounts.audit_check import Verdict
from feedback.accounts.audit_words import break_words
from feedback.database import snapshot


@click.group("audit")
def audit() -> None:
    """Check the log of what was done, and print its head to be kept elsewhere."""


@audit.command("verify")
@click.option(
    "--head", "anchor", metavar="HASH", help="A head that was printed earlier and kept elsewhere."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def verify(anchor: str | None, form: str) -> None:
    """Say whether every entry is as it was written; end with 1 and the first that is not."""
    if anchor is not None:
        anchor = anchor.strip().lower()
        if len(anchor) != 64 or set(anchor) - set("0123456789abcdef"):
            raise click.BadParameter(_("A head has 64 hexadecimal digits."), param_hint="--head")
    with snapshot() as session:
        entries = audit_check.count(session)
        with click.progressbar(length=entries, label=_("Checking"), file=sys.stderr) as bar:
            verdict = audit_check.verify(session, anchor=anchor, progress=bar.update)
    if form == "json":
        click.echo(json.dumps(_row(verdict)))
    else:
        _tell(verdict)
    sys.exit(0 if verdict.is_whole else 1)


@audit.command("head")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def head(form: str) -> None:
    """Print the last entry's hash, alone on standard output, to be kept somewhere else."""
    with snapshot() as session:
        number, hash_ = audit_check.head(session)
    if form == "json":
        click.echo(json.dumps({"number": number, "head": hash_}))
        return
    click.echo(_("This is the hash of entry %(number)s.", number=number), err=True)
    click.echo(hash_)


def _row(verdict: Verdict) -> dict[str, object]:
    first = verdict.first
    return {
        "entries": verdict.entries,
        "breaks": verdict.breaks,
        "first": {"number": first.number, "kind": first.kind} if first else None,
        "head": verdict.head,
    }


def _tell(verdict: Verdict) -> None:
    entries = ngettext("%(num)s entry", "%(num)s entries", verdict.entries)
    breaks = ngettext("%(num)s break", "%(num)s breaks", verdict.breaks)
    click.echo(_("%(entries)s, %(breaks)s.", entries=entries, breaks=breaks))
    if verdict.first is not None:
        click.echo(break_words(verdict.first))
    click.echo(_("Head: %(head)s", head=verdict.head))


COMMANDS: tuple[click.Command, ...] = (audit,)
