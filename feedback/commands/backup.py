"""`flask backup` and `flask restore`: everything there is, in one file, and back."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from feedback import clock, keep, put_back
from feedback.accounts import audit
from feedback.accounts.acting import note_taken, who_acts
from feedback.commands.aside import checked_target, written_aside
from feedback.config import ROOT
from feedback.database import db
from feedback.invitations.since_restore import hold_waiting
from feedback.milestones import BACKED_UP, note_milestone

_MIGRATIONS = ROOT / "migrations"


@click.command("backup")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@with_appcontext
def backup(path: Path) -> None:
    """Keep everything in one file, as it is at this moment, also while the site works."""
    target = checked_target(path)
    head = ScriptDirectory(str(_MIGRATIONS)).get_current_head() or ""
    try:
        rows = keep.count(db.engine, head)
    except keep.Unusable as refusal:
        raise click.UsageError(_said(refusal, path)) from refusal
    key = current_app.config["SECRET_KEY"]
    with written_aside(target) as aside, _bar(rows, _("Keeping")) as tell:
        keep.write_backup(db.engine, aside, clock.now(), key=key, progress=tell)
    _note_moment(target)
    note_taken("backup", {"rows": rows})
    click.echo(
        _(
            "Everything is in %(path)s, but for the key that signs links; keep that apart: %(key)s",
            path=path,
            key=Path(current_app.instance_path) / "secret_key",
        ),
        err=True,
    )


def _note_moment(path: Path) -> None:
    """Write down that there is a backup now; it is one all the same where that fails."""
    try:
        with Session(db.engine) as session, session.begin():
            note_milestone(session, BACKED_UP, clock.now(), path.name)
    except SQLAlchemyError as error:
        click.echo(_("It could not be noted in the database: %(why)s", why=error), err=True)


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
        with _bar(manifest.rows, _("Restoring")) as tell:
            put_back.restore_backup(
                db.engine,
                path,
                manifest,
                _MIGRATIONS,
                tell,
                replace=replace,
                note=lambda session, given_up: _note(session, manifest, given_up),
            )
    except keep.Unusable as refusal:
        raise click.UsageError(_said(refusal, path)) from refusal
    _tell(manifest)


def _note(session: Session, manifest: keep.Manifest, given_up: tuple[int, str]) -> None:
    """Say in the log that is there now what has become of the one that was."""
    number, head = given_up
    details: dict[str, object] = {
        "made_at": manifest.made_at,
        "rows": manifest.rows,
        "log_given_up": {"entries": number, "head": head},
    }
    now = clock.now()
    details["held"] = hold_waiting(session, now, manifest.made_at)
    audit.note(session, now, who_acts(), "backup.restored", audit.About("backup"), details)


def _tell(manifest: keep.Manifest) -> None:
    """Say what is there now, and what it is not."""
    click.echo(
        _("%(rows)s rows as they were on %(moment)s.", rows=manifest.rows, moment=manifest.made_at),
        err=True,
    )
    click.echo(
        _(
            "Mail sent since then is not known any more: what was due by now is held on the page of"
            " the queue until somebody decides. Everybody has to sign in anew."
        ),
        err=True,
    )
    if manifest.key and manifest.key != keep.key_mark(current_app.config["SECRET_KEY"]):
        click.echo(
            _(
                "The secret key is another one than that of the backup. Without that one, links in"
                " mails do not open, and nobody who does not want mail is known: put it into"
                " %(path)s before any worker runs.",
                path=Path(current_app.instance_path) / "secret_key",
            ),
            err=True,
        )


@contextmanager
def _bar(rows: int, label: str) -> Iterator[keep.Progress]:
    with click.progressbar(
        length=rows, label=label, file=sys.stderr, update_min_steps=max(1, rows // 200)
    ) as bar:
        yield bar.update


def _said(refusal: keep.Unusable, path: Path) -> str:
    reasons = {
        "damaged": _("%(path)s is damaged, or no backup of ours.", path=path),
        "newer": _("%(path)s comes from a newer version than this one.", path=path),
        "not_empty": _("The database is not empty; --replace gives up what is in it."),
        "not_current": _("The database is not up to date; run `flask db upgrade` first."),
    }
    return str(reasons[refusal.why])


COMMANDS: tuple[click.Command, ...] = (backup, restore)
