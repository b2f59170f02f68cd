"""`flask demo`: fills an empty database with the demo organisation."""

import sys

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts.acting import note_done
from feedback.accounts.audit import About
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.demo import cast
from feedback.demo.load import is_empty, load, wait_for_others
from feedback.interactions.contacts import address_key
from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.languages import INTERFACE
from feedback.links import survey_url
from feedback.organisation import the_organisation
from feedback.reports.roll_up import roll_up


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Fill an empty database with a made-up organisation, two years of it."""
    wait_for_others(db.session())
    if not is_empty(db.session()):
        raise click.UsageError(
            _("The database is not empty; the demo goes into an empty one only.")
        )
    fill()
    introduce_demo()


def fill_if_empty() -> bool:
    """Load the demo into an empty database; return whether the demo is what is there now."""
    wait_for_others(db.session())
    organisation = the_organisation(db.session())
    if organisation is None and is_empty(db.session()):
        fill()
        return True
    db.session.rollback()
    if organisation is not None and organisation.is_demo:
        return True
    click.echo(
        _("The database is not empty, so the demo was not added to it. It is served as it is.")
    )
    return False


def fill() -> None:
    """Load the demo organisation behind a progress bar, and add it up."""
    now = clock.now()
    with click.progressbar(length=1000, label=_("Demo organisation"), file=sys.stderr) as bar:

        def progress(done: int, of: int) -> None:
            bar.update(950 * done // of - bar.pos)

        load(
            db.session(),
            policy=InvitationPolicy.from_config(current_app.config),
            key=address_key(current_app.config),
            now=now,
            progress=progress,
        )
        roll_up(db.session(), now)
        note_done("demo.loaded", About("demo"))
        db.session.commit()
        bar.update(1000 - bar.pos)


def introduce_demo() -> None:
    """Say who may sign in to the demo, and where a survey can be answered."""
    click.echo(_("  Demo sign-ins, password %(password)s:", password=cast.PASSWORD))
    for email, role, _staff in cast.USERS:
        click.echo(f"    {role:<8} {email}")
    for language in INTERFACE:
        if (invitation_id := _newest_open(language)) is not None:
            said = _("  A survey as its customer gets it (%(language)s):", language=language)
            click.echo(f"{said} {survey_url(invitation_id)}")


def _newest_open(language: str) -> int | None:
    return db.session.scalar(
        sa.select(Invitation.id)
        .join(Interaction, Interaction.id == Invitation.interaction_id)
        .where(
            Invitation.wave == 1,
            Invitation.issued_at.is_not(None),
            Invitation.answered_at.is_(None),
            Invitation.stopped_at.is_(None),
            Invitation.expires_at > clock.now(),
            Interaction.customer_locale.startswith(language),
        )
        .order_by(Invitation.issued_at.desc())
        .limit(1)
    )


COMMANDS: tuple[click.Command, ...] = (demo,)
