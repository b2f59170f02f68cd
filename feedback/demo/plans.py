"""What the demo's managers noted and aimed at: two annotations, a target, and one raised late."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.interactions.models import Channel
from feedback.reports.models import Annotation
from feedback.reports.trends.annotate import annotate
from feedback.touchpoints.models import Touchpoint
from feedback.touchpoints.set_target import confirm_target, set_target

# Weeks before this one, as the whole story is counted: when the chat began to get better, and when
# nothing worked for a morning.
CHAT_CHANGED, SYSTEM_DOWN = 30, 14
BEFORE, RAISED = 0.78, 0.80


def add_plans(session: Session, now: datetime, zone: ZoneInfo) -> None:
    """Note two things and set a target, in the name of the demo's manager and administrator."""
    people = {user.role: user for user in session.scalars(sa.select(User))}
    manager, admin = people["manager"], people["admin"]
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    chat = session.scalars(sa.select(Channel.id).where(Channel.code == "chat")).one()

    def note(weeks: int, text: str, channel: int | None, *, breaks: bool) -> Annotation:
        day = monday - timedelta(weeks=weeks)
        return annotate(
            session,
            day=day,
            text=text,
            breaks=breaks,
            subject="all" if channel is None else "channel",
            subject_id=channel or 0,
            by=manager,
            now=_morning(day + timedelta(days=1), zone),
        )

    # Somebody answers for every place of the plan, as for everything that is live.
    session.execute(sa.update(Touchpoint).values(owner_id=manager.id, responsible="客户体验部"))
    note(CHAT_CHANGED, "新话术与知识库 / new scripts", chat, breaks=True)
    note(SYSTEM_DOWN, "工单系统停了一上午 / ticket system down", None, breaks=False)

    def aim(value: float, first: date, said_on: date, reason: str) -> int:
        line = set_target(
            session,
            metric="csat",
            wave=1,
            subject="all",
            subject_id=0,
            value=value,
            from_day=first,
            to_day=None,
            reason=reason,
            by=manager,
            now=_morning(said_on, zone),
            zone=zone,
        )
        return line.id

    begins = date(today.year - 2, today.month, 1)
    aim(BEFORE, begins, begins - timedelta(days=9), "")
    # The quarter had begun eleven days before anybody thought of it: two people, and a reason.
    quarter = date(today.year, today.month - (today.month - 1) % 3, 1)
    quarter = (quarter - timedelta(days=1)).replace(day=1)
    quarter = quarter.replace(month=quarter.month - 2)
    late = aim(RAISED, quarter, quarter + timedelta(days=11), "季度目标定晚了 / agreed late")
    next_day = _morning(quarter + timedelta(days=12), zone)
    confirm_target(session, late, by=admin, now=next_day)


def _morning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(10), zone)
