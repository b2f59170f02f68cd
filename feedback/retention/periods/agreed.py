"""The lengths somebody has agreed to: nothing is deleted by age before, and nothing sooner."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.acting import note_done
from feedback.accounts.audit import About, changes
from feedback.retention.models import AgreedPeriod
from feedback.retention.periods.lengths import KINDS, Lengths, is_shorter, lengths_set, longer


def lengths_agreed(session: Session) -> dict[str, int]:
    """Return the lengths that were agreed to, by class; those never agreed to are not there."""
    rows = session.execute(sa.select(AgreedPeriod.name, AgreedPeriod.length))
    return {name: length for name, length in rows.all() if name in KINDS}


def lengths_in_force(session: Session, config: Mapping[str, Any]) -> dict[str, int]:
    """Return the lengths that are gone by: as set, and where agreed to longer ones, those."""
    wanted, agreed = lengths_set(config), lengths_agreed(session)
    return {name: longer(wanted[name], length) for name, length in agreed.items()}


def agreed_since(session: Session) -> datetime:
    """Return when somebody last agreed to any of them; there must have been somebody."""
    return session.scalars(
        sa.select(AgreedPeriod.agreed_at).order_by(AgreedPeriod.agreed_at.desc()).limit(1)
    ).one()


def waiting(session: Session, config: Mapping[str, Any]) -> list[str]:
    """Return the classes that somebody has still to agree to, or to so short a length."""
    wanted, agreed = lengths_set(config), lengths_agreed(session)
    return [
        name
        for name, length in wanted.items()
        if (name not in agreed and length) or (name in agreed and is_shorter(length, agreed[name]))
    ]


def agree(session: Session, lengths: Lengths, now: datetime, *, by: int | None = None) -> bool:
    """Agree to these lengths, and note it; return whether that was anything new.

    The caller commits.
    """
    before = lengths_agreed(session)
    if before == lengths:
        return False
    for name, length in lengths.items():
        if before.get(name) != length:
            session.merge(AgreedPeriod(name=name, length=length, agreed_at=now, agreed_by_id=by))
    session.flush()
    note_done("retention.agreed", About("retention"), changes(before, lengths))
    return True
