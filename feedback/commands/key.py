"""`flask key`: the keys of other programs."""

import json
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from feedback import clock
from feedback.accounts.acting import about_key, note_done
from feedback.accounts.keys import SCOPES, make_key, revoke_key, scopes_of
from feedback.accounts.models import ApiKey
from feedback.database import db


@click.group("key")
def key() -> None:
    """Keys with which other programs come in."""


@key.command("add")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    required=True,
    help="What the key may do; may be given more than once.",
)
@with_appcontext
def add(name: str, scopes: tuple[str, ...]) -> None:
    """Make a key and print it, once, alone on standard output."""
    name = name.strip()
    if not name.isprintable() or not 0 < len(name) <= 120:
        reason = _("A name has 1 to 120 characters.")
        raise click.BadParameter(reason, param_hint="NAME")
    if _named(name) is not None:
        reason = _("There is a key with this name already.")
        raise click.BadParameter(reason, param_hint="NAME")
    made = make_key(db.session(), name, scopes, clock.now())
    key = db.session.scalars(sa.select(ApiKey).where(ApiKey.name == name)).one()
    note_done("key.made", about_key(key), {"scopes": sorted(scopes_of(key))})
    db.session.commit()
    click.echo(_("The key is shown only now."), err=True)
    click.echo(made)


@key.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@with_appcontext
def list_keys(form: str) -> None:
    """List the keys, without their secrets."""
    query = sa.select(ApiKey).options(selectinload(ApiKey.scopes)).order_by(ApiKey.name)
    rows: list[dict[str, Any]] = [
        {
            "name": key.name,
            "key": f"afk_{key.id}_…",
            "scopes": sorted(scopes_of(key)),
            "created_at": key.created_at.isoformat(),
            "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
        }
        for key in db.session.scalars(query)
    ]
    if form == "json":
        click.echo(json.dumps({"keys": rows}, ensure_ascii=False))
        return
    for row in rows:
        mark = " " + _("(revoked)") if row["revoked_at"] else ""
        click.echo(f"{row['key']:<10} {row['name']}{mark}: {', '.join(row['scopes'])}")


@key.command("revoke")
@click.argument("name")
@with_appcontext
def revoke(name: str) -> None:
    """Let a key open nothing any more."""
    found = _named(name.strip())
    if found is None:
        raise click.BadParameter(_("There is no key with this name."), param_hint="NAME")
    if found.revoked_at is None:
        revoke_key(found, clock.now())
        note_done("key.revoked", about_key(found))
    db.session.commit()
    click.echo(_("The key %(name)s opens nothing any more.", name=found.name), err=True)


def _named(name: str) -> ApiKey | None:
    return db.session.scalar(sa.select(ApiKey).where(ApiKey.name == name))


COMMANDS: tuple[click.Command, ...] = (key,)
