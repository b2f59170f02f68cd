"""Stores answers, and puts new ones in the place of former ones, which are kept."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.responses.given import GivenAnswer
from feedback.responses.models import Answer, FormerAnswer, Response


def write_answers(session: Session, response: Response, answers: Iterable[GivenAnswer]) -> None:
    """Store the answers of a response that has none."""
    rows = [{"response_id": response.id} | asdict(answer) for answer in answers]
    if rows:
        session.execute(sa.insert(Answer), rows)


def answers_of(session: Session, response: Response) -> set[GivenAnswer]:
    """Return what the response says."""
    rows = session.scalars(sa.select(Answer).where(Answer.response_id == response.id))
    return {
        GivenAnswer(row.question_key, row.choice, row.metric, row.score, row.comment)
        for row in rows
    }


def exchange_answers(
    session: Session, response: Response, answers: Iterable[GivenAnswer], now: datetime
) -> None:
    """Keep what the response said as former answers, and let it say this instead."""
    former = [
        {
            "response_id": response.id,
            "question_key": answer.question_key,
            "choice": answer.choice,
            "score": answer.score,
            "comment": answer.comment,
            "replaced_at": now,
        }
        for answer in answers_of(session, response)
    ]
    if former:
        session.execute(sa.insert(FormerAnswer), former)
    session.execute(
        sa.delete(Answer)
        .where(Answer.response_id == response.id)
        .execution_options(synchronize_session=False)
    )
    write_answers(session, response, answers)
