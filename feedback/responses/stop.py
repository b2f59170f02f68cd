"""Stops mails to an address at once, as its owner asks, and takes that back as they ask."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.contacts import address_digest, address_key, normalise_address
from feedback.invitations.models import Invitation
from feedback.outbox.models import ASKING, Message, Suppression
from feedback.outbox.suppress import is_own_wish, suppress, suppression_of, unsuppress

PAUSE_MONTHS = 6


def silence_of(
    session: Session, invitation: Invitation, config: Mapping[str, Any], now: datetime
) -> Suppression | None:
    """Return why nothing is sent to the invitation's address now, its owner's wish first."""
    known = [suppression_of(session, digest, now) for digest in digests_of(invitation, config)]
    found = [suppression for suppression in known if suppression is not None]
    return min(found, key=lambda suppression: not is_own_wish(suppression), default=None)


def stop(
    session: Session,
    invitation: Invitation,
    config: Mapping[str, Any],
    now: datetime,
    *,
    pausing: bool = False,
) -> None:
    """Write no more to the address of this invitation, or not for half a year.

    Adds and flushes; the caller commits. Done twice, it is done.
    """
    reason = "paused" if pausing else "unsubscribed"
    until = months_later(now, PAUSE_MONTHS, ZoneInfo(config["TIMEZONE"])) if pausing else None
    for digest in digests_of(invitation, config):
        known = suppression_of(session, digest, now)
        # An address that refuses mail, or whose owner complained, stays so when a wish is undone.
        if known is not None and (not is_own_wish(known) or known.reason == reason):
            continue
        suppress(session, digest, reason, now, until)
    if invitation.stopped_at is None:
        invitation.stopped_at = now
    cancel_waiting(session, _waiting_for(invitation), now)
    session.flush()


def undo(
    session: Session, invitation: Invitation, config: Mapping[str, Any], now: datetime
) -> bool:
    """Write to the address again; return False where there was no wish of its owner's to undo.

    Only what the owner asked for is lifted: not that the address bounces, refuses, or complained.
    """
    if not is_own_wish(silence_of(session, invitation, config, now)):
        return False
    for digest in digests_of(invitation, config):
        if is_own_wish(suppression_of(session, digest, now)):
            unsuppress(session, digest)
    for stopped in _stopped_by_wish(session, invitation, config):
        if stopped.stopped_at is not None:
            restore(session, _waiting_for(invitation), stopped.stopped_at)
            stopped.stopped_at = None
    session.flush()
    return True


def _stopped_by_wish(
    session: Session, invitation: Invitation, config: Mapping[str, Any]
) -> Sequence[Invitation]:
    """Return the invitations to this address whose links a stop has ended, this one or others.

    Whoever came by another mail of ours has stopped the same address; taken back is taken back.
    """
    same = sa.or_(
        Invitation.id == invitation.id,
        Invitation.address_digest.in_(digests_of(invitation, config)),
    )
    return session.scalars(
        sa.select(Invitation)
        .where(Invitation.stopped_at.is_not(None), same)
        .order_by(Invitation.id)
        .with_for_update()
    ).all()


def months_later(moment: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Return the same clock time so many months later, or on the last day of a shorter month."""
    local = moment.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    for day in range(local.day, local.day - 4, -1):
        try:
            return local.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError(moment)


def digests_of(invitation: Invitation, config: Mapping[str, Any]) -> list[str]:
    """Return what stands for the address: as it was planned, and by today's key, if they differ."""
    found = [invitation.address_digest] if invitation.address_digest else []
    if address := invitation.interaction.customer_email:
        found.append(address_digest(address, address_key(config)))
    return list(dict.fromkeys(found))


def _waiting_for(invitation: Invitation) -> list[sa.ColumnElement[bool]]:
    """Return the condition for a mail to the invitation's address that asks a customer."""
    address = normalise_address(invitation.interaction.customer_email or "")
    return [sa.func.lower(Message.recipient) == address, Message.kind.in_(ASKING)]


# What is on its way already cannot be called back.
_NOT_UNDER_WAY = (
    Message.claimed_at.is_(None),
    Message.sent_at.is_(None),
    Message.failed_at.is_(None),
)


def cancel_waiting(
    session: Session, which: Sequence[sa.ColumnElement[bool]], now: datetime
) -> None:
    """Let go no more of these mails."""
    session.execute(
        sa.update(Message)
        .where(*which, *_NOT_UNDER_WAY, Message.cancelled_at.is_(None))
        .values(cancelled_at=now)
        .execution_options(synchronize_session=False)
    )


def restore(
    session: Session, which: Sequence[sa.ColumnElement[bool]], stopped_at: datetime
) -> None:
    """Let those go that this very stop had cancelled."""
    session.execute(
        sa.update(Message)
        .where(*which, *_NOT_UNDER_WAY, Message.cancelled_at == stopped_at)
        .values(cancelled_at=None)
        .execution_options(synchronize_session=False)
    )
