"""Lists entries of the audit log, the newest first, as far as they are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import AuditEntry

PAGE = 50
_CHUNK = 1000


@dataclass(frozen=True)
class Asked:
    """Which entries: by whom, what was done, to what, and on which days of the organisation's."""

    who: str = ""
    action: str = ""
    about: str = ""
    first: date | None = None
    last: date | None = None


def page_of(
    session: Session, asked: Asked, zone: ZoneInfo, before: int | None = None
) -> tuple[list[AuditEntry], int | None]:
    """Return a page of entries, and before which number the next page begins if there is one."""
    query = _query(asked, zone)
    if before is not None:
        query = query.where(AuditEntry.number < before)
    found = list(session.scalars(query.limit(PAGE + 1)))
    more = len(found) > PAGE
    return found[:PAGE], found[PAGE - 1].number if more else None


def every(session: Session, asked: Asked, zone: ZoneInfo) -> Iterator[AuditEntry]:
    """Yield all entries that are asked for, holding only a few at a time."""
    yield from session.scalars(_query(asked, zone), execution_options={"yield_per": _CHUNK})


def actions(session: Session) -> list[str]:
    """Return what has ever been done, as the log calls it."""
    return list(session.scalars(sa.select(AuditEntry.action).distinct().order_by("action")))


def _query(asked: Asked, zone: ZoneInfo) -> sa.Select[AuditEntry]:
    query = sa.select(AuditEntry).order_by(AuditEntry.number.desc())
    if asked.who:
        query = query.where(AuditEntry.actor_name.icontains(asked.who, autoescape=True))
    if asked.action:
        query = query.where(AuditEntry.action == asked.action)
    if asked.about:
        kind, _colon, number = asked.about.partition(":")
        named = AuditEntry.about_name.icontains(asked.about, autoescape=True)
        exactly = (AuditEntry.about_kind == kind) & (AuditEntry.about_id == number)
        query = query.where(sa.or_(named, exactly))
    if asked.first is not None:
        query = query.where(AuditEntry.at >= _midnight(asked.first, zone))
    if asked.last is not None:
        query = query.where(AuditEntry.at < _midnight(asked.last + timedelta(days=1), zone))
    return query


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
