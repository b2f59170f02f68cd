"""What a target or an annotation may be about, and how that is called."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.reports.subjects import by_name, id_of, named
from feedback.touchpoints.models import Touchpoint

# In the order in which they are offered.
SUBJECTS = ("channel", "team", "touchpoint")


@dataclass(frozen=True)
class AimSubject:
    """One thing a target or an annotation may be about; its id is 0 where it is everything."""

    subject: str
    id: int
    label: str

    @property
    def value(self) -> str:
        """Return how a form names it: "channel:3"."""
        return f"{self.subject}:{self.id}"


def aim_subjects(session: Session, locale: str) -> list[AimSubject]:
    """Return everything there may be a target of: all, then the channels, teams, touchpoints.

    A single touchpoint takes every contact, so it is the same as everything and not offered; nor
    are those that were never switched on.
    """
    live = set(session.scalars(sa.select(Touchpoint.id).where(Touchpoint.live_since.is_not(None))))
    found = [AimSubject("all", 0, _("Everything"))]
    for subject in SUBJECTS:
        pairs = [(id_, name) for id_, (_key, name) in named(session, subject, locale).items()]
        if subject == "touchpoint":
            pairs = [(id_, name) for id_, name in pairs if id_ in live]
            if len(pairs) < 2:
                continue
        found += [
            AimSubject(subject, id_, name)
            for id_, name in sorted(pairs, key=lambda pair: by_name(pair[1]))
        ]
    return found


def subject_kind(subject: str) -> str:
    """Return the name of a kind of subject; everything is of none."""
    kinds = {"channel": _("Channel"), "team": _("Team"), "touchpoint": _("Touchpoint"), "all": ""}
    return str(kinds[subject])


def subject_names(session: Session, locale: str) -> dict[tuple[str, int], str]:
    """Return what each is called by subject and id: "Channel: Phone", or "Everything"."""
    found = {("all", 0): str(_("Everything"))}
    for subject in SUBJECTS:
        for id_, (_key, name) in named(session, subject, locale).items():
            found[subject, id_] = str(
                _("%(kind)s: %(name)s", kind=subject_kind(subject), name=name)
            )
    return found


def subject_keys(session: Session) -> dict[tuple[str, int], dict[str, str]]:
    """Return what programs know each by: {"channel": "phone"}, or {} for everything."""
    found: dict[tuple[str, int], dict[str, str]] = {("all", 0): {}}
    for subject in SUBJECTS:
        for id_, (key, _name) in named(session, subject, "en").items():
            found[subject, id_] = {subject: key}
    return found


def find_subject(session: Session, subject: str, key: str) -> int | None:
    """Return the id of a channel, team or touchpoint by its public key, or None."""
    return id_of(session, subject, key) if subject in SUBJECTS else None
