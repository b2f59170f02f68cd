"""Takes reports in and tells of each what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.integrations.answers import Refusal
from feedback.interactions.fields import Report
from feedback.invitations.fate import fates_of
from feedback.invitations.take_in import Intake


def take_reports(
    session: Session,
    reports: Sequence[Report | Refusal],
    *,
    policy: InvitationPolicy,
    key: str,
    now: datetime,
) -> list[dict[str, Any]]:
    """Take in what can be taken, and return a row for each: its status, and what came of it.

    The rows say 201 for a new interaction, 200 for one reported before, and 422 with the problem
    for what was refused.
    """
    intake = Intake(session, policy, key)
    taken = iter(intake.take_all([one for one in reports if isinstance(one, Report)], now))
    rows: list[dict[str, Any]] = []
    for index, report in enumerate(reports):
        if isinstance(report, Refusal):
            rows.append({"index": index} | report.body())
            continue
        id_, is_new = next(taken)
        rows.append(
            {
                "index": index,
                "status": 201 if is_new else 200,
                "id": id_,
                "source": report.source,
                "external_id": report.external_id,
            }
        )
    fates = fates_of(session, {row["id"] for row in rows if "id" in row}, now)
    for row in rows:
        if "id" in row:
            row["invitations"] = fates[row["id"]]
    return rows
