"""Rules of whom not to ask, by kind, segment or tag: in force at once, and told as such."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.invitations.do_not_ask import ask_again, rules_in_force, stop_asking
from feedback.invitations.issue import issue_due
from feedback.invitations.models import DoNotAsk, Invitation
from tests.factories import make_interaction, make_user, sign_in
from tests.invitations.histories import (
    accounts,
    forget_everything,
    rehearse,
    take_in,
    work_through,
)
from tests.invitations.stories import report

CLOSED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)  # A Monday, 11:00 in Shanghai.


@pytest.fixture
def admin(session: Session) -> User:
    user = make_user(session, "admin")
    session.commit()
    return user


def forbid(session: Session, admin: User, what: str, value: str) -> DoNotAsk:
    rule = stop_asking(session, what, value, "they asked us not to", admin, CLOSED)
    session.commit()
    return rule


def reasons(session: Session, interaction_id: int) -> list[str | None]:
    session.rollback()
    query = sa.select(Invitation.withheld_because).where(
        Invitation.interaction_id == interaction_id
    )
    found = list(session.scalars(query.order_by(Invitation.wave)))
    session.rollback()
    return found


@pytest.mark.parametrize(
    ("what", "value", "contact"),
    [
        ("kind", "Warranty  Claim", {"kind": "warranty claim"}),
        ("segment", "ＶＩＰ", {"segment": "vip"}),
        ("tag", "未成年人", {"tags": "退货;未成年人"}),
    ],
)
def test_what_a_rule_names_is_not_asked_about(
    app: Flask, session: Session, admin: User, what: str, value: str, contact: dict[str, str]
) -> None:
    rule = forbid(session, admin, what, value)
    barred = report(app, session, CLOSED, **contact)
    other = report(app, session, CLOSED, kind="call", segment="vips", tags="未成年")
    assert reasons(session, barred.id) == ["do_not_ask", "do_not_ask"]
    assert reasons(session, other.id) == [None, None]
    ask_again(session, rule, admin, CLOSED)
    session.commit()
    assert reasons(session, report(app, session, CLOSED, **contact).id) == [None, None]


def test_what_waits_when_a_rule_is_made_is_withheld_as_it_comes_due(
    app: Flask, session: Session, admin: User
) -> None:
    story = report(app, session, CLOSED, segment="minors")
    issue_due(app, now=CLOSED)
    forbid(session, admin, "segment", "minors")
    issue_due(app, now=CLOSED + timedelta(days=40))
    assert reasons(session, story.id) == [None, "do_not_ask"]


def test_the_same_rule_cannot_hold_twice(session: Session, admin: User) -> None:
    rule = forbid(session, admin, "kind", "complaint")
    with pytest.raises(NotPossible, match="already") as refusal:
        forbid(session, admin, "kind", "COMPLAINT")
    assert refusal.value.field == "value"
    session.add(
        DoNotAsk(what="kind", value="complaint", reason="x", made_at=CLOSED, made_by_id=admin.id)
    )
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    ask_again(session, rule, admin, CLOSED)
    forbid(session, admin, "kind", "complaint")
    assert rules_in_force(session).values == {("kind", "complaint")}


@pytest.mark.parametrize(
    ("what", "value", "reason", "field"),
    [
        ("channel", "phone", "x", "what"),
        ("kind", "  ", "x", "value"),
        ("kind", "x" * 121, "x", "value"),
        ("kind", "call", " ", "reason"),
        ("kind", "call", "x" * 201, "reason"),
    ],
)
def test_what_is_no_rule_is_refused_by_field(
    app: Flask, session: Session, admin: User, what: str, value: str, reason: str, field: str
) -> None:
    with app.test_request_context(), pytest.raises(NotPossible) as refusal:
        stop_asking(session, what, value, reason, admin, CLOSED)
    assert refusal.value.field == field
    assert session.scalars(sa.select(DoNotAsk)).all() == []


def test_an_administrator_makes_and_ends_a_rule_on_its_page(
    app: Flask, session: Session, admin: User, client: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    sign_in(client, session, admin)
    data = {"what": "tag", "value": "诉讼", "reason": "前台 <法务>"}
    assert client.post("/admin/do-not-ask", data=data).status_code == 303
    page = client.get("/admin/do-not-ask").text
    assert "诉讼" in page
    assert "前台 &lt;法务&gt;" in page
    again = client.post("/admin/do-not-ask", data=data)
    assert again.status_code == 422
    assert 'aria-invalid="true"' in again.text
    rule_id = session.scalars(sa.select(DoNotAsk.id)).one()
    session.rollback()
    assert client.post(f"/admin/do-not-ask/{rule_id}/end").status_code == 303
    assert rules_in_force(session).values == frozenset()


def test_the_dry_run_knows_the_rules(app: Flask, session: Session) -> None:
    """Drawn at random: a rule made beforehand, and the same numbers as for real."""

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        segments=st.lists(st.sampled_from(["vip", "minor", ""]), min_size=1, max_size=8),
        barred=st.sampled_from(["vip", "minor"]),
    )
    def as_for_real(segments: list[str], barred: str) -> None:
        forget_everything(session)
        contacts = [
            make_interaction(session, closed_at=CLOSED + timedelta(hours=at), segment=segment)
            for at, segment in enumerate(segments)
        ]
        forbid(session, make_user(session, "admin"), "segment", barred)
        days = contacts[0].day, contacts[-1].day
        rehearsed = rehearse(app, session, *days)
        take_in(app, session, contacts)
        work_through(app, session)
        real = accounts(session, *days)
        for wave in (1, 2):
            assert rehearsed.accounts[wave].withheld == real[wave].withheld
            assert rehearsed.accounts[wave].fates == real[wave].fates
            assert real[wave].withheld["do_not_ask"] == segments.count(barred)

    as_for_real()
