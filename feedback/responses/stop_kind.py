"""Asks an address no more about contacts on one channel, and takes that back, as its owner asks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Channel, Interaction
from feedback.invitations.models import Invitation
from feedback.outbox.models import ASKING, KindSuppression, Message
from feedback.outbox.suppress import suppress_kind, unsuppress_kind
from feedback.responses.stop import cancel_waiting, digests_of, restore


def kinds_stopped(session: Session, invitation: Invitation, config: Mapping[str, Any]) -> set[int]:
    """Return the channels about whose contacts this invitation's address is not asked."""
    digests = digests_of(invitation, config)
    return set(
        session.scalars(
            sa.select(KindSuppression.channel_id).where(KindSuppression.address_digest.in_(digests))
        )
    )


def kinds_shown(
    session: Session, invitation: Invitation, config: Mapping[str, Any]
) -> list[Channel]:
    """Return the channels whose mails can be stopped or let go: this mail's, and those stopped.

    No others: on which channels somebody else met us is not told to whoever has a forwarded link.
    """
    ids = {invitation.interaction.channel_id} | kinds_stopped(session, invitation, config)
    return list(session.scalars(sa.select(Channel).where(Channel.id.in_(ids)).order_by(Channel.id)))


def stop_kind(
    session: Session,
    invitation: Invitation,
    config: Mapping[str, Any],
    channel_id: int,
    now: datetime,
) -> None:
    """Ask no more about contacts on this channel; what waits about them is cancelled.

    Adds and flushes; the caller commits. Done twice, it is done.
    """
    digests = digests_of(invitation, config)
    for digest in digests:
        suppress_kind(session, digest, channel_id, now)
    cancel_waiting(session, _waiting_about(digests, channel_id), now)
    session.flush()


def resume_kind(
    session: Session, invitation: Invitation, config: Mapping[str, Any], channel_id: int
) -> None:
    """Ask about contacts on this channel again; what stopping it had cancelled goes."""
    digests = digests_of(invitation, config)
    for digest in digests:
        known = session.get(KindSuppression, (digest, channel_id))
        if known is not None:
            restore(session, _waiting_about(digests, channel_id), known.created_at)
            unsuppress_kind(session, digest, channel_id)
    session.flush()


def _waiting_about(digests: list[str], channel_id: int) -> list[sa.ColumnElement[bool]]:
    """Return the condition for a mail that asks these addresses about contacts on a channel."""
    about = (
        sa.select(Invitation.id)
        .join(Interaction, Interaction.id == Invitation.interaction_id)
        .where(Invitation.address_digest.in_(digests), Interaction.channel_id == channel_id)
    )
    return [Message.token_for.in_(about), Message.kind.in_(ASKING)]
