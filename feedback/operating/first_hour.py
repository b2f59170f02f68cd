"""The nine steps of an administrator's first hour; what is done follows from what is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.config import SETTINGS
from feedback.interactions.models import Interaction, StaffMember
from feedback.milestones import (
    BACKED_UP,
    MAIL_TESTED,
    PREPARED,
    REHEARSED,
    STAFF_IMPORTED,
    WENT_LIVE,
    Milestone,
    milestones,
)
from feedback.operating.going_live import asking
from feedback.organisation import the_organisation

SET_UP, APPEARANCE, STAFF, CONTACTS, MAIL = "set_up", "appearance", "staff", "contacts", "mail"
TEMPLATE, SIMULATION, LIVE, BACKUP = "template", "simulation", "live", "backup"
_BACKUP_IS_OLD = timedelta(days=7)


@dataclass(frozen=True)
class Step:
    """One step: whether it is done, since when if that is known, and how much of it."""

    key: str
    is_done: bool
    at: datetime | None = None
    # A number or a name, for the sentence about it.
    detail: str = ""


@dataclass(frozen=True)
class FirstHour:
    """All steps, and how long they have taken."""

    steps: list[Step]
    began_at: datetime
    now: datetime

    @property
    def done(self) -> int:
        """Return how many steps are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def is_over(self) -> bool:
        """Tell whether all is done."""
        return self.done == len(self.steps)

    @property
    def next(self) -> Step | None:
        """Return the first step that is not done."""
        return next((step for step in self.steps if not step.is_done), None)

    @property
    def minutes(self) -> int:
        """Return the minutes from setting up to the last step done, or to now."""
        ends = [step.at for step in self.steps if step.at is not None]
        end = max(ends, default=self.began_at) if self.is_over else self.now
        return max(0, round((end - self.began_at).total_seconds() / 60))


def first_hour(session: Session, config: Mapping[str, Any], now: datetime) -> FirstHour | None:
    """Return how far the first hour has come; None before anything was set up."""
    organisation = the_organisation(session)
    if organisation is None:
        return None
    known = milestones(session)
    staff = session.scalar(sa.select(sa.func.count()).select_from(StaffMember)) or 0
    # By the key, which is an index: this is asked above every page of administration.
    first_contact = session.scalar(
        sa.select(Interaction.recorded_at).order_by(Interaction.id).limit(1)
    )
    state = asking(session)
    live_since = min((one.live_since for one in state.live if one.live_since), default=None)
    return FirstHour(
        [
            Step(SET_UP, True, organisation.created_at),
            Step(APPEARANCE, bool(organisation.contact)),
            Step(STAFF, staff > 0, _first(known, STAFF_IMPORTED), str(staff)),
            Step(CONTACTS, first_contact is not None, first_contact),
            _milestone(MAIL, known.get(MAIL_TESTED), bool(config["MAIL_SERVER"])),
            _milestone(TEMPLATE, known.get(PREPARED)),
            _milestone(SIMULATION, known.get(REHEARSED)),
            Step(LIVE, state.is_on, (_first(known, WENT_LIVE) or live_since)),
            _milestone(BACKUP, known.get(BACKED_UP)),
        ],
        organisation.created_at,
        now,
    )


def _first(known: Mapping[str, Milestone], name: str) -> datetime | None:
    return known[name].first_at if name in known else None


def _milestone(key: str, found: Milestone | None, besides: bool = True) -> Step:
    if found is None:
        return Step(key, False)
    return Step(key, besides, found.first_at, found.detail)


@dataclass(frozen=True)
class Missing:
    """What an installation lacks before customers are written to."""

    mail: bool
    sender: bool
    reachable: bool
    https: bool
    backup: bool

    def __bool__(self) -> bool:
        return any((self.mail, self.sender, self.reachable, self.https, self.backup))


def missing(config: Mapping[str, Any], last_backup: datetime | None, now: datetime) -> Missing:
    """Return what is missing: mail, an address customers reach, HTTPS, a backup."""
    url = urlsplit(config["PUBLIC_URL"])
    is_local = url.hostname in ("127.0.0.1", "localhost", "::1")
    has_server = bool(config["MAIL_SERVER"])
    return Missing(
        mail=not has_server,
        sender=has_server and config["MAIL_SENDER"] == SETTINGS["MAIL_SENDER"].default,
        reachable=is_local,
        https=not is_local and url.scheme != "https",
        backup=last_backup is None or now - last_backup > _BACKUP_IS_OLD,
    )
