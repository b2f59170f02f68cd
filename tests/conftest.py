"""What every test may ask for: the application on both databases, a clock, and makers of both."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from flask_migrate import upgrade
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from feedback import clock, create_app
from feedback.database import db
from feedback.surveys.keep import name_owner
from tests.kept import keep_addresses, keep_templates, lend_words
from tests.postgres import Postgres

IN_CI = os.environ.get("CI") == "true"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# How long an example takes says how busy the machine is, and nothing about what is tested.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
START = datetime(2026, 9, 2, 2, 0, tzinfo=UTC)  # A Wednesday, 10:00 in Shanghai.

# What is written there reaches no disk, and every commit of SQLite would wait for one.
MEMORY = Path("/dev/shm")  # noqa: S108
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2**31:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
IN_MEMORY = os.environ.get("PYTEST_DEBUG_TEMPROOT")

keep_addresses()
keep_templates()


def missing(what: str) -> None:
    """Skip with the reason on a developer's machine; in CI a missing part is a failure."""
    if IN_CI:
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"no {what} here")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for the whole session, with a migrated template database."""
    folder = Path(tempfile.mkdtemp(prefix="afterword-pg-", dir=IN_MEMORY))
    folder.chmod(0o755)
    server = Postgres(folder)
    if server.bin is None:
        missing("PostgreSQL server")
    server.start()
    try:
        server.make_template(migrate)
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
    """Return the settings of a test's application, which finds its words compiled."""
    lend_words(instance)
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
