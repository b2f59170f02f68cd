"""Messages are claimed one by one, by one worker each, on both databases."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.outbox.claim import LEASE, ClaimLost, change_claimed, claim_message
from feedback.outbox.models import Message
from tests.outbox.letters import MINUTE, NOW, all_messages, look, make_message


def claim(session: Session, worker: str = "one", now: object = NOW, **more: object) -> int | None:
    with Session(session.get_bind(), expire_on_commit=False) as other, other.begin():
        found = claim_message(other, now=now, worker=worker, **more)  # type: ignore[arg-type]
        return found.id if found else None


def test_a_claim_takes_one_message_and_no_more(session: Session) -> None:
    messages = [make_message(session) for _number in range(5)]
    assert claim(session) == messages[0].id
    claimed = [message.id for message in all_messages(session) if message.claimed_at is not None]
    assert claimed == [messages[0].id]


def test_many_workers_at_once_take_different_messages_one_each_time(session: Session) -> None:
    for _number in range(60):
        make_message(session)
    engine, ready = session.get_bind(), threading.Barrier(6)
    session.close()
    taken: list[tuple[str, int]] = []

    def work(name: str) -> None:
        ready.wait()
        while True:
            with Session(engine, expire_on_commit=False) as own, own.begin():
                message = claim_message(own, now=NOW, worker=name)
                if message is None:
                    return
                mine = own.scalars(sa.select(Message.id).where(Message.claimed_by == name)).all()
            taken.append((name, message.id))
            # Trap five: a claim of one that takes several shows here.
            assert len(mine) == sum(who == name for who, _id in taken)

    threads = [threading.Thread(target=work, args=(f"worker-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for _who, number in taken) == sorted({n for _who, n in taken})
    assert len(taken) == 60


def test_the_statement_materialises_what_it_picks(session: Session) -> None:
    seen: list[str] = []
    engine = session.get_bind()
    make_message(session)
    sa.event.listen(engine, "before_cursor_execute", lambda c, u, text, *rest: seen.append(text))
    claim(session)
    (statement,) = (text for text in seen if "UPDATE" in text)
    assert "MATERIALIZED" in statement
    if engine.dialect.name == "postgresql":
        assert "FOR UPDATE SKIP LOCKED" in statement


@pytest.mark.parametrize("ended", ["sent_at", "failed_at", "cancelled_at"])
def test_what_has_ended_is_not_claimed(session: Session, ended: str) -> None:
    make_message(session, **{ended: NOW})
    assert claim(session) is None


def test_a_claim_is_good_for_the_lease_and_then_anybodys(session: Session) -> None:
    message = make_message(session)
    claim(session)
    assert claim(session, "two", NOW + LEASE - timedelta(seconds=1)) is None
    assert claim(session, "two", NOW + LEASE) == message.id
    assert look(session, message).claimed_by == "two"


def test_the_oldest_goes_first_and_what_is_not_due_not_at_all(session: Session) -> None:
    make_message(session, send_after=NOW + MINUTE)
    second = make_message(session)
    first = make_message(session, send_after=NOW - MINUTE)
    assert [claim(session), claim(session), claim(session)] == [first.id, second.id, None]


def test_resting_domains_are_passed_over_however_they_are_written(session: Session) -> None:
    make_message(session, "a@QQ.com")
    make_message(session, "b@qq.com")
    other = make_message(session, "c@mail.qq.com")
    make_message(session, "d@q_.com")
    assert claim(session, resting={"qq.com", "q_.com"}) == other.id
    assert claim(session, resting={"qq.com", "q_.com"}) is None


def test_who_lost_the_claim_changes_nothing(session: Session) -> None:
    message = make_message(session)
    with Session(session.get_bind(), expire_on_commit=False) as own, own.begin():
        mine = claim_message(own, now=NOW, worker="one")
        assert mine is not None
    claim(session, "two", NOW + LEASE)
    with Session(session.get_bind()) as own, pytest.raises(ClaimLost):
        change_claimed(own, mine, sent_at=NOW)
    assert look(session, message).sent_at is None
