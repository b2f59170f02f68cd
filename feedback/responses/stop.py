"""Stops mails to an address at once, as its owner asks, and takes that back as they ask."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.contacts import address_digest, normalise_address
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message, Suppression
from feedback.outbox.suppress import suppress, suppression_of, unsuppress

PAUSE_MONTHS = 6
# What the owner of an address asked for; the rest is the mail system's, or the law's, to lift.
_OWN_WISH = ("unsubscribed", "paused")


def silence_of(
    session: Session, invitation: Invitation, config: Mapping[str, Any], now: datetime
) -> Suppression | None:
    """Return why nothing is sent to the invitation's address now, its owner's wish first."""
    known = [suppression_of(session, digest, now) for digest in _digests(invitation, config)]
    found = [suppression for suppression in known if suppression is not None]
    return min(found, key=lambda suppression: not is_own_wish(suppression), default=None)


def is_own_wish(suppression: Suppression | None) -> bool:
    """Tell whether the owner of the address asked for it, and so may take it back."""
    return suppression is not None and suppression.reason in _OWN_WISH


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
    for digest in _digests(invitation, config):
        known = suppression_of(session, digest, now)
        # An address that refuses mail, or whose owner complained, stays so when a wish is undone.
        if known is not None and (not is_own_wish(known) or known.reason == reason):
            continue
        suppress(session, digest, reason, now, until)
    if invitation.stopped_at is None:
        invitation.stopped_at = now
    _cancel_waiting(session, invitation.interaction.customer_email or "", now)
    session.flush()


def undo(
    session: Session, invitation: Invitation, config: Mapping[str, Any], now: datetime
) -> bool:
    """Write to the address again; return False where there was no wish of its owner's to undo.

    Only what the owner asked for is lifted: not that the address bounces, refuses, or complained.
    """
    if not is_own_wish(silence_of(session, invitation, config, now)):
        return False
    for digest in _digests(invitation, config):
        if is_own_wish(suppression_of(session, digest, now)):
            unsuppress(session, digest)
    if invitation.stopped_at is not None:
        _restore(session, invitation.interaction.customer_email or "", invitation.stopped_at)
        invitation.stopped_at = None
    session.flush()
    return True


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


def _digests(invitation: Invitation, config: Mapping[str, Any]) -> list[str]:
    """Return what stands for the address: as it was planned, and by today's key, if they differ."""
    found = [invitation.address_digest] if invitation.address_digest else []
    if address := invitation.interaction.customer_email:
        found.append(address_digest(address, config["SECRET_KEY"]))
    return list(dict.fromkeys(found))


def _to(address: str) -> list[sa.ColumnElement[bool]]:
    return [
        sa.func.lower(Message.recipient) == normalise_address(address),
        # Only what asks a customer; who works here still gets the mail about their account.
        Message.token_for.is_not(None),
        # What is on its way already cannot be called back.
        Message.claimed_at.is_(None),
        Message.sent_at.is_(None),
        Message.failed_at.is_(None),
    ]


def _cancel_waiting(session: Session, address: str, now: datetime) -> None:
    session.execute(
        sa.update(Message)
        .where(*_to(address), Message.cancelled_at.is_(None))
        .values(cancelled_at=now)
    )


def _restore(session: Session, address: str, stopped_at: datetime) -> None:
    """Let go what this very stop had cancelled."""
    session.execute(
        sa.update(Message)
        .where(*_to(address), Message.cancelled_at == stopped_at)
        .values(cancelled_at=None)
    )
