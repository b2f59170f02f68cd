"""Finds the touchpoint an interaction belongs to: the most specific of those that take it."""

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback.interactions.fields import channel_code
from feedback.touchpoints.models import Touchpoint

_PARTING = re.compile(r"[,;，；、\n]")


def live_touchpoints(session: Session) -> list[Touchpoint]:
    """Return the touchpoints in use, the most specific first."""
    live = select(Touchpoint).where(
        Touchpoint.live_since.is_not(None), Touchpoint.retired_at.is_(None)
    )
    return sorted(session.scalars(live), key=specificity)


def specificity(touchpoint: Touchpoint) -> tuple[int, bool, bool, bool, int]:
    """Return what touchpoints are sorted by: how much they name, then what, then their age.

    No two are alike, so the same interaction always finds the same one.
    """
    any_kind, any_channel, any_team = (
        touchpoint.kind is None,
        touchpoint.channel_code is None,
        touchpoint.team_id is None,
    )
    named = any_kind + any_channel + any_team
    return named, any_kind, any_channel, any_team, touchpoint.id


def match(
    touchpoints: Sequence[Touchpoint], *, kind: str, channel: str, team_id: int | None
) -> Touchpoint | None:
    """Return the first touchpoint that takes an interaction of this kind, channel and team."""
    return next((one for one in touchpoints if _takes(one, kind, channel, team_id)), None)


def kinds_of(text: str) -> list[str]:
    """Return the kinds a trigger names, each as it is compared: small letters, single spaces."""
    return [kind for part in _PARTING.split(text) if (kind := channel_code(part))]


def _takes(touchpoint: Touchpoint, kind: str, channel: str, team_id: int | None) -> bool:
    return (
        (touchpoint.channel_code is None or touchpoint.channel_code == channel)
        and (touchpoint.team_id is None or touchpoint.team_id == team_id)
        and (touchpoint.kind is None or channel_code(kind) in kinds_of(touchpoint.kind))
    )
