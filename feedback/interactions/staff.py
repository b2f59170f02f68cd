"""Takes staff in from a list: who they are, and which team they belong to today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from unicodedata import normalize
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload

from feedback import clock
from feedback.interactions.contacts import is_valid_address
from feedback.interactions.fields import Refused, clean, moment
from feedback.interactions.import_rows import Fate
from feedback.interactions.models import StaffMember, Team
from feedback.interactions.move import move

COLUMNS = ("external_id", "name", "email", "team", "left_at")
REQUIRED = ("external_id", "name")
_NUMBER, _ADDRESS = "external_id", "email"
_LIMITS = {"external_id": 120, "name": 120, "email": 254, "team": 120}


@dataclass(frozen=True)
class Listed:
    """A staff member as a list has them; an empty address or team says nothing about it."""

    external_id: str
    name: str
    email: str
    team: str
    left_at: datetime | None
    # Without the column, the list does not say who has left.
    says_who_left: bool


@dataclass
class StaffTaker:
    """Takes a list of staff in, in one session."""

    session: Session
    zone: ZoneInfo
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Whoever is in another team by the list moves there on the day of this moment.
    now: datetime = field(default_factory=clock.now)
    # What this list has said, by number and by address: in earlier batches, and in the last one.
    _said: dict[tuple[str, str], Listed] = field(default_factory=dict)
    _just_said: dict[tuple[str, str], Listed] = field(default_factory=dict)

    def read(self, cells: Mapping[str, str]) -> Listed:
        """Return what a row says, or raise Refused."""
        texts = {column: clean(cells.get(column, "")) for column in COLUMNS}
        texts["email"] = normalize("NFKC", texts["email"]).lower()
        for column in REQUIRED:
            if not texts[column]:
                raise Refused(column, "", _("is required"))
        for column, limit in _LIMITS.items():
            if len(texts[column]) > limit:
                rule = _("is longer than %(limit)s characters", limit=limit)
                raise Refused(column, texts[column], rule)
        if texts["email"] and not is_valid_address(texts["email"]):
            raise Refused("email", texts["email"], _("is not an e-mail address"))
        left = texts.pop("left_at")
        form = self.formats.get("left_at", ())
        return Listed(
            **texts,
            left_at=moment("left_at", left, self.zone, form) if left else None,
            says_who_left="left_at" in cells,
        )

    def look(self, listed: Sequence[Listed]) -> list[Fate | Refused]:
        """Return what would become of each."""
        return [fate for fate, _one, _member in self._decide(listed)]

    def take(self, listed: Sequence[Listed]) -> list[Fate | Refused]:
        """Add those who are new, and bring the known ones up to date."""
        decided = self._decide(listed)
        taken = [(one, who) for fate, one, who in decided if fate in (Fate.CREATED, Fate.UPDATED)]
        # All teams before the first person: nobody is sent to the database on their own, and
        # thousands take seconds.
        teams = self._teams({one.team for one, _who in taken if one.team})
        for one, member in taken:
            self._write(one, member, teams)
        self.session.flush()
        return [fate for fate, _one, _member in decided]

    def forget(self) -> None:
        """Forget what the last batch has said, after a rollback."""
        self._just_said.clear()

    def _decide(
        self, listed: Sequence[Listed]
    ) -> list[tuple[Fate | Refused, Listed, StaffMember | None]]:
        """Return each row's fate, and whom it is about if they are known; write nothing."""
        self._said |= self._just_said
        self._just_said = {}
        by_number, by_address = self._known(listed)
        decided = []
        for one in listed:
            # Somebody known by an address alone, from contacts, now gets their number.
            member = by_number.get(one.external_id) or by_number.get(one.email)
            fate = self._fate(one, member, by_address.get(one.email))
            if not isinstance(fate, Refused):
                self._just_said[_NUMBER, one.external_id] = one
                if one.email:
                    self._just_said[_ADDRESS, one.email] = one
            decided.append((fate, one, member))
        return decided

    def _fate(
        self, one: Listed, member: StaffMember | None, holder: StaffMember | None
    ) -> Fate | Refused:
        if earlier := self._heard(_NUMBER, one.external_id):
            if earlier == one:
                return Fate.DUPLICATE
            rule = _("is listed twice in this file, and differently")
            return Refused("external_id", one.external_id, rule)
        if whose := self._whose(one, holder):
            return Refused("email", one.email, _("is the address of %(who)s", who=whose))
        if member is None:
            return Fate.CREATED
        return Fate.UPDATED if _news(one, member) else Fate.DUPLICATE

    def _whose(self, one: Listed, holder: StaffMember | None) -> str | None:
        """Return who else has the address: two people with one could not be told apart."""
        if said := self._heard(_ADDRESS, one.email):
            return said.external_id
        if holder is None or holder.left_at or holder.external_id in (one.external_id, one.email):
            return None
        # The list may have given them another address, or may have said that they left.
        said = self._heard(_NUMBER, holder.external_id)
        gave_up = said is not None and (said.email not in ("", one.email) or said.left_at)
        return None if gave_up else holder.external_id

    def _heard(self, what: str, value: str) -> Listed | None:
        return self._just_said.get((what, value)) or self._said.get((what, value))

    def _known(
        self, listed: Sequence[Listed]
    ) -> tuple[dict[str, StaffMember], dict[str, StaffMember]]:
        """Return those the rows may be about by number, and who holds their addresses today."""
        addresses = {one.email for one in listed if one.email}
        numbers = {one.external_id for one in listed} | addresses
        found = self.session.scalars(
            sa.select(StaffMember)
            .where(sa.or_(StaffMember.external_id.in_(numbers), StaffMember.email.in_(addresses)))
            .options(joinedload(StaffMember.team))
            .order_by(StaffMember.left_at.is_(None), StaffMember.id)
        ).all()
        by_address = {member.email: member for member in found if member.email}
        return {member.external_id: member for member in found}, by_address

    def _write(self, one: Listed, member: StaffMember | None, teams: Mapping[str, Team]) -> None:
        is_new = member is None
        if member is None:
            member = StaffMember(external_id=one.external_id, name=one.name, memberships=[])
        for name, value in _news(one, member).items():
            if name != "team":
                setattr(member, name, value)
            elif not member.memberships:
                # Since when is not known; whoever was not known before was there all along.
                member.team_id = teams[one.team].id
            else:
                today = self.now.astimezone(self.zone).date()
                self.session.flush()
                move(self.session, member, teams[one.team], day=today, today=today)
        if is_new:
            self.session.add(member)
        else:
            # An address that is given up is free before somebody further down has it.
            self.session.flush()

    def _teams(self, names: set[str]) -> dict[str, Team]:
        found = self.session.scalars(sa.select(Team).where(Team.name.in_(names))).all()
        teams = {team.name: team for team in found}
        for name in sorted(names - teams.keys()):
            teams[name] = Team(name=name)
            self.session.add(teams[name])
        for team in teams.values():
            # A list that has people in a team says that there is one.
            team.closed_at = None
        self.session.flush()
        return teams


def _news(one: Listed, member: StaffMember) -> dict[str, object]:
    """Return what the list says of somebody that is not known of them."""
    said: dict[str, object] = {"external_id": one.external_id, "name": one.name}
    if one.email:
        said["email"] = one.email
    if one.says_who_left:
        said["left_at"] = one.left_at
    news = {name: value for name, value in said.items() if getattr(member, name) != value}
    if one.team and (member.team is None or member.team.name != one.team):
        news["team"] = one.team
    return news
