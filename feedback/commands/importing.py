"""`flask import`: staff, interactions and responses from files."""

import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from feedback import clock
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.commands.import_file import ImportFile, Needs, find_profile, open_file
from feedback.commands.import_outcome import print_outcome
from feedback.commands.moment import Moment
from feedback.commands.stopping import Stop
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.interactions import fields, staff
from feedback.interactions.contacts import address_key
from feedback.interactions.fields import Report
from feedback.interactions.import_rows import Import, Outcome, Taker
from feedback.interactions.profiles import Profile
from feedback.interactions.read_file import Table
from feedback.invitations.take_in import Intake, InteractionTaker
from feedback.responses import read_response
from feedback.responses.record_import import ResponseTaker

Item = TypeVar("Item")

_OURS = (*fields.COLUMNS, *read_response.COLUMNS)
_STAFF = Needs(staff.COLUMNS, staff.REQUIRED)
_INTERACTIONS = Needs(_OURS, fields.REQUIRED, fields.CUSTOMER_KEYS)
_RESPONSES = Needs(_OURS, read_response.REQUIRED, read_response.ONE_OF)
_RATED = Needs(_OURS, (*fields.REQUIRED, "answered_at"), read_response.ONE_OF)


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
    file = open_file(_STAFF, find_profile(profile_name, _STAFF), **given)
    _run(file, staff.StaffTaker(db.session(), _policy().zone, file.formats, file.now))


@import_.command("interactions")
@_options
def import_interactions(profile_name: str | None, **given: Any) -> None:
    """Take in finished interactions, and plan their invitations."""
    profile = find_profile(profile_name, _INTERACTIONS)
    file = open_file(_INTERACTIONS, profile, **given)
    taker = InteractionTaker(_intake(profile), file.now, file.formats, file.hour_of_days)
    _run(file, taker, report_of=lambda report: report)


@import_.command("responses")
@_options
def import_responses(profile_name: str | None, **given: Any) -> None:
    """Take in responses another system collected; a profile may bring their interactions too."""
    profile = find_profile(profile_name, _RESPONSES)
    carries = profile is not None and profile.carries_interactions
    file = open_file(_RATED if carries else _RESPONSES, profile, **given)
    taker = ResponseTaker(
        db.session(),
        _policy().zone,
        file.now,
        file.formats,
        file.hour_of_days,
        _intake(profile) if carries else None,
        written_at=clock.now,
    )
    _run(file, taker, report_of=lambda said: said.report)


def _policy() -> InvitationPolicy:
    return InvitationPolicy.from_config(current_app.config)


def _intake(profile: Profile | None) -> Intake:
    channels = profile.channels if profile else {}
    return Intake(db.session(), _policy(), address_key(current_app.config), channels)


def _run(
    file: ImportFile,
    taker: Taker[Item],
    report_of: Callable[[Item], Report | None] = lambda item: None,
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
    if not file.dry_run:
        _note(file, outcome)
    print_outcome(outcome, file.form, dry_run=file.dry_run)
    sys.exit(status or (1 if outcome.refused else 0))


def _note(file: ImportFile, outcome: Outcome) -> None:
    counted = ("read", "created", "duplicate", "updated", "refused")
    details = {name: getattr(outcome, name) for name in counted}
    details["profile"] = file.profile.name if file.profile else None
    # What was taken in is kept already, also where the database has given up since.
    with suppress(OperationalError):
        note_done("file.imported", About("file", "", file.name), details)
        db.session.commit()


def _take_rows(this: Import[Any], table: Table) -> int:
    """Run the import under a progress bar; return the exit status if it did not reach the end."""
    size = max(table.size, 1)
    try:
        with (
            Stop() as stop,
            click.progressbar(length=size, label=_("Importing"), file=sys.stderr) as bar,
        ):
            rows = takewhile(lambda row: not stop.signal, table.rows())
            this.run(rows, lambda: bar.update(min(table.position(), size) - bar.pos))
    except OperationalError as error:
        click.echo(_("The database gave up: %(why)s", why=error.orig), err=True)
        return 1
    finally:
        table.close()
    if stop.signal:
        click.echo(_("Stopped. What is counted here is kept; import again to go on."), err=True)
        # As a shell counts them.
        return 128 + stop.signal
    return 0


COMMANDS: tuple[click.Command, ...] = (import_,)
