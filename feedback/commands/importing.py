"""`flask import`: staff, interactions and responses from files."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback import clock
from feedback.commands.moment import Moment
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.interactions import fields, staff
from feedback.interactions.fields import Refused
from feedback.interactions.profiles import Profile, UnknownProfile, profile_names, read_profile
from feedback.interactions.read_file import Row, Table, UnreadableFile
from feedback.invitations.take_in import Intake
from feedback.responses import record_import

# Small enough that a kill loses little and a writer waits little, large enough to be quick.
_BATCH = 500
_KEPT_REFUSALS = 10_000


@dataclass
class Outcome:
    """What an import did, as it is printed."""

    read: int = 0
    created: int = 0
    duplicate: int = 0
    refused: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)
    out_of_order: int = 0

    def refuse(self, row: int, refusal: Refused) -> None:
        """Count a refused row, and keep what was wrong with it."""
        self.refused += 1
        if len(self.refusals) < _KEPT_REFUSALS:
            value, reason = refusal.value, refusal.reason
            self.refusals.append(
                {"row": row, "column": refusal.column, "value": value, "reason": reason}
            )


# Takes one row's cells; returns whether it made something new.
Taker = Callable[[Mapping[str, str]], bool]


@dataclass
class Import:
    """One run over one file."""

    table: Table
    profile: Profile | None
    session: Session
    dry_run: bool
    outcome: Outcome = field(default_factory=Outcome)

    def run(self, take: Taker, forget: Callable[[], None]) -> None:
        """Take every row, each whole or not at all; commit by batches."""
        with click.progressbar(
            length=max(self.table.size, 1), label=_("Importing"), file=sys.stderr
        ) as bar:
            for batch in _batches(self.table.rows()):
                self._take_batch(batch, take, forget)
                bar.update(min(self.table.position(), self.table.size) - bar.pos)
            bar.update(self.table.size - bar.pos)

    def _take_batch(self, batch: list[Row], take: Taker, forget: Callable[[], None]) -> None:
        if self.dry_run:
            self._take_rows(batch, take)
            return
        before = asdict(self.outcome)
        try:
            self._take_rows(batch, take)
            self.session.commit()
        except IntegrityError:
            # Another process reported the same thing meanwhile; one by one shows which row it is.
            self.session.rollback()
            forget()
            self.outcome = Outcome(**before)
            for row in batch:
                self._take_rows([row], take)
                self.session.commit()

    def _take_rows(self, batch: list[Row], take: Taker) -> None:
        for row in batch:
            self.outcome.read += 1
            try:
                if row.is_ragged:
                    raise Refused("", "", _("has more cells than the header, or one too long"))
                cells = self.profile.map(row.cells) if self.profile else row.cells
                is_new = take(cells)
            except Refused as refusal:
                self.outcome.refuse(row.number, refusal)
            else:
                self.outcome.created += is_new
                self.outcome.duplicate += not is_new


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


@click.group("import")
def import_() -> None:
    """Take in staff, interactions or responses from a file."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Give an import its file and the options all of them share."""
    for decorate in (
        click.option("--now", "moment", type=Moment(), help="Stand-in for the clock."),
        click.option("--format", "form", type=click.Choice(["text", "json"]), default="text"),
        click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing."),
        click.option("--profile", "profile_name", help="How another system's columns become ours."),
        click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = decorate(command)
    return with_appcontext(command)


@import_.command("staff")
@_options
def import_staff(
    path: Path, profile_name: str | None, dry_run: bool, form: str, moment: datetime | None
) -> None:
    """Take in staff: external_id, name, email, team."""
    zone, now = _policy().zone, moment or clock.now()
    this = _open(path, profile_name, dry_run, staff.REQUIRED)
    this.run(lambda cells: staff.take_staff(this.session, cells, zone, now), lambda: None)
    _finish(this, form)


@import_.command("interactions")
@_options
def import_interactions(
    path: Path, profile_name: str | None, dry_run: bool, form: str, moment: datetime | None
) -> None:
    """Take in finished interactions, and plan their invitations."""
    this = _open(path, profile_name, dry_run, fields.REQUIRED)
    intake = _intake(this)
    now = moment or clock.now()

    def take(cells: Mapping[str, str]) -> bool:
        formats = this.profile.formats if this.profile else {}
        report = fields.read_report(cells, zone=_policy().zone, now=now, formats=formats)
        this.outcome.out_of_order += report.is_out_of_order
        return intake.take(report, now)[1]

    this.run(take, intake.forget)
    _finish(this, form)


@import_.command("responses")
@_options
def import_responses(
    path: Path, profile_name: str | None, dry_run: bool, form: str, moment: datetime | None
) -> None:
    """Take in responses another system collected; a profile may bring their interactions too."""
    profile = _profile(profile_name)
    carries = profile is not None and profile.carries_interactions
    this = _open(path, profile_name, dry_run, () if carries else record_import.REQUIRED)
    intake, zone, now = _intake(this), _policy().zone, moment or clock.now()
    formats = profile.formats if profile else {}

    def take(cells: Mapping[str, str]) -> bool:
        given = record_import.read_response(
            cells,
            zone=zone,
            formats=formats,
            hour_of_days=profile.hour_of_days if profile else 0,
        )
        if carries:
            report = fields.read_report(cells, zone=zone, now=now, formats=formats)
            this.outcome.out_of_order += report.is_out_of_order
            interaction, _is_new = intake.take(report, now)
        else:
            interaction = record_import.find_interaction(this.session, cells)
        return record_import.record_response(this.session, interaction, given, now)

    this.run(take, intake.forget)
    _finish(this, form)


def _policy() -> InvitationPolicy:
    return InvitationPolicy.from_config(current_app.config)


def _intake(this: Import) -> Intake:
    channels = dict(this.profile.channels) if this.profile else {}
    return Intake(this.session, _policy(), current_app.config["SECRET_KEY"], channels)


def _profile(name: str | None) -> Profile | None:
    if name is None:
        return None
    try:
        return read_profile(name)
    except UnknownProfile as error:
        known = ", ".join(profile_names())
        raise click.UsageError(
            _("--profile: there is no %(name)s; there are: %(known)s", name=name, known=known)
        ) from error


def _open(path: Path, profile_name: str | None, dry_run: bool, required: tuple[str, ...]) -> Import:
    """Open the file, or end with what it lacks."""
    profile = _profile(profile_name)
    try:
        table = Table(path)
    except UnreadableFile as error:
        what = {"encoding": _("it is neither UTF-8 nor GB18030"), "empty": _("it has no header")}
        raise click.UsageError(
            _("%(path)s cannot be read: %(why)s", path=path, why=what.get(error.what, error.what))
        ) from error
    lacking = (
        profile.missing(table.columns)
        if profile
        else [c for c in required if c not in table.columns]
    )
    if lacking:
        raise click.UsageError(
            _("%(path)s lacks the columns: %(columns)s", path=path, columns=", ".join(lacking))
        )
    return Import(table, profile, db.session(), dry_run)


def _finish(this: Import, form: str) -> None:
    """Print what was done; end with 1 where rows were refused."""
    this.table.close()
    if this.dry_run:
        this.session.rollback()
    done = this.outcome
    if form == "json":
        click.echo(json.dumps(asdict(done), ensure_ascii=False))
    else:
        _print(this)
    sys.exit(1 if done.refused else 0)


def _print(this: Import) -> None:
    done = this.outcome
    if this.dry_run:
        click.echo(_("A dry run: nothing was written."))
    click.echo(
        _(
            "%(read)s read, %(created)s created, %(duplicate)s duplicates, %(refused)s refused",
            read=done.read,
            created=done.created,
            duplicate=done.duplicate,
            refused=done.refused,
        )
    )
    if done.out_of_order:
        click.echo(_("%(count)s ended before they began; they are kept", count=done.out_of_order))
    for refusal in done.refusals:
        click.echo(
            _(
                "Row %(row)s, %(column)s %(value)s: %(reason)s",
                **refusal | {"value": repr(refusal["value"])},
            ),
            err=True,
        )


COMMANDS: tuple[click.Command, ...] = (import_,)
