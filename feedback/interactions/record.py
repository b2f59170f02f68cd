"""Records a finished interaction, once, with everybody as they were when it ended."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.fields import Report
from feedback.interactions.models import Channel, Customer, Interaction, StaffMember, Team

_KNOWN_CHANNELS = {
    "phone": ("Phone", "电话"),
    "email": ("E-mail", "邮件"),
    "chat": ("Chat", "在线客服"),
    "web": ("Web", "网页"),
    "store": ("Store", "门店"),
    "visit": ("Home visit", "上门服务"),
    "onsite": ("On-site visit", "上门服务"),
    "event": ("Event", "活动"),
    "im": ("Messenger", "即时消息"),
    "sms": ("Text message", "短信"),
}


@dataclass
class Recorder:
    """Records reports in one session, remembering the channels, teams and staff it has met."""

    session: Session
    zone: ZoneInfo
    channel_names: dict[str, tuple[str, str]] = field(default_factory=dict)
    _channels: dict[str, int] = field(default_factory=dict)
    _teams: dict[str, int] = field(default_factory=dict)
    _staff: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    _customers: dict[str, int] = field(default_factory=dict)

    def forget(self) -> None:
        """Forget what was met: after a rollback it may not be there any more."""
        for known in (self._channels, self._teams, self._staff, self._customers):
            known.clear()

    def record(self, report: Report, now: datetime) -> tuple[Interaction, bool]:
        """Return the interaction, and whether it is new; one reported before stays as it is."""
        known = self.session.scalar(
            sa.select(Interaction).where(
                Interaction.source == report.source,
                Interaction.external_id == report.external_id,
            )
        )
        if known is not None:
            return known, False
        staff_id, own_team_id = self._staff_member(report)
        team_id = self._team(report.team) if report.team else own_team_id
        interaction = Interaction(
            source=report.source,
            external_id=report.external_id,
            kind=report.kind,
            status=report.status,
            subject=report.subject,
            occurred_at=report.occurred_at,
            closed_at=report.closed_at,
            day=report.closed_at.astimezone(self.zone).date(),
            recorded_at=now,
            channel_id=self._channel(report.channel),
            staff_id=staff_id,
            team_id=team_id,
            customer_id=self._customer(report.customer_key, now),
            customer_name=report.customer_name,
            customer_gender=report.customer_gender,
            customer_email=report.customer_email or None,
            customer_phone=report.customer_phone or None,
            customer_locale=report.customer_locale,
            segment=report.segment,
            location=report.location,
            product=report.product,
            out_of_order=report.is_out_of_order,
        )
        self.session.add(interaction)
        self.session.flush()
        return interaction, True

    def _channel(self, code: str) -> int:
        if code not in self._channels:
            channel = self.session.scalar(sa.select(Channel).where(Channel.code == code))
            if channel is None:
                known = self.channel_names.get(code) or _KNOWN_CHANNELS.get(code.lower())
                name_en, name_zh = known or (code, code)
                channel = Channel(code=code, name_en=name_en, name_zh=name_zh)
                self.session.add(channel)
                self.session.flush()
            self._channels[code] = channel.id
        return self._channels[code]

    def _team(self, name: str) -> int:
        if name not in self._teams:
            team = self.session.scalar(sa.select(Team).where(Team.name == name))
            if team is None:
                team = Team(name=name)
                self.session.add(team)
                self.session.flush()
            self._teams[name] = team.id
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
            self._staff[key] = (member.id, member.team_id)
        return self._staff[key]

    def _find_staff(self, report: Report) -> StaffMember | None:
        if report.staff_external_id:
            same = StaffMember.external_id == report.staff_external_id
        elif report.staff_email:
            same = StaffMember.email == report.staff_email.lower()
        else:
            # A name alone finds only what such a source made itself: two people may share one.
            same = StaffMember.external_id == report.staff_name
        return self.session.scalars(sa.select(StaffMember).where(same).limit(1)).first()

    def _customer(self, key: str, now: datetime) -> int:
        if key not in self._customers:
            found = self.session.scalar(sa.select(Customer.id).where(Customer.key == key))
            if found is None:
                customer = Customer(key=key, created_at=now)
                self.session.add(customer)
                self.session.flush()
                found = customer.id
            if len(self._customers) > 50_000:
                self._customers.clear()
            self._customers[key] = found
        return self._customers[key]
