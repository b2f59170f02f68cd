"""Which answers somebody may ask for at all: their own, their team's, or everybody's."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.sight import Sight
from feedback.interactions.models import StaffMember, Team
from feedback.reports.filters import Filters


class OutOfSight(Exception):
    """Somebody asked for what is not theirs to see, or for what is not there."""


def within_sight(
    session: Session, asked: Filters, sight: Sight, own: StaffMember | None
) -> Filters | None:
    """Return the filters; where they name nobody, narrowed to what this person sees.

    None stands for somebody who could only see themselves and has no staff record. Raises
    OutOfSight for a person or a team of somebody else's; one moved away stays with the old team as
    far as the answers given there go.
    """
    if sight.everything:
        return asked
    if own is None:
        return None
    team = _team(session, asked.where["team"]) if "team" in asked.where else None
    if "staff" in asked.where:
        staff = _staff(session, asked.where["staff"])
        if sight.sees_staff(staff.id, staff.team_id):
            return asked
        if team is not None and sight.sees_team(team.id):
            return asked
        raise OutOfSight
    if team is not None:
        if not sight.sees_team(team.id):
            raise OutOfSight
        return asked
    if own.team is not None and sight.sees_team(own.team.id):
        return asked.narrowed(team=own.team.name)
    return asked.narrowed(staff=own.external_id)


def _team(session: Session, name: str) -> Team:
    return session.scalars(sa.select(Team).where(Team.name == name)).one()


def _staff(session: Session, external_id: str) -> StaffMember:
    query = sa.select(StaffMember).where(StaffMember.external_id == external_id)
    return session.scalars(query).one()
