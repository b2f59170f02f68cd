"""Responses from elsewhere: recorded once, and nobody who gave one is asked the same again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.database import reading
from feedback.interactions.fields import Refused, Report
from feedback.interactions.import_rows import Fate
from feedback.interactions.models import Interaction
from feedback.invitations.coverage import Which, accounting
from feedback.invitations.eligibility import ANSWERED_ELSEWHERE, FIRST_WAVE_WITHHELD, TOO_OLD
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.invitations.remind import remind_silent
from feedback.invitations.take_in import Intake
from feedback.outbox.models import Message
from feedback.responses.models import Answer, FormerAnswer, Response
from feedback.responses.read_response import GivenResponse
from feedback.responses.record_import import ResponseTaker, Said
from tests.factories import make_interaction, make_response
from tests.invitations.stories import report

CLOSED = datetime(2026, 9, 2, 1, 0, tzinfo=UTC)  # A Wednesday, 09:00 in Shanghai.
NOW = CLOSED + timedelta(hours=1)
NEW, SAME = Fate.CREATED, Fate.DUPLICATE
CSAT_5 = {"csat": 5}


def said(
    about: str,
    *,
    wave: int = 1,
    source: str = "",
    scores: dict[str, int] | None = None,
    comment: str = "",
    answered_at: datetime = NOW,
    report: Report | None = None,
) -> Said:
    scores = CSAT_5 if scores is None else scores
    return Said(GivenResponse(wave, answered_at, scores, comment, "phone"), source, about, report)


def taker(session: Session, **more: Any) -> ResponseTaker:
    return ResponseTaker(session, ZoneInfo("Asia/Shanghai"), NOW, **more)


def take(session: Session, *rows: Said) -> list[Fate | str]:
    """Look first, as a dry run does, then take; both must come to the same."""
    session.commit()
    with reading():
        looked = told(taker(session).look(rows))
        session.rollback()
    taken = told(taker(session).take(rows))
    assert looked == taken
    session.commit()
    return taken


def told(fates: Sequence[Fate | Refused]) -> list[Fate | str]:
    return [fate.column if isinstance(fate, Refused) else fate for fate in fates]


def test_a_response_is_kept_as_it_was_given(session: Session) -> None:
    make_interaction(session, external_id="GD-1")
    words = " 𠮷 🎉 \n\u202bשלום\u202c "
    assert take(session, said("GD-1", scores={"csat": 4, "nps": 0, "ces": 7}, comment=words)) == [
        NEW
    ]
    response = session.scalars(sa.select(Response)).one()
    assert (response.wave, response.provenance, response.answered_at) == (1, "phone", NOW)
    assert (response.changed_at, response.invitation_id) == (NOW, None)
    rows = session.scalars(sa.select(Answer).order_by(Answer.question_key))
    assert [(a.question_key, a.metric, a.score, a.comment) for a in rows] == [
        ("ces", "ces", 7, None),
        ("comment", None, None, words),
        ("csat", "csat", 4, None),
        ("nps", "nps", 0, None),
    ]


def test_each_wave_takes_one_response(session: Session) -> None:
    make_response(session, make_interaction(session, external_id="GD-1"), csat=3)
    rows = [said("GD-1"), said("GD-1", wave=2), said("GD-1", wave=2, scores={"csat": 1})]
    assert take(session, *rows) == [SAME, NEW, SAME]
    scores = session.execute(sa.select(Response.wave, Answer.score).join(Response.answers))
    assert sorted(map(tuple, scores)) == [(1, 3), (2, 5)]


def test_an_unknown_interaction_is_refused_and_its_neighbours_taken(session: Session) -> None:
    make_interaction(session, external_id="GD-1")
    make_interaction(session, external_id="GD-3")
    assert take(session, said("GD-1"), said("GD-2"), said("GD-3")) == [
        NEW, "interaction_external_id", NEW,
    ]  # fmt: skip


def test_the_source_must_be_named_where_two_number_alike(session: Session) -> None:
    make_interaction(session, external_id="7", source="crm")
    shop = make_interaction(session, external_id="7", source="shop")
    rows = [said("7"), said("7", source="shop"), said("7", source="desk")]
    assert take(session, *rows) == ["source", NEW, "interaction_external_id"]
    assert session.scalars(sa.select(Response)).one().interaction_id == shop.id


def test_an_answer_dated_before_the_contact_ended_is_kept(session: Session) -> None:
    """Sources that keep only the day of an answer date every one of them so."""
    make_interaction(session, external_id="GD-1")
    assert take(session, said("GD-1", answered_at=CLOSED - timedelta(hours=9))) == [NEW]


def invitations(session: Session) -> list[Invitation]:
    session.expunge_all()
    found = list(session.scalars(sa.select(Invitation).order_by(Invitation.wave)))
    session.expunge_all()
    session.rollback()
    return found


def test_who_has_answered_elsewhere_gets_no_mail(app: Flask, session: Session) -> None:
    report(app, session, CLOSED, external_id="GD-1")
    take(session, said("GD-1"))
    first, follow_up = invitations(session)
    assert (first.withheld_because, first.withheld_at) == (ANSWERED_ELSEWHERE, NOW)
    assert follow_up.withheld_at is None
    issue_due(app, now=NOW)
    issue_due(app, now=NOW + timedelta(days=40))
    # Whoever was not invited the first time is not followed up either.
    assert [i.withheld_because for i in invitations(session)] == [
        ANSWERED_ELSEWHERE,
        FIRST_WAVE_WITHHELD,
    ]
    assert session.scalar(sa.select(Message.id)) is None
    account = accounting(session, Which())
    assert (account.interactions, account.withheld[ANSWERED_ELSEWHERE]) == (1, 1)


def test_a_follow_up_answered_elsewhere_is_withheld_alone(app: Flask, session: Session) -> None:
    report(app, session, CLOSED, external_id="GD-1")
    take(session, said("GD-1", wave=2))
    assert [i.withheld_because for i in invitations(session)] == [None, ANSWERED_ELSEWHERE]


def test_who_was_mailed_and_answers_elsewhere_is_not_reminded(app: Flask, session: Session) -> None:
    report(app, session, CLOSED, external_id="GD-1")
    issue_due(app, now=NOW)
    session.execute(sa.update(Message).values(sent_at=NOW))
    take(session, said("GD-1", answered_at=NOW))
    first, _follow_up = invitations(session)
    assert (first.answered_at, first.withheld_at) == (NOW, None)
    session.rollback()
    assert remind_silent(app, now=NOW + timedelta(days=7)) == 0


def test_a_person_answering_elsewhere_stands_where_a_machine_was_held(
    app: Flask, session: Session
) -> None:
    interaction = report(app, session, CLOSED, external_id="GD-1")
    issue_due(app, now=NOW)
    invitation = session.scalars(sa.select(Invitation).where(Invitation.wave == 1)).one()
    make_response(
        session, interaction, csat=1, answered_at=NOW, invitation_id=invitation.id,
        suspected_at=NOW, suspected_because="quick_posts",
    )  # fmt: skip
    assert take(session, said("GD-1", scores={"csat": 5})) == [NEW]
    assert take(session, said("GD-1", scores={"csat": 2})) == [SAME]
    response = session.scalars(sa.select(Response)).one()
    assert (response.suspected_at, response.provenance) == (None, "phone")
    assert [answer.score for answer in response.answers] == [5]
    assert session.scalars(sa.select(FormerAnswer.score)).all() == [1]
    assert invitations(session)[0].answered_at == NOW


def test_others_are_still_asked(app: Flask, session: Session) -> None:
    report(app, session, CLOSED, external_id="GD-1")
    report(app, session, CLOSED, external_id="GD-2")
    take(session, said("GD-1"))
    assert issue_due(app, now=NOW).issued == 1


def intake(app: Flask, session: Session) -> Intake:
    return Intake(session, InvitationPolicy.from_config(app.config), app.config["SECRET_KEY"])


def rated(number: str, closed_at: datetime = CLOSED, wave: int = 1) -> Said:
    whole = Report(
        "crm", number, "phone", closed_at, customer_email=f"c{number}@example.cn", staff_name="李静"
    )
    return said(number, wave=wave, source="crm", report=whole)


def test_a_row_may_bring_its_interaction(app: Flask, session: Session) -> None:
    rows = [rated("1"), rated("2"), rated("1"), rated("1", wave=2)]
    for again in (False, True):
        fates = [SAME] * 4 if again else [NEW, NEW, SAME, NEW]
        with reading():
            assert taker(session, intake=intake(app, session)).look(rows) == fates
            session.rollback()
        assert taker(session, intake=intake(app, session)).take(rows) == fates
        session.commit()
    assert len(session.scalars(sa.select(Interaction)).all()) == 2
    assert {i.withheld_because for i in invitations(session)} == {ANSWERED_ELSEWHERE, None}
    # Number 2 was not followed up elsewhere, but was not invited the first time either.
    assert issue_due(app, now=NOW + timedelta(days=40)).issued == 0


def test_history_is_never_written_to(app: Flask, session: Session) -> None:
    rows = [rated(str(n), CLOSED - timedelta(days=8 + n)) for n in range(5)]
    taker(session, intake=intake(app, session)).take(rows)
    session.commit()
    for days in (0, 23, 40, 400):
        done = issue_due(app, now=NOW + timedelta(days=days))
        assert (done.issued, done.withheld) == (0, 0)
    assert {i.withheld_because for i in invitations(session)} == {TOO_OLD}
    assert len(invitations(session)) == 10
    for wave in (1, 2):
        assert accounting(session, Which(wave=wave)).withheld == {TOO_OLD: 5}


def test_a_dry_run_over_batches_knows_what_earlier_batches_would_have_made(
    app: Flask, session: Session
) -> None:
    dry = taker(session, intake=intake(app, session))
    assert dry.look([rated("1")]) == [NEW]
    assert dry.look([rated("1"), rated("2")]) == [SAME, NEW]
    make_interaction(session, external_id="GD-1")
    dry = taker(session)
    assert dry.look([said("GD-1")]) == [NEW]
    assert dry.look([said("GD-1"), said("GD-1", source="test"), said("GD-1", wave=2)]) == [
        SAME, SAME, NEW,
    ]  # fmt: skip


@pytest.mark.parametrize("carries", [False, True])
def test_after_a_rollback_it_looks_again(app: Flask, session: Session, carries: bool) -> None:
    if not carries:
        make_interaction(session, external_id="1", source="crm")
        session.commit()
    this = taker(session, intake=intake(app, session) if carries else None)
    rows = [rated("1")] if carries else [said("1")]
    assert this.take(rows) == [NEW]
    session.rollback()
    this.forget()
    assert this.take(rows) == [NEW]
