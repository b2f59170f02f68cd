"""What leaves in files: every response and every interaction, row by row, in the order of days."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from feedback.interactions.fields import COLUMNS as REPORTED
from feedback.interactions.models import Interaction
from feedback.invitations.fate import state
from feedback.invitations.models import Invitation
from feedback.reports.write_table import Row
from feedback.responses.models import Response
from feedback.touchpoints.models import Touchpoint

_CHUNK = 1000

Thing = TypeVar("Thing", Response, Interaction)

# The first are those of a responses file, so that what leaves here can come in elsewhere.
RESPONSE_COLUMNS = (
    "interaction_external_id", "source", "wave", "answered_at", "csat", "nps", "ces", "comment",
    "provenance", "solved", "reasons", "day", "channel", "team", "staff_external_id", "staff_name",
    "amended_at", "excluded_at", "excluded_because",
)  # fmt: skip
_FATE = ("state", "due_at", "issued_at", "reminded_at", "answered_at", "withheld_because")
INTERACTION_COLUMNS = (
    *REPORTED,
    "day",
    "touchpoint",
    "out_of_order",
    *(f"wave{wave}_{part}" for wave in (1, 2) for part in _FATE),
)


class Days:
    """The interactions' days an export is about; both ends belong to it."""

    def __init__(self, start: date | None, end: date | None) -> None:
        self.conditions: list[sa.ColumnElement[bool]] = []
        if start is not None:
            self.conditions.append(Interaction.day >= start)
        if end is not None:
            self.conditions.append(Interaction.day <= end)


def count_responses(session: Session, days: Days) -> int:
    """Return how many responses there are to write."""
    query = sa.select(sa.func.count()).select_from(Response).join(Response.interaction)
    return session.scalar(query.where(Response.suspected_at.is_(None), *days.conditions)) or 0


def count_interactions(session: Session, days: Days) -> int:
    """Return how many interactions there are to write."""
    query = sa.select(sa.func.count()).select_from(Interaction)
    return session.scalar(query.where(*days.conditions)) or 0


def response_rows(session: Session, days: Days, zone: ZoneInfo) -> Iterator[Row]:
    """Yield every response, also the excluded ones; what is held for a machine's is none."""
    query = (
        sa.select(Response)
        .join(Response.interaction)
        .where(Response.suspected_at.is_(None), *days.conditions)
        .options(
            selectinload(Response.answers),
            joinedload(Response.interaction).options(
                joinedload(Interaction.channel),
                joinedload(Interaction.team),
                joinedload(Interaction.staff),
            ),
        )
    )
    for chunk in _chunks(session, query, Response.id):
        yield from (_response(response, zone) for response in chunk)


def _response(response: Response, zone: ZoneInfo) -> Row:
    interaction = response.interaction
    scores = {answer.metric: answer.score for answer in response.answers if answer.metric}
    texts = {answer.question_key: answer.comment for answer in response.answers if answer.comment}
    chosen: dict[str, list[str]] = {}
    for answer in sorted(response.answers, key=lambda one: one.choice):
        if answer.choice:
            chosen.setdefault(answer.question_key, []).append(answer.choice)
    return (
        interaction.external_id,
        interaction.source,
        response.wave,
        _moment(response.answered_at, zone),
        scores.get("csat"),
        scores.get("nps"),
        scores.get("ces"),
        texts.get("comment"),
        response.provenance,
        " ".join(chosen.get("solved", ())) or None,
        " ".join(chosen.get("reasons", ())) or None,
        interaction.day.isoformat(),
        interaction.channel.code,
        interaction.team.name if interaction.team else None,
        interaction.staff.external_id if interaction.staff else None,
        interaction.staff.name if interaction.staff else None,
        _moment(response.amended_at, zone),
        _moment(response.excluded_at, zone),
        response.excluded_because,
    )


def interaction_rows(session: Session, days: Days, zone: ZoneInfo, now: datetime) -> Iterator[Row]:
    """Yield every interaction with the customer as reported, and what became of it in each wave."""
    query = (
        sa.select(Interaction)
        .where(*days.conditions)
        .options(
            joinedload(Interaction.channel),
            joinedload(Interaction.team),
            joinedload(Interaction.staff),
            joinedload(Interaction.customer),
        )
    )
    touchpoints = dict(session.execute(sa.select(Touchpoint.id, Touchpoint.key)).all())
    for chunk in _chunks(session, query, Interaction.id):
        invitations = {
            (invitation.interaction_id, invitation.wave): invitation
            for invitation in session.scalars(
                sa.select(Invitation).where(
                    Invitation.interaction_id.in_([one.id for one in chunk])
                )
            )
        }
        for one in chunk:
            fates = [_fate(invitations.get((one.id, wave)), zone, now) for wave in (1, 2)]
            yield (
                *_reported(one, zone),
                one.day.isoformat(),
                touchpoints.get(one.touchpoint_id) if one.touchpoint_id else None,
                "yes" if one.out_of_order else None,
                *fates[0],
                *fates[1],
            )


def _reported(one: Interaction, zone: ZoneInfo) -> Row:
    """Return the columns of an interactions file, in their order."""
    values = {
        "occurred_at": _moment(one.occurred_at, zone),
        "closed_at": _moment(one.closed_at, zone),
        "channel": one.channel.code,
        "customer_external_id": _own_number(one),
        "staff_external_id": one.staff.external_id if one.staff else None,
        "staff_name": one.staff.name if one.staff else None,
        "staff_email": one.staff.email if one.staff else None,
        "team": one.team.name if one.team else None,
    }
    return tuple(
        values[name] if name in values else getattr(one, name) or None for name in REPORTED
    )


def _own_number(one: Interaction) -> str | None:
    """Return the customer's number in the reporting system, which is kept within their key."""
    start = f"id:{one.source}:"
    return one.customer.key.removeprefix(start) if one.customer.key.startswith(start) else None


def _fate(invitation: Invitation | None, zone: ZoneInfo, now: datetime) -> Row:
    if invitation is None:
        return ("not_planned", *[None] * (len(_FATE) - 1))
    moments = (getattr(invitation, name) for name in _FATE[1:-1])
    return (
        state(invitation, now),
        *(_moment(moment, zone) for moment in moments),
        invitation.withheld_because,
    )


def _moment(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return None if moment is None else moment.astimezone(zone).isoformat(timespec="seconds")


def _chunks(
    session: Session, query: sa.Select[Thing], key: InstrumentedAttribute[int]
) -> Iterator[Sequence[Thing]]:
    """Yield the query's objects by chunks, each forgotten before the next: memory stays flat."""
    last = 0
    while True:
        chunk = session.scalars(query.where(key > last).order_by(key).limit(_CHUNK)).unique().all()
        if not chunk:
            return
        yield chunk
        last = chunk[-1].id
        session.expunge_all()
