"""Every column of text is accounted for, and what an erasure is to reach it does reach."""

from itertools import count

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.accounts.models import ApiKey
from feedback.database import Base
from feedback.integrations.models import IdempotentCall
from feedback.outbox.models import Bounce, Message
from tests.conftest import START, Time
from tests.customers.stories import ADDRESS
from tests.retention.columns import OF_CUSTOMERS, OF_STAFF, STAYS
from tests.retention.test_erase import erase_them, history, whole_database
from tests.security.poison import texts

# The address finds them all; digests are made of it, and a page's mark is part of no key of ours.
NOT_MARKED = {
    ("interaction", "customer_email"), ("kind_suppression", "address_digest"),
    ("mail_language", "address_digest"), ("message", "recipient"), ("former_answer", "choice"),
}  # fmt: skip


def test_every_column_of_text_is_accounted_for() -> None:
    known: dict[str, set[str]] = {}
    for table in (OF_CUSTOMERS, OF_STAFF, STAYS):
        for name, columns in table.items():
            known.setdefault(name, set()).update(columns)
    missing = {f"{name}.{column}" for name, columns in texts().items() for column in columns} - {
        f"{name}.{column}" for name, columns in known.items() for column in columns
    }
    assert missing == set(), (
        "whose data is this, and what becomes of it? tests/retention/columns.py"
    )
    gone = {name: columns - texts().get(name, set()) for name, columns in known.items()}
    assert {name: columns for name, columns in gone.items() if columns} == {}


def test_nothing_both_goes_and_stays() -> None:
    for name, columns in STAYS.items():
        for other in (OF_CUSTOMERS, OF_STAFF):
            assert set(columns) & other.get(name, set()) == set(), name


def test_an_erasure_reaches_every_column_that_holds_a_customers_data(
    app: Flask, session: Session, time: Time
) -> None:
    """Each such column of theirs says something only there, and then none of it is left."""
    history(app, session)
    message = session.scalars(sa.select(Message).order_by(Message.id)).first()
    assert message is not None
    key = ApiKey(name="crm", secret_digest="d", created_at=START)
    session.add(key)
    session.flush()
    session.add_all(
        [
            Bounce(message_id=message.id, kind="soft", address_digest="d", words="", told_at=START),
            IdempotentCall(api_key_id=key.id, key="k", request_digest="d", status=422,
                           body=f"{ADDRESS} is wrong", created_at=START),
        ]
    )  # fmt: skip
    session.commit()
    numbers, marks = count(1), []
    for name, columns in OF_CUSTOMERS.items():
        table = Base.metadata.tables[name]
        for column in sorted(columns):
            rows = session.execute(sa.select(table)).mappings().all()
            assert rows, f"{name} has no row: the story leaves no trace there"
            for row in rows:
                if (name, column) in NOT_MARKED or row[column] is None:
                    continue
                mark = f"§{next(numbers)}§"
                words = f"{ADDRESS} {mark}" if column == "body" else mark
                this = [table.c[one.name] == row[one.name] for one in table.primary_key.columns]
                session.execute(sa.update(table).where(*this).values({column: words}))
                marks.append(f"{name}.{column}")
    session.commit()
    assert len(set(marks)) >= 15
    erase_them(app, session)
    left = [
        f"{name}: {row}"
        for name, rows in whole_database(session).items()
        for row in rows
        if "§" in str(row) or ADDRESS in str(row).lower()
    ]
    assert left == []
