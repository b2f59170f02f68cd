"""What somebody did here, as the house keeps it: in the audit log, and in what bears their name."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import AuditEntry, User
from feedback.brands.models import Notice
from feedback.invitations.fate import written
from feedback.invitations.models import DoNotAsk
from feedback.pauses import Pause
from feedback.reports.models import Annotation
from feedback.retention.models import AgreedPeriod
from feedback.retention.people.colleague import Colleague
from feedback.surveys.models import Survey
from feedback.touchpoints.models import Target, Touchpoint


def done_by(session: Session, who: Colleague) -> dict[str, Any]:
    """Return what bears somebody's name, by kind."""
    if who.user is None:
        return {}
    id_ = who.user.id
    by_name = list(who.addresses)
    entries = sa.select(AuditEntry).where(
        AuditEntry.actor_kind == "user", AuditEntry.actor_id == id_
    )
    owned = sa.or_(Touchpoint.owner_id == id_, Touchpoint.owner_email.in_(by_name))
    return {
        "audit_log": [
            {"number": one.number, "at": written(one.at), "action": one.action}
            for one in session.scalars(entries.order_by(AuditEntry.number))
        ],
        "touchpoints": list(session.scalars(sa.select(Touchpoint.key).where(owned))),
        "surveys": [
            {"key": key, "version": version}
            for key, version in session.execute(
                sa.select(Survey.key, Survey.version).where(Survey.owner_email.in_(by_name))
            )
        ],
        "annotations": [
            {"day": one.day.isoformat(), "text": one.text, "made_at": written(one.made_at)}
            for one in session.scalars(
                sa.select(Annotation).where(
                    sa.or_(Annotation.made_by_id == id_, Annotation.withdrawn_by_id == id_)
                )
            )
        ],
        "targets": [
            {"metric": one.metric, "set_at": written(one.set_at), "reason": one.reason}
            for one in session.scalars(
                sa.select(Target).where(
                    sa.or_(
                        Target.set_by_id == id_,
                        Target.confirmed_by_id == id_,
                        Target.declined_by_id == id_,
                    )
                )
            )
        ],
        "rules_of_whom_not_to_ask": [
            {"what": one.what, "value": one.value, "reason": one.reason}
            for one in session.scalars(
                sa.select(DoNotAsk).where(
                    sa.or_(DoNotAsk.made_by_id == id_, DoNotAsk.ended_by_id == id_)
                )
            )
        ],
        "privacy_notices": [
            written(at)
            for at in session.scalars(
                sa.select(Notice.published_at).where(Notice.published_by_id == id_)
            )
        ],
        "lengths_agreed_to": list(
            session.scalars(sa.select(AgreedPeriod.name).where(AgreedPeriod.agreed_by_id == id_))
        ),
        "pauses": [
            {"paused_at": written(one.paused_at), "reason": one.reason}
            for one in session.scalars(
                sa.select(Pause).where(
                    sa.or_(Pause.paused_by.in_(by_name), Pause.resumed_by.in_(by_name))
                )
            )
        ],
    }


def entries_about(session: Session, who: Colleague) -> list[dict[str, Any]]:
    """Return what the audit log says was done to somebody, and by whom."""
    about: list[sa.ColumnElement[bool]] = [sa.false()]
    for kind, row in (("user", who.user), ("staff", who.member)):
        if row is not None:
            about.append(sa.and_(AuditEntry.about_kind == kind, AuditEntry.about_id == str(row.id)))
    query = sa.select(AuditEntry).where(sa.or_(*about)).order_by(AuditEntry.number)
    return [
        {
            "number": one.number,
            "at": written(one.at),
            "action": one.action,
            "by": _actor(session, one),
            "details": one.details,
        }
        for one in session.scalars(query)
    ]


def _actor(session: Session, entry: AuditEntry) -> str:
    user = session.get(User, entry.actor_id) if entry.actor_kind == "user" else None
    return (user.name or user.email) if user is not None else entry.actor_name
