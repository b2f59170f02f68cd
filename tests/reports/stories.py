"""What pages of figures are about: people with so many answers of such scores."""

import html
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.interactions.models import StaffMember
from feedback.responses.models import Response
from tests.conftest import START
from tests.factories import (
    make_channel,
    make_interaction,
    make_response,
    make_staff,
    make_team,
    make_user,
    sign_in,
)

RECENTLY = START - timedelta(days=20)
_TAGS = re.compile(r"<[^>]+>")
_UNBROKEN = re.compile(r'<span class="nowrap">([^<]*%[)）]?)</span>')
_SPACES = re.compile(r"\s+")


def person(session: Session, external_id: str, name: str, team: str = "客服一组") -> StaffMember:
    """Have somebody on the staff, of this team today."""
    staff = make_staff(session, external_id, name=name, team_id=make_team(session, team).id)
    session.commit()
    return staff


def answered(
    session: Session,
    staff: StaffMember | None,
    csat: Sequence[int] = (),
    *,
    nps: Sequence[int | None] = (),
    channel: str = "phone",
    wave: int = 1,
    closed_at: datetime = RECENTLY,
    comments: Sequence[str | None] = (),
) -> list[Response]:
    """Let customers of this person answer, each about a contact of their own."""
    responses = []
    for place in range(max(len(csat), len(nps), len(comments))):
        values = {"staff_id": staff.id, "team_id": staff.team_id} if staff else {"staff_id": None}
        interaction = make_interaction(
            session,
            channel_id=make_channel(session, channel).id,
            closed_at=closed_at,
            **values,
        )
        responses.append(
            make_response(
                session,
                interaction,
                wave=wave,
                csat=csat[place] if place < len(csat) else None,
                nps=nps[place] if place < len(nps) else None,
                comment=comments[place] if place < len(comments) else None,
                answered_at=closed_at + timedelta(hours=1, minutes=place),
            )
        )
    session.commit()
    return responses


def reader(client: FlaskClient, session: Session, role: str, staff: StaffMember | None) -> User:
    """Sign somebody of this role in, who is this staff member."""
    user = make_user(session, role, staff_id=staff.id if staff else None)
    sign_in(client, session, user)
    return user


def words(page: str) -> str:
    """Return what a page says, as one line without its markup."""
    # What only keeps a percentage on one line parts no words.
    page = _UNBROKEN.sub(r"\1", page)
    return _SPACES.sub(" ", html.unescape(_TAGS.sub(" ", page)))
