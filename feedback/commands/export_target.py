"""Where an export goes and in which form: standard output or a file, CSV or a workbook."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import click
from flask_babel import gettext as _

from feedback.commands.aside import checked_target, written_aside
from feedback.reports.files.sheet import Sheet
from feedback.reports.files.write_csv import write_csv
from feedback.reports.files.write_xlsx import write_xlsx

Tell = Callable[[int], None]


@dataclass
class Target:
    """Takes a table, showing on standard error how far it has come."""

    form: str
    # None is standard output.
    path: Path | None
    # Moves the bar on, while there is one.
    tell: Tell = field(default=lambda steps: None)

    def write(
        self,
        sheet: Sheet,
        zone: ZoneInfo,
        about: Sequence[tuple[object, object]],
        *,
        at_once: bool = False,
    ) -> None:
        """Write the table; `at_once` lets nothing out before all of it is there.

        A file appears only when it is whole, and only its owner may read it.
        """
        sheet = replace(sheet, notes=(*sheet.notes, *about))
        try:
            self._write(sheet, zone, at_once)
        finally:
            # The database's cursor goes before its connection does, whatever ended this.
            sheet.rows.close()

    def _write(self, sheet: Sheet, zone: ZoneInfo, at_once: bool) -> None:
        if self.path is not None:
            with written_aside(self.path) as aside:
                self._write_file(sheet, aside, zone)
            click.echo(_("%(path)s is written.", path=self.path), err=True)
        elif self.form == "csv" and not at_once:
            self._with_bar(sheet, lambda tell: write_csv(sheet, _stdout(), zone, tell))
        else:
            with tempfile.TemporaryDirectory() as folder:
                whole = Path(folder) / "whole"
                self._write_file(sheet, whole, zone)
                with whole.open("rb") as file:
                    shutil.copyfileobj(file, _stdout())

    def _write_file(self, sheet: Sheet, path: Path, zone: ZoneInfo) -> None:
        if self.form == "csv":
            with path.open("wb") as file:
                self._with_bar(sheet, lambda tell: write_csv(sheet, file, zone, tell))
            return
        cut: list[int] = []
        self._with_bar(sheet, lambda tell: cut.append(write_xlsx(sheet, path, zone, tell)))
        if cut[0]:
            click.echo(
                _(
                    "%(count)s texts were too long for Excel and were cut; CSV has them whole.",
                    count=cut[0],
                ),
                err=True,
            )

    def _with_bar(self, sheet: Sheet, write: Callable[[Tell], None]) -> None:
        # On one terminal, the bar and the rows would run into each other.
        is_shared = self.path is None and sys.stdout.isatty()
        with click.progressbar(
            length=sheet.size,
            label=_("Exporting"),
            file=sys.stderr,
            hidden=is_shared,
            update_min_steps=max(1, sheet.size // 200),
        ) as bar:
            self.tell = bar.update
            write(bar.update if sheet.steps_are_rows else lambda rows: None)


def find_target(form: str | None, output: Path | None) -> Target:
    """Return where the export goes, or end with why it cannot go there."""
    path = None if output is None or str(output) == "-" else checked_target(output)
    by_name = "xlsx" if path is not None and path.suffix.lower() == ".xlsx" else "csv"
    form = form or by_name
    if form == "xlsx" and path is None and sys.stdout.isatty():
        raise click.UsageError(
            _("A workbook is no text for a terminal; name a file with --output.")
        )
    return Target(form, path)


def _stdout() -> BinaryIO:
    return sys.stdout.buffer
