"""Takes names and addresses from old contacts, and text and addresses from old mails."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback.interactions.forgotten import PREFIX
from feedback.interactions.models import Customer, Interaction
from feedback.invitations.models import Invitation
from feedback.outbox.models import Bounce, Message
from feedback.retention.periods.step import Conditions, Limit, Step, change

_BLANK: dict[str, Any] = {
    "customer_name": "",
    "customer_gender": "",
    "customer_email": None,
    "customer_phone": None,
    "customer_locale": None,
    # Where a van went is somebody's home.
    "location": "",
}
# A key that is itself an address or a telephone number; another system's number stays for now.
_TELLING = ("email:%", "phone:%")


def _which(limit: Limit) -> Conditions:
    return (
        Interaction.closed_at < limit.before,
        Interaction.contact_forgotten_at.is_(None),
        ~unfinished(limit),
    )


def unfinished(limit: Limit) -> sa.ColumnElement[bool]:
    """Return the condition for a contact that somebody is still to be asked about, or may answer.

    So that no length, however short, keeps anybody from being asked.
    """
    waits = sa.and_(Invitation.issued_at.is_(None), Invitation.withheld_at.is_(None))
    is_open = sa.and_(
        Invitation.issued_at.is_not(None),
        Invitation.answered_at.is_(None),
        Invitation.stopped_at.is_(None),
        Invitation.expires_at > limit.now,
    )
    return (
        sa.exists()
        .where(Invitation.interaction_id == Interaction.id, sa.or_(waits, is_open))
        .correlate(Interaction)
    )


def _forget(session: Session, numbers: Sequence[Any], limit: Limit) -> int:
    ids = CONTACTS.held(session, numbers, limit)
    telling = sa.or_(
        *(getattr(Interaction, name) != "" for name in _BLANK),
    )
    told = session.scalar(
        sa.select(sa.func.count()).where(Interaction.id.in_(ids), telling)
    )  # fmt: skip
    change(session, Interaction, Interaction.id.in_(ids), contact_forgotten_at=limit.now, **_BLANK)
    rename_customers(
        session,
        ids,
        Interaction.contact_forgotten_at,
        sa.or_(*(Customer.key.like(form) for form in _TELLING)),
    )
    return told or 0


def rename_customers(
    session: Session,
    ids: Sequence[int],
    forgotten_at: InstrumentedAttribute[datetime | None],
    which: sa.ColumnElement[bool],
) -> None:
    """Give those customers a key that says nothing all of whose contacts are forgotten."""
    of_these = sa.select(Interaction.customer_id).where(Interaction.id.in_(ids))
    still_known = sa.exists().where(
        Interaction.customer_id == Customer.id, forgotten_at.is_(None)
    )  # fmt: skip
    found = session.scalars(
        sa.select(Customer.id)
        .where(Customer.id.in_(of_these), which, ~still_known)
        .order_by(Customer.id)
        .with_for_update()
    )
    for id_ in found.all():
        change(session, Customer, Customer.id == id_, key=PREFIX + secrets.token_hex(16))


def _which_mails(limit: Limit) -> Conditions:
    return (
        Message.created_at < limit.before,
        Message.recipient != "",
        sa.or_(
            Message.sent_at.is_not(None),
            Message.failed_at.is_not(None),
            Message.cancelled_at.is_not(None),
        ),
    )


def _forget_mails(session: Session, numbers: Sequence[Any], limit: Limit) -> int:
    ids = MAILS.held(session, numbers, limit)
    blank = {"recipient": "", "subject": "", "text": "", "html": "", "server_reply": None}
    change(session, Message, Message.id.in_(ids), **blank)
    change(session, Bounce, Bounce.message_id.in_(ids), words="")
    return len(ids)


CONTACTS = Step("contacts", "contacts", Interaction.id, _which, _forget)
MAILS = Step("mails", "contacts", Message.id, _which_mails, _forget_mails)
