"""Issues what is due: each invitation becomes a mail, or is withheld with its reason."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, contains_eager, joinedload

from feedback.brands.models import OWN
from feedback.config import InvitationPolicy
from feedback.database import db
from feedback.interactions.contacts import mailbox
from feedback.interactions.models import Customer, Interaction
from feedback.invitations.decide import TOGETHER, Decision, Due, decide
from feedback.invitations.do_not_ask import Rules, rules_in_force
from feedback.invitations.eligibility import NO_RULE
from feedback.invitations.letter import Known, send_letter
from feedback.invitations.models import Invitation
from feedback.invitations.plan import own_mailboxes
from feedback.invitations.reached import is_reached
from feedback.invitations.since_restore import hold_if_unknown, restored_at
from feedback.outbox.suppress import is_kind_suppressed, suppression_of
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
    rules: Rules
    # When a backup was last put back: what was due before may have gone out.
    restored: datetime | None
    known: Known = field(default_factory=Known)
    unwritable: set[int] = field(default_factory=set)


def issue_due(
    app: Flask, *, now: datetime, keep_going: Callable[[], bool] = lambda: True
) -> Issued:
    """Decide every invitation that is due, each in a transaction of its own."""
    done = Issued()
    with app.app_context():
        with Session(db.engine) as session, session.begin():
            own, rules = own_mailboxes(session), rules_in_force(session)
            restored = restored_at(session)
        policy = InvitationPolicy.from_config(app.config)
        this = _Round(app.config, policy, now, own, rules, restored)
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
    decision = _decision(session, invitation, this)
    if decision.because is not None:
        later = decision.merged_into
        number = _first_of(session, later.interaction_id) if later is not None else None
        invitation.withheld_at, invitation.withheld_because = this.now, decision.because
        invitation.merged_into_id = number
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


def _decision(session: Session, invitation: Invitation, this: _Round) -> Decision:
    # Two of one customer's invitations may be decided at once; the second waits for the first here.
    session.execute(
        sa.select(Customer.id).where(Customer.id == invitation.customer_id).with_for_update()
    )
    digest = invitation.address_digest
    if digest is not None and session.get_bind().dialect.name == "postgresql":
        # Two customers may share an address; so does this lock, until the transaction ends.
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(int(digest[:15], 16))))
    memory = _InDatabase(session, this.own, this.rules)
    return decide(memory.due(invitation), memory, now=this.now, recontact=this.policy.recontact)


@dataclass(frozen=True)
class _InDatabase:
    """What happened so far, as the database has it."""

    session: Session
    own: set[str]
    rules: Rules

    def due(self, invitation: Invitation) -> Due:
        """Return what deciding about an invitation needs to know of it."""
        interaction = invitation.interaction
        # Its rules are those of today, wherever it stood when the interaction was taken.
        touchpoint = (
            self.session.get(Touchpoint, interaction.touchpoint_id)
            if interaction.touchpoint_id is not None
            else None
        )
        return Due(
            interaction_id=invitation.interaction_id,
            customer_id=invitation.customer_id,
            channel_id=interaction.channel_id,
            wave=invitation.wave,
            address=interaction.customer_email,
            address_digest=invitation.address_digest,
            closed_at=interaction.closed_at,
            planned_at=invitation.planned_at,
            due_at=invitation.due_at,
            expires_at=invitation.expires_at,
            follow_up=touchpoint.follow_up if touchpoint else NO_RULE,
            brand_id=(touchpoint.brand_id if touchpoint else None) or OWN,
            is_barred=self.rules.bar(interaction.kind, interaction.segment, interaction.tags),
        )

    def is_own(self, due: Due) -> bool:
        return mailbox(due.address or "") in self.own

    def is_suppressed(self, due: Due, now: datetime) -> bool:
        digest = due.address_digest
        return digest is not None and suppression_of(self.session, digest, now) is not None

    def is_kind_stopped(self, due: Due) -> bool:
        digest = due.address_digest
        return digest is not None and is_kind_suppressed(self.session, digest, due.channel_id)

    def is_first_wave_reached(self, due: Due) -> bool:
        first = self._first(due)
        return first is not None and is_reached(first)

    def first_wave_answered_at(self, due: Due) -> datetime | None:
        first = self._first(due)
        return first.answered_at if first is not None else None

    def last_asked(self, due: Due) -> datetime | None:
        return self.session.scalar(
            sa.select(sa.func.max(Invitation.issued_at, type_=Invitation.issued_at.type)).where(
                Invitation.wave == due.wave,
                Invitation.issued_at.is_not(None),
                sa.or_(
                    Invitation.customer_id == due.customer_id,
                    Invitation.address_digest == due.address_digest,
                ),
            )
        )

    def waiting_beside(self, due: Due, now: datetime) -> Iterator[Due]:
        others = self.session.scalars(
            sa.select(Invitation)
            .join(Invitation.interaction)
            .where(
                Invitation.wave == 1,
                Invitation.issued_at.is_(None),
                Invitation.withheld_at.is_(None),
                Invitation.customer_id == due.customer_id,
                Invitation.address_digest == due.address_digest,
                Interaction.closed_at >= due.closed_at,
                Interaction.closed_at <= due.closed_at + TOGETHER,
            )
            .options(contains_eager(Invitation.interaction))
            .order_by(Interaction.closed_at.desc(), Interaction.id.desc())
        )
        found = map(self.due, others)
        return (other for other in found if other.may_stand_for(due, now))

    def _first(self, due: Due) -> Invitation | None:
        return self.session.scalar(
            sa.select(Invitation)
            .where(Invitation.interaction_id == due.interaction_id, Invitation.wave == 1)
            .options(joinedload(Invitation.message))
        )


def _first_of(session: Session, interaction_id: int) -> int:
    """Return the number of an interaction's first invitation."""
    first = sa.select(Invitation.id).where(
        Invitation.interaction_id == interaction_id, Invitation.wave == 1
    )
    return session.scalars(first).one()


def _issue(session: Session, invitation: Invitation, this: _Round) -> None:
    invitation.expires_at = this.now + this.policy.answer_within
    kind = "invitation" if invitation.wave == 1 else "follow_up"
    message = send_letter(session, this.config, invitation, kind, this.now, this.known)
    hold_if_unknown(
        message, this.restored, known_at=invitation.planned_at, due_at=invitation.due_at
    )
    invitation.message_id, invitation.issued_at = message.id, this.now
