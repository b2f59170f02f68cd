"""The audit log: gapless, chained, in the transaction of what it tells of; and its check."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from hashlib import sha256

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.accounts import audit, audit_check
from feedback.accounts.audit import About, Actor, note
from feedback.accounts.audit_check import Break
from feedback.accounts.models import AuditEntry
from feedback.database import db, writing_session
from feedback.put_back import _without_triggers
from tests.conftest import START

ME = Actor("command", "flask test")


@pytest.fixture(autouse=True)
def here(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def five(session: Session) -> Session:
    for number in range(1, 6):
        note(session, START, ME, "test.done", About("thing", number), {"第": number})
    session.commit()
    return session


def tamper(session: Session, *statements: str) -> None:
    """Do what the triggers forbid, as somebody could who owns the database."""
    with _without_triggers(session.connection()):
        for statement in statements:
            session.execute(sa.text(statement))
    session.commit()
    session.expire_all()


def test_an_entry_is_kept_only_with_what_it_tells_of(session: Session) -> None:
    note(session, START, ME, "test.done", About("thing"))
    session.rollback()
    assert note(session, START, ME, "test.done", About("thing")) == 1
    session.commit()
    assert session.scalars(sa.select(AuditEntry.number)).all() == [1]


def test_entries_are_numbered_and_each_carries_the_hash_of_the_one_before(five: Session) -> None:
    entries = five.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)).all()
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.previous for entry in entries] == [
        audit.GENESIS, *(entry.hash for entry in entries[:-1]),
    ]  # fmt: skip
    assert audit_check.head(five) == (5, entries[-1].hash)


def test_the_canonical_form_is_what_the_manual_says(session: Session) -> None:
    """Anybody can compute the hash from what the file of the log says."""
    when, actor = START, Actor("user", "a@example.cn", 7)
    note(session, when, actor, "team.renamed", About("team", 3, "夜班"),
         audit.changes({"name": "夜班", "same": 1}, {"name": "晚班", "same": 1}))  # fmt: skip
    entry = session.scalars(sa.select(AuditEntry)).one()
    assert entry.details == '{"name":{"after":"晚班","before":"夜班"}}'
    written = (
        f'["afterword-audit/1","{"0" * 64}",1,"2026-09-02T02:00:00.000000+00:00","user",7,'
        '"a@example.cn","team.renamed","team","3","夜班",'
        '"{\\"name\\":{\\"after\\":\\"晚班\\",\\"before\\":\\"夜班\\"}}"]'
    )
    assert entry.hash == sha256(written.encode()).hexdigest()


def test_what_cannot_be_written_is_refused_and_what_a_shell_may_pass_is_not(
    session: Session,
) -> None:
    with pytest.raises(TypeError):
        note(session, START, ME, "test.done", About("thing"), {"what": object()})
    session.rollback()
    name = "a\x00b\ud800" + "长" * 300
    note(session, START, Actor("command", name), "test.done", About("thing", name, name),
         {"name": name, "day": date(2026, 9, 2)})  # fmt: skip
    session.commit()
    entry = session.scalars(sa.select(AuditEntry)).one()
    assert entry.actor_name == "ab" + "长" * 252
    assert json.loads(entry.details)["day"] == "2026-09-02"
    assert audit_check.verify(session).is_whole


def test_writers_at_once_leave_no_gap_and_no_fork(app: Flask, session: Session) -> None:
    def write(writer: int) -> None:
        with app.app_context():
            for number in range(10):
                with writing_session() as own:
                    note(own, START, ME, "test.done", About("thing", f"{writer}-{number}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    verdict = audit_check.verify(session)
    assert (verdict.entries, verdict.breaks) == (40, 0)


def test_an_empty_and_a_whole_log_have_no_breaks(session: Session, five: Session) -> None:
    assert audit_check.verify(five).is_whole
    number, head = audit_check.head(five)
    assert audit_check.verify(five, anchor=head).is_whole
    assert audit_check.verify(five, anchor=audit.GENESIS).is_whole
    newest = audit_check.verify(five, newest=2)
    assert (newest.entries, newest.since, newest.is_whole) == (2, number - 1, True)


SWAP = (
    "UPDATE audit_entry SET number = 99 WHERE number = 2",
    "UPDATE audit_entry SET number = 2 WHERE number = 4",
    "UPDATE audit_entry SET number = 4 WHERE number = 99",
)


@pytest.mark.parametrize(
    ("statements", "first"),
    [
        (["UPDATE audit_entry SET actor_name = 'somebody' WHERE number = 3"], Break(3, "changed")),
        (["UPDATE audit_entry SET details = '{}' WHERE number = 1"], Break(1, "changed")),
        (
            ["UPDATE audit_entry SET at = '2020-01-01 00:00:00' WHERE number = 5"],
            Break(5, "changed"),
        ),
        (["UPDATE audit_entry SET actor_id = 1 WHERE number = 5"], Break(5, "changed")),
        (["UPDATE audit_entry SET hash = 'x' WHERE number = 2"], Break(2, "changed")),
        (["UPDATE audit_entry SET seal = 'x' WHERE number = 2"], Break(2, "unsealed")),
        (["DELETE FROM audit_entry WHERE number = 2"], Break(2, "removed")),
        (["DELETE FROM audit_entry WHERE number = 1"], Break(1, "removed")),
        (SWAP, Break(2, "reordered")),
        (["DELETE FROM audit_entry WHERE number > 3"], Break(4, "truncated")),
        (["DELETE FROM audit_entry"], Break(1, "truncated")),
        (["UPDATE audit_head SET hash = 'x'"], Break(5, "end")),
    ],
)
def test_any_change_is_found_and_the_first_named(
    statements: list[str], first: Break, five: Session
) -> None:
    tamper(five, *statements)
    verdict = audit_check.verify(five)
    assert verdict.first == first
    assert verdict.breaks >= 1


def forged(session: Session, number: int, previous: str, **values: object) -> dict[str, object]:
    """Return an entry as somebody could make it who has the database and not the key."""
    table = AuditEntry.__table__
    row = dict(session.execute(sa.select(table).where(table.c.number == 1)).mappings().one())
    row |= {"number": number, "previous": previous} | values
    row["hash"] = audit.digest(row)
    return row | {"seal": audit.seal(str(row["hash"]), b"a guess")}


def test_an_entry_put_in_at_the_end_is_found(five: Session) -> None:
    _number, head = audit_check.head(five)
    five.execute(sa.insert(AuditEntry), [forged(five, 6, head)])
    assert audit_check.verify(five).first == Break(6, "unsealed")
    five.execute(sa.text("UPDATE audit_head SET number = 6, hash = :h"), {"h": "a" * 64})
    assert audit_check.verify(five).first == Break(6, "unsealed")


def test_a_true_entry_put_after_the_end_is_found(five: Session) -> None:
    """The end was set back and what follows it left standing."""
    tamper(five, "UPDATE audit_head SET number = 4, hash = (SELECT hash FROM audit_entry"
                 " WHERE number = 4)")  # fmt: skip
    assert audit_check.verify(five).first == Break(5, "inserted")


def test_a_log_written_anew_without_the_key_is_found(five: Session) -> None:
    """Every hash fits, and the end too; only the seals do not."""
    tamper(five, "DELETE FROM audit_entry WHERE number > 1")
    previous = five.scalar(sa.select(AuditEntry.hash)) or ""
    for number in range(2, 6):
        row = forged(five, number, previous, about_name="nothing happened")
        five.execute(sa.insert(AuditEntry), [row])
        previous = str(row["hash"])
    tamper(five, f"UPDATE audit_head SET hash = '{previous}'")
    assert audit_check.verify(five).first == Break(2, "unsealed")


def test_only_a_head_kept_elsewhere_shows_that_the_end_was_cut_off_whole(five: Session) -> None:
    _number, kept_elsewhere = audit_check.head(five)
    tamper(
        five,
        "DELETE FROM audit_entry WHERE number > 3",
        "UPDATE audit_head SET number = 3, hash = (SELECT hash FROM audit_entry WHERE number = 3)",
    )
    assert audit_check.verify(five).is_whole
    assert audit_check.verify(five, anchor=kept_elsewhere).first == Break(3, "anchor")


def test_a_head_kept_elsewhere_vouches_for_what_another_key_has_sealed(
    make_app: Callable[..., Flask],
) -> None:
    with make_app(SECRET_KEY="first").app_context(), Session(db.engine) as session:
        note(session, START, ME, "test.done", About("thing"))
        session.commit()
        _number, kept_elsewhere = audit_check.head(session)
    with make_app(SECRET_KEY="second").app_context(), Session(db.engine) as session:
        assert audit_check.verify(session).first == Break(1, "unsealed")
        note(session, START, ME, "test.done", About("thing"))
        session.commit()
        assert audit_check.verify(session, anchor=kept_elsewhere).is_whole
        assert audit_check.verify(session).breaks == 1
    both = make_app(SECRET_KEY="second", SECRET_KEY_FALLBACKS="first")
    with both.app_context(), Session(db.engine) as session:
        assert audit_check.verify(session).is_whole
