"""`flask serve`: brings the database up to date, then becomes the web server with its worker."""

import ipaddress
import os
import signal
import socket
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_migrate import upgrade
from gunicorn.app import wsgiapp
from sqlalchemy.exc import OperationalError

from feedback.accounts.set_up import is_set_up, set_up_code
from feedback.chosen import stand_for, where_given
from feedback.commands.demo import fill_if_empty, introduce_demo
from feedback.config import ROOT
from feedback.database import db, reading


@click.command("serve")
@click.option("--demo", is_flag=True, help="Fill an empty database with the demo organisation.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, help="Port; 8000 if not said.")
@click.option("--host", default="127.0.0.1", help="Address to listen on; 127.0.0.1 if not said.")
@with_appcontext
def serve(demo: bool, port: int, host: str) -> None:
    """Serve the site and its worker until stopped."""
    # Until the server takes over there is nothing in hand but one transaction, which is undone.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    listener = _listen(host, port)
    here = _address(host, port)
    bring_up_to_date()
    if "PUBLIC_URL" not in where_given(Path(current_app.instance_path)):
        stand_for(current_app, "PUBLIC_URL", here)
    is_demo = demo and fill_if_empty()
    _introduce(here, host, is_demo=is_demo)
    db.session.remove()
    db.engine.dispose()
    _become_server(listener)


def bring_up_to_date() -> None:
    """Run the migrations that have not run yet; several processes may do so at once."""
    try:
        upgrade()
    except OperationalError as error:
        where = db.engine.url.render_as_string(hide_password=True)
        why = str(error.orig).strip().partition("\n")[0]
        raise click.ClickException(
            _("The database %(where)s cannot be opened: %(why)s", where=where, why=why)
        ) from error


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done, and keep it for the server."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # As many as gunicorn.conf.py says (backlog); it takes this socket as it is.
        listener.listen(2048)
    except OSError as error:
        said = {"host": host, "port": port, "why": error.strerror or str(error)}
        raise click.ClickException(
            _(
                "Cannot listen on %(host)s, port %(port)s: %(why)s. Another port: --port"
                " (make: PORT=).",
                **said,
            )
        ) from error
    return listener


def _address(host: str, port: int) -> str:
    """Return the address at which a browser on this machine finds the site."""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if ip.is_unspecified:
        return f"http://127.0.0.1:{port}" if ip.version == 4 else f"http://[::1]:{port}"
    return f"http://{host}:{port}" if ip.version == 4 else f"http://[{host}]:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _introduce(here: str, host: str, *, is_demo: bool) -> None:
    config = current_app.config
    click.echo(_("Afterword is at %(address)s (Ctrl-C stops it)", address=here))
    if config["PUBLIC_URL"] != here:
        click.echo(_("  Links in mails begin with %(address)s", address=config["PUBLIC_URL"]))
    with reading():
        if is_demo:
            introduce_demo()
        elif not is_set_up(db.session()):
            code = set_up_code(current_app.instance_path)
            click.echo(_("  Set up your organisation: %(url)s", url=f"{here}/set-up?code={code}"))
    if not config["MAIL_SERVER"]:
        folder = Path(current_app.instance_path) / "mail"
        click.echo(_("  No mail server is set: mails are kept in %(folder)s", folder=folder))
    if not config["PROXIES"] and not _is_loopback(host):
        # Measured: three hundred clients that send a byte now and then keep everybody else out.
        click.echo(
            _(
                "  Open to other machines, with nothing in front: slow clients can keep everybody"
                " out (docs/running.md, Behind nginx)."
            )
        )
    if config["WORKER"] == "off":
        click.echo(_("  No worker runs here (FEEDBACK_WORKER=off): start `flask work` beside it."))


def _become_server(listener: socket.socket) -> None:
    """Let gunicorn take this process over, application and all; returns only by ending it."""
    # The server is no terminal: what it writes follows the organisation's language.
    os.environ.pop("FLASK_RUN_FROM_CLI", None)
    sys.stdout.flush()
    os.chdir(ROOT)
    # As if typed: this is where gunicorn reads its arguments.
    sys.argv = ["gunicorn", "wsgi:app", "--bind", f"fd://{listener.detach()}"]
    wsgiapp.run()


COMMANDS: tuple[click.Command, ...] = (serve,)
