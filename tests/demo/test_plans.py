"""What the demo's managers noted and aimed at, whatever the day it is loaded on."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.accounts.models import User
from feedback.demo.plans import BEFORE, RAISED, add_plans
from feedback.reports.models import Annotation
from feedback.touchpoints.models import Target
from feedback.touchpoints.targets import the_log
from tests.factories import make_channel, make_user

ZONE = ZoneInfo("Asia/Shanghai")
BEGINS = datetime(2026, 1, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize("days", [0, 14, 31, 58, 59, 89, 90, 150, 181, 273, 364])
def test_on_any_day_one_target_was_set_in_time_and_one_late_by_two(
    session: Session, days: int
) -> None:
    now = BEGINS + timedelta(days=days)
    manager, admin = make_user(session, "manager"), make_user(session, "admin")
    make_channel(session, "chat")
    add_plans(session, now, ZONE)
    session.expire_all()
    late, early = the_log(session)
    assert (early.value, early.is_late, late.value, late.is_late) == (BEFORE, False, RAISED, True)
    assert (late.set_by_id, late.confirmed_by_id) == (manager.id, admin.id)
    assert late.counts
    assert late.reason
    assert late.confirmed_at is not None
    assert late.set_at < late.confirmed_at < now
    notes = session.scalars(sa.select(Annotation)).all()
    assert sorted(note.breaks for note in notes) == [False, True]
    assert all(now.date() - timedelta(days=365) < note.day < now.date() for note in notes)


def test_the_demo_has_them(demo_database: Path, tmp_path: Path) -> None:
    shutil.copy(demo_database, tmp_path / "demo.sqlite")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'demo.sqlite'}")
    with Session(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Target)) == 2
        assert session.scalar(sa.select(sa.func.count()).select_from(Annotation)) == 2
        roles = {user.id: user.role for user in session.scalars(sa.select(User))}
        late = session.scalars(sa.select(Target).where(Target.confirmed_at.is_not(None))).one()
        assert late.confirmed_by_id is not None
        assert (roles[late.set_by_id], roles[late.confirmed_by_id]) == ("manager", "admin")
    engine.dispose()
