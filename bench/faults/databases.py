"""Databases of both kinds, made for one trial and thrown away; PostgreSQL can be stopped midway."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask import Flask
from flask_migrate import upgrade

from feedback import create_app
from feedback.database import db

SECRET = "an experiment's secret, which is no secret"  # noqa: S105


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A PostgreSQL server of our own, which lasts as its defaults say and can be stopped hard."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            raise FileNotFoundError("no PostgreSQL server here (initdb)")
        self.bin, self.folder, self.port = found[-1].parent, folder, free_port()
        self.pid = 0

    def _run(self, *command: str) -> None:
        # PostgreSQL refuses to run as root.
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run([*prefix, *command], capture_output=True, text=True, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")

    def create(self) -> None:
        """Make the cluster."""
        self.folder.mkdir(parents=True, mode=0o755, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._run(
            f"{self.bin}/initdb", "-D", f"{self.folder}/data", "-U", "postgres", "-A", "trust",
            "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}"
        self._run(
            f"{self.bin}/pg_ctl", "-D", f"{self.folder}/data", "-w", "-t", "60", "-o", options,
            "-l", f"{self.folder}/log", "start",
        )  # fmt: skip
        self.pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def stop(self, how: str = "immediate") -> None:
        """Stop it; "immediate" is what a crash looks like to everybody who is connected."""
        self._run(f"{self.bin}/pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", how, "stop")

    def processes(self) -> list[int]:
        """Return the server's processes, the first of which starts the others."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def kill(self) -> None:
        """Kill all its processes, whatever has become of its files."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def forget_process(self) -> None:
        """Take away the marks of a killed server.

        Where nobody reaps it the dead one still has its number, and PostgreSQL takes it for alive;
        after the power has gone there are no such remains.
        """
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        (self.folder / f".s.PGSQL.{self.port}.lock").unlink(missing_ok=True)

    def url(self, name: str, port: int | None = None) -> str:
        """Return the address of one of its databases, perhaps by way of another port."""
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{name}"

    def make(self, name: str, like: str = "template1") -> str:
        """Make a database, empty or like another; return its address."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[call-overload]
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')  # type: ignore[call-overload]
        return self.url(name)


@dataclass
class Database:
    """One database, and its server where it has one."""

    kind: str
    url: str
    server: Server | None = None


@contextmanager
def made(kind: str, folder: Path) -> Iterator[Database]:
    """Give an empty database of this kind until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        yield Database(kind, f"sqlite:///{folder / 'feedback.sqlite'}")
        return
    server = Server(folder / "server")
    server.create()
    server.start()
    try:
        yield Database(kind, server.make("afterword"), server)
    finally:
        server.stop()


def open_app(url: str, folder: Path, **settings: object) -> Flask:
    """Return the product on this database, in this process."""
    return create_app(
        {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": url,
            "INSTANCE_PATH": str(folder / "instance"),
            "PUBLIC_URL": "http://127.0.0.1",
            "MAIL_SENDER": "care@example.cn",
            "WORKER": "off",
        }
        | settings
    )


@contextmanager
def opened(database: Database, folder: Path, **settings: object) -> Iterator[Flask]:
    """Give the product on a database that is brought up to date, and leave no connection open."""
    app = open_app(database.url, folder, **settings)
    with app.app_context():
        upgrade()
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()
