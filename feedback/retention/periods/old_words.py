"""Deletes what people wrote when it is old: comments, and the matter of a contact."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.responses.models import Answer, FormerAnswer, Response
from feedback.retention.periods.step import Conditions, Limit, Step, change


def has_words() -> sa.ColumnElement[bool]:
    """Return the condition for a response with words, or with words before it was changed."""
    return sa.or_(
        *(
            sa.exists()
            .where(table.response_id == Response.id, table.comment.is_not(None))
            .correlate(Response)
            for table in (Answer, FormerAnswer)
        )
    )


def forget_words(session: Session, response_ids: Sequence[int], limit: Limit) -> None:
    """Delete the words of these answers and note that there were some; scores stay as they are."""
    for table in (Answer, FormerAnswer):
        session.execute(
            sa.delete(table)
            .where(table.response_id.in_(response_ids), table.comment.is_not(None))
            .execution_options(synchronize_session=False)
        )
    change(session, Response, Response.id.in_(response_ids), words_forgotten_at=limit.now)


def _which(limit: Limit) -> Conditions:
    return Response.answered_at < limit.before, has_words()


def _forget(session: Session, numbers: Sequence[Any], limit: Limit) -> int:
    ids = COMMENTS.held(session, numbers, limit)
    forget_words(session, ids, limit)
    return len(ids)


def _which_matters(limit: Limit) -> Conditions:
    return Interaction.closed_at < limit.before, Interaction.subject != ""


def _forget_matters(session: Session, numbers: Sequence[Any], limit: Limit) -> int:
    ids = MATTERS.held(session, numbers, limit)
    change(session, Interaction, Interaction.id.in_(ids), subject="")
    return len(ids)


COMMENTS = Step("comments", "words", Response.id, _which, _forget)
MATTERS = Step("matters", "words", Interaction.id, _which_matters, _forget_matters)
