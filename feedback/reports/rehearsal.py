"""A dry run and what it would be worth: its answers, and the intervals per person they give."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median_low
from typing import Any
from unicodedata import normalize

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from feedback.config import InvitationPolicy
from feedback.interactions.contacts import address_key
from feedback.interactions.models import Interaction
from feedback.invitations.dry_run import DryRun, Place, at_once, dry_run
from feedback.invitations.models import Invitation
from feedback.measures.wilson import wilson
from feedback.reports.aims.planner import known, needed, usual
from feedback.reports.expected_answers import GUESS, Expected, Part, expect, learnt
from feedback.reports.reader import Reader
from feedback.reports.request import BadRequest, read_date
from feedback.reports.spans import Span
from feedback.responses.models import Response
from feedback.touchpoints.models import Touchpoint


@dataclass(frozen=True)
class PerPerson:
    """Answers about one person, a whole number of them, and how well they would tell a CSAT."""

    answers: int
    low: float | None
    high: float | None

    @property
    def half_width(self) -> float | None:
        """Return half the interval, in points; None without answers."""
        if self.low is None or self.high is None:
            return None
        return 50 * (self.high - self.low)


@dataclass(frozen=True)
class People:
    """What the first wave's answers would be worth person by person, at one rate in 0 … 1.

    `least`, `middle` and `most` are the person with the fewest expected answers, the one in the
    middle, and the one with the most. `needed` has (reliability, answers, how many people reach
    them); nothing where it is not known how much people differ, or they do not.
    """

    number: int
    rate: float
    rate_is_own: bool
    least: PerPerson
    middle: PerPerson
    most: PerPerson
    needed: list[tuple[float, int, int]]


@dataclass(frozen=True)
class Rehearsal:
    """A dry run with what it would bring."""

    run: DryRun
    guess: float
    expected: dict[Part, Expected]
    people: People | None

    def answers(self, wave: int) -> float:
        """Return how many answers to expect in a wave."""
        return sum(one.answers for (of, _channel), one in self.expected.items() if of == wave)

    def bounds(self, wave: int) -> tuple[float, float] | None:
        """Return the answers if every channel came to its lower end, and to its upper; or None.

        That is at most as narrow as the sum's own interval. None where a rate is only a guess.
        """
        low = high = 0.0
        for (of, _channel), one in self.expected.items():
            if of != wave:
                continue
            if one.low is None or one.high is None:
                return None
            low, high = low + one.invitations * one.low, high + one.invitations * one.high
        return low, high


def rehearse(
    reader: Reader,
    days: Span,
    config: Mapping[str, Any],
    *,
    guess: float,
    daily_at: time | None = None,
    touchpoints: Sequence[Touchpoint] | None = None,
) -> Rehearsal:
    """Return what asking about the contacts of these days would have come to; writes nothing."""
    session, policy = reader.session, InvitationPolicy.from_config(config)
    run = dry_run(
        session,
        days.first,
        days.last,
        policy=policy,
        key=address_key(config),
        answered_elsewhere=_answered_elsewhere(session, days),
        wake=at_once if daily_at is None else _daily(daily_at, policy),
        touchpoints=touchpoints,
    )
    invitations: Counter[Part] = Counter()
    for asked, number in run.invited.items():
        invitations[asked.wave, asked.channel_id] += number
    expected = expect(invitations, learnt(session, reader.now, policy.answer_within), guess)
    return Rehearsal(run, guess, expected, _people(reader, run, expected))


def _daily(at: time, policy: InvitationPolicy) -> Callable[[datetime], datetime]:
    """Return the moments of a worker that runs once a day, at this time of the organisation's."""

    def wake(due_at: datetime) -> datetime:
        day = due_at.astimezone(policy.zone).date()
        today = datetime.combine(day, at, policy.zone)
        if due_at <= today:
            return today
        return datetime.combine(day + timedelta(days=1), at, policy.zone)

    return wake


def _answered_elsewhere(session: Session, days: Span) -> frozenset[Place]:
    """Return whose answer another system has, unless our own link had gone out."""
    rows = session.execute(
        sa.select(Response.interaction_id, Response.wave)
        .join(Interaction, Interaction.id == Response.interaction_id)
        .outerjoin(
            Invitation,
            sa.and_(
                Invitation.interaction_id == Response.interaction_id,
                Invitation.wave == Response.wave,
                Invitation.issued_at.is_not(None),
            ),
        )
        .where(
            Interaction.day >= days.first,
            Interaction.day <= days.last,
            Response.provenance == "import",
            Invitation.id.is_(None),
        )
    )
    return frozenset((interaction_id, wave) for interaction_id, wave in rows)


def _people(reader: Reader, run: DryRun, expected: Mapping[Part, Expected]) -> People | None:
    answers: dict[int, float] = {}
    for asked, number in run.invited.items():
        if asked.wave == 1 and asked.staff_id is not None:
            rate = expected[1, asked.channel_id].rate
            answers[asked.staff_id] = answers.get(asked.staff_id, 0.0) + number * rate
    if not answers:
        return None
    found = known(reader, {})
    rate = usual(found).rate / 100 if found.rate is None else found.rate
    each = sorted(answers.values())
    return People(
        number=len(each),
        rate=rate,
        rate_is_own=found.rate is not None,
        least=_per_person(each[0], rate),
        middle=_per_person(median_low(each), rate),
        most=_per_person(each[-1], rate),
        needed=[
            (reliability, number, sum(one >= number for one in each))
            for reliability, number in needed(found.weight)
        ],
    )


def _per_person(expected: float, rate: float) -> PerPerson:
    answers = round(expected)
    low, high = wilson(answers * rate, answers) or (None, None)
    return PerPerson(answers, low, high)


def read_guess(text: str) -> float:
    """Return the share in 0 … 1 given in per cent, the usual guess where none is; or refuse it."""
    text = normalize("NFKC", text).strip().removesuffix("%").strip()
    if not text:
        return GUESS / 100
    # Not by float() alone: it takes "nan" and "1e1" too.
    if not re.fullmatch(r"\d{1,3}(\.\d+)?", text, re.ASCII) or not 1 <= float(text) <= 100:
        raise BadRequest(
            "rate", text, _("is a number from %(least)g to %(most)g", least=1, most=100)
        )
    return float(text) / 100


def read_days(given: Mapping[str, str], today: date) -> Span:
    """Return the days asked for, the month before this one where none are; or raise BadRequest."""
    month_end = today.replace(day=1) - timedelta(days=1)
    first = read_date("from", given.get("from", "").strip())
    last = read_date("to", given.get("to", "").strip())
    # One end alone asks for the rest of what is usual, as far as there is any.
    first = first or min(month_end.replace(day=1), last or month_end)
    last = last or max(month_end, first)
    if first > last:
        raise BadRequest("from", str(first), _("is after the end"))
    return Span(first, last)
