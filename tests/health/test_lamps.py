"""Each fault lights its own lamp and no other, in the check, on the status page and above pages."""

import shutil
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.health.findings import findings, lamps
from feedback.milestones import BACKED_UP, WENT_LIVE, Milestone, note_milestone
from feedback.outbox.models import Message
from feedback.outbox.standstill import note_turned_away
from feedback.retention.models import AgreedPeriod
from feedback.retention.periods.lengths import lengths_set
from tests.conftest import START
from tests.factories import make_interaction
from tests.health.pulses import tell_of

Fault = Callable[[Session, pytest.MonkeyPatch], object]


def waiting(session: Session, minutes: float) -> None:
    at = START - timedelta(minutes=minutes)
    session.add(
        Message(
            kind="account", recipient="wang@example.cn", locale="en", subject="", text="", html="",
            message_id="<1@example.cn>", created_at=at, send_after=at,
        )
    )  # fmt: skip


def no_fault(session: Session, patch: pytest.MonkeyPatch) -> None:
    waiting(session, 14)


def silent_worker(session: Session, patch: pytest.MonkeyPatch) -> None:
    tell_of(session, START - timedelta(minutes=6))
    # What follows from it is not told of a second time.
    waiting(session, 30)


def hung_worker(session: Session, patch: pytest.MonkeyPatch) -> None:
    tell_of(session, START, still_for=timedelta(minutes=6))


def old_mail(session: Session, patch: pytest.MonkeyPatch) -> None:
    waiting(session, 16)


def refusing_server(session: Session, patch: pytest.MonkeyPatch) -> None:
    waiting(session, 1)
    note_turned_away(session, START, 421, is_sure=True)


def room(free: int, total: int) -> Fault:
    def fault(session: Session, patch: pytest.MonkeyPatch) -> None:
        usage = shutil.disk_usage("/")._replace(total=total, free=free)
        patch.setattr(shutil, "disk_usage", lambda folder: usage)

    return fault


def old_backup(session: Session, patch: pytest.MonkeyPatch) -> None:
    session.execute(
        sa.update(Milestone)
        .where(Milestone.name == BACKED_UP)
        .values(last_at=START - timedelta(hours=27))
    )


def jumped_clock(session: Session, patch: pytest.MonkeyPatch) -> None:
    # What was written down by a clock that was ahead.
    make_interaction(session, recorded_at=START + timedelta(days=31))


GB = 1024**3
FAULTS = [
    ("none", no_fault, None),
    ("worker silent for six minutes", silent_worker, "worker"),
    ("worker's work hangs", hung_worker, "worker"),
    ("mail waits for sixteen minutes", old_mail, "queue"),
    ("mail server takes nothing", refusing_server, "queue"),
    ("four percent of the disk left", room(4 * GB, 100 * GB), "disk"),
    ("disk nearly full", room(GB // 10, 100 * GB), "disk"),
    ("a large disk with room for years", room(11 * GB, 2000 * GB), None),
    ("no backup for 27 hours", old_backup, "backup"),
    ("clock jumped", jumped_clock, "clock"),
]


@pytest.mark.parametrize(("fault", "lamp"), [row[1:] for row in FAULTS], ids=[r[0] for r in FAULTS])
@pytest.mark.parametrize("for_command", [True, False], ids=["check", "page"])
def test_each_fault_lights_exactly_its_own_lamp(
    make_app: Callable[..., Flask],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    lamp: str | None,
    for_command: bool,
) -> None:
    app = make_app(WORKER="embedded")
    tell_of(session, START)
    note_milestone(session, WENT_LIVE, START - timedelta(days=9), "phone-1")
    note_milestone(session, BACKED_UP, START - timedelta(days=2), "a.zip")
    note_milestone(session, BACKED_UP, START - timedelta(hours=20), "b.zip")
    session.add_all(
        AgreedPeriod(name=name, length=length, agreed_at=START)
        for name, length in lengths_set(app.config).items()
    )
    fault(session, monkeypatch)
    session.commit()
    with app.test_request_context():
        every = findings(session, app.config, START, visiting_mail_server=for_command)
        # The holidays of years to come, and the clock of PostgreSQL, which is not the test's.
        is_clock = session.get_bind().dialect.name == "postgresql"
        found = {one.name for one in every if one.state in ("warn", "bad")} - {"holidays"}
        above = {one.name for one in lamps(session, app.config, START)}
    expected = {lamp} - {None} | ({"clock"} if is_clock else set())
    assert found - {"settings"} == expected
    assert above == expected
