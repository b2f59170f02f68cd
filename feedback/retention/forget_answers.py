"""Deletes what somebody said: their words always, their scores unless they stay as numbers."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.responses.models import Answer, FormerAnswer, Response
from feedback.responses.withdraw import BECAUSE, empty
from feedback.retention.chunks import chunks


def forget_answers(
    session: Session, interaction_ids: Iterable[int], now: datetime, *, keeps_scores: bool
) -> tuple[int, int]:
    """Delete what was said about these contacts; return how many answers stood, and the words.

    Every response is marked as changed: by that the roll-up knows what to count again, and what
    was kept of the figures is thrown away.
    """
    standing, words = 0, 0
    for ids in _responses(session, interaction_ids):
        standing += _count(session, Response.id.in_(ids), Response.withdrawn_at.is_(None))
        for table in (Answer, FormerAnswer):
            words += _count(session, table.response_id.in_(ids), table.comment.is_not(None))
        if keeps_scores:
            _forget_words(session, ids)
            _change(session, Response.id.in_(ids), changed_at=now)
        else:
            empty(session, ids)
            _change(session, Response.id.in_(ids), changed_at=now)
            _change(
                session,
                sa.and_(Response.id.in_(ids), Response.withdrawn_at.is_(None)),
                suspected_at=None,
                suspected_because=None,
                excluded_at=now,
                excluded_because=BECAUSE,
                withdrawn_at=now,
            )
    return standing, words


def _responses(session: Session, interaction_ids: Iterable[int]) -> Iterator[list[int]]:
    for chunk in chunks(interaction_ids):
        ids = session.scalars(
            sa.select(Response.id)
            .where(Response.interaction_id.in_(chunk))
            .order_by(Response.id)
            .with_for_update()
        ).all()
        if ids:
            yield list(ids)


def _count(session: Session, *which: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).where(*which)) or 0


def _forget_words(session: Session, ids: list[int]) -> None:
    # An earlier version of a score is no figure's, so it goes with the words.
    for table, which in ((Answer, Answer.comment.is_not(None)), (FormerAnswer, sa.true())):
        session.execute(
            sa.delete(table)
            .where(table.response_id.in_(ids), which)
            .execution_options(synchronize_session=False)
        )


def _change(session: Session, which: sa.ColumnElement[bool], **values: object) -> None:
    session.execute(
        sa.update(Response)
        .where(which)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
