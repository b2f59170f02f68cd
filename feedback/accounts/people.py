"""People who may sign in: add one, give another role, let one go, set a password."""

import re
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from flask_babel import gettext as _
from itsdangerous import BadSignature
from sqlalchemy.orm import Session, joinedload

from feedback.accounts import sessions
from feedback.accounts.models import SignIn, User
from feedback.accounts.passwords import hash_password
from feedback.accounts.sight import ROLES
from feedback.interactions.models import StaffMember
from feedback.links import RESET_KEY_LASTS, BadLink, read_reset_key, timed_serializer
from feedback.surveys.keep import name_owner

# A link sent on Friday still opens on Monday.
LINK_LASTS_HOURS = 72

_EMAIL = re.compile(r"[^\s@<>\",;:()\[\]\\]{1,64}@[^\s@<>\",;:()\[\]\\]{1,189}")


class NotPossible(Exception):
    """Something that cannot be done to a person; says which field and why, to be shown."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def normal_email(text: str | None) -> str:
    """Return an address as accounts keep it: trimmed and in small letters."""
    return (text or "").strip().lower()


def is_email(text: str) -> bool:
    """Tell whether the text looks like an address somebody could sign in with."""
    # Only ASCII: SQLite and PostgreSQL do not agree about other letters' small forms.
    return text.isascii() and text.isprintable() and bool(_EMAIL.fullmatch(text))


def add_person(
    session: Session, email: str, *, role: str, staff: str = "", name: str = "", now: datetime
) -> User:
    """Add somebody who may sign in, without a password yet.

    Raises:
        NotPossible: the address, role or staff record is unknown, unfit or taken already.

    """
    email = normal_email(email)
    if not is_email(email):
        raise NotPossible("email", _("This is not an e-mail address."))
    if session.scalar(sa.select(User.id).where(User.email == email)) is not None:
        raise NotPossible("email", _("Somebody with this address is there already."))
    if role not in ROLES:
        raise NotPossible("role", _("There is no such role."))
    member = find_staff(session, staff) if staff else None
    if member is not None:
        taken = session.scalar(sa.select(User.email).where(User.staff_id == member.id))
        if taken:
            reason = _("This staff record belongs to %(email)s already.", email=taken)
            raise NotPossible("staff", reason)
    user = User(
        email=email, name=name or (member.name if member else ""), role=role, created_at=now
    )
    user.staff = member
    session.add(user)
    if role == "admin":
        name_owner(session, user.email, user.name)
    session.flush()
    return user


def find_staff(session: Session, reference: str) -> StaffMember:
    """Return the staff member by number, else by an e-mail address or name that is one's alone.

    Raises:
        NotPossible: nobody, or more than one, is meant.

    """
    reference = "".join(character for character in reference if character.isprintable()).strip()
    query = sa.select(StaffMember).where(StaffMember.erased_at.is_(None))
    by_number = session.scalar(query.where(StaffMember.external_id == reference))
    if by_number is not None:
        return by_number
    either = sa.or_(
        sa.func.lower(StaffMember.email) == reference.lower(), StaffMember.name == reference
    )
    found = session.scalars(query.where(either).limit(2)).all()
    if not found:
        raise NotPossible("staff", _("No staff record fits %(reference)s.", reference=reference))
    if len(found) > 1:
        reason = _("%(reference)s fits more than one; use the number.", reference=reference)
        raise NotPossible("staff", reason)
    return found[0]


def set_password(session: Session, user: User, password: str, now: datetime) -> None:
    """Give somebody a new password and sign all their browsers out."""
    user.password_hash = hash_password(password)
    sessions.end_all(session, user, now)


def change_role(session: Session, user: User, role: str, now: datetime) -> None:
    """Give somebody another role; what they had open with the old one is closed."""
    if role not in ROLES:
        raise NotPossible("role", _("There is no such role."))
    if role == user.role:
        return
    if user.role == "admin":
        _keep_an_admin(session, user)
    user.role = role
    sessions.end_all(session, user, now)


def leave(session: Session, user: User, now: datetime) -> None:
    """Let somebody go: signed out everywhere, and not in again."""
    if user.role == "admin":
        _keep_an_admin(session, user)
    user.left_at = user.left_at or now
    sessions.end_all(session, user, now)


def come_back(user: User) -> None:
    """Let somebody who had left sign in again; whoever was erased has nothing to come back to."""
    if user.erased_at is None:
        user.left_at = None


def _keep_an_admin(session: Session, user: User) -> None:
    query = sa.select(User.id).where(User.role == "admin", User.left_at.is_(None))
    # Two administrators letting each other go at once must wait for one another.
    others = [id for id in session.scalars(query.with_for_update()) if id != user.id]
    if not others:
        raise NotPossible("role", _("There must be an administrator left."))


def password_link_token(user: User) -> str:
    """Return a token that lets its holder set this password, once and not for long."""
    return str(timed_serializer("password").dumps([user.id, fingerprint(user)]))


def read_password_link(
    session: Session, token: str, now: datetime, *, locking: bool = False
) -> User | None:
    """Return whose password the token sets, or None where it is forged, old or used.

    The one who goes on to set it must lock, so that of two at once the second is too late.
    """
    try:
        user_id, mark = timed_serializer("password").loads(token, max_age=LINK_LASTS_HOURS * 3600)
    except BadSignature:
        try:
            user_id, mark, asked_at = read_reset_key(token)
        except BadLink:
            return None
        if now >= asked_at + RESET_KEY_LASTS:
            return None
    query = sa.select(User).where(User.id == user_id)
    user = session.scalar(query.with_for_update() if locking else query)
    if user is None or user.left_at is not None or fingerprint(user) != mark:
        return None
    return user


def everybody(session: Session) -> list[tuple[User, datetime | None]]:
    """Return all people with the moment each last signed in, those who have left last."""
    last = (
        sa.select(SignIn.user_id, sa.func.max(SignIn.created_at).label("at"))
        .group_by(SignIn.user_id)
        .subquery()
    )
    query = (
        sa.select(User, last.c.at)
        .outerjoin(last, last.c.user_id == User.id)
        .options(joinedload(User.staff).joinedload(StaffMember.team))
        .where(User.erased_at.is_(None))
        .order_by(User.left_at.is_not(None), User.email)
    )
    return [(user, at) for user, at in session.execute(query)]


def fingerprint(user: User) -> str:
    """Return a mark of somebody's present password, which does not tell it."""
    # Changes with the password, which is what makes the link good for one.
    return sha256(f"{user.email} {user.password_hash or ''}".encode()).hexdigest()[:16]
