"""The database keeps moments, refuses writes while reading, and lets writers take turns."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from feedback.database import db, reading
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
