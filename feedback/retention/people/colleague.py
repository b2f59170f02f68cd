"""Somebody who works here: the account, the staff record, or both, that are one person's."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.people import NotPossible, find_staff, normal_email
from feedback.interactions.models import StaffMember
from feedback.surveys.models import Survey
from feedback.touchpoints.models import Touchpoint


@dataclass(frozen=True)
class Colleague:
    """One person by their rows, of which there is one at least."""

    user: User | None
    member: StaffMember | None

    @property
    def addresses(self) -> frozenset[str]:
        """Return their addresses as accounts keep them."""
        found = (self.user and self.user.email, self.member and self.member.email)
        return frozenset(address.lower() for address in found if address)

    @property
    def names(self) -> frozenset[str]:
        """Return how they are called, where that is long enough to be somebody's name."""
        found = (self.user and self.user.name, self.member and self.member.name)
        return frozenset(name for name in found if name and len(name) > 1)

    @property
    def is_erased(self) -> bool:
        """Tell whether there is nothing left to say whose these rows are."""
        rows = (self.user, self.member)
        return all(row is None or row.erased_at is not None for row in rows)


def of_member(session: Session, member: StaffMember) -> Colleague:
    """Return whose the staff record is."""
    user = session.scalars(sa.select(User).where(User.staff_id == member.id)).one_or_none()
    return Colleague(user, member)


def of_user(session: Session, user: User) -> Colleague:
    """Return whose the account is."""
    return Colleague(user, user.staff)


def find_colleague(session: Session, reference: str) -> Colleague:
    """Return whom an address, a staff number or a name means.

    Raises:
        NotPossible: nobody, or more than one, is meant.

    """
    email = normal_email(reference)
    user = session.scalars(sa.select(User).where(User.email == email)).one_or_none()
    if user is not None and user.erased_at is None:
        return of_user(session, user)
    return of_member(session, find_staff(session, reference))


def why_not(session: Session, who: Colleague, now: datetime) -> list[str]:
    """Return each reason for which somebody cannot be erased yet; none where they can be."""
    reasons = []
    if who.member is not None and (who.member.left_at is None or who.member.left_at > now):
        reasons.append(_("The staff record has no last day yet, or it is still to come."))
    if who.user is not None and who.user.left_at is None:
        reasons.append(_("The account is still open: mark the person as left first."))
    named: list[sa.ColumnElement[bool]] = [Touchpoint.owner_email.in_(who.addresses)]
    if who.user is not None:
        named.append(Touchpoint.owner_id == who.user.id)
    query = sa.select(Touchpoint).where(
        Touchpoint.live_since.is_not(None), Touchpoint.retired_at.is_(None), sa.or_(*named)
    )
    for one in session.scalars(query.order_by(Touchpoint.id)):
        words = _("They answer for the touchpoint %(key)s: name somebody else.", key=one.key)
        reasons.append(words)
    surveys = sa.select(Survey.key).where(
        Survey.owner_email.in_(who.addresses), Survey.retired_at.is_(None)
    )
    for key in sorted(set(session.scalars(surveys))):
        reasons.append(_("They answer for the survey %(key)s: name somebody else.", key=key))
    return [str(reason) for reason in reasons]


def refuse_where_not(session: Session, who: Colleague, now: datetime) -> None:
    """Raise NotPossible with the reasons for which somebody cannot be erased yet."""
    if reasons := why_not(session, who, now):
        raise NotPossible("staff", "\n".join(reasons))
