"""Sets a target, confirms or declines one set late. Nobody changes a begun period alone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.accounts.people import NotPossible
from feedback.touchpoints.models import Target
from feedback.touchpoints.targets import SUBJECTS

# Whoever answers for the figures; an analyst reads them, a lead is measured by them.
MAY_SET = ("manager", "admin")
# Each metric's own unit: what a target in it may lie between.
RANGES = {"csat": (0.0, 1.0), "nps": (-1.0, 1.0), "ces": (1.0, 7.0)}
LONGEST_REASON = 200


def set_target(
    session: Session,
    *,
    metric: str,
    wave: int,
    subject: str,
    subject_id: int,
    value: float | None,
    from_day: date,
    to_day: date | None,
    reason: str,
    by: User,
    now: datetime,
    zone: ZoneInfo,
) -> Target:
    """Add a line to the log; a value of None says that there is no target in these days.

    Where its first day has begun it is a proposal, and needs a reason and a second person. Raises
    NotPossible. Adds and flushes; the caller commits.
    """
    _may(by)
    today, reason = now.astimezone(zone).date(), reason.strip()
    if metric not in RANGES:
        raise NotPossible("metric", _("There is no such figure."))
    if wave not in (1, 2):
        raise NotPossible("wave", _("There is no such wave."))
    if subject not in SUBJECTS:
        raise NotPossible("about", _("There are no targets for one person."))
    low, high = RANGES[metric]
    if value is not None and not low <= value <= high:
        raise NotPossible("value", _("It lies between %(low)g and %(high)g.", low=low, high=high))
    if to_day is not None and to_day < from_day:
        raise NotPossible("to", _("The last day is before the first."))
    if len(reason) > LONGEST_REASON:
        raise NotPossible("reason", _("At most %(length)s characters.", length=LONGEST_REASON))
    if from_day <= today and not reason:
        raise NotPossible(
            "reason", _("These days have begun already, so it needs a reason and a second person.")
        )
    line = Target(
        metric=metric,
        wave=wave,
        subject=subject,
        subject_id=subject_id if subject != "all" else 0,
        value=value,
        from_day=from_day,
        to_day=to_day,
        set_at=now,
        set_on=today,
        set_by_id=by.id,
        reason=reason,
    )
    session.add(line)
    session.flush()
    return line


def said_of(line: Target) -> dict[str, object]:
    """Return what a line of the log of targets says, for the log of what was done."""
    names = ("metric", "wave", "subject", "subject_id", "value", "from_day", "to_day", "reason")
    return {name: getattr(line, name) for name in names} | {"waiting": line.is_waiting}


def confirm_target(session: Session, target_id: int, *, by: User, now: datetime) -> None:
    """Let a target set late count, as the second person. Raises NotPossible; the caller commits."""
    _may(by)
    line = session.get(Target, target_id)
    if line is not None and line.set_by_id == by.id:
        raise NotPossible("by", _("Somebody else has to confirm what you have proposed."))
    _decide(session, target_id, {"confirmed_at": now, "confirmed_by_id": by.id})


def decline_target(session: Session, target_id: int, *, by: User, now: datetime) -> None:
    """Say no to a target set late; whoever proposed it may, too. Raises NotPossible."""
    _may(by)
    _decide(session, target_id, {"declined_at": now, "declined_by_id": by.id})


def _may(by: User) -> None:
    if by.role not in MAY_SET or by.left_at is not None:
        raise NotPossible("by", _("Only managers and administrators set targets."))


def _decide(session: Session, target_id: int, moments: dict[str, object]) -> None:
    # Guarded, so that of two who decide at once only the first is taken.
    waiting = (
        Target.id == target_id,
        Target.from_day <= Target.set_on,
        Target.confirmed_at.is_(None),
        Target.declined_at.is_(None),
    )
    done = session.execute(
        sa.update(Target).where(*waiting).values(**moments).returning(Target.id)
    ).scalar()
    if done is None:
        raise NotPossible("by", _("This is decided already."))
