"""Accounts for every interaction: invited, scheduled, withheld and why, or not planned at all."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, joinedload

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation

INVITED, SCHEDULED, WITHHELD, NOT_PLANNED = "invited", "scheduled", "withheld", "not_planned"
PAGE = 50

Key = TypeVar("Key")


@dataclass(frozen=True)
class Which:
    """Which interactions to account for; both days belong to it, None leaves an end open."""

    wave: int = 1
    start: date | None = None
    end: date | None = None
    channel_id: int | None = None
    because: str | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return what an interaction must fulfil; the reason is no matter of interactions."""
        found = []
        if self.start is not None:
            found.append(Interaction.day >= self.start)
        if self.end is not None:
            found.append(Interaction.day <= self.end)
        if self.channel_id is not None:
            found.append(Interaction.channel_id == self.channel_id)
        return found


@dataclass
class Account:
    """The fates of some interactions in one wave. They add up: each has exactly one."""

    fates: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)

    @property
    def interactions(self) -> int:
        """Return how many interactions there are."""
        return self.fates.total()

    def add(self, fate: str, because: str | None, times: int) -> None:
        """Count interactions of one fate."""
        self.fates[fate] += times
        if because is not None:
            self.withheld[because] += times


def accounting(session: Session, which: Which) -> Account:
    """Return the fates of all these interactions together."""
    total = Account()
    for account in by_channel(session, which).values():
        for fate, times in account.fates.items():
            total.add(fate, None, times)
        total.withheld.update(account.withheld)
    return total


def by_channel(session: Session, which: Which) -> dict[int, Account]:
    """Return the account of each channel, by its number."""
    accounts: dict[int, Account] = {}
    for channel_id, fate, because, times in _count(session, which, Interaction.channel_id):
        accounts.setdefault(channel_id, Account()).add(fate, because, times)
    return accounts


def by_month(session: Session, which: Which) -> dict[date, Account]:
    """Return the account of each month, by its first day, the newest first."""
    accounts: dict[date, Account] = {}
    # Days are folded here: the two databases have no function for it in common.
    for day, fate, because, times in _count(session, which, Interaction.day):
        accounts.setdefault(day.replace(day=1), Account()).add(fate, because, times)
    return dict(sorted(accounts.items(), reverse=True))


def _count(
    session: Session,
    which: Which,
    key: InstrumentedAttribute[Key],
) -> sa.Result[Key, str, str | None, int]:
    """Count by key, fate and reason. The outer join gives each interaction exactly one row."""
    fate = sa.case(
        (Invitation.id.is_(None), NOT_PLANNED),
        (Invitation.withheld_at.is_not(None), WITHHELD),
        (Invitation.issued_at.is_not(None), INVITED),
        else_=SCHEDULED,
    ).label("fate")
    return session.execute(
        sa.select(key, fate, Invitation.withheld_because, sa.func.count())
        .select_from(Interaction)
        .outerjoin(
            Invitation,
            sa.and_(Invitation.interaction_id == Interaction.id, Invitation.wave == which.wave),
        )
        .where(*which.conditions())
        .group_by(key, sa.literal_column("fate"), Invitation.withheld_because)
    )


def withheld(
    session: Session, which: Which, before: int | None = None
) -> tuple[list[Invitation], int | None]:
    """Return a page of withheld invitations, newest first, and where the next page begins."""
    query = (
        sa.select(Invitation)
        .join(Invitation.interaction)
        .options(
            contains_eager(Invitation.interaction).options(
                joinedload(Interaction.channel), joinedload(Interaction.staff)
            )
        )
        .where(
            Invitation.wave == which.wave,
            Invitation.withheld_at.is_not(None),
            *which.conditions(),
        )
        .order_by(Invitation.id.desc())
        .limit(PAGE + 1)
    )
    if which.because is not None:
        query = query.where(Invitation.withheld_because == which.because)
    if before is not None:
        query = query.where(Invitation.id < before)
    found = list(session.scalars(query))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None
