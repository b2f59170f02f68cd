"""Everything stored about somebody who works here, as a file for them: no customer is named in it.

What customers said about somebody's work is that person's data, too. Days are given, not moments,
so that no answer leads to a customer; what customers wrote may still name themselves.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import Identity, RecoveryCode, ResetRequest, SignIn, User
from feedback.accounts.uploads import Upload
from feedback.interactions.models import StaffMember
from feedback.invitations.fate import written
from feedback.outbox.models import TO_CUSTOMERS, Message
from feedback.retention.people.colleague import Colleague
from feedback.retention.people.doings import done_by, entries_about
from feedback.retention.people.said_of import contacts_of, looks_at, said_of

FORM = 1


def held_about(
    session: Session, who: Colleague, now: datetime, *, zone: ZoneInfo
) -> dict[str, Any]:
    """Return it as JSON can say it; moments are in UTC, and what is not known is null or empty."""
    user, member = who.user, who.member
    return {
        "form": FORM,
        "made_at": written(now),
        "account": _account(session, user) if user is not None else None,
        "staff_record": _record(member) if member is not None else None,
        "contacts": contacts_of(session, member.id) if member is not None else None,
        "answers_about_you": said_of(session, member.id, zone) if member is not None else [],
        "who_looked": looks_at(session, member.id) if member is not None else [],
        "what_you_did": done_by(session, who) if user is not None else {},
        "in_the_audit_log": entries_about(session, who),
        "mails": _mails(session, who),
    }


def _account(session: Session, user: User) -> dict[str, Any]:
    codes = sa.select(sa.func.count()).where(RecoveryCode.user_id == user.id)
    upload = session.get(Upload, user.id)
    identities = session.scalars(sa.select(Identity).where(Identity.user_id == user.id))
    asked = sa.select(ResetRequest.asked_at).where(ResetRequest.email == user.email)
    return {
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "language": user.locale,
        "created_at": written(user.created_at),
        "left_at": written(user.left_at),
        # What proves somebody's presence is kept so that it can be recognised, and is not told.
        "has_password": user.password_hash is not None,
        "two_steps_since": written(user.two_step_since),
        "obliged_to_two_steps_since": written(user.two_step_wanted_at),
        "recovery_codes": session.scalar(codes) or 0,
        "signs_in_elsewhere": [
            {"issuer": one.issuer, "subject": one.subject, "since": written(one.since)}
            for one in identities
        ],
        "password_links_asked_for": [written(at) for at in session.scalars(asked)],
        "file_to_be_imported": upload.name if upload is not None else None,
        "sign_ins": [
            {
                "began_at": written(one.created_at),
                "last_used_at": written(one.last_used_at),
                "proved_at": written(one.proved_at),
                "ended_at": written(one.ended_at),
                "browser": one.agent,
                "network": one.network,
            }
            for one in session.scalars(
                sa.select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.created_at)
            )
        ],
    }


def _record(member: StaffMember) -> dict[str, Any]:
    return {
        "number": member.external_id,
        "name": member.name,
        "email": member.email,
        "left_at": written(member.left_at),
        "teams": [
            {
                "team": one.team.name,
                "from": one.from_day.isoformat() if one.from_day else None,
                "to": one.to_day.isoformat() if one.to_day else None,
            }
            for one in member.memberships
        ],
    }


def _mails(session: Session, who: Colleague) -> list[dict[str, Any]]:
    to_them = sa.func.lower(Message.recipient).in_(list(who.addresses))
    query = sa.select(Message).where(to_them, Message.kind.not_in(TO_CUSTOMERS))
    return [
        {
            "kind": one.kind,
            "to": one.recipient,
            "subject": one.subject,
            "written_at": written(one.created_at),
            "sent_at": written(one.sent_at),
        }
        for one in session.scalars(query.order_by(Message.id))
    ]
