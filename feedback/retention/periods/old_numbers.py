"""Takes from the oldest contacts other systems' numbers, by which it could be found out whose."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.forgotten import PREFIX, forgotten_reference
from feedback.interactions.models import Customer, Interaction
from feedback.retention.periods.old_contacts import rename_customers, unfinished
from feedback.retention.periods.step import Conditions, Limit, Step, change

_BLANK = {"segment": "", "tags": "", "product": "", "subject": "", "location": ""}


def _which(limit: Limit) -> Conditions:
    # Only where nobody is to be asked any more, which the contact's own step has looked after.
    return (
        Interaction.closed_at < limit.before,
        Interaction.number_forgotten_at.is_(None),
        Interaction.contact_forgotten_at.is_not(None),
    )


def _forget(session: Session, numbers: Sequence[Any], limit: Limit) -> int:
    ids = NUMBERS.held(session, numbers, limit)
    named = sa.select(Interaction.id, Interaction.source, Interaction.external_id)
    for id_, source, reference in session.execute(named.where(Interaction.id.in_(ids))).all():
        if not reference.startswith(PREFIX):
            # Reported again, it is known by that and makes no second one.
            reference = forgotten_reference(source, reference, limit.key)
        change(
            session,
            Interaction,
            Interaction.id == id_,
            external_id=reference,
            number_forgotten_at=limit.now,
            **_BLANK,
        )
    is_known = ~Customer.key.startswith(PREFIX, autoescape=True)
    rename_customers(session, ids, Interaction.number_forgotten_at, is_known)
    return len(ids)


def _foreseen(limit: Limit) -> Conditions:
    too_old = Interaction.closed_at < limit.before
    return too_old, Interaction.number_forgotten_at.is_(None), ~unfinished(limit)


NUMBERS = Step("numbers", "answers", Interaction.id, _which, _forget, _foreseen)
