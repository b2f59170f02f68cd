"""What became of an interaction, wave by wave, in words a program can read."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation

_MOMENTS = (
    "planned_at",
    "due_at",
    "issued_at",
    "reminded_at",
    "answered_at",
    "stopped_at",
    "withheld_at",
    "expires_at",
)


def fates(session: Session, interaction: Interaction, now: datetime) -> list[dict[str, Any]]:
    """Return each wave's invitation: its state now, its moments, and why it was withheld."""
    return fates_of(session, [interaction.id], now)[interaction.id]


def fates_of(
    session: Session, interaction_ids: Collection[int], now: datetime
) -> dict[int, list[dict[str, Any]]]:
    """Return the fates of many interactions, by their numbers, in one query."""
    found: dict[int, list[dict[str, Any]]] = {id_: [] for id_ in interaction_ids}
    invitations = session.scalars(
        sa.select(Invitation)
        .where(Invitation.interaction_id.in_(list(found)))
        .options(joinedload(Invitation.merged_into).joinedload(Invitation.interaction))
        .order_by(Invitation.interaction_id, Invitation.wave)
    )
    for invitation in invitations:
        found[invitation.interaction_id].append(
            {"wave": invitation.wave, "state": state(invitation, now)}
            | {name: written(getattr(invitation, name)) for name in _MOMENTS}
            | {"withheld_because": invitation.withheld_because}
            | {"merged_into": _name(invitation.merged_into)}
        )
    return found


def _name(invitation: Invitation | None) -> dict[str, str] | None:
    """Return what the reporting system calls the contact of an invitation."""
    if invitation is None:
        return None
    about = invitation.interaction
    return {"source": about.source, "external_id": about.external_id}


def state(invitation: Invitation, now: datetime) -> str:
    """Return the invitation's state at a moment; it follows from the others and is never stored."""
    if invitation.withheld_at is not None:
        return "withheld"
    if invitation.answered_at is not None:
        return "answered"
    if invitation.issued_at is None:
        return "scheduled"
    if invitation.stopped_at is not None:
        return "stopped"
    return "expired" if invitation.expires_at <= now else "invited"


def written(moment: datetime | None) -> str | None:
    """Return the moment as programs read it, in UTC and to the second: 2026-09-02T02:00:00Z."""
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")
