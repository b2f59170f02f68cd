"""What every test may ask for: the application on both databases, a clock, and makers of both."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from flask_migrate import upgrade
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from feedback import clock, create_app
from feedback.database import db
from feedback.surveys.keep import name_owner

IN_CI = os.environ.get("CI") == "true"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
TEMPLATE = "template_afterword"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
START = datetime(2026, 9, 2, 2, 0, tzinfo=UTC)  # A Wednesday, 10:00 in Shanghai.


def missing(what: str) -> None:
    """Skip with the reason on a developer's machine; in CI a missing part is a failure."""
    if IN_CI:
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"no {what} here")


class Postgres:
    """A PostgreSQL server the tests start themselves, empty and on a free port."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        self.bin = found[-1].parent if found else None
        if self.bin is None and (path := shutil.which("initdb")):
            self.bin = Path(path).resolve().parent
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def _run(self, *command: str) -> None:
        # PostgreSQL refuses to run as root, which is what CI is.
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run([*prefix, *command], check=True, capture_output=True, cwd="/tmp")  # noqa: S108

    def start(self) -> None:
        """Make a cluster and start it; durability is off, since the tests throw it away."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        data = str(self.folder / "data")
        self._run(
            f"{self.bin}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c fsync=off"
        self._run(
            f"{self.bin}/pg_ctl", "-D", data, "-w", "-o", options, "-l",
            str(self.folder / "log"), "start",
        )  # fmt: skip

    def stop(self) -> None:
        self._run(f"{self.bin}/pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def make_template(self) -> None:
        """Make the database the others are copied from, and keep its rows beside their tables."""
        self.execute(f"CREATE DATABASE {TEMPLATE}")
        migrate(self.url(TEMPLATE), self.folder / "instance")
        with psycopg.connect(self.url(TEMPLATE), autocommit=True) as connection:
            connection.execute("CREATE SCHEMA first")
            for (table,) in connection.execute(TABLES).fetchall():
                connection.execute(f'CREATE TABLE first."{table}" AS TABLE public."{table}"')

    def fresh(self) -> str:
        """Return a database of this process as it was right after the migrations."""
        name = f"t{os.getpid()}"
        # What an earlier test left open would make this one wait.
        self.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        if not self._is_put_back(name):
            self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            self.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self.url(name)

    def _is_put_back(self, name: str) -> bool:
        """Empty the database and put the first rows in, if its tables are still the template's.

        That takes a tenth of the time a new database does, and most tests want one.
        """
        try:
            connection = psycopg.connect(self.url(name))
        except psycopg.OperationalError:
            return False
        with connection:
            tables = {table for (table,) in connection.execute(TABLES)}
            if _columns(connection, "public") != _columns(connection, "first"):
                return False
            named = ", ".join(f'public."{table}"' for table in sorted(tables))
            # The rows refer to one another; all of them are put in before anybody looks. And the
            # audit log lets itself be emptied only by whoever may pass over its triggers.
            connection.execute("SET session_replication_role = replica")
            connection.execute(f"TRUNCATE {named} RESTART IDENTITY CASCADE")
            for table in tables:
                connection.execute(f'INSERT INTO public."{table}" SELECT * FROM first."{table}"')
                number = connection.execute(
                    "SELECT pg_get_serial_sequence(%s, column_name) FROM information_schema.columns"
                    " WHERE table_schema = 'public' AND table_name = %s AND column_name = 'id'",
                    (f'public."{table}"', table),
                ).fetchone()
                if number and number[0]:
                    connection.execute(
                        f"SELECT setval('{number[0]}', max(id)) FROM public.\"{table}\""
                        " HAVING max(id) IS NOT NULL"
                    )
        connection.close()
        return True


def _columns(connection: psycopg.Connection[Any], schema: str) -> list[Any]:
    return connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = %s ORDER BY table_name, ordinal_position",
        (schema,),
    ).fetchall()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for the whole session, with a migrated template database."""
    folder = Path(tempfile.mkdtemp(prefix="afterword-pg-"))
    folder.chmod(0o755)
    server = Postgres(folder)
    if server.bin is None:
        missing("PostgreSQL server")
    server.start()
    try:
        server.make_template()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file; each test works on a copy, so migrations run once."""
    folder = tmp_path_factory.mktemp("template")
    migrate(f"sqlite:///{folder / 'template.sqlite'}", folder)
    return folder / "template.sqlite"


def migrate(url: str, instance: Path) -> None:
    """Bring an empty database up to date the way an administrator does."""
    app = create_app(settings_for(url, instance))
    with app.app_context():
        upgrade()
        with Session(db.engine) as session, session.begin():
            # As setting up does, so that touchpoints can be switched on.
            name_owner(session, "owner@example.cn", "王经理")
        db.engine.dispose()


def settings_for(url: str, instance: Path, **more: Any) -> dict[str, Any]:
    """Return the settings of a test's application."""
    return {
        "TESTING": True,
        "SECRET_KEY": "a test's secret, which is no secret",
        "DATABASE_URL": url,
        "INSTANCE_PATH": str(instance),
        "PUBLIC_URL": "https://fb.example.cn",
        "MAIL_SENDER": '"Example 客服" <care@example.cn>',
        "WORKER": "off",
        # Tests press at once what they have opened; those about machines set it back.
        "PRESS_AFTER_SECONDS": 0,
    } | more


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An own, migrated, otherwise empty database: each test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "feedback.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        yield server.fresh()


@pytest.fixture
def make_app(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make an application on the test's database, with settings of the test's own."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        app = create_app(settings_for(database_url, tmp_path / "instance", **settings))
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session of the test's own; commit it before asking the application anything."""
    with app.app_context():
        engine = db.engine
    with Session(engine, expire_on_commit=False) as session:
        yield session


class Time:
    """A clock wound by hand."""

    def __init__(self) -> None:
        self.now = START

    def forward(self, **amount: float) -> datetime:
        self.now += timedelta(**amount)
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The moment the application takes for now: a Wednesday morning until wound forward."""
    hands = Time()
    monkeypatch.setattr(clock, "now", lambda: hands.now)
    return hands


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole session; make a context of your own in it."""
    if not CHROMIUM.exists():
        missing("Chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()
