"""Plans an invitation for each wave of an interaction, or withholds it with a reason."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.brands.models import OWN
from feedback.config import InvitationPolicy
from feedback.database import insert_all
from feedback.interactions.contacts import address_digest, is_valid_address, mailbox
from feedback.interactions.models import Channel, Interaction, StaffMember
from feedback.interactions.record import Recorded
from feedback.invitations.calendar import follow_up_moment, in_mail_hours
from feedback.invitations.do_not_ask import Rules, rules_in_force
from feedback.invitations.eligibility import NO_RULE, SAMPLED_OUT, reason_on_arrival
from feedback.invitations.models import Invitation
from feedback.invitations.own_days import own_days
from feedback.surveys.models import Survey
from feedback.touchpoints.match import live_touchpoints, match, specificity
from feedback.touchpoints.models import Touchpoint
from feedback.touchpoints.sample import is_drawn

# What is remembered from row to row stays small, whatever a source calls its kinds.
_MOST_REMEMBERED = 10_000


@dataclass
class Planner:
    """Plans many interactions in one session; what they share is looked up once."""

    session: Session
    policy: InvitationPolicy
    key: str
    # The touchpoints to go by instead of those in use, to see what they would do.
    instead: Sequence[Touchpoint] | None = None
    _touchpoints: list[Touchpoint] = field(init=False)
    _by_id: dict[int, Touchpoint] = field(init=False)
    _surveys: dict[str, int] = field(init=False)
    _own: set[str] = field(init=False)
    _days: dict[date, bool] = field(init=False)
    _rules: Rules = field(init=False)
    # A file of a hundred thousand rows has a few dozen triggers.
    _taken: dict[tuple[str, int, int | None], int | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._touchpoints = (
            live_touchpoints(self.session)
            if self.instead is None
            else sorted(self.instead, key=specificity)
        )
        self._by_id = {touchpoint.id: touchpoint for touchpoint in self._touchpoints}
        live = sa.and_(Survey.published_at.is_not(None), Survey.retired_at.is_(None))
        self._surveys = dict(
            self.session.execute(sa.select(Survey.key, Survey.id).where(live)).all()
        )
        self._own = own_mailboxes(self.session)
        self._days = own_days(self.session)
        self._rules = rules_in_force(self.session)

    def touchpoint_of(self, kind: str, channel_id: int, team_id: int | None) -> int | None:
        """Return the touchpoint such interactions belong to, or None."""
        trigger = (kind, channel_id, team_id)
        if trigger not in self._taken:
            code = self.session.get_one(Channel, channel_id).code
            found = match(self._touchpoints, kind=kind, channel=code, team_id=team_id)
            if len(self._taken) >= _MOST_REMEMBERED:
                self._taken.clear()
            self._taken[trigger] = found.id if found else None
        return self._taken[trigger]

    def follow_up_at(self, touchpoint_id: int | None) -> str:
        """Return who is asked again at a touchpoint, by its rule."""
        touchpoint = self._by_id.get(touchpoint_id or 0)
        return touchpoint.follow_up if touchpoint else NO_RULE

    def brand_at(self, touchpoint_id: int | None) -> int:
        """Return in whose name a touchpoint asks."""
        touchpoint = self._by_id.get(touchpoint_id or 0)
        return (touchpoint.brand_id if touchpoint else None) or OWN

    def is_barred(self, recorded: Recorded) -> bool:
        """Tell whether the organisation does not ask about such contacts."""
        return self._rules.bar(recorded.kind, recorded.segment, recorded.tags)

    def as_recorded(self, interaction: Interaction) -> Recorded:
        """Return what planning needs to know of an interaction that is there.

        Its touchpoint is the one that takes it today; the interaction itself stays as it is.
        """
        served = [interaction.staff] if interaction.staff else []
        served = served or [share.staff for share in interaction.shares]
        return Recorded(
            id=interaction.id,
            source=interaction.source,
            external_id=interaction.external_id,
            touchpoint_id=self.touchpoint_of(
                interaction.kind or "", interaction.channel_id, interaction.team_id
            ),
            customer_id=interaction.customer_id,
            customer_email=interaction.customer_email,
            kind=interaction.kind or "",
            segment=interaction.segment or "",
            tags=interaction.tags or "",
            has_staff=bool(served),
            staff_emails=tuple(one.email for one in served if one.email),
            closed_at=interaction.closed_at,
        )

    def plan(self, interaction: Interaction, now: datetime) -> list[Invitation]:
        """Add an invitation for each live wave; flush gives them their numbers."""
        recorded = self.as_recorded(interaction)
        interaction.touchpoint_id = recorded.touchpoint_id
        planned = [Invitation(**row) for row in self.rows(recorded, now)]
        self.session.add_all(planned)
        return planned

    def plan_all(self, recorded: Iterable[Recorded], now: datetime) -> None:
        """Plan for interactions just recorded, whose touchpoint is known; all at once."""
        rows = [row for one in recorded for row in self.rows(one, now)]
        insert_all(self.session, Invitation, rows)

    def rows(self, recorded: Recorded, now: datetime) -> Iterator[dict[str, Any]]:
        """Yield an invitation for each live wave, as columns; nothing is written."""
        touchpoint = self._by_id.get(recorded.touchpoint_id or 0)
        if touchpoint is None:
            return
        address = recorded.customer_email
        valid = address is not None and is_valid_address(address)
        because = reason_on_arrival(
            address=address,
            address_is_valid=valid,
            address_is_own=valid and self._is_own(address or "", recorded.staff_emails),
            has_staff=recorded.has_staff,
            is_barred=self.is_barred(recorded),
            age=now - recorded.closed_at,
            max_age=self.policy.max_age,
        )
        # Last, so that it counts only those who would have been asked.
        if because is None and not is_drawn(
            touchpoint.sampling_rate, touchpoint.seed, recorded.source, recorded.external_id
        ):
            because = SAMPLED_OUT
        digest = address_digest(address, self.key) if address and valid else None
        for wave, survey_id, due_at in self._waves(touchpoint, recorded.closed_at):
            yield {
                "interaction_id": recorded.id,
                "customer_id": recorded.customer_id,
                "survey_id": survey_id,
                "wave": wave,
                "address_digest": digest,
                "planned_at": now,
                "due_at": due_at,
                "expires_at": due_at + self.policy.answer_within,
                "withheld_at": now if because else None,
                "withheld_because": because,
            }

    def _waves(
        self, touchpoint: Touchpoint, closed_at: datetime
    ) -> Iterator[tuple[int, int, datetime]]:
        if touchpoint.survey_key in self._surveys:
            # At once where nothing else is said: memory fades, and the customer is awake.
            due_at = closed_at + timedelta(minutes=touchpoint.delay_minutes)
            if touchpoint.delay_minutes:
                # Whoever was in touch hours ago may be asleep by now.
                due_at = in_mail_hours(due_at, zone=self.policy.zone, window=self.policy.window)
            yield 1, self._surveys[touchpoint.survey_key], due_at
        if touchpoint.follow_up != "off" and touchpoint.follow_up_survey_key in self._surveys:
            due_at = follow_up_moment(
                closed_at,
                days=self.policy.follow_up_days,
                zone=self.policy.zone,
                window=self.policy.window,
                own_table=self._days,
            )
            yield 2, self._surveys[touchpoint.follow_up_survey_key], due_at

    def _is_own(self, address: str, staff_emails: Iterable[str]) -> bool:
        # Perhaps of somebody this very report made known.
        self._own.update(map(mailbox, staff_emails))
        return mailbox(address) in self._own


def own_mailboxes(session: Session) -> set[str]:
    """Return the mailboxes of everybody who works here: nobody rates themselves."""
    staff = session.scalars(sa.select(StaffMember.email).where(StaffMember.email.is_not(None)))
    users = session.scalars(sa.select(User.email))
    return {mailbox(address) for address in (*staff, *users) if address}


def plan(
    session: Session, interaction: Interaction, *, policy: InvitationPolicy, now: datetime, key: str
) -> list[Invitation]:
    """Plan one interaction."""
    return Planner(session, policy, key).plan(interaction, now)
