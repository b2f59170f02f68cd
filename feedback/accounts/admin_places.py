"""Where an administrator can go: a few groups, and within each the pages that belong together."""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

from feedback.accounts.access import current_user


@dataclass(frozen=True)
class Place:
    """Somewhere to go; `here` when the reader is there or below."""

    address: str
    label: str
    here: bool


@dataclass(frozen=True)
class Group:
    """Pages of one subject; its address is that of the first."""

    label: str
    places: list[Place]

    @property
    def address(self) -> str:
        """Return where the group's name leads."""
        return self.places[0].address

    @property
    def here(self) -> bool:
        """Tell whether the reader is on one of its pages."""
        return any(place.here for place in self.places)


def place(address: str, label: str, below: str | None = None) -> Place:
    """Return a place, and whether the reader is there."""
    below = below or address
    here = request.path == below or request.path.startswith(f"{below}/")
    return Place(address, label, here)


def admin_groups() -> list[Group]:
    """Return the groups for an administrator; nobody else has any."""
    if not current_user.is_authenticated or current_user.role != "admin":
        return []
    return [
        Group(
            _("Asking"),
            [
                place("/admin/touchpoints", _("The plan")),
                place("/admin/surveys", _("Surveys")),
                place("/admin/do-not-ask", _("Whom not to ask")),
                place("/admin/calendar", _("Working days")),
                place("/admin/dry-run", _("Dry run")),
                place("/admin/go-live", _("Go live")),
                place("/admin/pause", _("Pause")),
                place("/admin/coverage", _("Coverage")),
                place("/admin/held-answers", _("Held answers")),
            ],
        ),
        Group(
            _("Mail"),
            [
                place("/admin/queue", _("Mail queue")),
                place("/admin/brands", _("Brands")),
                place("/admin/mail", _("Mail settings")),
            ],
        ),
        Group(
            _("People and access"),
            [
                place("/admin/people", _("People")),
                place("/admin/staff", _("Staff records")),
                place("/admin/staff-import", _("Import staff")),
                place("/admin/teams", _("Teams")),
                place("/admin/keys", _("API keys")),
                place("/admin/audit", _("Audit log")),
            ],
        ),
        Group(
            _("Installation"),
            [
                place("/admin/organisation", _("Organisation")),
                place("/admin/status", _("Status")),
                place("/admin/retention", _("Retention")),
                place("/admin/first-hour", _("The first hour")),
            ],
        ),
    ]
