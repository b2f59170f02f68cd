"""`flask user`: people who may sign in."""

import json
import sys

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from feedback import clock
from feedback.accounts import people, sessions
from feedback.accounts.acting import about_user, note_done
from feedback.accounts.models import User
from feedback.accounts.oidc.match import forget_identities
from feedback.accounts.passwords import hash_password, why_weak
from feedback.accounts.sight import ROLES
from feedback.accounts.two_step.use import turn_off
from feedback.database import db


@click.group("user")
def user() -> None:
    """People who may sign in."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may see and do.")
@click.option(
    "--staff", metavar="REF", default="", help="Their staff record: number, e-mail or name."
)
@click.option("--name", default="", help="How they are called; else as in the staff record.")
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input; without it, a link to set one is printed.",
)
@with_appcontext
def add(email: str, role: str, staff: str, name: str, password_stdin: bool) -> None:
    """Add a person who may sign in."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    if password is not None and (weakness := why_weak(password, people.normal_email(email))):
        raise click.UsageError(weakness)
    session = db.session()
    try:
        added = people.add_person(
            session, email, role=role, staff=staff, name=name, now=clock.now()
        )
    except people.NotPossible as refusal:
        session.rollback()
        hints = {"email": "EMAIL", "staff": "--staff", "role": "--role"}
        raise click.BadParameter(refusal.reason, param_hint=hints[refusal.field]) from refusal
    if password is not None:
        added.password_hash = hash_password(password)
    linked = added.staff.external_id if added.staff else None
    note_done("user.added", about_user(added), {"role": added.role, "staff": linked})
    session.commit()
    _tell(added, has_password=password is not None)


def _tell(added: User, *, has_password: bool) -> None:
    said = _("%(email)s may sign in as %(role)s.", email=added.email, role=added.role)
    click.echo(said, err=True)
    if added.role in ("staff", "lead") and added.staff_id is None:
        warning = _("Without --staff there is nobody's figures for them to see.")
        click.echo(warning, err=True)
    if not has_password:
        hours = people.LINK_LASTS_HOURS
        click.echo(
            _("They set their password here, within %(hours)s hours:", hours=hours), err=True
        )
        token = people.password_link_token(added)
        click.echo(f"{current_app.config['PUBLIC_URL']}/password/{token}")


@user.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def list_users(form: str) -> None:
    """List the people who may sign in."""
    rows = [
        {
            "email": user.email,
            "role": user.role,
            "staff": user.staff.external_id if user.staff else None,
            "last_sign_in": last.isoformat() if last else None,
            "left": user.left_at is not None,
        }
        for user, last in people.everybody(db.session())
    ]
    if form == "json":
        click.echo(json.dumps({"users": rows}, ensure_ascii=False))
        return
    for row in rows:
        mark = _("has left") if row["left"] else row["last_sign_in"] or "–"
        click.echo(f"{row['role']:<8} {row['email']:<32} {row['staff'] or '–':<12} {mark}")


@user.command("reset-two-step")
@click.argument("email")
@with_appcontext
def reset_two_step(email: str) -> None:
    """Let a password do again for somebody whose phone is lost."""
    session, found = db.session(), _find(email)
    was_on = turn_off(session, found)
    if was_on:
        sessions.end_all(session, found, clock.now())
        note_done("two_step.reset", about_user(found))
    session.commit()
    if not was_on:
        click.echo(_("%(email)s does not sign in in two steps.", email=found.email), err=True)
        sys.exit(1)
    click.echo(_("%(email)s signs in by password alone now.", email=found.email), err=True)


@user.command("forget-identity")
@click.argument("email")
@with_appcontext
def forget_identity(email: str) -> None:
    """Let somebody be matched anew when they next come from the OpenID provider."""
    session, found = db.session(), _find(email)
    forgotten = forget_identities(session, found)
    if forgotten:
        note_done("user.identity_forgotten", about_user(found))
    session.commit()
    if not forgotten:
        click.echo(_("%(email)s has not come from a provider.", email=found.email), err=True)
        sys.exit(1)
    click.echo(_("%(email)s is matched by address next time.", email=found.email), err=True)


def _find(email: str) -> User:
    query = sa.select(User).where(User.email == people.normal_email(email))
    found = db.session.scalar(query)
    if found is None:
        raise click.BadParameter(_("Nobody has this address."), param_hint="EMAIL")
    return found


COMMANDS: tuple[click.Command, ...] = (user,)
