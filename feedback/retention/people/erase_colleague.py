"""Erases somebody who has left: no name, address or account stays, and no figure of their own."""

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.accounts.models import Look
from feedback.interactions.models import Interaction, InteractionShare, Membership, StaffMember
from feedback.outbox.models import TO_CUSTOMERS, Bounce, Message
from feedback.pauses import Pause
from feedback.reports.models import Tally
from feedback.responses.models import Answer, Response
from feedback.retention.chunks import chunks
from feedback.retention.forget_mails import forget_calls
from feedback.retention.people.colleague import Colleague, refuse_where_not
from feedback.retention.people.forget_account import forget_account
from feedback.retention.people.forget_in_log import forget_in_log
from feedback.retention.periods.old_staff_links import forget_who_served
from feedback.retention.periods.old_words import forget_words, has_words
from feedback.retention.periods.step import Limit, change
from feedback.surveys.models import Survey
from feedback.touchpoints.models import Touchpoint


@dataclass(frozen=True)
class Gone:
    """How much went; nothing that says whose it was."""

    # Contacts that no longer name anybody, and those they shared, of which somebody keeps a part.
    contacts: int
    shared: int
    comments: int
    looks: int
    sign_ins: int
    mails: int
    audit_entries: int

    def counts(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


def erase_colleague(session: Session, who: Colleague, now: datetime) -> Gone:
    """Erase everything held about somebody who has left; figures of more than them stay.

    One transaction, which is the caller's. Done again, it finds nothing more. Raises NotPossible
    while they are here or answer for something.
    """
    if who.is_erased:
        return Gone(0, 0, 0, 0, 0, 0, 0)
    refuse_where_not(session, who, now)
    addresses, names = who.addresses, who.names
    # The log first: it is found by what is about to go.
    entries = forget_in_log(session, who, now)
    contacts = shared = comments = looks = 0
    if who.member is not None:
        contacts, shared, comments = _forget_work(session, who.member, names, now)
        looks = _delete(session, Look, Look.staff_id == who.member.id)
        _delete(session, Membership, Membership.staff_id == who.member.id)
        of_them = sa.and_(Tally.subject == "staff", Tally.subject_id == who.member.id)
        _delete(session, Tally, of_them)
    sign_ins = forget_account(session, who.user, now) if who.user is not None else 0
    if who.member is not None:
        change(
            session,
            StaffMember,
            StaffMember.id == who.member.id,
            external_id=f"left:{secrets.token_hex(8)}",
            name=somebody(),
            email=None,
            erased_at=now,
        )
    mails = _blank_mails(session, addresses, now)
    _forget_mentions(session, addresses)
    session.flush()
    # What the session holds of these rows is not what they say any more.
    session.expire_all()
    return Gone(contacts, shared, comments, looks, sign_ins, mails, entries)


def somebody() -> str:
    """Return what stands in the place of a name; kept as words, so in the language of the house."""
    return str(_("Somebody who left"))


def _forget_work(
    session: Session, member: StaffMember, names: Iterable[str], now: datetime
) -> tuple[int, int, int]:
    """Take somebody from their contacts; return how many, how many shared, how many comments."""
    limit = Limit(now, now, "")
    own = list(session.scalars(sa.select(Interaction.id).where(Interaction.staff_id == member.id)))
    comments = 0
    for ids in chunks(own):
        about = sa.select(Response.id).where(Response.interaction_id.in_(ids), has_words())
        found = list(session.scalars(about.with_for_update(of=Response)))
        forget_words(session, found, limit)
        comments += len(found)
        change(session, Interaction, Interaction.id.in_(ids), subject="")
        forget_who_served(session, ids, limit)
    with_others = list(
        session.scalars(
            sa.select(InteractionShare.interaction_id).where(InteractionShare.staff_id == member.id)
        )
    )
    for ids in chunks(with_others):
        # What is said of several is the others', too; only what names them goes.
        naming = sa.or_(
            sa.false(), *(Answer.comment.contains(name, autoescape=True) for name in names)
        )
        named = sa.exists().where(Answer.response_id == Response.id, naming)
        about = sa.select(Response.id).where(Response.interaction_id.in_(ids), named)
        found = list(session.scalars(about.with_for_update(of=Response)))
        forget_words(session, found, limit)
        comments += len(found)
    return len(own), len(with_others), comments


def _blank_mails(session: Session, addresses: Iterable[str], now: datetime) -> int:
    """Blank the mails about their account; what they got as a customer is the customer's."""
    to_them = sa.and_(
        sa.func.lower(Message.recipient).in_(list(addresses)), Message.kind.not_in(TO_CUSTOMERS)
    )
    found = list(session.scalars(sa.select(Message.id).where(to_them).with_for_update()))
    for ids in chunks(found):
        is_open = sa.and_(
            Message.sent_at.is_(None), Message.failed_at.is_(None), Message.cancelled_at.is_(None)
        )
        _delete(session, Bounce, Bounce.message_id.in_(ids))
        change(
            session,
            Message,
            Message.id.in_(ids),
            recipient="",
            subject="",
            text="",
            html="",
            server_reply=None,
            cancelled_at=sa.case((is_open, now), else_=Message.cancelled_at),
        )
    return len(found)


def _forget_mentions(session: Session, addresses: Iterable[str]) -> None:
    """Take them from where they stand by their address: what has ended, and pauses."""
    for address in sorted(addresses):
        for column in (Pause.paused_by, Pause.resumed_by):
            change(session, Pause, column == address, **{column.key: somebody()})
        # The living ones have kept them from being erased.
        owned = Touchpoint.owner_email == address
        change(session, Touchpoint, owned, owner_name=somebody(), owner_email="")
        owned = Survey.owner_email == address
        change(session, Survey, owned, owner_name=somebody(), owner_email="")
    forget_calls(session, addresses)


def _delete(session: Session, table: type[Any], which: sa.ColumnElement[bool]) -> int:
    gone = session.execute(
        sa.delete(table).where(which).execution_options(synchronize_session=False)
    )
    return int(getattr(gone, "rowcount", 0))
