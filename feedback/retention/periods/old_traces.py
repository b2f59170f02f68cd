"""Forgets passing traces, and takes people and details out of old entries of the audit log."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback.accounts.audit_redact import ABOUT, ACTOR, BLANKS, DETAILS, redact
from feedback.accounts.models import Attempt, AuditEntry, ResetRequest, SignIn
from feedback.integrations.models import IdempotentCall
from feedback.responses.models import QuickPost
from feedback.retention.periods.step import Limit, Step


def _deleting(
    kind: str, number: InstrumentedAttribute[Any], moment: InstrumentedAttribute[Any]
) -> Step:
    """Return the step that deletes what is older than the class's length."""

    def forget(session: Session, numbers: Sequence[Any], limit: Limit) -> int:
        table = number.class_
        gone = session.execute(
            sa.delete(table)
            .where(number.in_(numbers), moment < limit.before)
            .execution_options(synchronize_session=False)
        )
        return int(getattr(gone, "rowcount", 0))

    return Step("traces", kind, number, lambda limit: (moment < limit.before,), forget)


def _which_entries(limit: Limit) -> tuple[sa.ColumnElement[bool], ...]:
    names_somebody = sa.and_(
        AuditEntry.actor_kind == "user", AuditEntry.actor_name != BLANKS[ACTOR]
    )
    said = sa.or_(
        AuditEntry.details != BLANKS[DETAILS],
        AuditEntry.about_name != BLANKS[ABOUT],
        names_somebody,
    )
    return AuditEntry.at < limit.before, said


def _redact_entries(session: Session, numbers: Sequence[Any], limit: Limit) -> int:
    found = ENTRIES.held(session, numbers, limit)
    kinds = sa.select(AuditEntry.number).where(
        AuditEntry.number.in_(found), AuditEntry.actor_kind == "user"
    )
    by_people = set(session.scalars(kinds))
    redact(session, by_people, (ACTOR, ABOUT, DETAILS), limit.now)
    # A program's or a command's name is nobody's.
    redact(session, set(found) - by_people, (ABOUT, DETAILS), limit.now)
    return len(found)


ENTRIES = Step("audit_entries", "audit", AuditEntry.number, _which_entries, _redact_entries)
TRACES = (
    _deleting("traces", QuickPost.invitation_id, QuickPost.posted_at),
    _deleting("traces", Attempt.id, Attempt.at),
    _deleting("traces", ResetRequest.id, ResetRequest.asked_at),
    _deleting("traces", IdempotentCall.id, IdempotentCall.created_at),
    # Of a sign-in, browser and network go after a month (`accounts/sessions.py`); that somebody was
    # here is told for as long as the log tells it.
    _deleting("audit", SignIn.digest, SignIn.last_used_at),
)
