"""Targets, as somebody sets them on a day."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.touchpoints.models import Target
from feedback.touchpoints.set_target import set_target
from tests.conftest import START

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = START.astimezone(ZONE).date()
TOMORROW = TODAY + timedelta(days=1)


def days_on(number: int) -> date:
    """Return the day so many days from the start, which is a 2 September."""
    return TODAY + timedelta(days=number)


def aim(
    session: Session,
    by: User,
    value: float | None = 0.8,
    start: date = TOMORROW,
    end: date | None = None,
    *,
    now: datetime = START,
    about: tuple[str, int] = ("all", 0),
    **more: Any,
) -> Target:
    """Set a target for CSAT right after, about everything, from tomorrow on."""
    given: dict[str, Any] = {"metric": "csat", "wave": 1, "reason": ""} | more
    return set_target(
        session,
        subject=about[0],
        subject_id=about[1],
        value=value,
        from_day=start,
        to_day=end,
        by=by,
        now=now,
        zone=ZONE,
        **given,
    )
