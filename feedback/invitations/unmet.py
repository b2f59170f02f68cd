"""Lists what arrives and no touchpoint in use takes, or only the one that takes everything."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Channel, Interaction, Team
from feedback.invitations.coverage import Which
from feedback.touchpoints.match import live_touchpoints, match
from feedback.touchpoints.models import Touchpoint

MOST = 50


@dataclass(frozen=True)
class Unmet:
    """Contacts of one kind, channel and team that would find no touchpoint of their own today."""

    kind: str
    channel: Channel
    team: Team | None
    times: int
    # The first of them ever, not only in the days asked about.
    since: date
    # The touchpoint that takes whatever no other takes, where there is one.
    general: Touchpoint | None


def unmet(session: Session, which: Which) -> list[Unmet]:
    """Return them, those nobody takes first, then by how many there are of each."""
    live = live_touchpoints(session)
    channels = {channel.id: channel for channel in session.scalars(sa.select(Channel))}
    teams = {team.id: team for team in session.scalars(sa.select(Team))}
    trigger = (Interaction.kind, Interaction.channel_id, Interaction.team_id)
    counted = sa.select(*trigger, sa.func.count()).where(*which.conditions()).group_by(*trigger)
    left = []
    for kind, channel_id, team_id, times in session.execute(counted):
        taken = match(live, kind=kind, channel=channels[channel_id].code, team_id=team_id)
        if taken is None or taken.is_general:
            left.append((kind, channel_id, team_id, times, taken))
    of_these = Interaction.channel_id.in_({channel_id for _, channel_id, *_rest in left})
    began = sa.select(*trigger, sa.func.min(Interaction.day)).where(of_these).group_by(*trigger)
    since = {(kind, at, team): day for kind, at, team, day in session.execute(began)}
    found = [
        Unmet(
            kind,
            channels[channel_id],
            teams.get(team_id or 0),
            times,
            since[kind, channel_id, team_id],
            taken,
        )
        for kind, channel_id, team_id, times, taken in left
    ]
    found.sort(key=lambda one: (one.general is not None, -one.times, one.channel.code, one.kind))
    return found
