"""What was said of somebody's work, and who looked: everything of it that is theirs to know."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from feedback.accounts.models import Look
from feedback.interactions.models import Interaction, InteractionShare
from feedback.invitations.fate import written
from feedback.responses.models import Answer, FormerAnswer, Response
from feedback.retention.chunks import chunks

_HIDDEN = "…"


def contacts_of(session: Session, staff_id: int) -> list[dict[str, Any]]:
    """Return how many contacts somebody had, by month and channel; none says whose it was."""
    query = (
        sa.select(Interaction)
        .where(_theirs(staff_id))
        .options(joinedload(Interaction.channel))
        .order_by(Interaction.day, Interaction.channel_id)
    )
    counts: dict[tuple[str, str], int] = {}
    for one in session.scalars(query):
        place = one.day.isoformat()[:7], one.channel.code
        counts[place] = counts.get(place, 0) + 1
    return [
        {"month": month, "channel": channel, "contacts": count}
        for (month, channel), count in counts.items()
    ]


def said_of(session: Session, staff_id: int, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return each answer about somebody's contacts, shared ones with their part, by day."""
    query = (
        sa.select(Response)
        .join(Response.interaction)
        .where(_theirs(staff_id))
        .options(
            contains_eager(Response.interaction).options(
                joinedload(Interaction.channel),
                joinedload(Interaction.team),
                selectinload(Interaction.shares),
            ),
            selectinload(Response.answers),
        )
        .order_by(Interaction.day, Response.id)
    )
    responses = session.scalars(query).all()
    former = _former(session, [one.id for one in responses])
    return [_answer(one, staff_id, zone, former.get(one.id, [])) for one in responses]


def looks_at(session: Session, staff_id: int) -> list[dict[str, Any]]:
    """Return who looked at somebody's figures, when and on which page, the latest first."""
    query = (
        sa.select(Look)
        .where(Look.staff_id == staff_id)
        .options(joinedload(Look.user))
        .order_by(Look.at.desc(), Look.id.desc())
    )
    return [
        {
            "who": one.user.name or one.user.email,
            "role": one.user.role,
            "page": one.page,
            "at": written(one.at),
        }
        for one in session.scalars(query)
    ]


def _theirs(staff_id: int) -> sa.ColumnElement[bool]:
    shared = sa.exists().where(
        InteractionShare.interaction_id == Interaction.id, InteractionShare.staff_id == staff_id
    )
    return sa.or_(Interaction.staff_id == staff_id, shared)


def _former(session: Session, ids: list[int]) -> dict[int, list[FormerAnswer]]:
    found: dict[int, list[FormerAnswer]] = {}
    for chunk in chunks(ids):
        query = sa.select(FormerAnswer).where(FormerAnswer.response_id.in_(chunk))
        for one in session.scalars(query.order_by(FormerAnswer.id)):
            found.setdefault(one.response_id, []).append(one)
    return found


def _answer(
    response: Response, staff_id: int, zone: ZoneInfo, former: list[FormerAnswer]
) -> dict[str, Any]:
    contact = response.interaction
    part = next((share.part for share in contact.shares if share.staff_id == staff_id), None)
    return {
        "day_of_the_contact": contact.day.isoformat(),
        "channel": contact.channel.code,
        "kind": contact.kind,
        "team": contact.team.name if contact.team else None,
        "shared": bool(contact.shares),
        "part": part,
        "wave": response.wave,
        "answered_on": response.answered_at.astimezone(zone).date().isoformat(),
        "given_by": response.provenance,
        "answers": [_value(one, contact) for one in _sorted(response.answers)],
        "before_the_change": [_value(one, contact) for one in former],
        "counts": response.excluded_at is None and response.suspected_at is None,
        "struck_because": response.excluded_because,
        "words_deleted_at": written(response.words_forgotten_at),
        "withdrawn_at": written(response.withdrawn_at),
    }


def _sorted(answers: Iterable[Answer]) -> list[Answer]:
    return sorted(answers, key=lambda one: (one.question_key, one.choice))


def _value(one: Answer | FormerAnswer, contact: Interaction) -> dict[str, Any]:
    if one.comment is not None:
        return {"key": one.question_key, "words": _without_customer(one.comment, contact)}
    return {"key": one.question_key, "value": one.score if one.score is not None else one.choice}


def _without_customer(words: str, contact: Interaction) -> str:
    """Return the words without what we know of who wrote them."""
    for known in (contact.customer_email, contact.customer_phone, contact.customer_name):
        if known and len(known) > 1:
            words = words.replace(known, _HIDDEN)
    return words
