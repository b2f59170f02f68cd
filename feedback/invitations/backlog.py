"""Takes up asking again after a pause: what became due meanwhile goes out spread, not at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, load_only

from feedback.config import InvitationPolicy
from feedback.invitations.calendar import next_working_moment
from feedback.invitations.models import Invitation
from feedback.invitations.own_days import own_days
from feedback.outbox.claim import LEASE
from feedback.outbox.models import ASKING, Message
from feedback.pauses import end_pause, resumed_since

# One mail in so many seconds: 1,800 in an hour, and no mail server takes that for a flood.
SPACING = timedelta(seconds=2)
# For so long after a pause reminders, which become due by the hundred, keep their distance too.
_SLOW_FOR = timedelta(days=1)

Adjust = Callable[[datetime], datetime]


@dataclass(frozen=True)
class Backlog:
    """What had become due in a pause: what still goes out, until when, and what is too late."""

    invitations: int
    messages: int
    too_late: int
    last_at: datetime | None

    @property
    def going(self) -> int:
        """Return how many mails still go out."""
        return self.invitations + self.messages


@dataclass
class Chain:
    """Moments one after the other, each within the hours mail may go out."""

    at: datetime
    adjust: Adjust
    begun: bool = False

    def next(self) -> datetime:
        """Return the next moment."""
        self.at = self.adjust(self.at + SPACING if self.begun else self.at)
        self.begun = True
        return self.at


def in_window(moment: datetime, zone: ZoneInfo, window: tuple[time, time]) -> datetime:
    """Return the moment itself if it lies in the mail window of any day, else the next start."""
    start, end = window
    local = moment.astimezone(zone)
    if start <= local.time() < end:
        return moment
    day = local.date() if local.time() < start else local.date() + timedelta(days=1)
    return datetime.combine(day, start, zone).astimezone(UTC)


def resume(session: Session, policy: InvitationPolicy, *, now: datetime, by: str) -> Backlog | None:
    """End the pause; return what had become due in it, or None where nothing stood still.

    First mails go out within the mail window, follow-ups and reminders on working days as well.
    Whose time to answer is over is not asked: the worker withholds those as it always does, with
    the reason, and cancels the mails. The caller commits.
    """
    if end_pause(session, now=now, by=by) is None:
        return None
    return spread(session, policy, now)


def spread(session: Session, policy: InvitationPolicy, now: datetime) -> Backlog:
    """Give what has become due its moments, one after the other; return what there was."""
    days = own_days(session)
    first = Chain(now, lambda at: in_window(at, policy.zone, policy.window))
    again = Chain(
        now,
        lambda at: next_working_moment(at, zone=policy.zone, window=policy.window, own_table=days),
    )
    messages = _waiting_messages(session, now)
    for message in messages:
        chain = first if message.kind == "invitation" else again
        message.send_after = chain.next()
    invitations, too_late = _split(_waiting_invitations(session, now), now)
    for invitation in invitations:
        invitation.due_at = (first if invitation.wave == 1 else again).next()
    session.flush()
    ends = [chain.at for chain in (first, again) if chain.begun]
    return Backlog(len(invitations), len(messages), too_late, max(ends, default=None))


def _waiting_messages(session: Session, now: datetime) -> list[Message]:
    return list(
        session.scalars(
            sa.select(Message)
            .options(load_only(Message.kind, Message.send_after))
            .where(
                # Whoever waits for a link to sign in, or for what we hold, waits for it now.
                Message.kind.in_(ASKING),
                Message.sent_at.is_(None),
                Message.failed_at.is_(None),
                Message.cancelled_at.is_(None),
                Message.send_after <= now,
                sa.or_(Message.claimed_at.is_(None), Message.claimed_at <= now - LEASE),
            )
            .order_by(Message.send_after, Message.id)
        )
    )


def _waiting_invitations(session: Session, now: datetime) -> Iterable[Invitation]:
    return session.scalars(
        sa.select(Invitation)
        .where(
            Invitation.issued_at.is_(None),
            Invitation.withheld_at.is_(None),
            Invitation.due_at <= now,
        )
        .order_by(Invitation.due_at, Invitation.id)
    )


def _split(found: Iterable[Invitation], now: datetime) -> tuple[list[Invitation], int]:
    every = list(found)
    in_time = [one for one in every if one.expires_at > now]
    return in_time, len(every) - len(in_time)


def apart(session: Session, reminder: Message, now: datetime) -> datetime:
    """Return when a reminder just made may go: at once, but soon after a pause one by one."""
    since = resumed_since(session, now - _SLOW_FOR)
    if since is None:
        return now
    last = session.scalar(
        sa.select(sa.func.max(Message.send_after, type_=Message.send_after.type)).where(
            Message.sent_at.is_(None),
            Message.failed_at.is_(None),
            Message.cancelled_at.is_(None),
            Message.kind == "reminder",
            Message.id != reminder.id,
            Message.send_after < now + _SLOW_FOR,
        )
    )
    return now if last is None else max(now, last + SPACING)
