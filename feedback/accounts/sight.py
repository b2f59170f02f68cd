"""What somebody may see of others: themselves, their team, or everybody."""

from dataclasses import dataclass

ROLES = ("staff", "lead", "manager", "analyst", "admin")
SEE_EVERYTHING = frozenset({"manager", "analyst", "admin"})


@dataclass(frozen=True)
class Sight:
    """The staff members and teams whose figures one person may look at."""

    everything: bool
    team_ids: frozenset[int]
    staff_ids: frozenset[int]

    def sees_staff(self, staff_id: int, team_id: int | None) -> bool:
        """Tell whether this staff member, who is in that team today, may be looked at."""
        return self.everything or staff_id in self.staff_ids or team_id in self.team_ids

    def sees_team(self, team_id: int) -> bool:
        """Tell whether this team may be looked at."""
        return self.everything or team_id in self.team_ids


def sight_of(role: str, staff_id: int | None, team_id: int | None) -> Sight:
    """Return what a role sees; without a staff record there is no self and no team to see."""
    return Sight(
        everything=role in SEE_EVERYTHING,
        team_ids=frozenset({team_id} if role == "lead" and team_id is not None else ()),
        staff_ids=frozenset({staff_id} if staff_id is not None else ()),
    )
