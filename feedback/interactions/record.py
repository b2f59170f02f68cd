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
from feedback.interactions.models import Customer, Interaction, StaffMember, Team

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
    staff_id: int | None
    staff_email: str | None
    closed_at: datetime


@dataclass
class Recorder:
    """Records reports in one session, remembering the channels, teams and staff it has met.

    `touchpoint_of` tells to which touchpoint the interactions of a kind, channel and team belong.
    """

    session: Session
    zone: ZoneInfo
    channel_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    touchpoint_of: Callable[[str, int, int | None], int | None] = lambda *_trigger: None
    _channels: Channels | None = None
    _teams: dict[str, int] = field(default_factory=dict)
    _staff: dict[str, tuple[int, int | None]] = field(default_factory=dict)

    def forget(self) -> None:
        """Forget what was met: after a rollback it may not be there any more."""
        self._channels = None
        self._teams.clear()
        self._staff.clear()

    def known(self, identities: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the numbers of those interactions that are recorded already."""
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
        rows = [self._row(report, customers[report.customer_key], now) for report in reports]
        insert_all(self.session, Interaction, rows)
        ids = self.known(report.identity for report in reports)
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
                staff_id=row["staff_id"],
                staff_email=report.staff_email or None,
                closed_at=report.closed_at,
            )
            for report, row in zip(reports, rows, strict=True)
        }

    def _row(self, report: Report, customer_id: int, now: datetime) -> dict[str, Any]:
        staff_id, own_team_id = self._staff_member(report)
        channel_id = self._channel(report)
        team_id = self._team(report.team) if report.team else own_team_id
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
            "staff_id": staff_id,
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

    def _staff_member(self, report: Report) -> tuple[int | None, int | None]:
        """Return the staff id and today's team; found by number, address or name, in that order."""
        key = report.staff_external_id or report.staff_email.lower() or report.staff_name
        if not key:
            return None, None
        if key not in self._staff:
            member = self._find_staff(report)
            if member is None:
                member = StaffMember(
                    external_id=key,
                    name=report.staff_name or key,
                    email=report.staff_email.lower() or None,
                    team_id=self._team(report.team) if report.team else None,
                )
                self.session.add(member)
                self.session.flush()
            _remember(self._staff, key, (member.id, member.team_id))
        return self._staff[key]

    def _find_staff(self, report: Report) -> StaffMember | None:
        if report.staff_external_id:
            same = StaffMember.external_id == report.staff_external_id
        elif report.staff_email:
            same = StaffMember.email == report.staff_email.lower()
        else:
            # A name alone finds only what such a source made itself: two people may share one.
            same = StaffMember.external_id == report.staff_name
        # An address is handed on when somebody leaves; whoever has it today comes first.
        today = StaffMember.left_at.is_not(None), StaffMember.id
        found = self.session.scalars(sa.select(StaffMember).where(same).order_by(*today)).first()
        if found is None and re.fullmatch(r"\d+", report.staff_external_id, re.ASCII):
            return self._find_without_zeros(report.staff_external_id)
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


def _remember(known: dict[str, Value], key: str, value: Value) -> None:
    if len(known) >= _MOST_REMEMBERED:
        known.clear()
    known[key] = value
