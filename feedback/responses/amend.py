"""Lets a customer change an answer, once and for a while; the first version is kept."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.config import AnswerPolicy
from feedback.responses.exchange import answers_of, exchange_answers
from feedback.responses.given import GivenAnswer
from feedback.responses.models import Response

# What somebody sent from our own page; files and calls are corrected where they come from.
_OURS = ("page", "confirmed_click")


class Amendment(Enum):
    """What became of a change."""

    TAKEN = "taken"
    # It says what is there already, because it was sent twice or because nothing was changed.
    SAME = "same"
    # There has been a change before, or the time for it is over.
    REFUSED = "refused"


def change_until(response: Response | None, policy: AnswerPolicy) -> datetime | None:
    """Return until when the response may be changed, or None where it may not or never could."""
    if response is None or response.invitation_id is None or response.provenance not in _OURS:
        return None
    if response.amended_at is not None or response.suspected_at is not None:
        return None
    if response.withdrawn_at is not None:
        return None
    return response.answered_at + policy.amend_within


def may_change(response: Response | None, policy: AnswerPolicy, now: datetime) -> bool:
    """Tell whether the response may be changed now."""
    until = change_until(response, policy)
    return until is not None and now < until


def amend(
    session: Session,
    invitation_id: int,
    answers: Sequence[GivenAnswer],
    policy: AnswerPolicy,
    now: datetime,
) -> Amendment:
    """Put these answers in the place of the first ones, in the caller's transaction."""
    response = session.scalars(
        sa.select(Response).where(Response.invitation_id == invitation_id).with_for_update()
    ).one_or_none()
    if response is None or response.suspected_at is not None or response.withdrawn_at is not None:
        return Amendment.REFUSED
    # Nothing changed is no change: the one that is allowed is still to come.
    if answers_of(session, response) == set(answers):
        return Amendment.SAME
    if not may_change(response, policy, now):
        return Amendment.REFUSED
    exchange_answers(session, response, answers, now)
    response.amended_at = response.changed_at = now
    session.flush()
    return Amendment.TAKEN
