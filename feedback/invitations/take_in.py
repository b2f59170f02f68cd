"""Takes reported interactions in: records them, and plans what follows from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.interactions.fields import Report, read_report
from feedback.interactions.import_rows import Fate, Seen
from feedback.interactions.models import Interaction
from feedback.interactions.record import Recorder
from feedback.invitations.plan import Planner


@dataclass
class Intake:
    """Takes many reports in, in one session."""

    session: Session
    policy: InvitationPolicy
    key: str
    channel_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._planner: Planner | None = None
        self._recorder = Recorder(
            self.session,
            self.policy.zone,
            self.channel_names,
            touchpoint_of=lambda *trigger: self._planning().touchpoint_of(*trigger),
            key=self.key,
        )

    def forget(self) -> None:
        """Forget what is remembered between reports, after a rollback."""
        self._recorder.forget()
        self._planner = None

    def known(self, reports: Sequence[Report]) -> dict[tuple[str, str], int]:
        """Return the numbers of those interactions that were reported before."""
        return self._recorder.known(report.identity for report in reports)

    def take_all(self, reports: Sequence[Report], now: datetime) -> list[tuple[int, bool]]:
        """Return each report's interaction and whether it is new; new ones are planned for."""
        taken = self._recorder.record(reports, now)
        new = [recorded for _id, recorded in taken if recorded is not None]
        if new:
            self._planning().plan_all(new, now)
        return [(id_, recorded is not None) for id_, recorded in taken]

    def take(self, report: Report, now: datetime) -> tuple[Interaction, bool]:
        """Return the interaction and whether it is new; a new one is planned for."""
        [(id_, is_new)] = self.take_all([report], now)
        return self.session.get_one(Interaction, id_), is_new

    def _planning(self) -> Planner:
        if self._planner is None:
            self._planner = Planner(self.session, self.policy, self.key)
        return self._planner


@dataclass
class InteractionTaker:
    """Takes the rows of a file in, each an interaction."""

    intake: Intake
    now: datetime
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hour_of_days: int = 0
    _seen: Seen = field(default_factory=Seen)

    def read(self, cells: Mapping[str, str]) -> Report:
        """Return the report a row makes, or raise Refused."""
        return read_report(
            cells,
            zone=self.intake.policy.zone,
            now=self.now,
            formats=self.formats,
            hour_of_days=self.hour_of_days,
        )

    def look(self, reports: Sequence[Report]) -> list[Fate]:
        """Return what would become of each."""
        known = self.intake.known(reports)
        return [
            Fate.CREATED
            if r.identity not in known and self._seen.add(*r.identity)
            else Fate.DUPLICATE
            for r in reports
        ]

    def take(self, reports: Sequence[Report]) -> list[Fate]:
        """Record each that is not recorded yet, and plan for it."""
        taken = self.intake.take_all(reports, self.now)
        return [Fate.CREATED if is_new else Fate.DUPLICATE for _id, is_new in taken]

    def forget(self) -> None:
        """Forget what is remembered between batches, after a rollback."""
        self.intake.forget()


def take_in(
    session: Session, report: Report, *, policy: InvitationPolicy, now: datetime, key: str
) -> tuple[Interaction, bool]:
    """Take one report in."""
    return Intake(session, policy, key).take(report, now)
