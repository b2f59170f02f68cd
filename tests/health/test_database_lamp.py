"""Whether a database that hangs, is locked, full or gone is told, and soon enough."""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.health import views, vital, writable
from tests.conftest import Time
from tests.health.pulses import tell_of


def checks(client: FlaskClient) -> tuple[int, dict[str, str]]:
    answer = client.get("/readyz")
    return answer.status_code, {n: c["status"] for n, c in answer.json["checks"].items()}


ONLY_THE_DATABASE = {
    "database": "bad", "migrations": "unknown", "queue": "unknown", "worker": "unknown",
}  # fmt: skip


@pytest.fixture
def file(database_url: str) -> Path:
    if not database_url.startswith("sqlite"):
        pytest.skip("about SQLite's file")
    return Path(database_url.removeprefix("sqlite:///"))


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writable._Memory, "free_at", None)
    monkeypatch.setattr(writable, "_LOCK_SECONDS", 0.05)


def test_a_database_that_hangs_keeps_nobody_waiting_and_no_more_than_three_looking(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, looking = threading.Event(), []
    database = vital.database

    def hang(*given: object) -> object:
        looking.append(given)
        over.wait(60)
        return database(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(views, "_PATIENCE", 0.05)
    monkeypatch.setattr(vital, "database", hang)
    for _ask in range(6):
        assert checks(client) == (503, ONLY_THE_DATABASE)
    assert len(looking) == 3
    over.set()
    monkeypatch.setattr(views, "_PATIENCE", 30.0)
    for thread in list(app.extensions["looks"]):
        thread.join()
    # Those that hung have come back by themselves, and others may look again.
    assert checks(client)[0] == 200


def test_a_lock_is_told_of_once_it_lasts_and_forgotten_once_it_is_gone(
    client: FlaskClient, file: Path, time: Time
) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    assert checks(client)[0] == 200
    other.execute("BEGIN IMMEDIATE")
    time.forward(seconds=10)
    assert checks(client)[0] == 200
    time.forward(seconds=6)
    assert checks(client) == (503, ONLY_THE_DATABASE)
    other.execute("ROLLBACK")
    other.close()
    assert checks(client)[0] == 200


def test_a_lock_between_whose_turns_workers_still_write_is_only_busy(
    client: FlaskClient, session: Session, file: Path, time: Time
) -> None:
    checks(client)
    time.forward(minutes=5)
    tell_of(session, time.now)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert checks(client)[0] == 200
    other.close()


def test_asking_leaves_the_file_as_it_is(client: FlaskClient, file: Path) -> None:
    checks(client)
    journal = file.with_name(file.name + "-wal")
    before = file.read_bytes(), journal.read_bytes()
    for _ask in range(3):
        checks(client)
    assert (file.read_bytes(), journal.read_bytes()) == before


def test_a_file_that_is_gone_is_told_and_not_made_anew(client: FlaskClient, file: Path) -> None:
    assert checks(client)[0] == 200
    aside = file.with_suffix(".aside")
    file.rename(aside)
    assert checks(client) == (503, ONLY_THE_DATABASE)
    assert not file.exists()
    aside.rename(file)
    assert checks(client)[0] == 200


def test_a_full_disk_is_the_databases_trouble(
    client: FlaskClient, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    assert checks(client) == (503, ONLY_THE_DATABASE)


def test_a_database_that_takes_nothing_is_told(
    make_app: Callable[..., Flask], database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("about PostgreSQL's own switch")
    engine = sa.create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    name = sa.make_url(database_url).database
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        alter = f'ALTER DATABASE "{name}" '
        connection.exec_driver_sql(alter + "SET default_transaction_read_only = on")
        try:
            app = make_app()
            assert checks(app.test_client()) == (503, ONLY_THE_DATABASE)
        finally:
            connection.exec_driver_sql("SET default_transaction_read_only = off")
            connection.exec_driver_sql(alter + "RESET default_transaction_read_only")
    engine.dispose()


def test_what_is_told_leads_nobody_into_the_database(make_app: Callable[..., Flask]) -> None:
    answer = make_app().test_client().get("/readyz")
    for private in ("postgres", "sqlite", "/", "@"):
        assert private not in answer.text.replace("application/json", "")
