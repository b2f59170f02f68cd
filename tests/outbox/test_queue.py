"""The states of messages: one each, the same in Python and in SQL; and what is decided by hand."""

from datetime import timedelta
from itertools import product

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.interactions.contacts import address_digest
from feedback.outbox import queue
from feedback.outbox.claim import HELD, LEASE
from feedback.outbox.models import Message, Suppression
from feedback.outbox.overrule import cancel, try_again
from feedback.outbox.suppress import suppress
from tests.outbox.letters import HOUR, NOW, all_messages, deliver, look, make_message
from tests.outbox.post_office import DROP, PostOffice

LATER = NOW + HOUR
KEY = "a test's secret, which is no secret"


def test_every_message_is_in_exactly_one_state_and_sql_agrees(session: Session) -> None:
    ends = [{}, {"sent_at": NOW}, {"failed_at": NOW}, {"cancelled_at": NOW}]
    ends.append({"sent_at": NOW, "returned_at": NOW})
    claims = [
        {},
        {"claimed_at": LATER - LEASE},
        {"claimed_at": LATER - LEASE + timedelta(seconds=1)},
    ]
    dots = [{}, {"dot_sent_at": NOW}]
    for end, claim, dot in product(ends, claims, dots):
        make_message(session, **end, **claim, **dot)
    found = {
        state: set(session.scalars(sa.select(Message.id).where(queue.in_state(state, LATER))))
        for state in queue.STATES
    }
    session.rollback()
    for message in all_messages(session):
        states = [state for state, numbers in found.items() if message.id in numbers]
        assert states == [queue.state_of(message, LATER)]
    assert all(found.values())


def test_the_counts_add_up(session: Session) -> None:
    make_message(session)
    make_message(session, send_after=LATER + HOUR)
    make_message(session, claimed_at=LATER)
    make_message(session, dot_sent_at=NOW, send_after=HELD)
    make_message(session, failed_at=NOW)
    make_message(session, cancelled_at=NOW)
    make_message(session, sent_at=NOW - 24 * HOUR)
    make_message(session, sent_at=NOW, dot_sent_at=NOW, claimed_at=NOW)
    make_message(session, sent_at=NOW, dot_sent_at=NOW - HOUR, claimed_at=NOW)
    make_message(session, sent_at=NOW - 24 * HOUR, returned_at=NOW)
    found = queue.counts(session, LATER, NOW - HOUR)
    session.rollback()
    assert (found.waiting, found.due, found.sending, found.uncertain) == (2, 1, 1, 1)
    assert (found.sent_today, found.repeated) == (2, 1)
    assert (found.returned, found.failed, found.cancelled) == (1, 1, 1)
    assert found.oldest_due is not None


def test_an_empty_queue_counts_nothing(session: Session) -> None:
    found = queue.counts(session, NOW, NOW)
    session.rollback()
    assert found == queue.Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, None)


def test_lists_go_from_the_newest_on_page_by_page(session: Session) -> None:
    numbers = [make_message(session).id for _number in range(queue.PAGE + 3)]
    first, before = queue.listed(session, queue.Which(), NOW)
    assert [message.id for message in first] == numbers[:2:-1]
    second, end = queue.listed(session, queue.Which(), NOW, before)
    assert [message.id for message in second] == numbers[2::-1]
    assert end is None
    session.rollback()


def test_no_list_loads_what_is_said_to_customers(session: Session) -> None:
    make_message(session)
    session.expunge_all()
    (message,), _before = queue.listed(session, queue.Which(), NOW)
    with pytest.raises(sa.exc.InvalidRequestError):
        _text = message.text
    session.rollback()


def test_pauses_that_are_over_count_no_more(session: Session) -> None:
    suppress(session, "a" * 64, "paused", NOW, until=LATER)
    suppress(session, "b" * 64, "unsubscribed", NOW)
    suppress(session, "c" * 64, "unsubscribed", NOW)
    assert queue.suppressions(session, NOW) == {"unsubscribed": 2, "paused": 1}
    assert queue.suppressions(session, LATER) == {"unsubscribed": 2}
    session.rollback()


# By hand


def test_what_was_given_up_goes_again_with_all_its_attempts(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session, failed_at=NOW, attempts=5)
    assert try_again(session, message.id, LATER, KEY)
    session.commit()
    assert deliver(app, LATER).sent == 1
    found = look(session, message)
    assert (found.failed_at, found.attempts) == (None, 1)


def test_who_does_not_exist_any_more_may_have_come_back(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session)
    office.script["RCPT"].append("550 5.1.1 User unknown")
    deliver(app)
    assert try_again(session, message.id, LATER, app.config["SECRET_KEY"])
    session.commit()
    assert deliver(app, LATER).sent == 1


def test_nobodys_own_wish_is_overruled(app: Flask, session: Session, office: PostOffice) -> None:
    message = make_message(session, failed_at=NOW)
    digest = address_digest(message.recipient, app.config["SECRET_KEY"])
    suppress(session, digest, "unsubscribed", NOW)
    try_again(session, message.id, LATER, app.config["SECRET_KEY"])
    session.commit()
    assert deliver(app, LATER).cancelled == 1
    assert session.get(Suppression, digest) is not None
    session.rollback()


def test_an_uncertain_one_goes_as_a_repeat_and_is_held_again_without_an_answer(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session, dot_sent_at=NOW, send_after=HELD)
    office.script["dot"].append(DROP)
    try_again(session, message.id, LATER, KEY)
    session.commit()
    deliver(app, LATER)
    assert look(session, message).send_after == HELD
    try_again(session, message.id, LATER + HOUR, KEY)
    session.commit()
    assert deliver(app, LATER + HOUR).sent == 1
    assert queue.may_have_come_twice(look(session, message))


@pytest.mark.parametrize(
    "values", [{}, {"send_after": LATER}, {"dot_sent_at": NOW, "send_after": HELD}]
)
def test_what_waits_can_be_cancelled(
    app: Flask, session: Session, values: dict[str, object]
) -> None:
    message = make_message(session, **values)
    assert cancel(session, message.id, NOW)
    session.commit()
    assert deliver(app, LATER + HOUR).sent == 0
    assert look(session, message).cancelled_at == NOW


@pytest.mark.parametrize("values", [{"sent_at": NOW}, {"cancelled_at": NOW}, {"claimed_at": NOW}])
def test_what_has_ended_or_is_in_a_workers_hands_is_left_alone(
    session: Session, values: dict[str, object]
) -> None:
    message = make_message(session, **values)
    assert not try_again(session, message.id, NOW, KEY)
    assert not cancel(session, message.id, NOW)
    assert not cancel(session, message.id + 999, NOW)
    session.commit()
    for name, value in values.items():
        assert getattr(look(session, message), name) == value
