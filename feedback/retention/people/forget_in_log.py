"""Takes somebody's name out of the audit log; what was done and when stays, and the chain whole."""

import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback.accounts.audit_redact import ABOUT, ACTOR, DETAILS, redact
from feedback.accounts.models import AuditEntry
from feedback.retention.chunks import chunks
from feedback.retention.people.colleague import Colleague


def forget_in_log(session: Session, who: Colleague, now: datetime) -> int:
    """Redact the entries that name somebody, each in the parts that do; return how many."""
    mine: list[sa.ColumnElement[bool]] = [sa.false()]
    about: list[sa.ColumnElement[bool]] = [sa.false()]
    details: list[sa.ColumnElement[bool]] = [sa.false()]
    if who.user is not None:
        mine.append(sa.and_(AuditEntry.actor_kind == "user", AuditEntry.actor_id == who.user.id))
        about.append(_is_about("user", who.user.id))
    if who.member is not None:
        about.append(_is_about("staff", who.member.id))
        details.append(_says(AuditEntry.details, f'"{who.member.external_id}"'))
    for address in who.addresses:
        mine.append(AuditEntry.actor_name == address)
        about.append(_says(AuditEntry.about_name, address))
        details.append(_says(AuditEntry.details, address))
    for name in who.names:
        about.append(AuditEntry.about_name == name)
        # As a whole value; that another word has the same letters in it is no mention.
        details.append(_says(AuditEntry.details, json.dumps(name, ensure_ascii=False)))
    details.extend(about)
    # All looked up before any is changed, since they are found by what is taken out of them.
    found = [
        (_numbers(session, mine), ACTOR),
        (_numbers(session, about), ABOUT),
        (_numbers(session, details), DETAILS),
    ]
    for numbers, what in found:
        for chunk in chunks(numbers):
            redact(session, chunk, (what,), now)
    return len(set[int]().union(*(numbers for numbers, _what in found)))


def _is_about(kind: str, id_: int) -> sa.ColumnElement[bool]:
    return sa.and_(AuditEntry.about_kind == kind, AuditEntry.about_id == str(id_))


def _says(column: InstrumentedAttribute[str], words: str) -> sa.ColumnElement[bool]:
    return column.contains(words, autoescape=True)


def _numbers(session: Session, which: Sequence[sa.ColumnElement[bool]]) -> set[int]:
    return set(session.scalars(sa.select(AuditEntry.number).where(sa.or_(*which))))
