"""Takes staff in from a list: who they are, and which team they belong to today."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.interactions.contacts import is_valid_address
from feedback.interactions.fields import Refused, clean, moment
from feedback.interactions.models import StaffMember, Team

COLUMNS = ("external_id", "name", "email", "team", "left_at")
REQUIRED = ("external_id", "name")


def take_staff(session: Session, raw: Mapping[str, str], zone: ZoneInfo, now: datetime) -> bool:
    """Add a staff member, or bring the known one up to date; return whether they are new."""
    texts = {column: clean(raw.get(column, "")) for column in COLUMNS}
    for column in REQUIRED:
        if not texts[column]:
            raise Refused(column, "", _("is required"))
        if len(texts[column]) > 120:
            raise Refused(
                column, texts[column], _("is longer than %(limit)s characters", limit=120)
            )
    email = texts["email"].lower()
    if email and not is_valid_address(email):
        raise Refused("email", email, _("is not an e-mail address"))
    left_at = moment("left_at", texts["left_at"], zone) if texts["left_at"] else None
    member = session.scalar(
        sa.select(StaffMember).where(StaffMember.external_id == texts["external_id"])
    )
    is_new = member is None
    if member is None:
        member = StaffMember(external_id=texts["external_id"], name=texts["name"])
        session.add(member)
    member.name = texts["name"]
    member.email = email or member.email
    member.left_at = left_at
    if texts["team"]:
        member.team_id = _team(session, texts["team"])
    session.flush()
    return is_new


def _team(session: Session, name: str) -> int:
    if len(name) > 120:
        raise Refused("team", name, _("is longer than %(limit)s characters", limit=120))
    team = session.scalar(sa.select(Team).where(Team.name == name))
    if team is None:
        team = Team(name=name)
        session.add(team)
        session.flush()
    return team.id
