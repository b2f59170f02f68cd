"""Reminds the silent, once, by a second mail for the same invitation."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.interactions.models import Interaction
from feedback.invitations.backlog import apart
from feedback.invitations.calendar import next_working_moment
from feedback.invitations.do_not_ask import Rules, rules_in_force
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
            days, rules = own_days(session), rules_in_force(session)
            restored = restored_at(session)
        # Reminders go out in the mail window; outside it nothing is due, and nothing is looked up.
        if next_working_moment(now, zone=policy.zone, window=policy.window, own_table=days) > now:
            return 0
        known = Known()
        with Session(db.engine) as session, session.begin():
            barred = _barred(session, policy.remind_after, rules, now)
        while keep_going():
            number: int | None = None
            try:
                with Session(db.engine) as session, session.begin():
                    invitation = _next_silent(session, policy, now, barred, unwritable)
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


# What a rule of the organisation goes by: kind, segment and tags as the source calls them.
_Named = tuple[str, str, str]


def _barred(session: Session, remind_after: timedelta, rules: Rules, now: datetime) -> list[_Named]:
    """Return which of the contacts there may be a reminder about are not asked about any more."""
    if not rules.values:
        return []
    named = session.execute(
        sa.select(Interaction.kind, Interaction.segment, Interaction.tags)
        .join(Invitation, Invitation.interaction_id == Interaction.id)
        .where(*_silent(remind_after, now))
        .distinct()
    )
    return [
        (kind, segment, tags) for kind, segment, tags in named if rules.bar(kind, segment, tags)
    ]


def _silent(remind_after: timedelta, now: datetime) -> list[sa.ColumnElement[bool]]:
    return [
        Invitation.issued_at.is_not(None),
        Invitation.issued_at <= now - remind_after,
        Invitation.answered_at.is_(None),
        Invitation.reminded_at.is_(None),
        Invitation.stopped_at.is_(None),
        Invitation.expires_at > now,
    ]


def _next_silent(
    session: Session,
    policy: InvitationPolicy,
    now: datetime,
    barred: list[_Named],
    but: set[int],
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
    named = sa.tuple_(Interaction.kind, Interaction.segment, Interaction.tags)
    assert policy.remind_after is not None  # noqa: S101 — the caller has looked.
    return session.scalars(
        sa.select(Invitation)
        .join(Message, Message.id == Invitation.message_id)
        .join(Invitation.interaction)
        .where(
            *_silent(policy.remind_after, now),
            Invitation.id.not_in(but),
            named.not_in(barred),
            # From when the mail left us: a server that was away for days is no silence of theirs.
            Message.sent_at <= now - policy.remind_after,
            Message.returned_at.is_(None),
            ~suppressed,
            ~kind_stopped,
        )
        .order_by(Invitation.issued_at, Invitation.id)
        .limit(1)
        .with_for_update(of=Invitation, skip_locked=True)
    ).first()
