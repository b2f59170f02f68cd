"""Adds and changes staff records and teams, and says which account is whose."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.interactions.models import StaffMember, Team
from feedback.interactions.move import CannotMove, move


def add_staff(
    session: Session, *, number: str, name: str, email: str, team: Team | None
) -> StaffMember:
    """Add a staff record. Raises NotPossible; flushes, and the caller commits."""
    _check(session, None, number, email)
    member = StaffMember(external_id=number, name=name, email=email or None)
    session.add(member)
    if team is not None:
        member.team_id = team.id
    session.flush()
    return member


def change_staff(
    session: Session,
    member: StaffMember,
    *,
    number: str,
    name: str,
    email: str,
    left_on: date | None,
    zone: ZoneInfo,
) -> None:
    """Change what a record says. Raises NotPossible; flushes, and the caller commits."""
    _check(session, member, number, "" if left_on else email)
    member.external_id, member.name, member.email = number, name, email or None
    if left_on != left_day(member, zone):
        member.left_at = datetime.combine(left_on, time(), zone) if left_on else None
    session.flush()


def left_day(member: StaffMember, zone: ZoneInfo) -> date | None:
    """Return the organisation's day on which somebody left."""
    return member.left_at.astimezone(zone).date() if member.left_at else None


def move_staff(
    session: Session, member: StaffMember, team: Team | None, *, day: date, today: date
) -> bool:
    """Let somebody belong to another team from the day on; return whether that changed anything.

    Raises NotPossible. Flushes; the caller commits.
    """
    try:
        return move(session, member, team, day=day, today=today)
    except CannotMove as refusal:
        day_before = refusal.day.isoformat() if refusal.day else ""
        reasons = {
            "future": ("day", _("A move is entered from its day on, not before.")),
            "closed": ("team", _("This team is closed.")),
            "before": ("day", _("Their present team begins or ended on %(day)s.", day=day_before)),
        }
        raise NotPossible(*reasons[refusal.why]) from refusal


def link_account(session: Session, member: StaffMember, email: str) -> tuple[str, str]:
    """Say whose record this is: the account with this address, or nobody's.

    Return whose it was and whose it is. Raises NotPossible; flushes, and the caller commits.
    """
    before = session.scalars(sa.select(User).where(User.staff_id == member.id)).one_or_none()
    after = None
    if email:
        after = session.scalars(sa.select(User).where(User.email == email)).one_or_none()
        if after is None:
            raise NotPossible("account", _("Nobody with this address may sign in."))
        if after.staff_id not in (None, member.id):
            raise NotPossible("account", _("This account belongs to another staff record."))
    if before is not after:
        if before is not None:
            before.staff_id = None
            # Before the other takes it: a record is one account's.
            session.flush()
        if after is not None:
            after.staff_id = member.id
        session.flush()
    return before.email if before else "", after.email if after else ""


def add_team(session: Session, name: str) -> Team:
    """Add a team. Raises NotPossible; flushes, and the caller commits."""
    _check_team(session, None, name)
    team = Team(name=name)
    session.add(team)
    session.flush()
    return team


def rename_team(session: Session, team: Team, name: str) -> None:
    """Give a team another name, also where its past is told. Raises NotPossible."""
    _check_team(session, team, name)
    team.name = name
    session.flush()


def close_team(session: Session, team: Team, now: datetime) -> None:
    """Let nobody move into a team any more. Raises NotPossible while somebody is in it."""
    here = sa.select(StaffMember.id).where(
        StaffMember.team_id == team.id, StaffMember.left_at.is_(None)
    )
    if session.scalar(here.limit(1)) is not None:
        raise NotPossible("team", _("Somebody is in this team still; move them first."))
    team.closed_at = team.closed_at or now


def _check(session: Session, member: StaffMember | None, number: str, email: str) -> None:
    other = StaffMember.id != (member.id if member else 0)
    same = session.scalar(
        sa.select(StaffMember.name).where(StaffMember.external_id == number, other)
    )
    if same is not None:
        raise NotPossible("number", _("This is the number of %(who)s.", who=same))
    if email:
        # Of two with one address, nobody could say whose a contact is. Who has left has none.
        query = sa.select(StaffMember.name).where(
            StaffMember.email == email, other, StaffMember.left_at.is_(None)
        )
        holder = session.scalar(query.limit(1))
        if holder is not None:
            raise NotPossible("email", _("This is the address of %(who)s.", who=holder))


def _check_team(session: Session, team: Team | None, name: str) -> None:
    found = session.scalar(sa.select(Team.id).where(Team.name == name))
    if found is not None and found != (team.id if team else None):
        raise NotPossible("name", _("There is a team of this name already."))
