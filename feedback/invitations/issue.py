"""Issues what is due: each invitation becomes a mail, or is withheld with its reason."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, joinedload

from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.interactions.contacts import mailbox
from feedback.interactions.models import Customer, Interaction
from feedback.invitations.eligibility import OWN_STAFF, reason_at_issue
from feedback.invitations.letter import Known, send_letter
from feedback.invitations.models import Invitation
from feedback.invitations.plan import own_mailboxes
from feedback.outbox.suppress import suppression_of
from feedback.touchpoints.models import Touchpoint

log = logging.getLogger(__name__)


@dataclass
class Issued:
    """What one round of issuing did."""

    issued: int = 0
    withheld: int = 0


@dataclass
class _Round:
    """One round: its settings, and what its letters share."""

    config: Mapping[str, Any]
    policy: InvitationPolicy
    now: datetime
    own: set[str]
    known: Known = field(default_factory=Known)
    unwritable: set[int] = field(default_factory=set)


def issue_due(
    app: Flask, *, now: datetime, keep_going: Callable[[], bool] = lambda: True
) -> Issued:
    """Decide every invitation that is due, each in a transaction of its own."""
    done = Issued()
    with app.app_context():
        with Session(db.engine) as session, session.begin():
            own = own_mailboxes(session)
        this = _Round(app.config, InvitationPolicy.from_config(app.config), now, own)
        while keep_going():
            number: int | None = None
            try:
                with Session(db.engine) as session, session.begin():
                    invitation = _next_due(session, this)
                    if invitation is None:
                        break
                    number = invitation.id
                    _decide(session, invitation, this)
                    is_issued = invitation.issued_at is not None
            # One letter that cannot be written must not hold up everybody behind it; it stays due,
            # and the next round tries again.
            except Exception:
                if number is None:
                    raise
                log.exception("Invitation %s could not be issued", number)
                this.unwritable.add(number)
            else:
                done.issued += is_issued
                done.withheld += not is_issued
    return done


def _decide(session: Session, invitation: Invitation, this: _Round) -> None:
    because = _reason(session, invitation, this)
    if because is not None:
        invitation.withheld_at, invitation.withheld_because = this.now, because
    else:
        _issue(session, invitation, this)


def _next_due(session: Session, this: _Round) -> Invitation | None:
    """Return the next due invitation, locked; others pass over it until we are done."""
    return session.scalars(
        sa.select(Invitation)
        .where(
            Invitation.issued_at.is_(None),
            Invitation.withheld_at.is_(None),
            Invitation.due_at <= this.now,
            Invitation.id.not_in(this.unwritable),
        )
        .options(
            joinedload(Invitation.interaction).options(
                joinedload(Interaction.channel), joinedload(Interaction.staff)
            )
        )
        .order_by(Invitation.due_at, Invitation.id)
        .limit(1)
        .with_for_update(of=Invitation, skip_locked=True)
    ).first()


def _reason(session: Session, invitation: Invitation, this: _Round) -> str | None:
    # Two of one customer's invitations may be decided at once; the second waits for the first here.
    session.execute(
        sa.select(Customer.id).where(Customer.id == invitation.customer_id).with_for_update()
    )
    digest = invitation.address_digest
    if digest is not None and session.get_bind().dialect.name == "postgresql":
        # Two customers may share an address; so does this lock, until the transaction ends.
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(int(digest[:15], 16))))
    if mailbox(invitation.interaction.customer_email or "") in this.own:
        return OWN_STAFF
    first = _first_wave(session, invitation) if invitation.wave == 2 else None
    return reason_at_issue(
        wave=invitation.wave,
        now=this.now,
        expires_at=invitation.expires_at,
        is_suppressed=digest is None or suppression_of(session, digest, this.now) is not None,
        first_wave_issued=invitation.wave == 1 or _has_reached(first),
        first_wave_answered=first is not None and first.answered_at is not None,
        follow_up=_follow_up(session, invitation.interaction.touchpoint_id),
        last_asked_at=_last_asked(session, invitation),
        recontact=this.policy.recontact,
    )


def _first_wave(session: Session, invitation: Invitation) -> Invitation | None:
    return session.scalar(
        sa.select(Invitation)
        .where(Invitation.interaction_id == invitation.interaction_id, Invitation.wave == 1)
        .options(joinedload(Invitation.message))
    )


def _follow_up(session: Session, touchpoint_id: int | None) -> str:
    """Return the rule of the touchpoint the interaction was taken at, as it is today."""
    rule = session.scalar(sa.select(Touchpoint.follow_up).where(Touchpoint.id == touchpoint_id))
    return rule or "all"


def _has_reached(first: Invitation | None) -> bool:
    """Tell whether the first invitation went out, and its mail was not given up for good.

    Whoever never got the first mail is not asked whether all is *still* well.
    """
    if first is None or first.message is None:
        return False
    given_up = first.message.failed_at is not None or first.message.cancelled_at is not None
    return first.answered_at is not None or not given_up


def _last_asked(session: Session, invitation: Invitation) -> datetime | None:
    """Return when this customer, or this address, was last asked in a wave of this kind."""
    return session.scalar(
        sa.select(sa.func.max(Invitation.issued_at, type_=Invitation.issued_at.type)).where(
            Invitation.wave == invitation.wave,
            Invitation.issued_at.is_not(None),
            sa.or_(
                Invitation.customer_id == invitation.customer_id,
                Invitation.address_digest == invitation.address_digest,
            ),
        )
    )


def _issue(session: Session, invitation: Invitation, this: _Round) -> None:
    invitation.expires_at = this.now + this.policy.answer_within
    kind = "invitation" if invitation.wave == 1 else "follow_up"
    message = send_letter(session, this.config, invitation, kind, this.now, this.known)
    invitation.message_id, invitation.issued_at = message.id, this.now
