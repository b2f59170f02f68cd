"""Takes a reported interaction in: records it, and plans what follows from it."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.interactions.fields import Report
from feedback.interactions.models import Interaction
from feedback.interactions.record import Recorder
from feedback.invitations.plan import Planner


@dataclass
class Intake:
    """Takes many reports in, in one session."""

    session: Session
    policy: InvitationPolicy
    key: str
    channel_names: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._recorder = Recorder(self.session, self.policy.zone, self.channel_names)
        self._planner: Planner | None = None

    def forget(self) -> None:
        """Forget what is remembered between reports, after a rollback."""
        self._recorder.forget()
        self._planner = None

    def take(self, report: Report, now: datetime) -> tuple[Interaction, bool]:
        """Return the interaction and whether it is new; a new one is planned for."""
        interaction, is_new = self._recorder.record(report, now)
        if is_new:
            if self._planner is None:
                self._planner = Planner(self.session, self.policy, self.key)
            self._planner.plan(interaction, now)
            self.session.flush()
        return interaction, is_new


def take_in(
    session: Session, report: Report, *, policy: InvitationPolicy, now: datetime, key: str
) -> tuple[Interaction, bool]:
    """Take one report in."""
    return Intake(session, policy, key).take(report, now)
