"""The database keeps moments, refuses writes while reading, and lets writers take turns."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from feedback import hanging
from feedback.database import commit_once, db, reading
from feedback.interactions.models import Customer
from tests.factories import make_customer


def test_a_moment_comes_back_aware_and_equal(session: Session) -> None:
    at = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=8)))
    session.add(Customer(key="k", created_at=at))
    session.commit()
    session.expire_all()
    kept = session.scalars(sa.select(Customer)).one().created_at
    assert kept == at
    assert kept.tzinfo is UTC


def test_a_moment_without_its_zone_is_refused(session: Session) -> None:
    session.add(Customer(key="k", created_at=datetime(2026, 3, 1)))  # noqa: DTZ001
    with pytest.raises(sa.exc.StatementError, match="needs its zone"):
        session.flush()


def test_the_database_itself_refuses_to_write_while_reading(session: Session) -> None:
    with reading(), pytest.raises(DBAPIError):
        make_customer(session)
    session.rollback()
    make_customer(session)
    session.commit()


def test_writers_lose_no_updates_and_get_no_errors(app: Flask, session: Session) -> None:
    make_customer(session, key="0")
    session.commit()
    with app.app_context():
        engine = db.engine

    def add_forty() -> None:
        for _ in range(40):
            with Session(engine) as own, own.begin():
                row = own.scalars(sa.select(Customer).with_for_update()).one()
                row.key = str(int(row.key) + 1)

    threads = [threading.Thread(target=add_forty) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.expire_all()
    assert session.scalars(sa.select(Customer.key)).one() == "160"


def test_a_commit_that_fails_leaves_no_transaction_behind(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        engine = db.engine

    def fail(connection: object) -> None:
        raise engine.dialect.loaded_dbapi.OperationalError("the disk is full")

    with monkeypatch.context() as full, Session(engine) as own:
        full.setattr(engine.dialect, "do_commit", fail)
        make_customer(own)
        with pytest.raises(DBAPIError):
            own.commit()
        if engine.dialect.name == "postgresql":
            # A server ends a transaction whose commit it could not do; ours only pretended to.
            own.rollback()
    make_customer(session)
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 1


def test_work_is_done_once_more_where_its_commit_failed(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        engine = db.engine
    commit, tries = engine.dialect.do_commit, []

    def fail_at_first(connection: Any) -> None:
        tries.append(True)
        if len(tries) == 1:
            raise engine.dialect.loaded_dbapi.OperationalError("try again")
        commit(connection)

    monkeypatch.setattr(engine.dialect, "do_commit", fail_at_first)
    made = commit_once(session, lambda: make_customer(session, key="k"))
    assert len(tries) == 2
    assert session.scalars(sa.select(Customer.id)).one() == made.id


def only_postgresql(database_url: str) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite is no server that could hang")


def test_a_page_does_not_wait_for_a_server_that_hangs_and_the_next_one_is_well(
    app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_postgresql(database_url)
    monkeypatch.setattr(hanging, "PATIENCE", 0.2)
    with app.test_request_context(), pytest.raises(OperationalError, match="does not answer"):
        db.session.execute(sa.text("SELECT pg_sleep(60)"))
    with app.test_request_context():
        assert db.session.scalar(sa.text("SELECT 1")) == 1


def test_what_is_no_page_may_wait_as_long_as_it_takes(
    session: Session, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_postgresql(database_url)
    monkeypatch.setattr(hanging, "PATIENCE", 0.05)
    assert session.scalar(sa.text("SELECT 1 FROM pg_sleep(0.3)")) == 1
