"""Issues what is due: each invitation becomes a mail, or is withheld with its reason."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.interactions.contacts import mailbox
from feedback.interactions.models import Customer
from feedback.invitations.eligibility import OWN_STAFF, reason_at_issue
from feedback.invitations.letter import send_letter
from feedback.invitations.models import Invitation
from feedback.invitations.plan import own_mailboxes
from feedback.outbox.suppress import suppression_of

log = logging.getLogger(__name__)


@dataclass
class Issued:
    """What one round of issuing did."""

    issued: int = 0
    withheld: int = 0


def issue_due(
    app: Flask, *, now: datetime, keep_going: Callable[[], bool] = lambda: True
) -> Issued:
    """Decide every invitation that is due, each in a transaction of its own."""
    done, unwritable = Issued(), set[int]()
    policy = InvitationPolicy.from_config(app.config)
    with app.app_context():
        with Session(db.engine) as session, session.begin():
            own = own_mailboxes(session)
        while keep_going():
            with Session(db.engine) as session, session.begin():
                invitation = _next_due(session, now, unwritable)
                if invitation is None:
                    break
                number = invitation.id
                # One letter that cannot be written must not hold up everybody behind it; it stays
                # due, and the next round tries again.
                try:
                    with session.begin_nested():
                        _decide(session, app, invitation, own, policy, now, done)
                except Exception:
                    log.exception("Invitation %s could not be issued", number)
                    unwritable.add(number)
    return done


def _decide(
    session: Session,
    app: Flask,
    invitation: Invitation,
    own: set[str],
    policy: InvitationPolicy,
    now: datetime,
    done: Issued,
) -> None:
    because = _reason(session, invitation, own, policy, now)
    if because is not None:
        invitation.withheld_at, invitation.withheld_because = now, because
        session.flush()
        done.withheld += 1
    else:
        _issue(session, app, invitation, policy, now)
        session.flush()
        done.issued += 1


def _next_due(session: Session, now: datetime, but: set[int]) -> Invitation | None:
    """Return the next due invitation, locked; others pass over it until we are done."""
    return session.scalars(
        sa.select(Invitation)
        .where(
            Invitation.issued_at.is_(None),
            Invitation.withheld_at.is_(None),
            Invitation.due_at <= now,
            Invitation.id.not_in(but),
        )
        .order_by(Invitation.due_at, Invitation.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def _reason(
    session: Session,
    invitation: Invitation,
    own: set[str],
    policy: InvitationPolicy,
    now: datetime,
) -> str | None:
    # Two of one customer's invitations may be decided at once; the second waits for the first here.
    session.execute(
        sa.select(Customer.id).where(Customer.id == invitation.customer_id).with_for_update()
    )
    digest = invitation.address_digest
    if digest is not None and session.get_bind().dialect.name == "postgresql":
        # Two customers may share an address; so does this lock, until the transaction ends.
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(int(digest[:15], 16))))
    if mailbox(invitation.interaction.customer_email or "") in own:
        return OWN_STAFF
    return reason_at_issue(
        wave=invitation.wave,
        now=now,
        expires_at=invitation.expires_at,
        is_suppressed=digest is None or suppression_of(session, digest, now) is not None,
        first_wave_issued=invitation.wave == 1 or _first_wave_issued(session, invitation),
        last_asked_at=_last_asked(session, invitation),
        recontact=policy.recontact,
    )


def _first_wave_issued(session: Session, invitation: Invitation) -> bool:
    first = session.scalar(
        sa.select(Invitation.issued_at).where(
            Invitation.interaction_id == invitation.interaction_id, Invitation.wave == 1
        )
    )
    return first is not None


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


def _issue(
    session: Session, app: Flask, invitation: Invitation, policy: InvitationPolicy, now: datetime
) -> None:
    invitation.expires_at = now + policy.answer_within
    kind = "invitation" if invitation.wave == 1 else "follow_up"
    message = send_letter(session, app.config, invitation, kind, now)
    invitation.message_id, invitation.issued_at = message.id, now
