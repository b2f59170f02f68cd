"""Moves somebody to another team on a day; what they did before stays with the team of then."""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Membership, StaffMember, Team


class CannotMove(Exception):
    """A move that cannot be: "future", "before" the present membership began, or team "closed"."""

    def __init__(self, why: str, day: date | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.day = day


def move(
    session: Session, member: StaffMember, team: Team | None, *, day: date, today: date
) -> bool:
    """Let somebody belong to a team, or to none, from the day on; return whether anything changed.

    A second move on the day a membership began corrects it, and moving back undoes it. Raises
    CannotMove. Flushes; the caller commits.
    """
    if day > today:
        raise CannotMove("future", today)
    if team is not None and team.closed_at is not None:
        raise CannotMove("closed")
    # Two who move the same person at once wait for one another.
    session.execute(
        sa.select(StaffMember.id).where(StaffMember.id == member.id).with_for_update()
    ).scalar()
    session.refresh(member, ["memberships"])
    current = next((one for one in member.memberships if one.to_day is None), None)
    if (current.team_id if current else None) == (team.id if team else None):
        return False
    latest = current or (member.memberships[-1] if member.memberships else None)
    if latest is not None and not _is_after(day, latest):
        raise CannotMove("before", latest.to_day or latest.from_day)
    if current is not None:
        _end(member, current, day)
        # Before what follows is there: nobody belongs to two teams, not even for a statement.
        session.flush()
    if team is not None:
        _begin(member, team, day)
    session.flush()
    session.expire(member, ["memberships", "team"])
    return True


def team_on(member: StaffMember, day: date) -> Team | None:
    """Return the team somebody belonged to on that day."""
    for one in member.memberships:
        if (one.from_day is None or one.from_day <= day) and (
            one.to_day is None or day <= one.to_day
        ):
            return one.team
    return None


def _is_after(day: date, latest: Membership) -> bool:
    if latest.to_day is not None:
        return day > latest.to_day
    return latest.from_day is None or day >= latest.from_day


def _end(member: StaffMember, current: Membership, day: date) -> None:
    if current.from_day == day:
        # It never was: somebody corrects what they have entered.
        member.memberships.remove(current)
    else:
        current.to_day = day - timedelta(days=1)


def _begin(member: StaffMember, team: Team, day: date) -> None:
    before = member.memberships[-1] if member.memberships else None
    goes_on = before is not None and before.to_day == day - timedelta(days=1)
    if before is not None and goes_on and before.team_id == team.id:
        before.to_day = None
        return
    member.memberships.append(Membership(team_id=team.id, from_day=day))
