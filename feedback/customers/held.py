"""Everything held about somebody, as a file for them: each field, each contact, each mail."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.brands.models import Notice
from feedback.customers.own_answers import Contact, Line, Said, Wave
from feedback.customers.prefer import Wishes
from feedback.invitations.fate import written
from feedback.outbox.models import TO_CUSTOMERS, Message
from feedback.retention.chunks import chunks
from feedback.retention.person import Person

FORM = 1


def held(
    session: Session, person: Person, contacts: Sequence[Contact], wishes: Wishes, now: datetime
) -> dict[str, Any]:
    """Return it as JSON can say it; moments are in UTC, and what is not known is null or empty."""
    versions = notice_versions(session, contacts)
    return {
        "form": FORM,
        "made_at": written(now),
        "addresses": sorted(person.addresses),
        "preferences": {
            "asking": wishes.asking,
            "language": wishes.locale,
            "not_asked_about": list(wishes.not_about),
        },
        "contacts": [_contact(one, versions) for one in contacts],
        "mails": [_mail(one) for one in mails_to(session, person, contacts)],
    }


def _contact(contact: Contact, versions: Mapping[int, int]) -> dict[str, Any]:
    one = contact.interaction
    return {
        "source": one.source,
        "reference": one.external_id,
        "customer_number": one.customer.key,
        "began_at": written(one.occurred_at),
        "ended_at": written(one.closed_at),
        "recorded_at": written(one.recorded_at),
        "channel": one.channel.code,
        "kind": one.kind,
        "status": one.status,
        "subject": one.subject,
        "served_by": one.staff.name if one.staff else None,
        "team": one.team.name if one.team else None,
        "name": one.customer_name,
        "gender": one.customer_gender,
        "email": one.customer_email,
        "phone": one.customer_phone,
        "language": one.customer_locale,
        "segment": one.segment,
        "tags": one.tags,
        "location": one.location,
        "product": one.product,
        "asked": [_wave(wave, versions) for wave in contact.waves],
    }


def _wave(wave: Wave, versions: Mapping[int, int]) -> dict[str, Any]:
    invitation = wave.invitation
    return {
        "wave": wave.number,
        "state": wave.state,
        "invited_at": written(invitation.issued_at) if invitation else None,
        "reminded_at": written(invitation.reminded_at) if invitation else None,
        "withheld_because": invitation.withheld_because if invitation else None,
        "answer": _said(wave.said, versions) if wave.said else None,
    }


def _said(said: Said, versions: Mapping[int, int]) -> dict[str, Any]:
    response = said.response
    return {
        "answered_at": written(response.answered_at),
        "changed_at": written(response.amended_at),
        "withdrawn_at": written(response.withdrawn_at),
        "counts": response.excluded_at is None,
        "struck_because": response.excluded_because,
        "given_by": response.provenance,
        "language": response.locale or None,
        "words_deleted_at": written(response.words_forgotten_at),
        "privacy_notice_version": versions.get(response.notice_id or 0),
        "agreed_at": written(response.agreed_at),
        "agreed_to_contact_at": written(response.contact_agreed_at),
        "answers": [_line(line) for line in said.lines],
        "before_the_change": [_line(line) for line in said.former],
    }


def _line(line: Line) -> Mapping[str, Any]:
    return {"key": line.key, "question": line.question, "said": line.said, "value": line.given}


def notice_versions(session: Session, contacts: Sequence[Contact]) -> dict[int, int]:
    """Return the version of each privacy notice these answers were given under, by its number."""
    said = [wave.said for one in contacts for wave in one.waves if wave.said is not None]
    found: dict[int, int] = {}
    for chunk in chunks({one.response.notice_id for one in said if one.response.notice_id}):
        rows = session.execute(sa.select(Notice.id, Notice.version).where(Notice.id.in_(chunk)))
        found |= dict(rows.all())
    return found


def mails_to(session: Session, person: Person, contacts: Sequence[Contact]) -> list[Message]:
    """Return the mails that asked the person, or that they asked for, the first first."""
    invitations = [w.invitation for one in contacts for w in one.waves if w.invitation is not None]
    named = {id_ for one in invitations for id_ in (one.message_id, one.reminder_id) if id_}
    found: dict[int, Message] = {}
    for chunk in chunks(one.id for one in invitations):
        found |= _by_number(session, Message.token_for.in_(chunk))
    for chunk in chunks(named):
        found |= _by_number(session, Message.id.in_(chunk))
    to_them = sa.func.lower(Message.recipient).in_(person.addresses)
    found |= _by_number(session, to_them, Message.kind.in_(TO_CUSTOMERS))
    return [message for _id, message in sorted(found.items())]


def _by_number(session: Session, *which: sa.ColumnElement[bool]) -> dict[int, Message]:
    return {one.id: one for one in session.scalars(sa.select(Message).where(*which))}


def _mail(message: Message) -> dict[str, Any]:
    return {
        "kind": message.kind,
        "to": message.recipient,
        "subject": message.subject,
        "written_at": written(message.created_at),
        "sent_at": written(message.sent_at),
        "cancelled_at": written(message.cancelled_at),
        "returned_at": written(message.returned_at),
    }
