"""The organisation's own working days, and what changing them does to follow-ups that wait."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, contains_eager

from feedback.accounts.people import NotPossible
from feedback.config import InvitationPolicy
from feedback.interactions.models import Interaction
from feedback.invitations.calendar import (
    LONGEST_WAIT,
    estimated_years,
    follow_up_moment,
    next_working_moment,
)
from feedback.invitations.models import Holiday, Invitation

_LONGEST_NAME = 120
# A holiday is named by its first and last day; a year of them is somebody's slip.
_MOST_DAYS = 60
# Before and after these a day is a slip, and at the ends of the calendar there is no moment for it.
_YEARS = range(2000, 2101)


def own_days(session: Session) -> dict[date, bool]:
    """Return the organisation's own calendar: the day, and whether people work on it."""
    return dict(session.execute(sa.select(Holiday.day, Holiday.is_working)).all())


def guessed_years(session: Session, today: date) -> list[int]:
    """Return which of this year and the next are only estimated, and not entered here either."""
    entered = {day.year for day in own_days(session)}
    return [year for year in estimated_years(today) if year not in entered]


def listed_days(session: Session, since: date) -> list[Holiday]:
    """Return the days from a day on, in their order."""
    return list(
        session.scalars(sa.select(Holiday).where(Holiday.day >= since).order_by(Holiday.day))
    )


def set_days(
    session: Session,
    first: date,
    last: date,
    *,
    is_working: bool,
    name: str,
    policy: InvitationPolicy,
    now: datetime,
) -> int:
    """Say of each day from first to last whether people work; return how many follow-ups move.

    Raises NotPossible naming the field whose rule is broken.
    """
    name = " ".join(name.split())
    for field, day in (("first", first), ("last", last)):
        if day.year not in _YEARS:
            raise NotPossible(
                field,
                _(
                    "A day from the year %(first)s to %(last)s.",
                    first=_YEARS[0],
                    last=_YEARS[-1],
                ),
            )
    if last < first:
        raise NotPossible("last", _("The last day is before the first."))
    if (last - first).days >= _MOST_DAYS:
        raise NotPossible("last", _("At most %(most)s days at a time.", most=_MOST_DAYS))
    if len(name) > _LONGEST_NAME:
        raise NotPossible("name", _("At most %(most)s characters.", most=_LONGEST_NAME))
    for ahead in range((last - first).days + 1):
        session.merge(Holiday(day=first + timedelta(days=ahead), is_working=is_working, name=name))
    session.flush()
    return _move_follow_ups(session, first, last, policy, now)


def unset_day(session: Session, day: Holiday, policy: InvitationPolicy, now: datetime) -> int:
    """Leave a day to the usual calendar again; return how many follow-ups move."""
    session.delete(day)
    session.flush()
    return _move_follow_ups(session, day.day, day.day, policy, now)


def _move_follow_ups(
    session: Session, first: date, last: date, policy: InvitationPolicy, now: datetime
) -> int:
    """Give the follow-ups the days concern the moment they would have been planned for."""
    days: Mapping[date, bool] = own_days(session)
    start = datetime.combine(first, time.min, policy.zone).astimezone(UTC)
    # Who would have been asked on these days may wait for as long as any holiday lasts.
    end = datetime.combine(
        last + timedelta(days=LONGEST_WAIT + 1), time.min, policy.zone
    ).astimezone(UTC)
    waiting = session.scalars(
        sa.select(Invitation)
        .join(Invitation.interaction)
        .where(
            Invitation.wave == 2,
            Invitation.issued_at.is_(None),
            Invitation.withheld_at.is_(None),
            Invitation.due_at >= max(start, now),
            Invitation.due_at < end,
        )
        .options(contains_eager(Invitation.interaction).load_only(Interaction.closed_at))
    )
    moved = 0
    for invitation in waiting:
        due_at = follow_up_moment(
            invitation.interaction.closed_at,
            days=policy.follow_up_days,
            zone=policy.zone,
            window=policy.window,
            own_table=days,
        )
        # What would be due before now goes out as soon as mail may, and not the more.
        if due_at < now:
            due_at = next_working_moment(
                now, zone=policy.zone, window=policy.window, own_table=days
            )
        if due_at != invitation.due_at:
            invitation.due_at = due_at
            invitation.expires_at = due_at + policy.answer_within
            moved += 1
    session.flush()
    return moved
