"""Reminds the silent, once, by a second mail for the same invitation."""

import logging
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.interactions.models import Interaction
from feedback.invitations.backlog import apart
from feedback.invitations.calendar import next_working_moment
from feedback.invitations.letter import Known, send_letter
from feedback.invitations.models import Invitation
from feedback.invitations.own_days import own_days
from feedback.invitations.since_restore import hold_if_unknown, restored_at
from feedback.outbox.models import KindSuppression, Message, Suppression

log = logging.getLogger(__name__)


def remind_silent(
    app: Flask, *, now: datetime, keep_going: Callable[[], bool] = lambda: True
) -> int:
    """Queue a reminder for every silent invitation whose time has come; return how many."""
    policy = InvitationPolicy.from_config(app.config)
    if policy.remind_after is None:
        return 0
    reminded, unwritable = 0, set[int]()
    with app.app_context():
        with Session(db.engine) as session, session.begin():
            days, restored = own_days(session), restored_at(session)
        # Reminders go out in the mail window; outside it nothing is due, and nothing is looked up.
        if next_working_moment(now, zone=policy.zone, window=policy.window, own_table=days) > now:
            return 0
        known = Known()
        while keep_going():
            number: int | None = None
            try:
                with Session(db.engine) as session, session.begin():
                    invitation = _next_silent(session, policy, now, unwritable)
                    if invitation is None:
                        break
                    number = invitation.id
                    message = send_letter(session, app.config, invitation, "reminder", now, known)
                    message.send_after = apart(session, message, now)
                    since = invitation.issued_at or now
                    hold_if_unknown(
                        message, restored, known_at=since, due_at=since + policy.remind_after
                    )
                    invitation.reminded_at, invitation.reminder_id = now, message.id
            # As when issuing: what cannot be written holds up nobody else.
            except Exception:
                if number is None:
                    raise
                log.exception("Nobody could be reminded of invitation %s", number)
                unwritable.add(number)
            else:
                reminded += 1
    return reminded


def _next_silent(
    session: Session, policy: InvitationPolicy, now: datetime, but: set[int]
) -> Invitation | None:
    """Return an invitation to remind of, locked: sent, unanswered, open, and not stopped."""
    suppressed = sa.exists().where(
        Suppression.address_digest == Invitation.address_digest,
        sa.or_(Suppression.until.is_(None), Suppression.until > now),
    )
    kind_stopped = sa.exists().where(
        KindSuppression.address_digest == Invitation.address_digest,
        KindSuppression.channel_id == Interaction.channel_id,
    )
    assert policy.remind_after is not None  # noqa: S101 — the caller has looked.
    return session.scalars(
        sa.select(Invitation)
        .join(Message, Message.id == Invitation.message_id)
        .join(Invitation.interaction)
        .where(
            Invitation.issued_at.is_not(None),
            Invitation.issued_at <= now - policy.remind_after,
            Invitation.answered_at.is_(None),
            Invitation.reminded_at.is_(None),
            Invitation.id.not_in(but),
            Invitation.stopped_at.is_(None),
            Invitation.expires_at > now,
            # From when the mail left us: a server that was away for days is no silence of theirs.
            Message.sent_at <= now - policy.remind_after,
            ~suppressed,
            ~kind_stopped,
        )
        .order_by(Invitation.issued_at, Invitation.id)
        .limit(1)
        .with_for_update(of=Invitation, skip_locked=True)
    ).first()
