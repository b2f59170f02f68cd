"""Counts each person's contacts by how far they came: eligible, invited, delivered, answered."""

import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback.interactions.models import Interaction
from feedback.invitations import eligibility
from feedback.invitations.models import Invitation
from feedback.invitations.reached import arrived
from feedback.outbox.models import Message
from feedback.reports.hidden.hiding import Cell, hidden_cells, hidden_from_others
from feedback.reports.hidden.secret_people import secrets_of
from feedback.reports.spans import Span
from feedback.reports.subjects import COLUMNS, answered_metrics
from feedback.reports.tallies import Question
from feedback.responses.models import Response, that_counts

# What the organisation decided beforehand, or the customer did: nobody who serves has a part in it.
# The other reasons follow from how a contact was written down: its address, and when.
FIXED_RULES = (
    eligibility.NOBODY,
    eligibility.DO_NOT_ASK,
    eligibility.SUPPRESSED,
    eligibility.KIND_STOPPED,
    eligibility.ERASED,
    eligibility.RECONTACT,
    eligibility.MERGED,
    eligibility.FOLLOW_UP_CAP,
    eligibility.FIRST_WAVE_WITHHELD,
    eligibility.SAMPLED_OUT,
    eligibility.FIRST_WAVE_UNANSWERED,
    eligibility.FIRST_WAVE_ANSWERED,
    eligibility.ANSWERED_ELSEWHERE,
    eligibility.NOT_LIVE,
)
_PARTING = re.compile(r"[,;/|，；、]")

# (staff member's id, team's id, channel's id), 0 where there is none
Place = tuple[int, int, int]


@dataclass(frozen=True)
class Work:
    """How many contacts came how far; `marked` are those with a mark of trouble."""

    eligible: int = 0
    invited: int = 0
    delivered: int = 0
    answered: int = 0
    marked_invited: int = 0
    marked_uninvited: int = 0

    def __add__(self, other: "Work") -> "Work":
        return Work(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: "Work") -> "Work":
        return Work(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))


def count_work(
    session: Session,
    where: Mapping[str, int],
    wave: int,
    span: Span,
    trouble_words: tuple[str, ...],
) -> dict[Place, Work]:
    """Return the contacts of everybody, whatever their team, by person, team and channel."""
    here = _here({name: id_ for name, id_ in where.items() if name != "team"}, span)
    of = [sa.func.coalesce(COLUMNS[subject], 0) for subject in ("staff", "team", "channel")]
    invited = Invitation.issued_at.is_not(None)
    marked = sa.or_(
        Interaction.kind.in_(_marking(session, Interaction.kind, here, trouble_words)),
        Interaction.status.in_(_marking(session, Interaction.status, here, trouble_words)),
    )
    rows = session.execute(
        sa.select(
            *of,
            sa.func.count(),
            sa.func.count().filter(invited),
            sa.func.count().filter(invited, arrived()),
            sa.func.count(Response.id).filter(invited),
            sa.func.count().filter(invited, marked),
            sa.func.count().filter(~invited, marked),
        )
        .select_from(Invitation)
        .join(Interaction, Interaction.id == Invitation.interaction_id)
        .outerjoin(Message, Message.id == Invitation.message_id)
        .outerjoin(Response, _answer())
        .where(Invitation.wave == wave, _is_eligible(), *here)
        .group_by(*of)
    )
    return {(staff, team, channel): Work(*counts) for staff, team, channel, *counts in rows}


def hidden_answers(
    session: Session,
    where: Mapping[str, int],
    wave: int,
    span: Span,
    *,
    min_group: int,
    own: int | None,
) -> set[int]:
    """Return of whom others may not know how many answered: too few, or a figure is hidden."""
    subjects = tuple(sorted({*where, "staff"}))
    of = [sa.func.coalesce(COLUMNS[subject], 0) for subject in subjects]
    rows = session.execute(
        sa.select(*of, sa.func.count(Response.id))
        .select_from(Invitation)
        .join(Interaction, Interaction.id == Invitation.interaction_id)
        .outerjoin(Response, _answer())
        .where(Invitation.wave == wave, Invitation.issued_at.is_not(None), *_here({}, span))
        .group_by(*of)
    )
    sizes: dict[Cell, int] = {(tuple(ids), wave, None): times for *ids, times in rows}
    axis = subjects.index("staff")
    hidden = {
        ids[axis]
        for ids, _wave, _all in hidden_cells(session, [(sizes, min_group)], subjects, own)
        if all(ids[subjects.index(one)] == id_ for one, id_ in where.items())
    }
    for metric in answered_metrics(session):
        by_staff = Question(metric, "staff", None, span.first, span.last, (wave,), where)
        found = hidden_from_others(session, by_staff, least=min_group, own=own)
        hidden |= {id_ for id_, _wave, _all in found}
        # Of no days either: on one day theirs are what is left when all others are taken away.
        hidden |= secrets_of(session, metric, least=min_group, own=own).people[wave]
    return hidden


def _here(where: Mapping[str, int], span: Span) -> list[sa.ColumnElement[bool]]:
    return [
        Interaction.day >= span.first,
        Interaction.day <= span.last,
        *(COLUMNS[subject] == id_ for subject, id_ in where.items()),
    ]


def _is_eligible() -> sa.ColumnElement[bool]:
    """Return the condition for an invitation that is decided, and that no fixed rule withheld."""
    return sa.or_(
        Invitation.issued_at.is_not(None),
        sa.and_(
            Invitation.withheld_at.is_not(None), Invitation.withheld_because.not_in(FIXED_RULES)
        ),
    )


def _answer() -> sa.ColumnElement[bool]:
    return sa.and_(
        Response.interaction_id == Invitation.interaction_id,
        Response.wave == Invitation.wave,
        that_counts(),
    )


def _marking(
    session: Session,
    column: InstrumentedAttribute[str],
    here: list[sa.ColumnElement[bool]],
    words: tuple[str, ...],
) -> list[str]:
    """Return those values of the column that mark trouble; there are few kinds and statuses."""
    values: list[Any] = list(session.scalars(sa.select(column).where(*here).distinct()))
    return [value for value in values if marks_trouble(value, words)]


def marks_trouble(value: str, words: tuple[str, ...]) -> bool:
    """Tell whether a kind or a status is one of the words, or names one among others."""
    return any(part.strip().casefold() in words for part in _PARTING.split(value))
