"""One maker per noun, every argument defaulted."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback import clock
from feedback.accounts import sessions
from feedback.accounts.models import User
from feedback.interactions.models import Channel, Customer, Interaction, StaffMember, Team
from feedback.responses.models import Answer, Response

_numbers = count(1)
CLOSED = datetime(2026, 9, 2, 1, 0, tzinfo=UTC)


def make_channel(session: Session, code: str = "phone") -> Channel:
    found = session.scalar(sa.select(Channel).where(Channel.code == code))
    if found is None:
        found = Channel(code=code, name_en=code.title(), name_zh={"phone": "电话"}.get(code, code))
        session.add(found)
        session.flush()
    return found


def make_team(session: Session, name: str = "客服一组") -> Team:
    found = session.scalar(sa.select(Team).where(Team.name == name))
    if found is None:
        found = Team(name=name)
        session.add(found)
        session.flush()
    return found


def make_staff(session: Session, external_id: str = "e-1", **values: Any) -> StaffMember:
    found = session.scalar(sa.select(StaffMember).where(StaffMember.external_id == external_id))
    if found is None:
        values = {"name": "李静", "team_id": make_team(session).id} | values
        found = StaffMember(external_id=external_id, **values)
        session.add(found)
        session.flush()
    return found


def make_customer(session: Session, key: str | None = None) -> Customer:
    customer = Customer(key=key or f"id:test:{next(_numbers)}", created_at=CLOSED)
    session.add(customer)
    session.flush()
    return customer


def make_interaction(session: Session, **values: Any) -> Interaction:
    """Make an interaction closed on 2 September 2026, 09:00 in Shanghai, by 李静 on the phone."""
    number = next(_numbers)
    closed_at = values.get("closed_at", CLOSED)
    defaults: dict[str, Any] = {
        "source": "test",
        "external_id": f"t-{number}",
        "closed_at": closed_at,
        "day": closed_at.date(),
        "recorded_at": closed_at,
        "customer_name": "王伟",
        "customer_gender": "male",
        "customer_email": f"wangwei{number}@example.cn",
    }
    if "channel_id" not in values:
        defaults["channel_id"] = make_channel(session).id
    if "staff_id" not in values:
        staff = make_staff(session)
        defaults |= {"staff_id": staff.id, "team_id": staff.team_id}
    if "customer_id" not in values:
        defaults["customer_id"] = make_customer(session).id
    interaction = Interaction(**(defaults | values))
    session.add(interaction)
    session.flush()
    return interaction


def make_response(
    session: Session,
    interaction: Interaction | None = None,
    *,
    wave: int = 1,
    csat: int | None = None,
    nps: int | None = None,
    comment: str | None = None,
    **values: Any,
) -> Response:
    interaction = interaction or make_interaction(session)
    moment = values.pop("answered_at", interaction.closed_at)
    response = Response(
        interaction_id=interaction.id,
        wave=wave,
        provenance=values.pop("provenance", "page"),
        answered_at=moment,
        changed_at=values.pop("changed_at", moment),
        **values,
    )
    for metric, score in (("csat", csat), ("nps", nps)):
        if score is not None:
            response.answers.append(Answer(question_key=metric, metric=metric, score=score))
    if comment is not None:
        response.answers.append(Answer(question_key="comment", comment=comment))
    session.add(response)
    session.flush()
    return response


def make_user(session: Session, role: str = "staff", **values: Any) -> User:
    """Make somebody who may sign in; `staff_id` links them to a staff member."""
    values = {"email": f"{role}{next(_numbers)}@example.cn", "created_at": CLOSED} | values
    user = User(role=role, **values)
    session.add(user)
    session.flush()
    return user


def sign_in(client: FlaskClient, session: Session, user: User, now: datetime | None = None) -> None:
    """Sign the client in as this person, without the work of a password; commits the session."""
    value = sessions.begin(session, user, "a test", now or clock.now())
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = value
