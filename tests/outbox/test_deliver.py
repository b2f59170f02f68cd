"""Delivery to a real mail server, whatever it does: nothing lost, nothing twice without a trace."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.interactions.contacts import address_digest
from feedback.outbox.claim import HELD, LEASE
from feedback.outbox.models import Message, Suppression
from feedback.outbox.settle import ATTEMPTS, BACK_OFF
from feedback.outbox.suppress import suppress
from tests.outbox.letters import (
    HOUR,
    MINUTE,
    NOW,
    all_messages,
    deliver,
    look,
    make_message,
)
from tests.outbox.post_office import DROP, HANG, Letter, PostOffice


def test_what_waits_is_handed_over_with_the_servers_words_kept(
    app: Flask, session: Session, office: PostOffice
) -> None:
    messages = [make_message(session) for _number in range(3)]
    later = make_message(session, send_after=NOW + MINUTE)
    assert deliver(app).sent == 3
    assert [letter.recipients for letter in office.taken] == [[m.recipient] for m in messages]
    assert {letter.sender for letter in office.taken} == {"care@example.cn"}
    assert office.connections == 1
    for message in messages:
        found = look(session, message)
        assert (found.sent_at, found.attempts) == (NOW, 1)
        assert found.server_reply == "250 2.0.0 queued as 4711"
    assert look(session, later).sent_at is None


def test_the_words_to_the_customer_do_not_stay_here_once_they_have_gone(
    app: Flask, session: Session
) -> None:
    message = make_message(session)
    deliver(app)
    found = look(session, message)
    assert (found.text, found.html) == ("", "")


def test_no_server_means_no_connection_and_nothing_due_neither(
    app: Flask, session: Session, office: PostOffice
) -> None:
    make_message(session, send_after=NOW + MINUTE)
    deliver(app)
    assert office.connections == 0


# What the server refuses for now


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "dot"])
def test_a_temporary_refusal_is_tried_again_later_and_goes(
    app: Flask, session: Session, office: PostOffice, stage: str
) -> None:
    message, other = make_message(session), make_message(session)
    office.script[stage].append("450 4.2.0 Greylisted, come back in a minute")
    assert deliver(app).sent == 1
    found = look(session, message)
    assert found.send_after == NOW + MINUTE
    assert found.attempts == 1
    assert found.server_reply == "450 4.2.0 Greylisted, come back in a minute"
    assert look(session, other).sent_at == NOW
    assert deliver(app, NOW + MINUTE - timedelta(seconds=1)).sent == 0
    assert deliver(app, NOW + MINUTE).sent == 1
    assert look(session, message).attempts == 2


def test_after_five_refusals_it_is_given_up_with_the_servers_words(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session)
    office.always["RCPT"] = "451 4.7.1 Not just now"
    now = NOW
    for wait in BACK_OFF:
        assert deliver(app, now).later == 1
        assert look(session, message).send_after == now + wait
        now += wait
    assert now == NOW + 2 * HOUR + 36 * MINUTE
    assert deliver(app, now).failed == 1
    found = look(session, message)
    assert (found.failed_at, found.attempts) == (now, ATTEMPTS)
    assert found.server_reply == "451 4.7.1 Not just now"
    assert deliver(app, now + 24 * HOUR).sent == 0
    assert office.visits.count("RCPT") == 5


# What the server refuses for good


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "dot"])
def test_a_final_refusal_is_final_at_once(
    app: Flask, session: Session, office: PostOffice, stage: str
) -> None:
    message, other = make_message(session), make_message(session)
    office.script[stage].append("554 5.7.1 Looks like spam to us")
    done = deliver(app)
    assert (done.sent, done.failed) == (1, 1)
    found = look(session, message)
    assert (found.failed_at, found.attempts) == (NOW, 1)
    assert found.server_reply == "554 5.7.1 Looks like spam to us"
    assert look(session, other).sent_at == NOW
    assert session.scalars(sa.select(Suppression)).all() == []
    session.rollback()


def test_who_does_not_exist_is_never_written_to_again(
    app: Flask, session: Session, office: PostOffice
) -> None:
    make_message(session, "Nobody@example.cn")
    office.script["RCPT"].append("550 5.1.1 User unknown")
    assert deliver(app).failed == 1
    (found,) = session.scalars(sa.select(Suppression))
    assert found.reason == "refused"
    assert found.address_digest == address_digest("nobody@example.cn", app.config["SECRET_KEY"])
    session.rollback()
    again = make_message(session, "nobody@EXAMPLE.cn")
    assert deliver(app).cancelled == 1
    assert look(session, again).cancelled_at == NOW
    assert look(session, again).server_reply == "suppressed"
    assert office.visits.count("RCPT") == 1


def test_one_refused_among_many_keeps_none_of_the_others(
    app: Flask, session: Session, office: PostOffice
) -> None:
    for _number in range(6):
        make_message(session)
    office.script["RCPT"].extend([None, None, "550 5.1.1 No such user"])
    done = deliver(app)
    assert (done.sent, done.failed) == (5, 1)
    assert office.connections == 1


@pytest.mark.parametrize("reason", ["unsubscribed", "hard_bounce", "complaint"])
def test_what_waits_for_somebody_who_has_stopped_us_is_cancelled(
    app: Flask, session: Session, office: PostOffice, reason: str
) -> None:
    message = make_message(session, "wang@example.cn")
    suppress(session, address_digest("wang@example.cn", app.config["SECRET_KEY"]), reason, NOW)
    session.commit()
    assert deliver(app).cancelled == 1
    found = look(session, message)
    assert (found.cancelled_at, found.sent_at) == (NOW, None)
    assert office.connections == 0


def test_what_is_not_wanted_any_more_is_cancelled_with_the_reason(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message, other = make_message(session), make_message(session)
    done = deliver(
        app,
        unwanted=lambda _session, found, _now: "answered" if found.id == message.id else None,
    )
    assert (done.cancelled, done.sent) == (1, 1)
    assert look(session, message).server_reply == "answered"
    assert look(session, other).sent_at == NOW


# Too fast


def test_a_domain_we_were_too_fast_for_waits_and_no_attempt_is_counted(
    app: Flask, session: Session, office: PostOffice
) -> None:
    first, second = make_message(session, "1@qq.com"), make_message(session, "2@QQ.com")
    other = make_message(session, "3@example.cn")
    office.script["RCPT"].append("550 Connection frequency limited")
    assert deliver(app).sent == 1
    assert look(session, other).sent_at == NOW
    found = look(session, first)
    assert (found.attempts, found.failed_at) == (0, None)
    assert found.server_reply == "550 Connection frequency limited"
    assert look(session, second).claimed_at is None
    assert session.scalars(sa.select(Suppression)).all() == []
    session.rollback()
    assert deliver(app, NOW + timedelta(seconds=59)).sent == 0
    assert deliver(app, NOW + MINUTE).sent == 2


def test_a_domain_that_stays_strict_is_asked_less_and_less_but_loses_no_mail(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session, "1@qq.com")
    office.always["RCPT"] = "550 Domain frequency limited"
    now, waits = NOW, []
    for _time in range(9):
        deliver(app, now)
        found = look(session, message)
        assert (found.failed_at, found.attempts) == (None, 0)
        waits.append((found.send_after - now) / MINUTE)
        now = found.send_after
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    office.always.clear()
    assert deliver(app, now).sent == 1


# A server that is away


def words_of_refusal(session: Session, message: Message) -> tuple[int, str | None]:
    found = look(session, message)
    assert (found.failed_at, found.claimed_at) == (None, None)
    return found.attempts, found.server_reply


def test_a_dead_server_costs_no_message_an_attempt(
    make_app: Callable[..., Flask], session: Session
) -> None:
    with PostOffice() as office:
        settings = office.settings
    app = make_app(**settings)
    messages = [make_message(session) for _number in range(3)]
    now = NOW
    # A whole weekend.
    for _time in range(10):
        deliver(app, now)
        now += 6 * HOUR
    attempts, words = words_of_refusal(session, messages[0])
    assert attempts == 0
    assert words is not None
    assert "refused" in words
    for other in messages[1:]:
        assert words_of_refusal(session, other) == (0, None)
    with PostOffice() as office:
        app.extensions["mail"].port = office.port
        assert deliver(app, now).sent == 3
        assert [letter.recipients[0] for letter in office.taken] == [m.recipient for m in messages]


def test_a_dead_server_is_not_knocked_at_all_the_time_nor_left_alone_for_long(
    app: Flask, session: Session, office: PostOffice
) -> None:
    make_message(session)
    office.always["greeting"] = "421 4.3.2 Closed for the night"
    knocks = []
    for second in range(0, 160, 5):
        before = office.connections
        deliver(app, NOW + timedelta(seconds=second))
        if office.connections > before:
            knocks.append(second)
    assert knocks == [0, 10, 30, 70, 150]
    office.always.clear()
    assert deliver(app, NOW + timedelta(seconds=150 + 120)).sent == 1


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("greeting", "554 5.7.1 Go away"),
        ("greeting", DROP),
        ("EHLO", "421 4.3.2 Shutting down"),
        ("MAIL", "421 4.7.0 Too many connections"),
        ("MAIL", "451 4.3.0 Local error"),
        ("MAIL", "550 5.7.1 Sender not known here"),
        ("MAIL", "530 5.7.0 Authentication required"),
        ("RCPT", "554 5.7.1 Relay access denied"),
        ("RCPT", "452 4.3.1 Insufficient system storage"),
        ("MAIL", DROP),
        ("RCPT", DROP),
        ("DATA", DROP),
    ],
)
def test_what_a_server_does_to_all_is_no_messages_fault(
    app: Flask, session: Session, office: PostOffice, stage: str, answer: str
) -> None:
    messages = [make_message(session) for _number in range(8)]
    office.always[stage] = answer
    for hour in range(6):
        done = deliver(app, NOW + hour * HOUR)
        assert (done.sent, done.failed) == (0, 0)
    assert office.connections <= 18
    assert {words_of_refusal(session, message)[0] for message in messages} == {0}
    if answer != DROP:
        assert words_of_refusal(session, messages[0])[1] == answer
    office.always.clear()
    assert deliver(app, NOW + 20 * HOUR).sent == 8


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_message_a_server_chokes_on_is_in_nobodys_way(
    app: Flask, session: Session, office: PostOffice, stage: str
) -> None:
    for _number in range(5):
        make_message(session)
    office.script[stage].extend([None, DROP, DROP])
    assert deliver(app).sent == 4
    assert deliver(app, NOW + 5 * MINUTE).sent == 1


def test_a_connection_that_may_carry_only_so_many_is_replaced_at_once(
    app: Flask, session: Session, office: PostOffice
) -> None:
    for _number in range(25):
        make_message(session)
    carried: list[int] = []

    def only_ten(envelope: object) -> str | None:
        carried.append(office.connections)
        return "421 4.7.0 Enough" if carried.count(office.connections) > 10 else None

    office.always["MAIL"] = only_ten
    assert deliver(app).sent == 25
    assert office.connections == 3
    assert {message.attempts for message in all_messages(session)} == {1}


def test_a_server_cut_off_in_the_middle_of_a_message_has_not_got_it(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message, other = make_message(session), make_message(session)
    office.script["body"].append(DROP)
    done = deliver(app)
    assert (done.sent, done.later) == (1, 1)
    found = look(session, message)
    assert (found.dot_sent_at, found.attempts) == (None, 1)
    assert look(session, other).sent_at == NOW
    assert deliver(app, NOW + MINUTE).sent == 1


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_says_nothing_is_not_waited_for_for_ever(
    app: Flask, session: Session, office: PostOffice, stage: str
) -> None:
    message = make_message(session)
    office.script[stage].append(HANG)
    assert deliver(app).sent == 0
    assert words_of_refusal(session, message)[0] == 0
    assert deliver(app, NOW + 5 * MINUTE).sent == 1


def test_a_goodbye_that_fails_sends_nothing_again(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session)
    for answer in (DROP, HANG, "500 What?"):
        office.always["QUIT"] = answer
        message = make_message(session)
        deliver(app)
        assert look(session, message).sent_at == NOW
        deliver(app, NOW + HOUR)
    assert office.visits.count("QUIT") == 3
    assert len({letter.mail["Message-ID"] for letter in office.taken}) == len(office.taken)


# Uncertain


@pytest.mark.parametrize("silence", [DROP, HANG])
def test_without_an_answer_to_the_dot_it_is_sent_once_more_the_same_to_the_byte(
    app: Flask, session: Session, office: PostOffice, silence: str
) -> None:
    message = make_message(session)
    office.script["dot"].append(silence)
    assert deliver(app).sent == 0
    found = look(session, message)
    assert (found.dot_sent_at, found.sent_at, found.failed_at) == (NOW, None, None)
    assert "No answer" in (found.server_reply or "")
    assert deliver(app, NOW + MINUTE).sent == 1
    first, second = office.taken
    assert first.wire == second.wire
    assert first.mail["Message-ID"] == message.message_id
    found = look(session, message)
    # And one can still see that this one may have come twice.
    assert found.sent_at == NOW + MINUTE
    assert found.dot_sent_at is not None
    assert found.claimed_at is not None
    assert found.dot_sent_at < found.claimed_at


def test_a_second_silence_is_the_administrators_to_decide(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session)
    office.always["dot"] = DROP
    now: datetime = NOW
    for _time in range(50):
        deliver(app, now)
        now += HOUR
    assert len(office.taken) == 2
    found = look(session, message)
    assert (found.sent_at, found.failed_at, found.send_after) == (None, None, HELD)
    assert found.dot_sent_at == NOW


def test_a_repeat_that_is_refused_for_now_stays_a_repeat(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session)
    office.script["dot"].extend([DROP, "451 4.7.1 Later", None])
    deliver(app)
    deliver(app, NOW + MINUTE)
    found = look(session, message)
    assert (found.dot_sent_at, found.send_after) == (NOW, NOW + 6 * MINUTE)
    assert deliver(app, NOW + 6 * MINUTE).sent == 1
    assert len(office.taken) == 2


def test_a_server_that_answers_no_dot_is_not_fed_the_whole_queue(
    app: Flask, session: Session, office: PostOffice
) -> None:
    for _number in range(20):
        make_message(session)
    office.always["dot"] = DROP
    deliver(app)
    assert len(office.taken) == 3


def test_a_worker_killed_before_the_dot_left_nothing_behind(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session, claimed_at=NOW, claimed_by="dead")
    assert deliver(app, NOW + LEASE - MINUTE).sent == 0
    assert deliver(app, NOW + LEASE).sent == 1
    found = look(session, message)
    assert (found.dot_sent_at, found.attempts) == (NOW + LEASE, 1)


def test_a_worker_killed_after_the_dot_left_a_message_that_goes_once_more(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session, claimed_at=NOW, claimed_by="dead", dot_sent_at=NOW)
    assert deliver(app, NOW + LEASE - MINUTE).sent == 0
    assert deliver(app, NOW + LEASE).sent == 1
    assert office.taken[0].mail["Message-ID"] == message.message_id
    assert look(session, message).dot_sent_at == NOW


def test_a_worker_killed_after_the_repeats_dot_left_it_to_the_administrator(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session, claimed_at=NOW, claimed_by="dead", dot_sent_at=NOW)

    class Killed(BaseException):
        pass

    def kill(*arguments: Any, **named: Any) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("feedback.outbox.deliver._write_down", kill)
        with pytest.raises(Killed):
            deliver(app, NOW + LEASE)
    assert len(office.taken) == 1
    assert deliver(app, NOW + 24 * HOUR).sent == 0
    assert look(session, message).send_after == HELD


# Who has the message has the say


def test_a_worker_that_lost_its_claim_does_not_send_the_dot(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session)

    def take_away(envelope: object) -> None:
        with app.app_context(), Session(session.get_bind()) as other, other.begin():
            other.execute(sa.update(Message).values(claimed_by="other", claimed_at=NOW + LEASE))

    office.always["DATA"] = take_away
    assert deliver(app).sent == 0
    assert office.taken == []
    found = look(session, message)
    assert (found.claimed_by, found.dot_sent_at) == ("other", None)


def test_a_worker_that_lost_its_claim_does_not_write_over_the_others_result(
    app: Flask, session: Session, office: PostOffice
) -> None:
    message = make_message(session)

    def other_worker(letter: Letter) -> None:
        with app.app_context(), Session(session.get_bind()) as other, other.begin():
            other.execute(
                sa.update(Message).values(
                    claimed_by="other", claimed_at=NOW + LEASE, sent_at=NOW + LEASE
                )
            )

    office.before_answer = other_worker
    office.always["dot"] = "550 5.7.1 No"
    done = deliver(app)
    assert (done.sent, done.failed) == (0, 0)
    found = look(session, message)
    assert (found.sent_at, found.failed_at) == (NOW + LEASE, None)


def test_no_transaction_is_open_while_a_server_takes_its_time(
    app: Flask, session: Session, office: PostOffice
) -> None:
    make_message(session)
    engine = session.get_bind()
    session.close()
    before: list[int] = []

    def write(letter: Letter) -> None:
        with app.app_context():
            before.append(engine.pool.checkedout())  # type: ignore[union-attr]
        make = sa.update(Message).values(locale="en")
        with Session(engine) as other, other.begin():
            other.execute(make)

    office.before_answer = write
    assert deliver(app).sent == 1
    assert before == [0]


def test_without_our_own_database_no_dot_goes_out(
    app: Flask, session: Session, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = make_message(session)

    def away(*arguments: object) -> None:
        raise sa.exc.OperationalError("UPDATE", {}, Exception("the database is away"))

    with monkeypatch.context() as patch:
        patch.setattr("feedback.outbox.deliver.mark_dot", away)
        with pytest.raises(sa.exc.OperationalError):
            deliver(app)
    assert office.taken == []
    found = look(session, message)
    assert (found.attempts, found.failed_at, found.dot_sent_at) == (0, None, None)
    assert deliver(app, NOW + LEASE).sent == 1


def test_a_message_that_cannot_be_written_fails_alone(
    app: Flask, session: Session, office: PostOffice
) -> None:
    broken = make_message(session, "no address at all")
    make_message(session)
    done = deliver(app)
    assert (done.sent, done.failed) == (1, 1)
    assert "address" in (look(session, broken).server_reply or "")


def test_it_stops_between_two_messages_when_told_to(
    app: Flask, session: Session, office: PostOffice
) -> None:
    for _number in range(5):
        make_message(session)
    answers = iter([True, True, False])
    assert deliver(app, keep_going=lambda: next(answers)).sent == 2
    assert [message.claimed_at for message in all_messages(session)[2:]] == [None] * 3
