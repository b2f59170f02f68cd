"""Finds staff records: by name, number, address or initials, by team, and who has left."""

import re
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.accounts.models import User
from feedback.interactions.initials import initials
from feedback.interactions.models import StaffMember, Team

PAGE = 50
HERE, LEFT, ALL = "here", "left", "all"
STATES = (HERE, LEFT, ALL)


@dataclass(frozen=True)
class Which:
    """Which records are asked for."""

    words: str = ""
    team_id: int | None = None
    state: str = HERE
    page: int = 1


@dataclass(frozen=True)
class Found:
    """A page of records, each with the account that is linked to it, and how many there are."""

    rows: list[tuple[StaffMember, User | None]]
    total: int
    pages: int


def find_staff_records(session: Session, which: Which) -> Found:
    """Return a page of the records asked for, by name."""
    query = sa.select(StaffMember.id).where(StaffMember.erased_at.is_(None))
    if which.state != ALL:
        has_left = StaffMember.left_at.is_not(None)
        query = query.where(has_left if which.state == LEFT else ~has_left)
    if which.team_id is not None:
        query = query.where(StaffMember.team_id == which.team_id)
    if which.words:
        query = query.where(_fits(session, which.words))
    total = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(which.page, 1), pages)
    shown = (
        sa.select(StaffMember, User)
        .outerjoin(User, User.staff_id == StaffMember.id)
        .options(joinedload(StaffMember.team))
        .where(StaffMember.id.in_(query))
        .order_by(StaffMember.name, StaffMember.id)
        .limit(PAGE)
        .offset(PAGE * (page - 1))
    )
    return Found([(member, user) for member, user in session.execute(shown)], total, pages)


def teams_by_name(session: Session, *, closed: bool = False) -> list[Team]:
    """Return the teams there are, with those that are closed if that is asked."""
    query = sa.select(Team).order_by(Team.closed_at.is_not(None), Team.name)
    return list(session.scalars(query if closed else query.where(Team.closed_at.is_(None))))


def _fits(session: Session, words: str) -> sa.ColumnElement[bool]:
    columns = (StaffMember.name, StaffMember.external_id, StaffMember.email)
    fits = sa.or_(*(column.icontains(words, autoescape=True) for column in columns))
    if re.fullmatch(r"[A-Za-z]{2,8}", words):
        # A thousand names are read in some milliseconds; keeping initials would be a second truth.
        names = session.execute(sa.select(StaffMember.id, StaffMember.name))
        found = [id_ for id_, name in names if initials(name).startswith(words.lower())]
        fits = sa.or_(fits, StaffMember.id.in_(found))
    return fits
