"""`flask demo`: fills an empty database with the demo organisation."""

import click
from flask import current_app
from flask.cli import with_appcontext

from feedback import clock
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.demo import cast
from feedback.demo.load import is_empty, load
from feedback.reports.roll_up import roll_up


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Fill an empty database with a made-up organisation, two years of it."""
    if not is_empty(db.session()):
        raise click.UsageError("The database is not empty; the demo goes into an empty one only.")
    fill()


def fill() -> None:
    """Load the demo organisation behind a progress bar, and add it up."""
    now = clock.now()
    with click.progressbar(
        length=1000, label="Demo organisation", file=click.get_text_stream("stderr")
    ) as bar:

        def progress(done: int, of: int) -> None:
            bar.update(1000 * done // of - bar.pos)

        load(
            db.session(),
            policy=InvitationPolicy.from_config(current_app.config),
            key=current_app.config["SECRET_KEY"],
            now=now,
            progress=progress,
        )
    db.session.commit()
    roll_up(db.session(), now)
    db.session.commit()


def print_sign_ins() -> None:
    """Say who may sign in to the demo."""
    click.echo(f"  Demo sign-ins, password {cast.PASSWORD}:")
    for email, role, _ in cast.USERS:
        click.echo(f"    {role:<8} {email}")


COMMANDS: tuple[click.Command, ...] = (demo,)
