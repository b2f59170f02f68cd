"""A real month's contacts, rehearsed and then run for real: equal, to the last row."""

import csv
import json
import os
import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.interactions.fields import Report
from feedback.interactions.models import Interaction
from feedback.interactions.record import Recorder
from feedback.invitations.models import Invitation
from feedback.invitations.plan import Planner
from tests.commands.test_importing_real_file import FILE
from tests.factories import make_user
from tests.invitations.histories import accounts, stop_writing_to

pytestmark = [
    pytest.mark.skipif(not FILE.exists(), reason=f"the real file is not at {FILE}"),
    # A minute by itself; many times that where much else runs, or with the whole file.
    pytest.mark.timeout(3600),
]

ZONE = ZoneInfo("Asia/Shanghai")
OWN = "supervisor@shop.example.cn"
# So few that most contacts come from somebody met before: rules and mails enough, and not hours.
CUSTOMERS = 1_500 if os.environ.get("WHOLE_FILE") else 300
# To issue and send 34,000 mails takes minutes, so one contact in sixteen is enough where all tests
# run; `WHOLE_FILE=1` takes them all.
EVERY = 1 if os.environ.get("WHOLE_FILE") else 16
CONTACTS = -(-17_182 // EVERY)


def as_reports(chance: random.Random) -> Iterator[Report]:
    """Yield each contact of the file with a made-up customer, most of them with an address."""
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in islice(csv.DictReader(file), 0, None, EVERY):
            closed_at = datetime.strptime(f"{row['issue_responded']} +0800", "%d/%m/%Y %H:%M %z")
            number = chance.randrange(CUSTOMERS)
            # By the customer, not by the contact: some have none, some share the family's.
            kind = random.Random(number).random()  # noqa: S311 — it is repeatable.
            address = f"c{number if kind < 0.5 else number // 2}@example.cn"
            if kind > 0.7:
                address = ""
            elif kind > 0.69:
                address = "not an address"
            elif kind > 0.68:
                address = OWN
            yield Report(
                source="shop",
                external_id=row["Unique id"],
                channel=row["channel_name"].lower(),
                channel_name=row["channel_name"],
                closed_at=closed_at,
                customer_external_id=str(number),
                customer_email=address,
                staff_name=row["Agent_name"] if chance.random() < 0.98 else "",
                team=row["Supervisor"],
            )


def told(runner: FlaskCliRunner, *arguments: str) -> dict[str, Any]:
    result = runner.invoke(args=[*arguments, "--format", "json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def test_the_dry_run_of_the_real_file_is_what_then_happens(
    app: Flask, runner: FlaskCliRunner, session: Session
) -> None:
    chance = random.Random(1)  # noqa: S311 — it is repeatable.
    reports = sorted(as_reports(chance), key=lambda report: report.closed_at)
    recorder = Recorder(session, ZONE)
    for start in range(0, len(reports), 500):
        recorder.record(reports[start : start + 500], reports[start].closed_at)
    make_user(session, "manager", email=OWN)
    session.commit()
    for number in range(0, CUSTOMERS, 40):
        stop_writing_to(app, session, f"c{number}@example.cn", reports[0].closed_at)
    first, last = reports[0].closed_at.date(), reports[-1].closed_at.date()

    days = ["--from", str(first), "--to", str(last), "--daily-at", "23:59"]
    rehearsed = told(runner, "dry-run", *days)
    assert rehearsed["interactions"] == CONTACTS

    run_for_real(app, runner, session, first, last)
    for wave, account in accounts(session, first, last).items():
        said = rehearsed["waves"][str(wave)]
        assert said["interactions"] == account.interactions == CONTACTS
        assert said["withheld_because"] == dict(account.withheld)
        assert (said["invited"], said["withheld"], said["not_planned"]) == (
            account.fates["invited"],
            account.fates["withheld"],
            account.fates["not_planned"],
        )
        assert said["invited"] + said["withheld"] + said["not_planned"] == CONTACTS
    # Each reason is met, or the file would prove less than it seems to.
    assert rehearsed["waves"]["1"]["withheld_because"].keys() == {
        "no_address", "invalid_address", "own_staff", "nobody", "suppressed", "recontact", "merged",
    }  # fmt: skip
    assert {"first_wave_withheld", "own_staff"} < rehearsed["waves"]["2"]["withheld_because"].keys()

    again = told(runner, "work", "--once", "--now", night(last + timedelta(days=100)).isoformat())
    assert (again["issued"], again["withheld"]) == (0, 0)
    assert told(runner, "dry-run", *days)["waves"] == rehearsed["waves"]


def night(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), ZONE)


def run_for_real(
    app: Flask, runner: FlaskCliRunner, session: Session, first: date, last: date
) -> None:
    """Take each day's contacts in and let the worker run in the night, mail going to files."""
    policy = InvitationPolicy.from_config(app.config)
    day = first
    while day <= last + timedelta(days=60):
        contacts = session.scalars(
            sa.select(Interaction).where(Interaction.day == day).order_by(Interaction.id)
        ).all()
        planner = Planner(session, policy, app.config["SECRET_KEY"])
        recorded = [planner.as_recorded(one) for one in contacts]
        for one, told_of_it in zip(contacts, recorded, strict=True):
            one.touchpoint_id = told_of_it.touchpoint_id
        planner.plan_all(recorded, night(day))
        session.commit()
        done = told(runner, "work", "--once", "--now", night(day).isoformat())
        assert done["failed"] == 0
        day += timedelta(days=1)
    waiting = Invitation.issued_at.is_(None), Invitation.withheld_at.is_(None)
    assert session.scalar(sa.select(sa.func.count()).where(*waiting)) == 0
    session.rollback()
