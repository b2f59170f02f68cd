"""A real export, whole: a month of an online shop's rated contacts, beside the project."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.interactions.models import Channel, Interaction, StaffMember, Team
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from feedback.responses.models import Answer, Response
from tests.conftest import START

FILE = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "ecommerce_support_csat.csv"

pytestmark = [
    pytest.mark.skipif(not FILE.exists(), reason=f"the real file is not at {FILE}"),
    # Ten seconds by itself; many times that where much else runs.
    pytest.mark.timeout(900),
]


def run(runner: FlaskCliRunner) -> dict[str, Any]:
    arguments = ["import", "responses", str(FILE), "--profile", "ecommerce-csat"]
    result = runner.invoke(args=[*arguments, "--format", "json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def test_the_whole_file_comes_in_and_every_total_is_the_files(
    app: Flask, runner: FlaskCliRunner, session: Session
) -> None:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    odd = [n for n, row in enumerate(rows, start=1) if _moment(row, "Issue_reported at")
           > _moment(row, "issue_responded")]  # fmt: skip
    assert (len(rows), len(odd)) == (17_182, 635)

    done = run(runner)
    assert (done["read"], done["created"], done["duplicate"], done["refused"]) == (
        17_182,
        17_182,
        0,
        0,
    )
    assert done["out_of_order"] == 635
    assert [entry["row"] for entry in done["out_of_order_rows"]] == odd

    scored = sa.select(Answer.score, sa.func.count()).where(Answer.metric == "csat")
    answers = scored.join(Response, Response.id == Answer.response_id).join(
        Interaction, Interaction.id == Response.interaction_id
    )
    assert _counted(session, answers) == Counter((int(r["CSAT Score"]),) for r in rows)
    per_channel = answers.join(Channel, Channel.id == Interaction.channel_id)
    assert _counted(session, per_channel, Channel.code) == Counter(
        (r["channel_name"].lower(), int(r["CSAT Score"])) for r in rows
    )
    per_staff = answers.join(StaffMember, StaffMember.id == Interaction.staff_id).join(
        Team, Team.id == Interaction.team_id
    )
    assert _counted(session, per_staff, StaffMember.name, Team.name) == Counter(
        (r["Agent_name"], r["Supervisor"], int(r["CSAT Score"])) for r in rows
    )
    remarks = sa.select(Answer.comment).where(Answer.comment.is_not(None))
    assert Counter(session.scalars(remarks)) == Counter(
        r["Customer Remarks"] for r in rows if r["Customer Remarks"].strip()
    )
    days = _counted(session, sa.select(Interaction.day, sa.func.count()))
    assert {(day.strftime("%d/%m/%Y"),): n for (day,), n in days.items()} == Counter(
        (r["issue_responded"][:10],) for r in rows
    )
    session.rollback()

    # History is not written to: not now, and not when a follow-up would be due.
    assert issue_due(app, now=START.replace(year=2030)).issued == 0
    fates = _counted(session, sa.select(Invitation.withheld_because, sa.func.count()))
    assert fates == {("too_old",): 2 * 17_182}
    session.rollback()

    again = run(runner)
    assert (again["created"], again["duplicate"], again["out_of_order"]) == (0, 17_182, 0)


def _moment(row: dict[str, str], column: str) -> tuple[str, ...]:
    """Return the moment as text that sorts: the year first."""
    day, clock = row[column].split()
    return (*reversed(day.split("/")), clock)


def _counted(
    session: Session, query: "sa.Select[Any]", *by: "sa.orm.InstrumentedAttribute[str]"
) -> Counter[tuple[Any, ...]]:
    columns = [*by, next(iter(query.selected_columns))]
    rows = session.execute(query.with_only_columns(*columns, sa.func.count()).group_by(*columns))
    return Counter({tuple(row[:-1]): row[-1] for row in rows})
