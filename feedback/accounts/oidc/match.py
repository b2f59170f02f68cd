"""Matches who came from the provider to somebody who may sign in here."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.accounts import people
from feedback.accounts.models import Identity, User
from feedback.accounts.oidc.refused import Refused
from feedback.accounts.oidc.verify import Guest


def match(session: Session, guest: Guest, *, new_role: str, now: datetime) -> tuple[User, bool]:
    """Return whom the guest is here, and whether they are new.

    Whom the provider's subject means is settled at their first visit, by an address the provider
    has verified; from then on the subject counts, whatever its address becomes.

    Raises:
        Refused: nobody here is meant, or not surely.

    """
    known = session.get(Identity, (guest.issuer, guest.subject))
    if known is not None:
        if known.user.left_at is not None:
            raise _unknown("has left")
        return known.user, False
    email = people.normal_email(guest.email)
    if not guest.email_verified or not people.is_email(email):
        words = _("The sign-in service does not vouch for your address. Nobody was signed in.")
        raise Refused(words, 403, "no verified address")
    user = session.scalar(sa.select(User).where(User.email == email).with_for_update())
    is_new = user is None
    if user is None:
        if not new_role:
            raise _unknown("nobody with that address")
        name = "".join(character for character in guest.name if character.isprintable())[:120]
        user = people.add_person(session, email, role=new_role, name=name.strip(), now=now)
    if user.left_at is not None:
        raise _unknown("has left")
    taken = sa.select(Identity.subject).where(
        Identity.issuer == guest.issuer, Identity.user_id == user.id
    )
    if session.scalar(taken) is not None:
        # The address was given to another person there, who must not come into the old one's place.
        words = _("That address belongs to somebody else here. Please ask your administrator.")
        raise Refused(words, 403, "another subject has the address")
    session.add(Identity(issuer=guest.issuer, subject=guest.subject, user_id=user.id, since=now))
    session.flush()
    return user, is_new


def forget_identities(session: Session, user: User) -> int:
    """Let somebody be matched anew at their next visit; return how many were forgotten."""
    done = session.execute(sa.delete(Identity).where(Identity.user_id == user.id))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _unknown(why: str) -> Refused:
    words = _("Nobody signs in here with that address. Your administrator can add you.")
    return Refused(words, 403, why)
