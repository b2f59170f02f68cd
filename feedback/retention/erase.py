"""Erases one person: contact data, words and mails go, and what stays is nobody's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.contacts import address_key
from feedback.invitations.models import Invitation
from feedback.retention.chunks import chunks
from feedback.retention.forget_answers import forget_answers
from feedback.retention.forget_contacts import blank_contacts, end_invitations
from feedback.retention.forget_mails import blank_mails, forget_calls, silence
from feedback.retention.models import Erasure
from feedback.retention.person import Person


@dataclass(frozen=True)
class Rules:
    """What an erasure goes by: the key of the digests, and whether scores stay as numbers."""

    key: str
    keeps_scores: bool

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Rules":
        """Make the rules from the application's settings."""
        return cls(address_key(config), config["ERASED_ANSWERS"] == "keep")


def erase(
    session: Session, person: Person, rules: Rules, now: datetime, *, asked_by: str
) -> Erasure:
    """Erase everything held about the person and return the counts of it.

    One transaction, which is the caller's: all of it is done, or nothing. Their addresses are never
    written to again; of those, only keyed digests stay. `asked_by` is "customer" or
    "administrator".
    """
    # First, as everybody does who takes an answer: no answer is under way while this goes on.
    invitations = _locked_invitations(session, person)
    silence(session, person.addresses, invitations, rules.key, now)
    mails, cancelled = blank_mails(session, person.addresses, invitations, now)
    withheld = end_invitations(session, invitations, now)
    answers, words = forget_answers(
        session, person.interaction_ids, now, keeps_scores=rules.keeps_scores
    )
    forget_calls(session, person.addresses)
    done = Erasure(
        erased_at=now,
        asked_by=asked_by,
        contacts=len(person.interaction_ids),
        answers_kept=answers if rules.keeps_scores else 0,
        answers_removed=0 if rules.keeps_scores else answers,
        comments=words,
        mails=mails,
        mails_cancelled=cancelled,
        invitations_withheld=withheld,
        addresses=len(person.addresses),
    )
    session.add(done)
    session.flush()
    blank_contacts(session, person, done.id, rules.key, now)
    # What the session holds of these rows is not what they say any more.
    session.expire_all()
    return done


def _locked_invitations(session: Session, person: Person) -> list[Invitation]:
    return [
        invitation
        for chunk in chunks(person.interaction_ids)
        for invitation in session.scalars(
            sa.select(Invitation)
            .where(Invitation.interaction_id.in_(chunk))
            .order_by(Invitation.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ]
