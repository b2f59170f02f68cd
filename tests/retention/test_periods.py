"""What is too old goes, class by class and on its day; figures, wishes and what is due stay."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts import audit_check
from feedback.accounts.acting import WORKER
from feedback.accounts.audit import About, Actor, note
from feedback.accounts.look import log_look
from feedback.accounts.models import Attempt, AuditEntry, Look
from feedback.config import InvitationPolicy
from feedback.interactions.fields import read_report
from feedback.interactions.models import Customer, Interaction, InteractionShare
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.invitations.take_in import Intake
from feedback.outbox.models import Message, Suppression
from feedback.pauses import begin_pause
from feedback.reports.models import Tally
from feedback.reports.roll_up import roll_up
from feedback.responses.models import FormerAnswer, QuickPost
from feedback.retention.models import RetentionRun
from feedback.retention.periods.lengths import (
    KINDS,
    breaks_the_promise,
    cut_off,
    is_shorter,
    lengths_set,
)
from feedback.work import one_round
from tests.conftest import START, Time
from tests.customers.stories import ADDRESS, asked, contact, rated
from tests.factories import make_interaction, make_response, make_staff, make_user
from tests.invitations.stories import report
from tests.responses.stories import count as count_of
from tests.responses.stories import link, looking, said, stored
from tests.retention.passing import pass_at, say_yes, went
from tests.retention.test_erase import SECRETS, left_in, whole_database

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)


def after(days: float) -> datetime:
    return START + days * DAY


def test_a_cut_off_is_so_many_days_ago_or_the_same_day_of_an_earlier_month() -> None:
    now = datetime(2026, 3, 31, 1, 0, tzinfo=UTC)
    assert cut_off("contacts", 90, now, ZONE) == now - timedelta(days=90)
    assert cut_off("words", 13, now, ZONE) == datetime(2025, 2, 27, 16, 0, tzinfo=UTC)
    # By whole months, so that no month's figure of a person is of a part of it.
    assert cut_off("staff_scores", 24, now, ZONE) == datetime(2024, 2, 29, 16, 0, tzinfo=UTC)
    assert cut_off("words", 0, now, ZONE) is None
    assert cut_off("audit", 1200, datetime(50, 1, 1, tzinfo=UTC), ZONE) is None


def test_for_ever_is_longer_than_anything() -> None:
    assert is_shorter(90, 0)
    assert not is_shorter(0, 90)
    assert is_shorter(30, 90)
    assert not is_shorter(90, 90)


def test_what_is_kept_for_longer_than_customers_are_told_is_named() -> None:
    lengths = {"contacts": 90, "words": 13, "answers": 24, "traces": 14}
    assert breaks_the_promise(lengths) == []
    assert breaks_the_promise(lengths | {"words": 25, "contacts": 0}) == ["contacts", "words"]
    assert breaks_the_promise(lengths | {"answers": 0, "words": 0}) == []


def test_nothing_goes_before_somebody_has_agreed(app: Flask, session: Session, time: Time) -> None:
    """An upgrade deletes nothing behind anybody's back."""
    rated(app, session)
    before = whole_database(session)
    time.forward(days=4000)
    one_round(app, now=time.now, worker="w")
    after_it = whole_database(session)
    for table in ("interaction", "message", "answer", "customer", "retention_run"):
        assert after_it[table] == before[table]


def test_names_and_addresses_go_90_days_after_a_contact_and_mails_lose_their_text(
    app: Flask, session: Session, time: Time
) -> None:
    invitation, _response = rated(app, session)
    say_yes(app, session, START)
    assert went(pass_at(app, session, after(89))) == {}
    assert stored(session, invitation.interaction).customer_email == ADDRESS
    # Its contact closed an hour before it was asked about.
    assert went(pass_at(app, session, after(90.1))) == {"contacts": 1, "mails": 1}
    one = stored(session, invitation.interaction)
    assert (one.customer_name, one.customer_email, one.customer_phone, one.location) == (
        "", None, None, "",
    )  # fmt: skip
    assert one.contact_forgotten_at == after(90.1)
    assert said(session, invitation) == {"csat": 2, "comment": "水还在滴"}
    assert (one.staff_id, one.subject) == (invitation.interaction.staff_id, "浴室漏水")
    tables = whole_database(session)
    gone = [secret for secret in SECRETS if secret not in ("浴室漏水", "水还在滴", "先前的话")]
    assert [where for where in left_in(tables) if any(secret in where for secret in gone)] == []


def test_who_is_still_to_be_asked_or_may_still_answer_is_left_until_then(
    app: Flask, session: Session, time: Time
) -> None:
    open_until_late = asked(app, session, expires_at=after(120))
    waiting = asked(app, session, issued_at=None, message_id=None, due_at=after(200))
    done = asked(app, session, expires_at=after(21))
    say_yes(app, session, START)
    pass_at(app, session, after(100))
    kept = {
        one.id: stored(session, one.interaction).customer_email
        for one in (open_until_late, waiting, done)
    }
    assert kept == {open_until_late.id: ADDRESS, waiting.id: ADDRESS, done.id: None}
    pass_at(app, session, after(121))
    assert stored(session, open_until_late.interaction).customer_email is None
    assert stored(session, waiting.interaction).customer_email == ADDRESS


def test_a_mail_that_has_still_to_go_keeps_its_address(
    app: Flask, session: Session, time: Time
) -> None:
    invitation = asked(app, session)
    message = session.get_one(Message, invitation.message_id)
    message.sent_at = None
    say_yes(app, session, START)
    pass_at(app, session, after(365))
    assert stored(session, message).recipient == ADDRESS


def test_a_key_that_is_an_address_goes_with_the_last_contact(
    app: Flask, session: Session, time: Time
) -> None:
    known = {key: Customer(key=key, created_at=START) for key in (f"email:{ADDRESS}", "id:crm:7")}
    session.add_all(known.values())
    session.flush()
    late = contact(session, customer_id=known[f"email:{ADDRESS}"].id, closed_at=after(50))
    contact(session, customer_id=known[f"email:{ADDRESS}"].id)
    contact(session, customer_id=known["id:crm:7"].id)
    say_yes(app, session, START)
    pass_at(app, session, after(100))
    assert stored(session, known[f"email:{ADDRESS}"]).key == f"email:{ADDRESS}"
    pass_at(app, session, late.closed_at + 91 * DAY)
    keys = [stored(session, one).key for one in known.values()]
    assert ADDRESS not in keys[0]
    assert keys[1] == "id:crm:7"


def test_words_go_after_13_months_and_it_is_told_that_there_were_some(
    app: Flask, session: Session, time: Time
) -> None:
    invitation, response = rated(app, session)
    session.add(
        FormerAnswer(response_id=response.id, question_key="comment", choice="",
                     comment="先前的话", replaced_at=START)
    )  # fmt: skip
    silent = make_response(session, csat=5)
    say_yes(app, session, START)
    pass_at(app, session, after(100))
    counts = went(pass_at(app, session, after(400)))
    assert counts == {"comments": 1, "matters": 1}
    assert said(session, invitation) == {"csat": 2}
    assert count_of(session, FormerAnswer) == 0
    assert stored(session, response).words_forgotten_at == after(400)
    assert stored(session, silent).words_forgotten_at is None
    assert left_in(whole_database(session)) == []


def test_who_served_goes_after_24_months_and_no_total_changes(
    app: Flask, session: Session, time: Time
) -> None:
    """Roll-ups of people go; those of everything, channel, team and touchpoint stay equal."""
    for number in range(12):
        make_response(session, csat=1 + number % 5, nps=number % 11)
    shared = make_interaction(session, staff_id=None, team_id=make_staff(session).team_id)
    for name in ("e-1", "e-2"):
        member = make_staff(session, name, name=name)
        session.add(InteractionShare(interaction_id=shared.id, staff_id=member.id, part=0.5))
    make_response(session, shared, csat=4)
    session.commit()
    user_id, staff_id = make_user(session, "manager").id, make_staff(session).id
    session.commit()
    with app.app_context():
        for at in (after(0), after(700)):
            log_look(user_id, staff_id, "staff", at)
    roll_up(session, after(1))
    session.commit()
    totals = tallies(session)
    assert any(subject == "staff" and id_ for subject, id_, *_ in totals)
    say_yes(app, session, START)
    # September's contacts go on the first of October two years later, all of them at once.
    assert "staff_links" not in went(pass_at(app, session, datetime(2028, 9, 30, tzinfo=UTC)))
    counts = went(pass_at(app, session, datetime(2028, 10, 1, tzinfo=UTC)))
    assert (counts["staff_links"], counts["looks"]) == (13, 1)
    assert set(session.scalars(sa.select(Interaction.staff_id))) == {None}
    assert count_of(session, InteractionShare) == 0
    session.commit()
    roll_up(session, datetime(2028, 10, 1, tzinfo=UTC))
    session.commit()
    now = tallies(session)
    assert {row for row in now if row[0] != "staff"} == {row for row in totals if row[0] != "staff"}
    assert {row[1] for row in now if row[0] == "staff"} == {0}


def tallies(session: Session) -> set[tuple[object, ...]]:
    with looking(session) as looker:
        return {tuple(row) for row in looker.execute(sa.select(Tally.__table__))}


def test_after_the_months_the_notice_names_no_number_leads_to_anybody(
    app: Flask, session: Session, time: Time
) -> None:
    customer = Customer(key="id:crm:10017", created_at=START)
    session.add(customer)
    session.flush()
    one = contact(session, source="crm", external_id="GD-1", customer_id=customer.id,
                  tags="vip", segment="gold", product="锅炉")  # fmt: skip
    make_response(session, one, csat=4)
    say_yes(app, session, START)
    counts = went(pass_at(app, session, after(733)))
    assert counts["numbers"] == 1
    kept = stored(session, one)
    assert kept.external_id.startswith("erased:")
    assert (kept.tags, kept.segment, kept.product, kept.subject) == ("", "", "", "")
    assert "10017" not in stored(session, customer).key
    # Reported again, it is known by a digest, makes no second one, and tells nothing anew.
    report_again = read_report(
        {"source": "crm", "external_id": "GD-1", "channel": "phone", "customer_email": ADDRESS,
         "closed_at": "2026-09-02T09:00:00+08:00", "staff_external_id": "e-1"},
        zone=ZONE, now=START,
    )  # fmt: skip
    intake = Intake(session, InvitationPolicy.from_config(app.config), app.config["SECRET_KEY"])
    assert intake.take_all([report_again], after(734)) == [(one.id, False)]
    session.commit()
    assert left_in(whole_database(session)) == []


def test_traces_go_after_two_weeks(app: Flask, session: Session, time: Time) -> None:
    invitation = asked(app, session)
    session.add_all(
        [
            QuickPost(invitation_id=invitation.id, score=2, page="p", posted_at=START),
            QuickPost(invitation_id=invitation.id, score=5, page="p", posted_at=after(10)),
            Attempt(subject="sign-in:x", at=START),
        ]
    )
    say_yes(app, session, START)
    assert went(pass_at(app, session, after(13))) == {}
    assert went(pass_at(app, session, after(15))) == {"traces": 2}
    assert session.scalars(sa.select(QuickPost.score)).all() == [5]


def test_the_log_names_nobody_after_36_months_and_is_still_whole(
    app: Flask, session: Session, time: Time
) -> None:
    with app.app_context():
        for actor in (Actor("user", "ada@example.cn", 1), Actor("command", "flask user add")):
            note(session, START, actor, "user.added", About("user", 2, "new@example.cn"), {"a": 1})
        note(session, after(1000), WORKER, "x", About("user", 2, "late@example.cn"), {})
        session.commit()
    say_yes(app, session, after(1))
    counts = went(pass_at(app, session, after(1097)))
    assert counts["audit_entries"] == 3
    rows = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)).all()
    assert [(row.actor_name, row.about_name, row.details) for row in rows[:2]] == [
        ("–", "", "{}"), ("flask user add", "", "{}"),
    ]  # fmt: skip
    assert rows[2].about_name == "late@example.cn"
    session.commit()
    with app.app_context():
        assert audit_check.verify(session).is_whole


def test_the_bytes_are_gone_from_the_file_the_journal_and_kept_mails(
    app: Flask, session: Session, time: Time
) -> None:
    folder = Path(app.instance_path) / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(40):
        invitation, _response = rated(app, session, comment=f"水还在滴 {number} " + "滴" * 60)
        (folder / f"x-{invitation.message_id}.eml").write_text(ADDRESS, encoding="utf-8")
    say_yes(app, session, START)
    pass_at(app, session, after(800))
    assert left_in(whole_database(session)) == []
    assert list(folder.glob("*.eml")) == []
    session.close()
    url = session.get_bind().url
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL overwrites in its own time (docs/privacy.md)")
    files = list(Path(url.database).parent.glob("feedback.sqlite*"))
    raw = b"".join(path.read_bytes() for path in files)
    assert raw
    assert [secret for secret in SECRETS if secret.encode() in raw] == []


def test_a_pass_that_is_broken_off_is_gone_on_with_and_counts_each_row_once(
    app: Flask, session: Session, time: Time
) -> None:
    for _ in range(7):
        rated(app, session)
    say_yes(app, session, START)
    tries = 0
    run: RetentionRun | None = None
    while run is None:
        left = iter([True, True, True])
        run = pass_at(app, session, after(800), lambda left=left: next(left, False), size=10)
        tries += 1
        assert tries < 50
    assert tries > 2
    assert went(run) == {
        "contacts": 7, "mails": 7, "comments": 7, "matters": 7, "staff_links": 7, "numbers": 7,
    }  # fmt: skip
    assert count_of(session, RetentionRun) == 1
    assert went(pass_at(app, session, after(801))) == {}


def test_the_worker_passes_once_a_day_and_not_while_everything_is_paused(
    app: Flask, session: Session, time: Time
) -> None:
    rated(app, session)
    say_yes(app, session, START)
    time.forward(days=100)
    begin_pause(session, now=time.now, by="w", reason="the clock jumped")
    session.commit()
    one_round(app, now=time.now, worker="w")
    assert count_of(session, RetentionRun) == 0
    session.execute(sa.text("DELETE FROM pause"))
    session.commit()
    for _ in range(3):
        one_round(app, now=time.now, worker="w")
        time.forward(hours=1)
    assert count_of(session, RetentionRun) == 1
    time.forward(days=1)
    one_round(app, now=time.now, worker="w")
    assert count_of(session, RetentionRun) == 2


def test_a_moment_that_stands_for_the_clock_deletes_nothing(
    app: Flask, session: Session, time: Time
) -> None:
    """`flask work --now` is for trying out follow-ups, not for losing two years of answers."""
    invitation, _response = rated(app, session)
    say_yes(app, session, START)
    assert clock.now() == START
    one_round(app, now=after(4000), worker="w")
    assert stored(session, invitation.interaction).customer_email == ADDRESS


def test_a_shorter_length_waits_for_a_yes_and_a_longer_one_does_not(
    app: Flask, session: Session, make_app: Callable[..., Flask], time: Time
) -> None:
    invitation, _response = rated(app, session)
    say_yes(app, session, START)
    shorter, longer = make_app(KEEP_CONTACT_DAYS=30), make_app(KEEP_CONTACT_DAYS=200)
    pass_at(shorter, session, after(60))
    assert stored(session, invitation.interaction).customer_email == ADDRESS
    pass_at(longer, session, after(150))
    assert stored(session, invitation.interaction).customer_email == ADDRESS
    say_yes(shorter, session, after(150))
    pass_at(shorter, session, after(60))
    assert stored(session, invitation.interaction).customer_email is None


def test_each_class_has_a_setting(app: Flask) -> None:
    assert set(lengths_set(app.config)) == set(KINDS)
    assert lengths_set(app.config) == {
        "contacts": 90, "words": 13, "staff_scores": 24, "answers": 24, "traces": 14, "audit": 36,
    }  # fmt: skip


def test_an_old_link_still_stops_the_mails(
    app: Flask, client: FlaskClient, session: Session, time: Time
) -> None:
    """After the address has gone from the contact, its keyed digest knows which one is meant."""
    path = link(app, asked(app, session))
    say_yes(app, session, START)
    pass_at(app, session, after(100))
    answer = client.post(f"{path}/stop", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    session.expire_all()
    assert [one.reason for one in session.scalars(sa.select(Suppression))] == ["unsubscribed"]
    session.commit()
    again = report(app, session, after(101), customer_email=ADDRESS)
    issue_due(app, now=after(101))
    first = sa.select(Invitation.withheld_because).where(
        Invitation.interaction_id == again.id, Invitation.wave == 1
    )
    assert session.scalars(first).one() == "suppressed"


def test_looks_of_these_months_stay(app: Flask, session: Session, time: Time) -> None:
    user, member = make_user(session, "manager"), make_staff(session)
    session.commit()
    with app.app_context():
        log_look(user.id, member.id, "staff", START)
    say_yes(app, session, START)
    pass_at(app, session, after(400))
    assert count_of(session, Look) == 1
