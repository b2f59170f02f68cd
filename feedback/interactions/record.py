"""Records finished interactions, once each, with everybody as they were when they ended."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.database import insert_all
from feedback.interactions.channels import Channels
from feedback.interactions.fields import Report
from feedback.interactions.forgotten import forgotten_reference
from feedback.interactions.models import (
    Customer,
    Interaction,
    InteractionShare,
    StaffMember,
    Team,
)
from feedback.interactions.shares import Share

# What is remembered from row to row stays small, however many people a file names.
_MOST_REMEMBERED = 10_000

Value = TypeVar("Value")


@dataclass(frozen=True)
class Recorded:
    """An interaction as it was recorded: its number, and what planning needs to know of it."""

    id: int
    source: str
    external_id: str
    touchpoint_id: int | None
    customer_id: int
    customer_email: str | None
    kind: str
    segment: str
    tags: str
    # Whether anybody who served is named, and the addresses known of them.
    has_staff: bool
    staff_emails: tuple[str, ...]
    closed_at: datetime


@dataclass(frozen=True)
class _Crew:
    """Those who served, by the ids of their staff records, and the team all of them are of."""

    parts: Mapping[int, float | None]
    team_id: int | None

    @property
    def alone(self) -> int | None:
        """Return the one who served alone; what several shared is nobody's alone."""
        return next(iter(self.parts)) if len(self.parts) == 1 else None


@dataclass
class Recorder:
    """Records reports in one session, remembering the channels, teams and staff it has met.

    `touchpoint_of` tells to which touchpoint the interactions of a kind, channel and team belong.
    """

    session: Session
    zone: ZoneInfo
    channel_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    touchpoint_of: Callable[[str, int, int | None], int | None] = lambda *_trigger: None
    # By it contacts are known again whose numbers were forgotten.
    key: str = ""
    _channels: Channels | None = None
    _teams: dict[str, int] = field(default_factory=dict)
    # By number, address or name: the id, and today's team.
    _staff: dict[str, tuple[int, int | None]] = field(default_factory=dict)

    def forget(self) -> None:
        """Forget what was met: after a rollback it may not be there any more."""
        self._channels = None
        self._teams.clear()
        self._staff.clear()

    def known(self, identities: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the numbers of those interactions that are recorded already.

        One whose number was forgotten is known by what stands in the place of it.
        """
        identities = list(identities)
        found = self._numbered(identities)
        if self._has_forgotten():
            standing = {
                (source, forgotten_reference(source, external_id, self.key)): (source, external_id)
                for source, external_id in identities
            }
            found |= {standing[one]: id_ for one, id_ in self._numbered(standing).items()}
        return found

    def _numbered(self, identities: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        by_source: dict[str, list[str]] = {}
        for source, external_id in identities:
            by_source.setdefault(source, []).append(external_id)
        return {
            (source, external_id): id_
            for source, external_ids in by_source.items()
            for external_id, id_ in self.session.execute(
                sa.select(Interaction.external_id, Interaction.id).where(
                    Interaction.source == source, Interaction.external_id.in_(external_ids)
                )
            )
        }

    def _has_forgotten(self) -> bool:
        """Tell whether any number was ever forgotten; most installations need not look twice."""
        forgotten = Interaction.number_forgotten_at.is_not(None)
        return self.session.scalar(sa.select(Interaction.id).where(forgotten).limit(1)) is not None

    def record(self, reports: Sequence[Report], now: datetime) -> list[tuple[int, Recorded | None]]:
        """Return each report's interaction, and what was recorded if this report made it.

        One reported before stays as it is.
        """
        ids = self.known(report.identity for report in reports)
        new: dict[tuple[str, str], Report] = {}
        for report in reports:
            if report.identity not in ids:
                new.setdefault(report.identity, report)
        made = self._insert(list(new.values()), now)
        ids |= {identity: recorded.id for identity, recorded in made.items()}
        # Taken out as it is handed over: of two reports in one list, the first has made it.
        return [(ids[r.identity], made.pop(r.identity, None)) for r in reports]

    def _insert(self, reports: list[Report], now: datetime) -> dict[tuple[str, str], Recorded]:
        if not reports:
            return {}
        customers = self._customers({report.customer_key for report in reports}, now)
        crews = [self._crew(report) for report in reports]
        rows = [
            self._row(report, crew, customers[report.customer_key], now)
            for report, crew in zip(reports, crews, strict=True)
        ]
        insert_all(self.session, Interaction, rows)
        ids = self.known(report.identity for report in reports)
        insert_all(
            self.session,
            InteractionShare,
            [
                {"interaction_id": ids[report.identity], "staff_id": staff_id, "part": part}
                for report, crew in zip(reports, crews, strict=True)
                if len(crew.parts) > 1
                for staff_id, part in crew.parts.items()
            ],
        )
        return {
            report.identity: Recorded(
                id=ids[report.identity],
                source=report.source,
                external_id=report.external_id,
                touchpoint_id=row["touchpoint_id"],
                customer_id=row["customer_id"],
                customer_email=row["customer_email"],
                kind=report.kind,
                segment=report.segment,
                tags=report.tags,
                has_staff=bool(crew.parts),
                staff_emails=tuple(one.email for one in _named(report) if one.email),
                closed_at=report.closed_at,
            )
            for report, crew, row in zip(reports, crews, rows, strict=True)
        }

    def _row(self, report: Report, crew: _Crew, customer_id: int, now: datetime) -> dict[str, Any]:
        channel_id = self._channel(report)
        team_id = self._team(report.team) if report.team else crew.team_id
        return {
            "source": report.source,
            "external_id": report.external_id,
            "kind": report.kind,
            "status": report.status,
            "subject": report.subject,
            "occurred_at": report.occurred_at,
            "closed_at": report.closed_at,
            "day": report.closed_at.astimezone(self.zone).date(),
            "recorded_at": now,
            "channel_id": channel_id,
            "touchpoint_id": self.touchpoint_of(report.kind, channel_id, team_id),
            "staff_id": crew.alone,
            "team_id": team_id,
            "customer_id": customer_id,
            "customer_name": report.customer_name,
            "customer_gender": report.customer_gender,
            "customer_email": report.customer_email or None,
            "customer_phone": report.customer_phone or None,
            "customer_locale": report.customer_locale,
            "segment": report.segment,
            "tags": report.tags,
            "location": report.location,
            "product": report.product,
            "out_of_order": report.is_out_of_order,
        }

    def _channel(self, report: Report) -> int:
        if self._channels is None:
            self._channels = Channels(self.session, self.channel_names)
        return self._channels.find(report.channel, report.channel_name)

    def _team(self, name: str) -> int:
        if name not in self._teams:
            found = self.session.scalar(sa.select(Team.id).where(Team.name == name))
            if found is None:
                team = Team(name=name)
                self.session.add(team)
                self.session.flush()
                found = team.id
            _remember(self._teams, name, found)
        return self._teams[name]

    def _crew(self, report: Report) -> _Crew:
        """Return everybody who served, with the part each was given."""
        parts: dict[int, float | None] = {}
        teams = set()
        for one in _named(report):
            staff_id, team_id = self._staff_member(one, report.team)
            # Two numbers may be one person's, as 27 and 0027 are: then so are both parts.
            earlier = parts.get(staff_id)
            parts[staff_id] = one.part if earlier is None else earlier + (one.part or 0)
            teams.add(team_id)
        return _Crew(parts, teams.pop() if len(teams) == 1 else None)

    def _staff_member(self, one: Share, team: str) -> tuple[int, int | None]:
        """Return the staff id and today's team; found by number, address or name, in that order."""
        key = one.external_id or one.email.lower() or one.name
        if key not in self._staff:
            member = self._find_staff(one)
            if member is None:
                member = StaffMember(
                    external_id=key,
                    name=one.name or key,
                    email=one.email.lower() or None,
                    team_id=self._team(team) if team else None,
                )
                self.session.add(member)
                self.session.flush()
            _remember(self._staff, key, (member.id, member.team_id))
        return self._staff[key]

    def _find_staff(self, one: Share) -> StaffMember | None:
        if one.external_id:
            same = StaffMember.external_id == one.external_id
        elif one.email:
            same = StaffMember.email == one.email.lower()
        else:
            # A name alone finds only what such a source made itself: two people may share one.
            same = StaffMember.external_id == one.name
        # An address is handed on when somebody leaves; whoever has it today comes first.
        today = StaffMember.left_at.is_not(None), StaffMember.id
        found = self.session.scalars(sa.select(StaffMember).where(same).order_by(*today)).first()
        if found is None and re.fullmatch(r"\d+", one.external_id, re.ASCII):
            return self._find_without_zeros(one.external_id)
        return found

    def _find_without_zeros(self, number: str) -> StaffMember | None:
        """Return the one whose number this is but for the leading zeros a spreadsheet drops."""
        found = self.session.scalars(
            sa.select(StaffMember)
            .where(sa.func.ltrim(StaffMember.external_id, "0") == number.lstrip("0"))
            .limit(2)
        ).all()
        return found[0] if len(found) == 1 else None

    def _customers(self, keys: set[str], now: datetime) -> dict[str, int]:
        found = self._known_customers(keys)
        # In one order for everybody, so that two processes never wait for each other in a circle.
        new = sorted(keys - found.keys())
        if new:
            insert_all(self.session, Customer, [{"key": key, "created_at": now} for key in new])
            found |= self._known_customers(new)
        return found

    def _known_customers(self, keys: Iterable[str]) -> dict[str, int]:
        query = sa.select(Customer.key, Customer.id).where(Customer.key.in_(list(keys)))
        return dict(self.session.execute(query).all())


def _named(report: Report) -> Sequence[Share]:
    """Return those who served: several, one, or nobody."""
    if report.shares:
        return report.shares
    one = Share(report.staff_external_id, name=report.staff_name, email=report.staff_email)
    return [one] if one.external_id or one.email or one.name else []


def _remember(known: dict[str, Value], key: str, value: Value) -> None:
    if len(known) >= _MOST_REMEMBERED:
        known.clear()
    known[key] = value
