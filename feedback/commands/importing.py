"""`flask import`: staff, interactions and responses from files."""

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from feedback import clock
from feedback.commands.import_outcome import print_outcome
from feedback.commands.moment import Moment
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.interactions import fields, profiles, staff
from feedback.interactions.encodings import UnreadableFile
from feedback.interactions.fields import Report
from feedback.interactions.import_rows import Import, Outcome, Taker
from feedback.interactions.profiles import BadProfile, Profile, UnknownProfile
from feedback.interactions.read_file import Table
from feedback.invitations.take_in import Intake, InteractionTaker
from feedback.responses import read_response
from feedback.responses.record_import import ResponseTaker

# As a shell counts them: ended by Ctrl-C.
_INTERRUPTED = 130
_SHOWN_UNUSED = 12

Item = TypeVar("Item")


@dataclass(frozen=True)
class _File:
    """What the person gave: a table, how to read it, and how to tell them what was done."""

    table: Table
    profile: Profile | None
    dry_run: bool
    form: str
    now: datetime

    @property
    def formats(self) -> Mapping[str, tuple[str, ...]]:
        return self.profile.formats if self.profile else {}

    @property
    def hour_of_days(self) -> int:
        return self.profile.hour_of_days if self.profile else 0


@dataclass(frozen=True)
class _Needs:
    """What a kind of file must have: these columns, and one of those."""

    ours: Collection[str]
    required: tuple[str, ...]
    one_of: tuple[str, ...] = ()

    def lacking(self, present: Collection[str]) -> list[str]:
        """Return what is not among the columns present."""
        lacking = [column for column in self.required if column not in present]
        if self.one_of and not any(column in present for column in self.one_of):
            lacking.append(" / ".join(self.one_of))
        return lacking


_OURS = (*fields.COLUMNS, *read_response.COLUMNS)
_STAFF = _Needs(staff.COLUMNS, staff.REQUIRED)
_INTERACTIONS = _Needs(_OURS, fields.REQUIRED, fields.CUSTOMER_KEYS)
_RESPONSES = _Needs(_OURS, read_response.REQUIRED, read_response.ONE_OF)
_RATED = _Needs(_OURS, (*fields.REQUIRED, "answered_at"), read_response.ONE_OF)


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
def import_staff(profile_name: str | None, **given: Any) -> None:
    """Take in staff: external_id, name, email, team, left_at."""
    file = _open(_STAFF, _profile(profile_name, _STAFF), **given)
    _run(file, staff.StaffTaker(db.session(), _policy().zone, file.formats))


@import_.command("interactions")
@_options
def import_interactions(profile_name: str | None, **given: Any) -> None:
    """Take in finished interactions, and plan their invitations."""
    profile = _profile(profile_name, _INTERACTIONS)
    file = _open(_INTERACTIONS, profile, **given)
    taker = InteractionTaker(_intake(profile), file.now, file.formats, file.hour_of_days)
    _run(file, taker, report_of=lambda report: report)


@import_.command("responses")
@_options
def import_responses(profile_name: str | None, **given: Any) -> None:
    """Take in responses another system collected; a profile may bring their interactions too."""
    profile = _profile(profile_name, _RESPONSES)
    carries = profile is not None and profile.carries_interactions
    file = _open(_RATED if carries else _RESPONSES, profile, **given)
    taker = ResponseTaker(
        db.session(),
        _policy().zone,
        file.now,
        file.formats,
        file.hour_of_days,
        _intake(profile) if carries else None,
    )
    _run(file, taker, report_of=lambda said: said.report)


def _policy() -> InvitationPolicy:
    return InvitationPolicy.from_config(current_app.config)


def _intake(profile: Profile | None) -> Intake:
    channels = profile.channels if profile else {}
    return Intake(db.session(), _policy(), current_app.config["SECRET_KEY"], channels)


def _profile(name: str | None, needs: _Needs) -> Profile | None:
    if name is None:
        return None
    folders = profiles.profile_folders(current_app.config["INSTANCE_PATH"])
    try:
        return profiles.read_profile(name, folders, needs.ours)
    except UnknownProfile as error:
        known = ", ".join(profiles.profile_names(folders))
        raise click.UsageError(
            _("--profile: there is no %(name)s; there are: %(known)s", name=name, known=known)
        ) from error
    except BadProfile as error:
        raise click.UsageError(
            _("--profile: %(name)s cannot be used: %(why)s", name=name, why=error)
        ) from error


def _open(
    needs: _Needs,
    profile: Profile | None,
    *,
    path: Path,
    dry_run: bool,
    form: str,
    moment: datetime | None,
) -> _File:
    """Open the file, or end with what is wrong with it as a whole."""
    if moment is not None and current_app.config["LIVE"]:
        raise click.UsageError(_("--now is refused on a live site (FEEDBACK_LIVE=1)."))
    if profile is not None and (unmapped := needs.lacking(profile.columns)):
        raise click.UsageError(
            _(
                "--profile: %(name)s does not say where these come from: %(columns)s",
                name=profile.name,
                columns=", ".join(unmapped),
            )
        )
    lacking = profile.lacking if profile else needs.lacking
    try:
        table = Table(path, lacking)
    except UnreadableFile as error:
        raise click.UsageError(
            _("%(path)s cannot be read: %(why)s", path=path, why=_why(error.what))
        ) from error
    used = profile.reads() if profile else set(needs.ours)
    try:
        _check_columns(path, table.columns, lacking(table.columns), used)
    except click.UsageError:
        table.close()
        raise
    _tell_how_it_is_read(table, used)
    return _File(table, profile, dry_run, form, moment or clock.now())


def _check_columns(path: Path, columns: list[str], missing: list[str], used: set[str]) -> None:
    if missing:
        raise click.UsageError(
            _("%(path)s lacks the columns: %(columns)s", path=path, columns=", ".join(missing))
        )
    if twice := [name for name in sorted(used) if columns.count(name) > 1]:
        raise click.UsageError(
            _("%(path)s has the column %(column)s twice", path=path, column=twice[0])
        )


def _why(what: str) -> str:
    return {
        "encoding": _("it is neither UTF-8, UTF-16 nor GB18030"),
        "workbook": _("it is an Excel workbook; save it there as “CSV UTF-8” and import that"),
        "empty": _("it has no header"),
        "columns": _("it has more columns than any table has"),
        "no_file": _("it is no file on a disk"),
    }[what]


def _tell_how_it_is_read(table: Table, used: Collection[str]) -> None:
    """Say what was found out about the file, so that a wrong guess is seen at once."""
    delimiter = {"\t": _("tab")}.get(table.delimiter, table.delimiter)
    click.echo(
        _(
            "Read as %(encoding)s, parted by %(delimiter)s",
            encoding=table.encoding.name.removesuffix("-sig").upper(),
            delimiter=delimiter,
        ),
        err=True,
    )
    unused = [name for name in table.columns if name and name not in used]
    if unused:
        more = " …" if len(unused) > _SHOWN_UNUSED else ""
        names = ", ".join(unused[:_SHOWN_UNUSED]) + more
        click.echo(_("Columns not used: %(columns)s", columns=names), err=True)


def _run(
    file: _File, taker: Taker[Item], report_of: Callable[[Item], Report | None] = lambda item: None
) -> None:
    """Take every row in, print what was done, and end as the shell expects."""
    outcome = Outcome()

    def note(number: int, item: Item) -> None:
        report = report_of(item)
        if report is not None and report.is_out_of_order:
            outcome.out_of_order.add(row=number, external_id=report.external_id)

    this = Import(
        db.session(),
        taker,
        file.dry_run,
        file.profile.map if file.profile else lambda cells: cells,
        outcome,
        note,
    )
    status = _take_rows(this, file.table)
    print_outcome(outcome, file.form, dry_run=file.dry_run)
    sys.exit(status or (1 if outcome.refused else 0))


def _take_rows(this: Import[Any], table: Table) -> int:
    """Run the import under a progress bar; return the exit status if it did not reach the end."""
    size = max(table.size, 1)
    try:
        with click.progressbar(length=size, label=_("Importing"), file=sys.stderr) as bar:
            this.run(table.rows(), lambda: bar.update(min(table.position(), size) - bar.pos))
            bar.update(size - bar.pos)
    except KeyboardInterrupt:
        click.echo(_("Stopped. What is counted here is kept; import again to go on."), err=True)
        return _INTERRUPTED
    except OperationalError as error:
        click.echo(_("The database gave up: %(why)s", why=error.orig), err=True)
        return 1
    finally:
        table.close()
    return 0


COMMANDS: tuple[click.Command, ...] = (import_,)
