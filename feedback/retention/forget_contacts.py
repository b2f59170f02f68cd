"""Takes from contacts whatever told who the customer was; what remains is that they took place."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.database import Base
from feedback.interactions.forgotten import PREFIX, forgotten_reference
from feedback.interactions.models import Customer, Interaction
from feedback.invitations.eligibility import ERASED
from feedback.invitations.models import Invitation
from feedback.responses.models import QuickPost
from feedback.retention.chunks import chunks
from feedback.retention.person import Person

# What tells of a contact who the customer was, or might.
_BLANK: Mapping[str, Any] = {
    "customer_name": "",
    "customer_gender": "",
    "customer_email": None,
    "customer_phone": None,
    "customer_locale": None,
    "subject": "",
    "location": "",
    "product": "",
    "segment": "",
    "tags": "",
}


def end_invitations(session: Session, invitations: Sequence[Invitation], now: datetime) -> int:
    """End what is planned or open; return how many invitations will not go out for this."""
    withheld = 0
    for one in invitations:
        one.address_digest = None
        if one.withheld_at is None and one.issued_at is None:
            one.withheld_at, one.withheld_because = now, ERASED
            withheld += 1
        elif one.issued_at is not None and one.answered_at is None and one.stopped_at is None:
            one.stopped_at = now
    session.flush()
    for chunk in chunks(one.id for one in invitations):
        session.execute(sa.delete(QuickPost).where(QuickPost.invitation_id.in_(chunk)))
    return withheld


def blank_contacts(
    session: Session, person: Person, erasure_id: int, key: str, now: datetime
) -> None:
    """Make each contact nobody's, known again by its source's report and by nothing else."""
    strangers: dict[int, int] = {}
    for chunk in chunks(person.interaction_ids):
        for one in session.execute(
            sa.select(
                Interaction.id,
                Interaction.source,
                Interaction.external_id,
                Interaction.customer_id,
            ).where(Interaction.id.in_(chunk))
        ).all():
            if one.customer_id not in strangers:
                strangers[one.customer_id] = _stranger(session, one.customer_id, person, now)
            reference = one.external_id
            if not reference.startswith(PREFIX):
                reference = forgotten_reference(one.source, reference, key)
            nobody = strangers[one.customer_id]
            _change(
                session,
                Interaction,
                Interaction.id == one.id,
                erasure_id=erasure_id,
                external_id=reference,
                customer_id=nobody,
                contact_forgotten_at=sa.func.coalesce(Interaction.contact_forgotten_at, now),
                number_forgotten_at=sa.func.coalesce(Interaction.number_forgotten_at, now),
                **_BLANK,
            )
            _change(session, Invitation, Invitation.interaction_id == one.id, customer_id=nobody)


def _stranger(session: Session, customer_id: int, person: Person, now: datetime) -> int:
    """Return a customer nobody knows in the place of this one.

    It is the same row where all of its contacts are erased; where some are not, another.
    """
    key = PREFIX + secrets.token_hex(16)
    if customer_id in person.customer_ids:
        _change(session, Customer, Customer.id == customer_id, key=key)
        return customer_id
    stranger = Customer(key=key, created_at=now)
    session.add(stranger)
    session.flush()
    return stranger.id


def _change(
    session: Session, table: type[Base], which: sa.ColumnElement[bool], **values: object
) -> None:
    session.execute(
        sa.update(table).where(which).values(**values).execution_options(synchronize_session=False)
    )
