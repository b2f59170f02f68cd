"""Erasing somebody: everything goes in one transaction, figures follow, and they stay unmailed."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.database import Base, settle_file
from feedback.interactions.fields import read_report
from feedback.interactions.import_rows import Fate
from feedback.interactions.models import Customer, Interaction
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.invitations.take_in import Intake, take_in
from feedback.outbox.claim import claim_message
from feedback.outbox.models import KindSuppression, MailLanguage, Message, Suppression
from feedback.outbox.settle import settle
from feedback.outbox.suppress import suppress_kind
from feedback.outbox.verdict import Fate as ServersFate
from feedback.outbox.verdict import Verdict
from feedback.reports.roll_up import roll_up
from feedback.reports.tallies import Question, count
from feedback.responses.models import Answer, FormerAnswer, QuickPost, Response
from feedback.responses.record_import import ResponseTaker
from feedback.retention import erase as erasing
from feedback.retention.erase import Rules, erase
from feedback.retention.models import Erasure
from feedback.retention.person import person_of_address
from feedback.work import one_round
from tests.conftest import START, Time
from tests.customers.stories import ADDRESS, asked, contact, own, preferences, press, rated
from tests.factories import make_interaction, make_response
from tests.responses.stories import at_once, hidden, link, looking, make_message, said, stored
from tests.responses.stories import count as count_of

SECRETS = (ADDRESS, "chenjie", "陈洁", "13800001111", "浴室漏水", "锦绣路", "水还在滴", "先前的话")
ZONE = ZoneInfo("Asia/Shanghai")


def whole_database(session: Session) -> dict[str, list[tuple[object, ...]]]:
    with looking(session) as looker:
        return {
            table.name: sorted((tuple(row) for row in looker.execute(sa.select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def left_in(tables: dict[str, list[tuple[object, ...]]]) -> list[str]:
    """Return where something is left that says who they were."""
    return [
        f"{secret} in {name}: {row}"
        for name, rows in tables.items()
        for row in rows
        for secret in SECRETS
        if secret in str(row)
    ]


def erase_them(app: Flask, session: Session, address: str = ADDRESS, **rules: bool) -> Erasure:
    keeps = rules.get("keeps_scores", False)
    done = erase(
        session,
        person_of_address(session, address),
        Rules(app.config["SECRET_KEY"], keeps),
        START,
        asked_by="administrator",
    )
    session.commit()
    return done


def history(app: Flask, session: Session) -> tuple[Invitation, Response]:
    """Have somebody left traces in every table there is."""
    invitation, response = rated(app, session)
    session.add_all(
        [
            FormerAnswer(
                response_id=response.id, question_key="comment", choice="", comment="先前的话",
                replaced_at=START,
            ),
            FormerAnswer(
                response_id=response.id, question_key="csat", choice="", score=1, replaced_at=START
            ),
            QuickPost(invitation_id=invitation.id, score=2, page="p", posted_at=START),
            MailLanguage(
                address_digest=invitation.address_digest, locale="en", chosen_at=START
            ),
        ]
    )  # fmt: skip
    suppress_kind(
        session, invitation.address_digest or "", invitation.interaction.channel_id, START
    )
    # A follow-up that is planned, an invitation that is open, and mails that wait and that went.
    asked(
        app, session, interaction=invitation.interaction, wave=2, issued_at=None, message_id=None,
        due_at=START + timedelta(days=30),
    )  # fmt: skip
    unanswered = asked(app, session)
    make_message(
        session, ADDRESS, kind="reminder", sent_at=None, token_for=unanswered.id,
        server_reply=f"450 <{ADDRESS}> is busy",
    )  # fmt: skip
    make_message(session, ADDRESS.upper(), kind="own_link", token_for=unanswered.id)
    session.commit()
    return invitation, response


def test_nothing_that_says_who_they_were_is_left_anywhere(
    app: Flask, session: Session, time: Time
) -> None:
    history(app, session)
    stranger = make_interaction(session, customer_email="other@example.cn")
    make_response(session, stranger, csat=5, comment="别人的话")
    session.commit()
    before = str(whole_database(session))
    assert all(secret in before for secret in SECRETS)
    done = erase_them(app, session)
    after = whole_database(session)
    assert left_in(after) == []
    assert "别人的话" in str(after)
    counts = {name: getattr(done, name) for name in (
        "contacts", "answers_kept", "answers_removed", "comments", "mails", "mails_cancelled",
        "invitations_withheld", "addresses")}  # fmt: skip
    assert counts == {
        "contacts": 2, "answers_kept": 0, "answers_removed": 1, "comments": 2, "mails": 5,
        "mails_cancelled": 1, "invitations_withheld": 1, "addresses": 1,
    }  # fmt: skip
    assert [tuple(row)[1] for row in after["suppression"]] == ["erased"]
    for table in (KindSuppression, MailLanguage, QuickPost, FormerAnswer):
        assert count_of(session, table) == 0


def test_not_even_the_bytes_are_left(app: Flask, session: Session, tmp_path: Path) -> None:
    """What SQLite deletes it would leave in its file, and in its journal."""
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL's own clearing up is the administrator's (docs/privacy.md)")
    for number in range(40):
        rated(app, session, comment=f"水还在滴 {number} " + "滴" * 60)
    history(app, session)
    erase_them(app, session)
    session.close()
    with app.app_context():
        settle_file(session.get_bind())
    files = list(Path(session.get_bind().url.database).parent.glob("feedback.sqlite*"))
    assert files
    raw = b"".join(path.read_bytes() for path in files)
    assert [secret for secret in SECRETS if secret.encode() in raw] == []


def test_all_of_it_or_nothing(
    app: Flask, session: Session, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever fails, and at whichever step: nothing is half erased."""
    history(app, session)
    before = whole_database(session)
    for step in ("blank_mails", "end_invitations", "forget_answers", "blank_contacts"):
        with monkeypatch.context() as patch:

            def fail(*_given: object, **_named: object) -> None:
                raise RuntimeError("in the middle")

            patch.setattr(erasing, step, fail)
            with pytest.raises(RuntimeError):
                erase_them(app, session)
        session.rollback()
        assert whole_database(session) == before


def test_done_twice_it_finds_nothing_more(app: Flask, session: Session, time: Time) -> None:
    history(app, session)
    erase_them(app, session)
    once = whole_database(session)
    again = erase_them(app, session)
    assert (again.contacts, again.mails, again.comments, again.addresses) == (0, 0, 0, 1)
    twice = whole_database(session)
    del once["erasure"], twice["erasure"]
    assert once == twice


def test_scores_stay_as_anonymous_numbers_where_the_setting_says_so(
    app: Flask, session: Session, time: Time
) -> None:
    invitation, response = history(app, session)
    done = erase_them(app, session, keeps_scores=True)
    assert (done.answers_kept, done.answers_removed) == (1, 0)
    assert said(session, invitation) == {"csat": 2}
    assert stored(session, response).excluded_at is None
    assert left_in(whole_database(session)) == []


@pytest.mark.parametrize("keeps_scores", [False, True])
@pytest.mark.parametrize("is_rolled_up", [False, True])
def test_figures_follow_to_the_last_number(
    app: Flask, session: Session, time: Time, keeps_scores: bool, is_rolled_up: bool
) -> None:
    """What tallies say is what counting every answer again from nothing says."""
    for score in (1, 4, 4, 5):
        make_response(session, make_interaction(session), csat=score)
    history(app, session)
    session.commit()
    roll_up(session, START + timedelta(hours=1))
    session.commit()
    day = session.scalars(sa.select(sa.func.min(Interaction.day))).one()
    last = session.scalars(sa.select(sa.func.max(Interaction.day))).one()
    question = Question("csat", "staff", "month", day, last, (1,), {})

    def counts(*, from_tallies: bool) -> dict[int, int]:
        found: dict[int, int] = {}
        for scores in count(session, question, from_tallies=from_tallies).values():
            for score, times in scores.items():
                found[score] = found.get(score, 0) + times
        return found

    assert counts(from_tallies=True) == {1: 1, 2: 1, 4: 2, 5: 1}
    later = START + timedelta(hours=2)
    erase(
        session, person_of_address(session, ADDRESS), Rules(app.config["SECRET_KEY"], keeps_scores),
        later, asked_by="customer",
    )  # fmt: skip
    session.commit()
    if is_rolled_up:
        roll_up(session, later + timedelta(hours=1))
        session.commit()
    expected = {1: 1, 4: 2, 5: 1} | ({2: 1} if keeps_scores else {})
    assert counts(from_tallies=True) == counts(from_tallies=False) == expected


def test_a_new_report_of_the_same_person_never_leads_to_a_mail(
    app: Flask, session: Session, time: Time
) -> None:
    """Not by file, API or webhook, which all take a report in; not under another writing of it."""
    history(app, session)
    erase_them(app, session)
    policy = InvitationPolicy.from_config(app.config)
    for number, address in enumerate((ADDRESS, ADDRESS.upper(), f" {ADDRESS} ".strip())):
        report = read_report(
            {"source": "crm", "external_id": f"new-{number}", "channel": "phone",
             "closed_at": "2026-09-02T10:00:00+08:00", "customer_email": address,
             "customer_name": "陈洁", "staff_external_id": "e-1", "customer_external_id": "c-1"},
            zone=ZONE, now=START,
        )  # fmt: skip
        take_in(session, report, policy=policy, now=START, key=app.config["SECRET_KEY"])
    session.commit()
    for days in (0, 6, 31, 40):
        now = START + timedelta(days=days)
        issue_due(app, now=now)
        assert one_round(app, now=now, worker="w").sent == 0
    with looking(session) as looker:
        new = sa.select(Invitation.withheld_because).join(Interaction).where(
            Interaction.erasure_id.is_(None))  # fmt: skip
        assert set(looker.scalars(new)) == {"suppressed"}


def test_the_very_contact_reported_again_makes_no_second_one_and_tells_nothing(
    app: Flask, session: Session, time: Time
) -> None:
    invitation, _response = history(app, session)
    one = invitation.interaction
    source, external_id = one.source, one.external_id
    erase_them(app, session)
    report = read_report(
        {"source": source, "external_id": external_id, "channel": "phone",
         "closed_at": "2026-09-02T09:00:00+08:00", "customer_email": ADDRESS,
         "customer_name": "陈洁", "staff_external_id": "e-1"},
        zone=ZONE, now=START,
    )  # fmt: skip
    intake = Intake(session, InvitationPolicy.from_config(app.config), app.config["SECRET_KEY"])
    assert intake.take_all([report], START) == [(one.id, False)]
    assert list(intake.known([report]).values()) == [one.id]
    session.commit()
    assert left_in(whole_database(session)) == []
    assert external_id not in str(whole_database(session)["interaction"])


def test_an_answer_to_an_erased_contact_is_not_taken_in_again(
    app: Flask, session: Session, time: Time
) -> None:
    invitation, _response = history(app, session)
    one = invitation.interaction
    row = {"source": one.source, "external_id": one.external_id, "channel": "phone", "wave": "2",
           "closed_at": "2026-09-02T09:00:00+08:00", "customer_email": ADDRESS, "csat": "1",
           "answered_at": "2026-09-02T10:00:00+08:00", "comment": "水还在滴",
           "staff_external_id": "e-1"}  # fmt: skip
    erase_them(app, session, keeps_scores=True)
    intake = Intake(session, InvitationPolicy.from_config(app.config), app.config["SECRET_KEY"])
    taker = ResponseTaker(session, ZONE, START, intake=intake)
    told = taker.read(row)
    assert taker.look([told]) == [Fate.DUPLICATE]
    assert taker.take([told]) == [Fate.DUPLICATE]
    session.commit()
    assert "水还在滴" not in str(whole_database(session))


def test_somebody_elses_contacts_of_the_same_customer_stay(
    app: Flask, session: Session, time: Time
) -> None:
    """Under another address somebody else may be reading; what is erased leads to them no more."""
    mine, _response = rated(app, session)
    customer = mine.customer_id
    other = contact(session, "else@example.cn", customer_id=customer, customer_name="陈先生")
    session.commit()
    erase_them(app, session)
    erased, kept = stored(session, mine.interaction), stored(session, other)
    assert kept.customer_id == customer
    assert (kept.customer_name, kept.erasure_id) == ("陈先生", None)
    assert erased.customer_id != customer
    assert stored(session, mine).customer_id == erased.customer_id
    with looking(session) as looker:
        assert looker.get_one(Customer, erased.customer_id).key.startswith("erased:")
        assert not looker.get_one(Customer, customer).key.startswith("erased:")


def test_mails_about_an_account_are_not_the_customers(
    app: Flask, session: Session, time: Time
) -> None:
    asked(app, session)
    account = make_message(session, ADDRESS, kind="account", token_for=None)
    session.commit()
    erase_them(app, session)
    assert stored(session, account).recipient == ADDRESS


def test_a_mail_that_was_on_its_way_brings_nothing_back(
    app: Flask, session: Session, time: Time
) -> None:
    """A worker had it in hand; what its server says of the address is not written down any more."""
    for outcome in (
        "250 taken for chenjie@example.cn",
        Verdict("550 no 陈洁", ServersFate.NOBODY_THERE),
    ):
        invitation = asked(app, session)
        make_message(session, ADDRESS, sent_at=None, token_for=invitation.id)
        session.commit()
        with Session(session.get_bind(), expire_on_commit=False) as worker, worker.begin():
            message = claim_message(worker, now=START, worker="w")
        assert message is not None
        erase_them(app, session)
        key = app.config["SECRET_KEY"]
        with Session(session.get_bind()) as worker, worker.begin():
            settle(worker, message, outcome, now=START, again_at=None, key=key)
        assert left_in(whole_database(session)) == []
        with looking(session) as looker:
            assert set(looker.scalars(sa.select(Suppression.reason))) == {"erased"}


# By the customer


def test_a_customer_erases_everything_and_gets_the_counts(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation, response = history(app, session)
    one_round(app, now=START, worker="w")
    path = own(app, invitation)
    answer = press(client, f"{path}/erase", sure="yes")
    assert (answer.status_code, answer.location) == (303, path)
    page = client.get(path)
    assert page.status_code == 200
    assert "已全部删除" in page.text
    with looking(session) as looker:
        [done] = looker.scalars(sa.select(Erasure))
    assert (done.asked_by, done.contacts, done.answers_removed) == ("customer", 2, 1)
    # Whichever link of whichever mail is opened, it says so and shows nothing.
    pages = [path, f"{path}/everything", f"{path}/export.json", f"{path}/erase",
             f"{path}/withdraw/{response.id}", preferences(app, invitation),
             f"{preferences(app, invitation)}/key"]  # fmt: skip
    for address in pages:
        told = client.get(address)
        assert (told.status_code, "已全部删除" in told.text) == (200, True)
        assert all(secret not in told.text for secret in SECRETS)
    for address in (link(app, invitation), f"{link(app, invitation)}/stop"):
        told = client.get(address)
        assert (told.status_code, "已删除" in told.text) == (410, True)
    assert not list(Path(app.instance_path, "mail").glob("*.eml"))


@pytest.mark.parametrize("given", [{}, {"sure": "no"}, {"sure": "yes", "nonce": "forged"}])
def test_without_a_tick_on_a_page_of_ours_nothing_is_erased(
    app: Flask, session: Session, client: FlaskClient, time: Time, given: dict[str, str]
) -> None:
    """A scanner that presses the button has ticked nothing."""
    invitation, _response = rated(app, session)
    before = whole_database(session)
    answer = press(client, f"{own(app, invitation)}/erase", **given)
    assert answer.status_code == 422
    assert "尚未删除" in answer.text
    assert whole_database(session) == before


def test_an_erased_link_takes_no_answer(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = asked(app, session)
    page = client.get(link(app, invitation))
    erase_them(app, session)
    time.forward(minutes=1)
    answer = client.post(link(app, invitation), data=hidden(page.text) | {"csat": "1"})
    assert answer.status_code == 410
    assert count_of(session, Response) == 0


def test_who_answers_while_everything_is_erased_leaves_nothing(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    """Whichever comes first: the answer is erased with the rest, or there is nothing to answer."""
    invitation = asked(app, session)
    key = own(app, invitation)
    answer = hidden(client.get(link(app, invitation)).text) | {"csat": "1", "comment": "水还在滴"}
    sure = hidden(client.get(f"{key}/erase").text) | {"sure": "yes"}
    time.forward(seconds=10)
    posts = [(link(app, invitation), answer), (f"{key}/erase", sure)] * 3
    answers = at_once(app, posts)
    assert {one.status_code for one in answers} <= {200, 303, 410}
    assert left_in(whole_database(session)) == []
    # Pressed three times, it is done once.
    assert count_of(session, Erasure) == 1
    assert count_of(session, Answer) == 0


# By an administrator


def stored_number(session: Session) -> int:
    with looking(session) as looker:
        return looker.scalars(sa.select(Erasure.id)).one()


def test_an_administrator_erases_by_address_and_sees_the_counts(
    app: Flask, session: Session, runner: FlaskCliRunner, time: Time
) -> None:
    history(app, session)
    before = whole_database(session)
    told = runner.invoke(args=["erase", ADDRESS, "--dry-run", "--format", "json"])
    assert told.exit_code == 0, told.output
    assert whole_database(session) == before
    done = runner.invoke(args=["erase", ADDRESS.upper(), "--yes", "--format", "json"])
    assert done.exit_code == 0, done.output
    would, did = json.loads(told.stdout), json.loads(done.stdout)
    assert would.pop("dry_run") is True
    assert did.pop("dry_run") is False
    assert did.pop("files") == 0
    assert did.pop("erasure") == stored_number(session)
    assert would == did
    assert did["contacts"] == 2
    assert left_in(whole_database(session)) == []


def test_it_asks_before_and_a_no_changes_nothing(
    app: Flask, session: Session, runner: FlaskCliRunner, time: Time
) -> None:
    history(app, session)
    before = whole_database(session)
    assert runner.invoke(args=["erase", ADDRESS], input="n\n").exit_code == 1
    assert whole_database(session) == before
    assert runner.invoke(args=["erase", ADDRESS], input="y\n").exit_code == 0
    assert count_of(session, Erasure) == 1


def test_an_administrator_erases_by_a_customers_number(
    app: Flask, session: Session, runner: FlaskCliRunner, time: Time
) -> None:
    """All of that customer, under whatever addresses: the organisation knows who that is."""
    one = contact(session)
    customer = session.get_one(Customer, one.customer_id)
    customer.key = "id:crm:10017"
    contact(session, "second@example.cn", customer_id=customer.id)
    other = contact(session, "other@example.cn")
    session.get_one(Customer, other.customer_id).key = "id:shop:10017"
    session.commit()
    for wrong, words in (("10018", "既不是"), ("10017", "多位客户")):
        told = runner.invoke(args=["erase", wrong, "--yes"])
        assert told.exit_code == 2
        assert words in told.output
    done = runner.invoke(args=["erase", "crm:10017", "--yes", "--format", "json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["contacts"] == 2
    assert json.loads(done.stdout)["addresses"] == 2
    assert count_of(session, Suppression) == 2
    assert stored(session, other).customer_email == "other@example.cn"


def test_an_address_nobody_knows_is_kept_from_mail_all_the_same(
    app: Flask, session: Session, runner: FlaskCliRunner, time: Time
) -> None:
    done = runner.invoke(args=["erase", "nobody@example.cn", "--yes", "--format", "json"])
    assert json.loads(done.stdout)["contacts"] == 0
    assert count_of(session, Suppression) == 1
    assert count_of(session, Message) == 0


def test_the_connection_overwrites_what_is_deleted(session: Session) -> None:
    raw = session.connection().connection.driver_connection
    if isinstance(raw, sqlite3.Connection):
        assert raw.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_answers_taken_out_are_those_of_the_person_alone(
    app: Flask, session: Session, time: Time
) -> None:
    rated(app, session)
    kept = make_response(session, make_interaction(session), csat=5, comment="别人的话")
    session.commit()
    erase_them(app, session)
    with looking(session) as looker:
        rows = looker.execute(sa.select(Answer.response_id).distinct()).all()
    assert [tuple(row) for row in rows] == [(kept.id,)]
