"""Response rates by their standard names (AAPOR): what became of every invitation that went out.

That somebody opened the page and left is not known, since opening it writes nothing; so of those
who refused there are only the ones who asked not to be written to.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback.interactions.models import Interaction
from feedback.invitations.models import Invitation
from feedback.measures.response_rates import Dispositions, ResponseRates, response_rates
from feedback.outbox.models import Message
from feedback.reports.spans import Span
from feedback.reports.subjects import COLUMNS
from feedback.responses.models import Answer, Response
from feedback.surveys.models import Question
from feedback.surveys.scales import UNCOUNTED

_DIGITS = 6
# RR3 and RR4 estimate who of the unreachable could have answered; we know nothing to go by.
NAMES = ("rr1", "rr2", "rr5", "rr6")


@dataclass(frozen=True)
class NamedRates:
    """What became of the invitations, and the rates that follow; RR2 is the headline."""

    given: Dispositions
    rates: ResponseRates

    @property
    def asked(self) -> int:
        """Return how many invitations there are, whatever became of them."""
        return sum(asdict(self.given).values())

    def as_json(self) -> dict[str, Any]:
        """Return it as the API writes it."""
        rates = {name: getattr(self.rates, name) for name in NAMES}
        return {
            **{
                name: None if rate is None else round(rate, _DIGITS) for name, rate in rates.items()
            },
            "headline": "rr2",
            "dispositions": asdict(self.given),
        }


def named_rates(session: Session, where: Mapping[str, int], wave: int, span: Span) -> NamedRates:
    """Return the rates of the invitations of one wave that went out for contacts of these days."""
    rows = session.execute(
        sa.select(_disposition().label("came_to"), sa.func.count())
        .select_from(Invitation)
        .join(Interaction, Interaction.id == Invitation.interaction_id)
        .outerjoin(Message, Message.id == Invitation.message_id)
        .outerjoin(
            Response,
            sa.and_(
                Response.interaction_id == Invitation.interaction_id,
                Response.wave == Invitation.wave,
                # Until a person answers, nobody has.
                Response.suspected_at.is_(None),
            ),
        )
        .where(
            Invitation.wave == wave,
            Invitation.issued_at.is_not(None),
            Interaction.day >= span.first,
            Interaction.day <= span.last,
            *(COLUMNS[subject] == id_ for subject, id_ in where.items()),
        )
        .group_by("came_to")
    )
    given = Dispositions(**({"complete": 0} | dict(rows.all())))
    return NamedRates(given, response_rates(given))


def _disposition() -> sa.ColumnElement[str]:
    """Return which of the standard ends an invitation came to; the first that fits."""
    of_response = Answer.response_id == Response.id
    has_score = sa.exists().where(of_response, Answer.metric.not_in(UNCOUNTED)).correlate(Response)
    answered_it = (
        sa.exists()
        .where(of_response, Answer.question_key == Question.key)
        .correlate(Response, Question)
    )
    survey_id = sa.func.coalesce(Response.survey_id, Invitation.survey_id)
    lacks_some = (
        sa.exists()
        .where(
            Question.survey_id == survey_id,
            Question.is_required,
            # One that follows certain answers is not asked of everybody.
            Question.after_key.is_(None),
            ~answered_it,
        )
        .correlate(Response, Invitation)
    )
    return sa.case(
        # Struck out, or nothing but words: somebody answered, and there is no figure of it.
        (Response.excluded_at.is_not(None), "other"),
        (sa.and_(Response.id.is_not(None), ~has_score), "other"),
        (sa.and_(Response.id.is_not(None), lacks_some), "partial"),
        (Response.id.is_not(None), "complete"),
        (Invitation.stopped_at.is_not(None), "refused"),
        (sa.or_(Message.failed_at.is_not(None), Message.returned_at.is_not(None)), "unknown"),
        # Called off, or not gone out yet: whether it would have arrived is not known either.
        (Message.sent_at.is_(None), "unknown_other"),
        else_="no_contact",
    )
