"""Opens a file somebody wants to import, or says what is wrong with it as a whole."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask_babel import gettext as _

from feedback import clock
from feedback.interactions import profiles
from feedback.interactions.encodings import UnreadableFile
from feedback.interactions.profiles import BadProfile, Profile, UnknownProfile
from feedback.interactions.read_file import Table

_SHOWN_UNUSED = 12


@dataclass(frozen=True)
class ImportFile:
    """What the person gave: a table, how to read it, and how to tell them what was done."""

    table: Table
    profile: Profile | None
    dry_run: bool
    form: str
    now: datetime
    name: str = ""

    @property
    def formats(self) -> Mapping[str, tuple[str, ...]]:
        """Return how the profile says moments are written."""
        return self.profile.formats if self.profile else {}

    @property
    def hour_of_days(self) -> int:
        """Return the hour at which the profile puts a day without a time."""
        return self.profile.hour_of_days if self.profile else 0


@dataclass(frozen=True)
class Needs:
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


def find_profile(name: str | None, needs: Needs) -> Profile | None:
    """Return the profile of that name, or end with what there is instead, or what is wrong."""
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


def open_file(
    needs: Needs,
    profile: Profile | None,
    *,
    path: Path,
    dry_run: bool,
    form: str,
    moment: datetime | None,
) -> ImportFile:
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
    return ImportFile(table, profile, dry_run, form, moment or clock.now(), path.name)


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
    told = {
        "encoding": _("it is neither UTF-8, UTF-16 nor GB18030"),
        "workbook": _("it is an Excel workbook; save it there as “CSV UTF-8” and import that"),
        "empty": _("it has no header"),
        "columns": _("it has more columns than any table has"),
        "no_file": _("it is no file on a disk"),
    }
    return str(told[what])


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
