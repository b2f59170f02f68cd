"""Lists responses for other programs, newest first, a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from feedback.interactions.models import Interaction
from feedback.invitations.fate import written
from feedback.responses.models import Answer, Response
from feedback.surveys.scales import QUESTION_SCALES
from feedback.triage.read_text import read_text

# The moment and the number of the last response of a page; the next page begins after it.
Place = tuple[datetime, int]


def list_responses(
    session: Session,
    *,
    start: datetime | None,
    end: datetime | None,
    after: Place | None,
    limit: int,
    own_words: tuple[str, ...] | None = None,
) -> tuple[list[dict[str, Any]], Place | None]:
    """Return a page of the responses given from `start` to before `end`, and where it ends.

    The place is None on the last page. A page continues after a response, not after a count of
    them, so what comes in meanwhile neither doubles nor drops any. Comments are read for triage,
    with the site's own words, unless `own_words` is None.
    """
    # What is held for a machine's is nobody's answer; a person's may yet come in its place.
    query = (
        sa.select(Response)
        .where(Response.suspected_at.is_(None))
        .order_by(Response.answered_at.desc(), Response.id.desc())
    )
    if start is not None:
        query = query.where(Response.answered_at >= start)
    if end is not None:
        query = query.where(Response.answered_at < end)
    if after is not None:
        moment, id_ = after
        query = query.where(
            Response.answered_at <= moment,
            sa.or_(Response.answered_at < moment, Response.id < id_),
        )
    query = query.limit(limit + 1).options(
        selectinload(Response.answers),
        joinedload(Response.interaction).load_only(Interaction.source, Interaction.external_id),
    )
    found = session.scalars(query).all()
    page = found[:limit]
    place = (page[-1].answered_at, page[-1].id) if len(found) > limit else None
    return [_told(response, own_words) for response in page], place


def _told(response: Response, own_words: tuple[str, ...] | None) -> dict[str, Any]:
    told = {
        "id": response.id,
        "interaction": {
            "source": response.interaction.source,
            "external_id": response.interaction.external_id,
        },
        "wave": response.wave,
        "answered_at": written(response.answered_at),
        "answers": _answers(response.answers),
        "provenance": response.provenance,
        "excluded": response.excluded_at is not None,
        "excluded_because": response.excluded_because,
    }
    if own_words is not None and (said := [a.comment for a in response.answers if a.comment]):
        told["text"] = _read("\n".join(said), response.answers, own_words)
    return told


def _read(text: str, answers: Sequence[Answer], own_words: tuple[str, ...]) -> dict[str, Any]:
    """Return what the words are read for; nothing of it is about whoever served the customer."""
    scores = [a.score for a in answers if a.metric == "csat" and a.score is not None]
    reading = read_text(text, min(scores, default=None), own_words)
    return {
        "tone": reading.tone.side,
        "urgent": [{"kind": alarm.kind, "words": list(alarm.words)} for alarm in reading.urgent],
        "disagrees": reading.disagrees,
    }


def _answers(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return what was answered by the questions' keys: scores, then what was chosen, then words.

    A question that was left out is not there, and what was chosen is always a list.
    """
    metrics = list(QUESTION_SCALES)
    scored = sorted(
        (metrics.index(answer.metric), answer.question_key, answer.score)
        for answer in answers
        if answer.metric is not None
    )
    told: dict[str, Any] = {key: score for _place, key, score in scored}
    for answer in sorted(answers, key=lambda answer: (answer.question_key, answer.choice)):
        if answer.choice:
            told.setdefault(answer.question_key, []).append(answer.choice)
    for answer in sorted(answers, key=lambda answer: answer.question_key):
        if answer.comment is not None:
            told[answer.question_key] = answer.comment
    return told
