"""`flask backup` and `flask restore`: everything there is, in one file, and back."""

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from feedback import clock, keep
from feedback.config import ROOT
from feedback.database import db

_MIGRATIONS = ROOT / "migrations"


@click.command("backup")
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(path: Path) -> None:
    """Keep everything in one file, as it is at this moment, also while the site works."""
    with click.progressbar(
        length=keep.count(db.engine), label=_("Keeping"), file=sys.stderr
    ) as bar:
        keep.write_backup(db.engine, path, clock.now(), bar.update)
    click.echo(
        _(
            "Everything is in %(path)s, but for the key that signs links; keep that apart: %(key)s",
            path=path,
            key=Path(current_app.instance_path) / "secret_key",
        ),
        err=True,
    )


@click.command("restore")
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--replace", is_flag=True, help="Give up what is in the database now.")
@with_appcontext
def restore(path: Path, replace: bool) -> None:
    """Put a backup into an empty database, whole or not at all."""
    try:
        manifest = keep.read_manifest(path)
        rows = sum(manifest.tables.values())
        with click.progressbar(length=rows, label=_("Restoring"), file=sys.stderr) as bar:
            keep.restore_backup(db.engine, path, _MIGRATIONS, bar.update, replace=replace)
    except keep.Unusable as refusal:
        raise click.UsageError(_said(refusal, path)) from refusal
    click.echo(
        _("%(rows)s rows as they were on %(moment)s.", rows=rows, moment=manifest.made_at), err=True
    )


def _said(refusal: keep.Unusable, path: Path) -> str:
    reasons = {
        "damaged": _("%(path)s is damaged, or no backup of ours.", path=path),
        "newer": _("%(path)s comes from a newer version than this one.", path=path),
        "not_empty": _("The database is not empty; --replace gives up what is in it."),
        "not_current": _("The database is not up to date; run `flask db upgrade` first."),
    }
    return str(reasons[refusal.why])


COMMANDS: tuple[click.Command, ...] = (backup, restore)
