"""Made-up histories: contacts as they came, and the same run for real, day by day or at once."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.config import InvitationPolicy
from feedback.interactions.contacts import address_digest
from feedback.interactions.models import Customer, Interaction
from feedback.invitations.coverage import Account, Which, accounting
from feedback.invitations.dry_run import DryRun, Place, Wake, at_once, dry_run
from feedback.invitations.issue import issue_due
from feedback.invitations.models import DoNotAsk, Holiday, Invitation
from feedback.invitations.plan import plan
from feedback.outbox.models import KindSuppression, Message, Suppression
from feedback.outbox.suppress import suppress, suppress_kind
from feedback.retention.models import Erasure
from feedback.touchpoints.models import Touchpoint
from tests.factories import make_channel, make_customer, make_interaction

# One that shares an address, one with none, one of our own, one nobody can write to.
ADDRESSES = ("a@example.cn", "b@example.cn", "A@example.cn", None, "boss+x@example.cn", "a@")
OWN = "boss@example.cn"

# (minutes after the beginning, customer, address, does somebody serve them, channel)
Contact = tuple[int, int, str | None, bool, str]
CONTACTS = st.lists(
    st.tuples(
        st.integers(0, 70).flatmap(
            lambda day: st.sampled_from([0, 9 * 60, 12 * 60 + 7, 23 * 60 + 59]).map(
                lambda minute: day * 1440 + minute
            )
        ),
        st.integers(0, 3),
        st.sampled_from(ADDRESSES[:3] * 3 + ADDRESSES[3:]),
        st.sampled_from([True] * 7 + [False]),
        st.sampled_from(["phone", "phone", "chat"]),
    ),
    min_size=1,
    max_size=12,
)


def forget_everything(session: Session) -> None:
    """Begin another story in the same database."""
    session.rollback()
    for table in (
        Invitation, Message, Suppression, KindSuppression, Interaction, Erasure, Customer, Holiday,
        DoNotAsk, User,
    ):  # fmt: skip
        session.execute(sa.delete(table))
    session.commit()


def record(session: Session, begin: datetime, contacts: Iterable[Contact]) -> list[Interaction]:
    """Record contacts in the order in which they closed; nothing is planned yet."""
    customers = [make_customer(session).id for _number in range(4)]
    made = []
    for minutes, who, address, is_served, channel in sorted(contacts, key=lambda one: one[0]):
        closed_at = begin + timedelta(minutes=minutes)
        values = {} if is_served else {"staff_id": None, "team_id": None}
        made.append(
            make_interaction(
                session,
                closed_at=closed_at,
                customer_id=customers[who],
                customer_email=address,
                channel_id=make_channel(session, channel).id,
                **values,
            )
        )
    session.commit()
    return made


def rehearse(
    app: Flask,
    session: Session,
    first: date,
    last: date,
    *,
    answered: Iterable[Place] = (),
    wake: Wake = at_once,
) -> DryRun:
    """Return the dry run of some days."""
    session.rollback()
    try:
        return dry_run(
            session,
            first,
            last,
            policy=InvitationPolicy.from_config(app.config),
            key=app.config["SECRET_KEY"],
            answered_elsewhere=frozenset(answered),
            wake=wake,
        )
    finally:
        session.rollback()


def take_in(
    app: Flask, session: Session, contacts: Iterable[Interaction], now: datetime | None = None
) -> None:
    """Plan for contacts as they close, or at one moment."""
    policy = InvitationPolicy.from_config(app.config)
    for one in contacts:
        plan(session, one, policy=policy, now=now or one.closed_at, key=app.config["SECRET_KEY"])
        session.flush()
    session.commit()


def work_through(app: Flask, session: Session, answering: Collection[int] = frozenset()) -> None:
    """Let a worker come to every invitation at the very moment it is due.

    Those asked about the interactions in `answering` answer the first time, an hour later.
    """
    due = sa.select(Invitation.due_at).where(Invitation.withheld_at.is_(None)).distinct()
    moments = sorted(session.scalars(due))
    session.rollback()
    for moment in moments:
        issue_due(app, now=moment)
        answer(session, answering, moment)


def answer(session: Session, answering: Collection[int], asked_at: datetime) -> None:
    """Let those asked at a moment about some interactions answer the first time, an hour later."""
    asked = (
        Invitation.interaction_id.in_(answering),
        Invitation.wave == 1,
        Invitation.issued_at == asked_at,
    )
    answered_at = asked_at + timedelta(hours=1)
    session.execute(sa.update(Invitation).where(*asked).values(answered_at=answered_at))
    session.commit()


def accounts(session: Session, first: date, last: date) -> dict[int, Account]:
    """Return what did become of the contacts of some days, by wave."""
    session.rollback()
    found = {wave: accounting(session, Which(wave, first, last)) for wave in (1, 2)}
    session.rollback()
    return found


def stop_writing_to(app: Flask, session: Session, address: str, now: datetime) -> None:
    """Let somebody have asked us to stop."""
    suppress(session, address_digest(address, app.config["SECRET_KEY"]), "unsubscribed", now)
    session.commit()


def stop_a_kind(app: Flask, session: Session, address: str, channel: str, now: datetime) -> None:
    """Let somebody want no mails about contacts on one channel."""
    digest = address_digest(address, app.config["SECRET_KEY"])
    suppress_kind(session, digest, make_channel(session, channel).id, now)
    session.commit()


def at_touchpoint(session: Session, key: str, **values: object) -> None:
    """Let a touchpoint be so from now on."""
    one = session.scalars(sa.select(Touchpoint).where(Touchpoint.key == key)).one()
    for name, value in values.items():
        setattr(one, name, value)
    session.commit()


def leave_chat_unfollowed(session: Session) -> None:
    """Ask about chats right after the contact only."""
    at_touchpoint(session, "chat", follow_up="off")
