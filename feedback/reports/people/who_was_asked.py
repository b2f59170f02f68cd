"""Who was asked, person by person: how far each one's contacts came, and whether others' came on.

Whoever decides which customers are asked decides the score. So every person's contacts are followed
from eligible to answered, and two tests ask whether some were left out: fewer invited than others
invite doing the same work, and those left out being more often in trouble. Neither looks at an
answer. docs/definitions.md, "Who was asked", says what is eligible and why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from feedback.measures.estimate import LEVEL
from feedback.measures.false_discovery import benjamini_hochberg
from feedback.measures.non_response import Selection, selection_checks
from feedback.measures.wilson import wilson
from feedback.reports.people.asked_counts import Work, count_work, hidden_answers
from feedback.reports.spans import Span

# With fewer the tests see one case of steering in three at most, and would mark nobody rightly.
TESTED_FROM = 60
# A channel on which all others together have fewer contacts gives no rate to expect.
_PEERS_FROM = 20
# Of all marks, so many may be false.
_FALSE_MARKS = 0.05
_DIGITS = 6


@dataclass(frozen=True)
class Step:
    """One step of the way: how many of how many came so far, with Wilson's interval."""

    number: int
    of: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class AskedPerson:
    """One person's contacts of these days. `answered` is None where it is hidden from the reader.

    `expected` is the share that others invite doing the same work, in 0 … 1, over those channels
    that others work on too; `compared` and `compared_invited` are of these. `checks` is None where
    there are too few contacts to test. `leaves_out` and `selective` are the marks, after false
    discoveries have been controlled.
    """

    staff_id: int
    work: Work
    invited: Step
    delivered: Step
    answered: Step | None
    expected: float | None
    compared: int
    compared_invited: int
    checks: Selection | None
    leaves_out: bool = False
    selective: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as the API would write it."""
        steps = {"invited": self.invited, "delivered": self.delivered, "answered": self.answered}
        checks = self.checks
        return {
            "eligible": self.work.eligible,
            **{name: None if step is None else _written(step) for name, step in steps.items()},
            "level": LEVEL,
            "expected": None if self.expected is None else round(self.expected, _DIGITS),
            "p_invited": None if checks is None else _significant(checks.invited),
            "p_selective": None if checks is None else _significant(checks.selective),
            "invited_less_often": self.leaves_out,
            "uninvited_in_trouble": self.selective,
        }


@dataclass(frozen=True)
class WhoWasAsked:
    """All people with contacts of these days, by the ids of their staff records."""

    people: Mapping[int, AskedPerson]
    # Whether any contact has a kind or a status that marks trouble at all.
    has_marks: bool

    @property
    def tested(self) -> int:
        """Return how many have contacts enough to be tested."""
        return sum(person.checks is not None for person in self.people.values())


def who_was_asked(
    session: Session,
    where: Mapping[str, int],
    wave: int,
    span: Span,
    *,
    trouble_words: tuple[str, ...],
    min_group: int,
    own: int | None = None,
) -> WhoWasAsked:
    """Return everybody's way from contact to answer in one wave, and what the two tests say.

    `where` has the ids of a channel, a touchpoint, a team. A team narrows whose contacts are shown,
    not who the others are: all who work on the same channel. `own` is the reader's staff record.
    """
    cells = count_work(session, where, wave, span, trouble_words)
    all_on: dict[int, Work] = {}
    mine: dict[int, dict[int, Work]] = {}
    whole: dict[int, dict[int, Work]] = {}
    for (staff_id, team_id, channel_id), work in cells.items():
        all_on[channel_id] = all_on.get(channel_id, Work()) + work
        _add(whole, staff_id, channel_id, work)
        if where.get("team") in (None, team_id):
            _add(mine, staff_id, channel_id, work)
    hidden = hidden_answers(session, where, wave, span, min_group=min_group, own=own)
    people = {
        staff_id: _person(staff_id, channels, whole[staff_id], all_on, staff_id not in hidden)
        for staff_id, channels in mine.items()
        if staff_id
    }
    has_marks = any(w.marked_invited or w.marked_uninvited for w in all_on.values())
    return WhoWasAsked(_marked(people), has_marks)


def _add(of: dict[int, dict[int, Work]], staff_id: int, channel_id: int, work: Work) -> None:
    channels = of.setdefault(staff_id, {})
    channels[channel_id] = channels.get(channel_id, Work()) + work


def _person(
    staff_id: int,
    channels: Mapping[int, Work],
    whole: Mapping[int, Work],
    all_on: Mapping[int, Work],
    is_told: bool,
) -> AskedPerson:
    work = _sum(channels.values())
    expected = 0.0
    compared = invited = 0
    for channel_id, here in channels.items():
        # Without the person's own, which would pull the rate towards itself.
        others = all_on[channel_id] - whole[channel_id]
        if others.eligible >= _PEERS_FROM:
            expected += here.eligible * others.invited / others.eligible
            compared += here.eligible
            invited += here.invited
    rate = expected / compared if compared else None
    return AskedPerson(
        staff_id=staff_id,
        work=work,
        invited=_step(work.invited, work.eligible),
        delivered=_step(work.delivered, work.invited),
        answered=_step(work.answered, work.invited) if is_told else None,
        expected=rate,
        compared=compared,
        compared_invited=invited,
        checks=_checks(work, invited, compared, rate),
    )


def _checks(work: Work, invited: int, compared: int, rate: float | None) -> Selection | None:
    if work.eligible < TESTED_FROM:
        return None
    return selection_checks(
        invited=invited if rate is not None else 0,
        eligible=compared if rate is not None else 0,
        usual_rate=min(1.0, rate or 0.0),
        marked_uninvited=work.marked_uninvited,
        uninvited=work.eligible - work.invited,
        marked_invited=work.marked_invited,
    )


def _marked(people: Mapping[int, AskedPerson]) -> dict[int, AskedPerson]:
    """Mark whom the tests single out, with both tests of everybody taken together."""
    tests = [
        (staff_id, name, p)
        for staff_id, person in people.items()
        if person.checks is not None
        for name, p in (("rate", person.checks.invited), ("trouble", person.checks.selective))
        if p is not None
    ]
    q_values = benjamini_hochberg([p for _staff_id, _name, p in tests])
    found = {
        (staff_id, name)
        for (staff_id, name, _p), q in zip(tests, q_values, strict=True)
        if q < _FALSE_MARKS
    }
    return {
        staff_id: replace(
            person,
            # To invite more than others do leaves nobody out.
            leaves_out=(staff_id, "rate") in found
            and person.compared_invited < (person.expected or 0) * person.compared,
            selective=(staff_id, "trouble") in found,
        )
        for staff_id, person in people.items()
    }


def _sum(works: Iterable[Work]) -> Work:
    total = Work()
    for work in works:
        total += work
    return total


def _step(number: int, of: int) -> Step:
    interval = wilson(number, of, LEVEL)
    if interval is None:
        return Step(number, of, None, None, None)
    return Step(number, of, number / of, *interval)


def _written(step: Step) -> dict[str, Any]:
    digits = {name: getattr(step, name) for name in ("value", "low", "high")}
    return {
        "number": step.number,
        "of": step.of,
        **{name: None if one is None else round(one, _DIGITS) for name, one in digits.items()},
    }


def _significant(p: float | None) -> float | None:
    # A very small P is not nothing, which it would be to so many decimal places.
    return None if p is None else float(f"{p:.{_DIGITS}g}")
