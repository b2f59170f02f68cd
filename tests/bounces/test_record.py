"""What a returned mail does: to its message, to the address, and to what would have followed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.bounces.collect import Collected, take_return
from feedback.bounces.record import forgive
from feedback.interactions.contacts import address_digest, address_key
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.invitations.remind import remind_silent
from feedback.outbox.models import Bounce, Message, Suppression
from feedback.outbox.queue import by_end
from feedback.outbox.return_path import read_return_path, return_path
from feedback.outbox.suppress import suppress, suppression_of
from feedback.reports.funnel import funnel
from feedback.retention.erase import Rules, erase
from feedback.retention.person import person_of_address
from tests.bounces.returns import complaint, report
from tests.conftest import START, Time
from tests.factories import make_customer
from tests.invitations.stories import report as contact
from tests.outbox.letters import NOW, look, make_message

DAY = timedelta(days=1)


def sent(session: Session, recipient: str = "wang@example.cn", **values: object) -> Message:
    values = {"sent_at": NOW, "server_reply": "250 ok"} | values
    return make_message(session, recipient, **values)


def quoting(message: Message, **values: object) -> bytes:
    """Return a report that quotes the message, and has no return path of ours."""
    return report(original=f"Message-ID: {message.message_id}\r\n", **values)  # type: ignore[arg-type]


def take(app: Flask, wire: bytes, after: timedelta = timedelta()) -> tuple[int, int, int]:
    done = Collected()
    with app.app_context():
        take_return(app, wire, NOW + after, done)
    return done.news, done.known, done.other


def reason_for(app: Flask, session: Session, address: str = "wang@example.cn") -> str | None:
    with Session(session.get_bind()) as other:
        digest = address_digest(address, address_key(app.config))
        found = suppression_of(other, digest, NOW)
        return found.reason if found else None


# Which message it is


def test_the_return_path_names_the_message_and_only_ours_does(app: Flask) -> None:
    with app.app_context():
        address = return_path("bounces@fb.example.cn", 417)
        assert read_return_path([address]) == 417
        assert read_return_path([f"<{address.upper()}>"]) == 417
        forged = address.replace("+417-", "+418-")
        flipped = address.replace("@", "x@")[:-1]
        assert read_return_path([forged, flipped, "bounces@fb.example.cn", ""]) is None
        for place in range(address.index("-") + 1, address.index("@")):
            other = "a" if address[place] != "a" else "b"
            assert read_return_path([address[:place] + other + address[place + 1 :]]) is None
        assert len(address.partition("@")[0]) <= 64


def test_an_older_key_of_ours_still_reads_what_went_out_with_it(app: Flask) -> None:
    with app.app_context():
        address = return_path("bounces@fb.example.cn", 417)
        app.config["SECRET_KEY_FALLBACKS"] = (app.config["SECRET_KEY"],)
        app.config["SECRET_KEY"] = "another key, made on a later day"
        assert read_return_path([address]) == 417
        assert return_path("bounces@fb.example.cn", 417) != address


def test_a_report_is_ours_by_its_return_path_whatever_it_quotes(
    app: Flask, session: Session
) -> None:
    message = sent(session)
    with app.app_context():
        path = return_path("bounces@example.cn", message.id)
    assert take(app, report(to=path, original="Message-ID: <somebody.elses@x>\r\n")) == (1, 0, 0)
    assert look(session, message).returned_at == NOW


def test_a_forged_report_stops_nobodys_mail(app: Flask, session: Session) -> None:
    message = sent(session)
    forged = f"bounces+{message.id}-aaaaaaaaaaaaaaaa@example.cn"
    assert take(app, report(to=forged, original="Message-ID: <a.guess@example.cn>\r\n")) == (
        0,
        0,
        1,
    )
    assert look(session, message).returned_at is None
    assert reason_for(app, session) is None


# What it does to the address


def test_a_dead_address_is_not_written_to_again(app: Flask, session: Session) -> None:
    message = sent(session)
    assert take(app, quoting(message)) == (1, 0, 0)
    assert reason_for(app, session) == "hard_bounce"
    (bounce,) = session.scalars(sa.select(Bounce)).all()
    assert (bounce.kind, bounce.status, bounce.told_at) == ("hard", "5.1.1", NOW)
    # The address stands in the message alone, where erasing finds it.
    assert "wang@example.cn" not in bounce.words
    assert "wan***@example.cn" in bounce.words


def test_the_same_return_told_twice_is_known_the_second_time(app: Flask, session: Session) -> None:
    message = sent(session)
    assert take(app, quoting(message)) == (1, 0, 0)
    assert take(app, quoting(message), DAY) == (0, 1, 0)
    assert look(session, message).returned_at == NOW


def test_a_full_mailbox_counts_and_the_third_within_a_year_ends_it(
    app: Flask, session: Session
) -> None:
    full = {"status": "5.2.2", "diagnostic": "smtp; 552 5.2.2 mailbox full"}
    for number in range(2):
        assert take(app, quoting(sent(session), **full), 100 * DAY * number) == (1, 0, 0)
        assert reason_for(app, session) is None
    take(app, quoting(sent(session), **full), 200 * DAY)
    assert reason_for(app, session) == "hard_bounce"


def test_what_came_back_more_than_a_year_ago_counts_no_more(app: Flask, session: Session) -> None:
    full = {"status": "5.2.2", "diagnostic": None}
    for days in (0, 200, 366):
        take(app, quoting(sent(session), **full), days * DAY)
    assert reason_for(app, session) is None


def test_being_turned_away_says_nothing_about_the_address(app: Flask, session: Session) -> None:
    spam = {"status": "5.7.1", "diagnostic": "smtp; 550 5.7.1 looks like spam"}
    for _ in range(5):
        assert take(app, quoting(sent(session), **spam)) == (1, 0, 0)
    assert reason_for(app, session) is None


def test_a_complaint_ends_writing_and_the_mail_had_arrived(app: Flask, session: Session) -> None:
    message = sent(session)
    wire = complaint().replace(
        b"<invitation.0123456789abcdef01234567@example.cn>", message.message_id.encode()
    )
    assert take(app, wire) == (1, 0, 0)
    assert reason_for(app, session) == "complaint"
    assert look(session, message).returned_at is None


def test_a_wish_is_not_written_over(app: Flask, session: Session) -> None:
    message = sent(session)
    digest = address_digest("wang@example.cn", app.config["SECRET_KEY"])
    suppress(session, digest, "unsubscribed", NOW)
    session.commit()
    take(app, quoting(message))
    assert reason_for(app, session) == "unsubscribed"


def test_forgiven_the_address_is_written_to_and_counts_anew(app: Flask, session: Session) -> None:
    full = {"status": "5.2.2", "diagnostic": None}
    for _ in range(3):
        take(app, quoting(sent(session), **full))
    message = sent(session)
    key = app.config["SECRET_KEY"]
    assert forgive(session, message, NOW, key)
    session.commit()
    assert reason_for(app, session) is None
    assert not forgive(session, message, NOW, key)
    take(app, quoting(sent(session), **full))
    assert reason_for(app, session) is None


@pytest.mark.parametrize("reason", ["unsubscribed", "complaint", "erased", "refused"])
def test_nothing_else_is_forgiven(app: Flask, session: Session, reason: str) -> None:
    message = sent(session)
    digest = address_digest("wang@example.cn", app.config["SECRET_KEY"])
    suppress(session, digest, reason, NOW)
    assert not forgive(session, message, NOW, app.config["SECRET_KEY"])


# What it does to what would have followed


@pytest.fixture
def asked(app: Flask, session: Session, time: Time) -> Message:
    """The mail by which a customer was asked at START."""
    customer = make_customer(session).id
    contact(app, session, START, customer_id=customer, customer_email="wang@example.cn")
    issue_due(app, now=START)
    message = session.scalars(sa.select(Message)).one()
    message.sent_at = START
    session.commit()
    return message


SOFT = {"status": "4.4.7", "diagnostic": None}


def invitation(session: Session, wave: int) -> Invitation:
    with Session(session.get_bind()) as other:
        return other.scalars(sa.select(Invitation).where(Invitation.wave == wave)).one()


def test_who_never_got_the_first_mail_is_neither_reminded_nor_followed_up(
    app: Flask, session: Session, asked: Message
) -> None:
    assert take(app, quoting(asked, **SOFT)) == (1, 0, 0)
    assert remind_silent(app, now=START + 6 * DAY) == 0
    issue_due(app, now=START + 40 * DAY)
    second = invitation(session, 2)
    assert second.issued_at is None
    assert second.withheld_because is not None


def test_without_a_return_both_go_out(app: Flask, session: Session, asked: Message) -> None:
    assert remind_silent(app, now=START + 6 * DAY) == 1
    issue_due(app, now=START + 40 * DAY)
    assert invitation(session, 2).issued_at is not None


def test_a_returned_mail_was_not_delivered_unless_it_was_answered(
    app: Flask, session: Session, asked: Message
) -> None:
    def delivered() -> int:
        with Session(session.get_bind()) as other:
            return funnel(other, start=None, end=None, wave=1, where={}).delivered

    assert delivered() == 1
    take(app, quoting(asked, **SOFT))
    assert delivered() == 0
    session.execute(sa.update(Invitation).where(Invitation.wave == 1).values(answered_at=START))
    session.commit()
    assert delivered() == 1


def test_the_ends_of_messages_add_up(app: Flask, session: Session) -> None:
    take(app, quoting(sent(session)))
    sent(session, "li@example.cn")
    ends = by_end(session)
    assert (ends["sent"], ends["returned"], sum(ends.values())) == (1, 1, 2)


def test_erasing_somebody_erases_what_came_back(
    app: Flask, session: Session, asked: Message
) -> None:
    wire = quoting(asked)
    take(app, wire)
    with app.app_context():
        person = person_of_address(session, "wang@example.cn")
        rules = Rules.from_config(app.config)
        erase(session, person, rules, NOW, asked_by="administrator")
    session.commit()
    assert session.scalars(sa.select(Bounce)).all() == []
    assert session.scalars(sa.select(Suppression.reason)).all() == ["erased"]
    session.commit()
    # A report that comes in late brings nothing of them back.
    assert take(app, wire) == (0, 1, 0)
    assert session.scalars(sa.select(Bounce)).all() == []
