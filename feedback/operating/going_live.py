"""Goes live where one wants to begin: one touchpoint, for one team or for everybody."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback.accounts.models import User
from feedback.config import InvitationPolicy
from feedback.interactions.models import Interaction, Team
from feedback.invitations.backlog import Backlog, resume
from feedback.invitations.eligibility import NOT_LIVE
from feedback.invitations.models import Invitation
from feedback.milestones import PREPARED, WENT_LIVE, milestones, note_milestone
from feedback.pauses import Pause, open_pause
from feedback.touchpoints.change import switch_off, switch_on
from feedback.touchpoints.match import live_touchpoints, match
from feedback.touchpoints.models import Touchpoint

# What a touchpoint for one team has from the one it is made after.
_SAME = (
    "name_en", "name_zh", "goal_en", "goal_zh", "norms_en", "norms_zh", "responsible", "kind",
    "channel_code", "survey_key", "follow_up_survey_key", "follow_up", "delay_minutes",
    "asking_channel", "sampling_rate",
)  # fmt: skip


@dataclass(frozen=True)
class Asking:
    """Whether anybody is asked just now, and where."""

    pause: Pause | None
    live: list[Touchpoint]

    @property
    def is_on(self) -> bool:
        """Tell whether contacts that arrive now lead to mail."""
        return self.pause is None and bool(self.live)

    @property
    def only_teams(self) -> list[Team]:
        """Return the teams asking is limited to; none where some touchpoint takes any team's."""
        if any(one.team is None for one in self.live):
            return []
        return list({one.team.id: one.team for one in self.live if one.team}.values())


def asking(session: Session) -> Asking:
    """Return whether anybody is asked just now."""
    return Asking(open_pause(session), live_touchpoints(session))


def prepare(
    session: Session, template: Touchpoint, team: Team | None, *, owner: User, now: datetime
) -> Touchpoint:
    """Make ready what one wants to begin with; nothing is switched on. The caller commits.

    For one team that is a touchpoint of its own, made after the template; for everybody it is the
    template itself. Where nobody answers for it yet, whoever prepares it does.
    """
    one = template
    if team is not None and template.team_id != team.id:
        key = f"{template.key[:48]}-{team.id}"
        one = session.scalar(sa.select(Touchpoint).where(Touchpoint.key == key)) or Touchpoint(
            key=key, team_id=team.id, seed=secrets.randbelow(2**31)
        )
        if not one.is_live:
            for name in _SAME:
                setattr(one, name, getattr(template, name))
        session.add(one)
    _give_owner(one, owner)
    session.flush()
    note_milestone(session, PREPARED, now, one.key)
    return one


def prepared(session: Session) -> Touchpoint | None:
    """Return what was made ready last, or None."""
    found = milestones(session).get(PREPARED)
    if found is None:
        return None
    return session.scalar(sa.select(Touchpoint).where(Touchpoint.key == found.detail))


def go_live(
    session: Session, one: Touchpoint, policy: InvitationPolicy, *, now: datetime, by: str
) -> Backlog | None:
    """Let this touchpoint be live, and take up asking. Raises NotReady; the caller commits.

    What came in while the site stood still is asked about only if it belongs to what is live then.
    """
    others = in_the_way(one, live_touchpoints(session))
    for other in others:
        switch_off(other, now)
    session.flush()
    switch_on(session, one, now)
    session.flush()
    pause = open_pause(session)
    if pause is not None:
        _withhold_others(session, pause.paused_at, now)
    if others or WENT_LIVE not in milestones(session):
        note_milestone(session, WENT_LIVE, now, one.key)
    return resume(session, policy, now=now, by=by)


def in_the_way(one: Touchpoint, live: list[Touchpoint]) -> list[Touchpoint]:
    """Return what must be off for this touchpoint to be live; other teams may go on beside it."""
    return [
        other
        for other in live
        if other.id != one.id and (one.team_id is None or other.team_id is None)
    ]


def go_everywhere(session: Session, *, owner: User, now: datetime) -> list[Touchpoint]:
    """Switch on again what was switched off to begin with one; returns it. The caller commits."""
    began = milestones(session).get(WENT_LIVE)
    if began is None:
        return []
    waiting = sa.select(Touchpoint).where(Touchpoint.retired_at == began.last_at)
    found = list(session.scalars(waiting.order_by(Touchpoint.id)))
    for one in found:
        _give_owner(one, owner)
        session.flush()
        switch_on(session, one, now)
    return found


def waiting_elsewhere(session: Session) -> int:
    """Return how many touchpoints were switched off to begin with one."""
    began = milestones(session).get(WENT_LIVE)
    if began is None:
        return 0
    count = sa.select(sa.func.count()).select_from(Touchpoint)
    return session.scalar(count.where(Touchpoint.retired_at == began.last_at)) or 0


def _give_owner(one: Touchpoint, owner: User) -> None:
    if one.owner_id is None and not one.owner_name:
        one.owner_id = owner.id


def _withhold_others(session: Session, since: datetime, now: datetime) -> None:
    live = live_touchpoints(session)
    waiting = session.scalars(
        sa.select(Invitation)
        .where(
            Invitation.issued_at.is_(None),
            Invitation.withheld_at.is_(None),
            Invitation.planned_at >= since,
        )
        .options(joinedload(Invitation.interaction).joinedload(Interaction.channel))
    )
    for invitation in waiting:
        contact = invitation.interaction
        taken = match(
            live, kind=contact.kind or "", channel=contact.channel.code, team_id=contact.team_id
        )
        if taken is None:
            invitation.withheld_at, invitation.withheld_because = now, NOT_LIVE
    session.flush()
