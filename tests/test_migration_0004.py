"""The fourth migration: up, down and up again keeps every row there was before it."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.health.metrics import prometheus_text
from feedback.outbox import queue
from feedback.outbox.models import Message
from feedback.reports.models import Annotation
from feedback.responses.models import Answer
from feedback.touchpoints.models import Target
from tests.conftest import START
from tests.factories import make_response, make_user
from tests.outbox.letters import make_message

TODAY = date(2026, 9, 2)
EARLY = {
    "metric": "csat",
    "wave": 1,
    "subject": "all",
    "subject_id": 0,
    "value": 0.85,
    "from_day": TODAY + timedelta(days=1),
    "set_at": START,
    "set_on": TODAY,
}
LATE = EARLY | {"from_day": TODAY, "reason": "forgotten"}
NOTE = {
    "day": TODAY,
    "text": "new script",
    "breaks": True,
    "subject": "all",
    "subject_id": 0,
    "made_at": START,
}


def indexes() -> set[str]:
    return {str(index["name"]) for index in sa.inspect(db.engine).get_indexes("message")}


NEW = {"ix_message_sent", "ix_message_failed", "ix_message_cancelled", "ix_message_repeated"}


def test_up_down_and_up_again_keeps_what_was_there(app: Flask, session: Session) -> None:
    make_response(session, csat=4, comment="好")
    make_message(session, sent_at=START)
    user = make_user(session, "admin")
    session.add_all([Target(**EARLY, set_by_id=user.id), Annotation(**NOTE, made_by_id=user.id)])
    session.commit()
    session.close()
    with app.app_context():
        assert indexes() > NEW
        downgrade(revision="0003")
        assert not {"target", "annotation"} & set(sa.inspect(db.engine).get_table_names())
        assert not indexes() & NEW
        upgrade()
        assert indexes() > NEW
    for model, rows in ((Answer, 2), (Message, 1), (Target, 0), (Annotation, 0)):
        assert session.scalar(sa.select(sa.func.count()).select_from(model)) == rows


@pytest.mark.parametrize(
    "impossible",
    [
        EARLY | {"metric": "stars"},
        EARLY | {"wave": 3},
        EARLY | {"subject": "staff", "subject_id": 1},
        EARLY | {"subject_id": 7},
        EARLY | {"subject": "team", "subject_id": 0},
        EARLY | {"value": 85},
        EARLY | {"metric": "nps", "value": -1.01},
        EARLY | {"metric": "ces", "value": 0.85},
        EARLY | {"to_day": TODAY},
        LATE | {"reason": ""},
        LATE | {"confirmed_at": START},
        LATE | {"declined_at": START},
        EARLY | {"confirmed_at": START, "confirmed_by_id": "other"},
        LATE | {"confirmed_at": START, "confirmed_by_id": "same"},
        LATE
        | {"confirmed_at": START, "confirmed_by_id": "other"}
        | {"declined_at": START, "declined_by_id": "other"},
    ],
    ids=lambda row: ", ".join(f"{key}={row[key]}" for key in row if row[key] != EARLY.get(key)),
)
def test_the_database_forbids_what_no_target_can_be(
    session: Session, impossible: dict[str, Any]
) -> None:
    people = {"same": make_user(session, "manager").id, "other": make_user(session, "admin").id}
    session.commit()
    row = {key: people.get(value, value) for key, value in impossible.items()}
    session.add(Target(**row, set_by_id=people["same"]))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_late_target_is_confirmed_by_somebody_else(session: Session) -> None:
    first, second = make_user(session, "manager").id, make_user(session, "admin").id
    target = Target(**LATE, set_by_id=first)
    session.add(target)
    session.flush()
    assert target.is_waiting
    assert not target.counts
    target.confirmed_at, target.confirmed_by_id = START, second
    session.flush()
    assert target.counts


@pytest.mark.parametrize(
    "impossible",
    [
        NOTE | {"text": ""},
        NOTE | {"subject": "staff", "subject_id": 1},
        NOTE | {"subject": "channel"},
        NOTE | {"withdrawn_at": START},
    ],
)
def test_the_database_forbids_what_no_annotation_can_be(
    session: Session, impossible: dict[str, Any]
) -> None:
    session.add(Annotation(**impossible, made_by_id=make_user(session, "manager").id))
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_mail_queue_and_the_metrics_read_no_whole_table_of_mails(
    app: Flask, session: Session
) -> None:
    """Counted from indexes, whatever was sent in years; the statements are those really asked."""
    for number in range(300):
        make_message(session, sent_at=START - timedelta(hours=number))
    asked: list[tuple[str, Any]] = []
    engine = session.get_bind()

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if "FROM message" in statement and "EXPLAIN" not in statement:
            asked.append((statement, values))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        queue.counts(session, START, START)
        prometheus_text(session, app.config, START)
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert len(asked) >= 9
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET enable_seqscan = off")
    for statement, values in asked:
        explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
        plan = "\n".join(
            str(row) for row in connection.exec_driver_sql(explain + statement, values)
        )
        assert "Seq Scan" not in plan, plan
        assert "ix_message_" in plan, plan
