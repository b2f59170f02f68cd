"""The same customers twice: how many stayed satisfied, and who did not answer again.

The averages of the two waves are of other people, so only those who answered both times can tell
whether satisfaction lasted. Counted are CSAT answers to the same question, of interactions whose
follow-up has had its time (docs/definitions.md, "The same customers, twice").
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from feedback.measures.estimate import LEVEL
from feedback.measures.newcombe import Difference, newcombe
from feedback.measures.paired import Paired, paired
from feedback.measures.wilson import wilson
from feedback.reports.hidden.hiding import Cell, hidden_from_others, sizes
from feedback.reports.spans import Span
from feedback.reports.tallies import Question
from feedback.reports.twice.pair_blocks import parts_pairs
from feedback.reports.twice.pair_counts import (
    KINDS,
    NOT_ASKED,
    PAIR,
    SILENT,
    YOUNG,
    Counts,
    count_pairs,
    hidden_pairs,
)

# Days somebody has to answer the follow-up, before it is taken that no answer comes.
ANSWER_WINDOW = 7
OK, PARTLY, NONE, TOO_FEW = "ok", "partly", "no_pairs", "too_few"
_DIGITS = 6


@dataclass(frozen=True)
class Share:
    """A part of n with Wilson's interval."""

    good: int
    n: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Dropout:
    """Whether those who did not answer again were as satisfied at first as those who did.

    `difference` is the share satisfied among the silent less that among those who answered.
    """

    silent: Share
    answered: Share
    difference: Difference


@dataclass(frozen=True)
class Pairs:
    """What the customers who answered both times said, as their reader may see it.

    With status "partly" it is not told what became of those not satisfied at first, so there is
    neither `found` nor a difference. With "too_few" or "no_pairs" there is no figure at all, not
    even a count of pairs. `not_yet_due` counts first answers whose follow-up has not had its time,
    None where hidden.
    """

    status: str
    n: int | None = None
    found: Paired | None = None
    held_up: Share | None = None
    dropout: Dropout | None = None
    not_yet_due: int | None = None
    not_asked_again: int | None = None
    # The days of contact whose follow-up has had its time.
    days: Span | None = None

    @property
    def is_shown(self) -> bool:
        """Tell whether there is something to show, be it in part."""
        return self.n is not None

    @property
    def turned_bad(self) -> int:
        """Return how many were satisfied at first only, as far as it is told."""
        return self.held_up.n - self.held_up.good if self.held_up else 0

    @property
    def bad_at_first(self) -> int:
        """Return how many were not satisfied at first, as far as it is told."""
        return (self.n or 0) - (self.held_up.n if self.held_up else 0)

    @property
    def verdict(self) -> str:
        """Return whether satisfaction is "higher" or "lower" thirty days later, or "cannot_tell".

        It follows the interval, so that words and digits never contradict each other.
        """
        if self.found is None or self.found.low <= 0 <= self.found.high:
            return "cannot_tell"
        return "lower" if self.found.low > 0 else "higher"

    def as_json(self) -> dict[str, Any]:
        """Return it as the API writes it; `difference` is the share at first less that later."""
        one = self.found
        share = self.held_up
        digits = ("difference", "low", "high", "p_exact", "p_mid")
        return {
            "status": self.status,
            "level": LEVEL,
            "n": self.n,
            "stayed_good": share.good if share else 0 if self.is_shown else None,
            "turned_bad": self.turned_bad if self.is_shown else None,
            "recovered": one.recovered if one else None,
            "stayed_bad": one.stayed_bad if one else None,
            **{name: round(getattr(one, name), _DIGITS) if one else None for name in digits},
            "verdict": self.verdict if one else None,
            "held_up": _written(self.held_up),
            "dropout": None
            if self.dropout is None
            else {
                "silent": _written(self.dropout.silent),
                "answered": _written(self.dropout.answered),
                "difference": round(self.dropout.difference.value, _DIGITS),
                "low": round(self.dropout.difference.low, _DIGITS),
                "high": round(self.dropout.difference.high, _DIGITS),
                "verdict": self.dropout.difference.verdict,
            },
            "not_yet_due": self.not_yet_due,
            "not_asked_again": self.not_asked_again,
            "contacts_until": self.days.last.isoformat() if self.days else None,
        }


def pairs_of(
    session: Session,
    where: Mapping[str, int],
    span: Span,
    *,
    today: date,
    follow_up_days: int,
    min_group: int,
    sees_all: bool,
    own: int | None = None,
    guards_days: bool = False,
) -> Pairs:
    """Return the pairs of a part, by the ids of its subjects, on these days of contact.

    With `sees_all` false they are shown where the CSAT of both waves is, where there are enough of
    them, and where none of the four groups is small or could be worked out from elsewhere; where
    only those not satisfied at first fall into small groups, these are not parted.
    `guards_days` is for a program that may read figures and no answers: it is shown none, since
    days less days are one customer.
    """
    ripe = today - timedelta(days=follow_up_days + ANSWER_WINDOW)
    days = Span(span.first, min(span.last, ripe)) if span.first <= ripe else None
    if sees_all:
        return _pairs(count_pairs(session, span, ripe, (), where).get(((), 2, None), {}), days)
    figures = Question("csat", None, None, span.first, span.last, (1, 2), where)
    if guards_days or hidden_from_others(session, figures, least=min_group, own=own):
        return Pairs(TOO_FEW)
    if parts_pairs(session, where, span, ripe, least=min_group, own=own):
        return Pairs(TOO_FEW)
    subjects = tuple(sorted(where))
    cell: Cell = (tuple(where[subject] for subject in subjects), 2, None)
    counts = count_pairs(session, span, ripe, subjects, {})
    again = sizes(session, replace(figures, waves=(2,), where={}), subjects)
    hidden = hidden_pairs(session, counts, again, subjects, min_group=min_group, own=own)
    if cell in hidden.wholly:
        return Pairs(TOO_FEW)
    found = _pairs(counts.get(cell, {}), days)
    if cell in hidden.partly and found.is_shown:
        return replace(found, status=PARTLY, found=None)
    return found


def _pairs(counts: Counts, days: Span | None) -> Pairs:
    def of(fate: str, first: bool) -> int:
        return sum(n for (f, good, _), n in counts.items() if f == fate and good == first)

    found = paired(*(counts.get((PAIR, *kind), 0) for kind in KINDS))
    not_yet_due = of(YOUNG, True) + of(YOUNG, False)
    not_asked = of(NOT_ASKED, True) + of(NOT_ASKED, False)
    if found is None:
        return Pairs(NONE, not_yet_due=not_yet_due, not_asked_again=not_asked)
    good = found.stayed_good + found.turned_bad
    return Pairs(
        OK,
        found.n,
        found,
        _share(found.stayed_good, good),
        _dropout(of(SILENT, True), of(SILENT, True) + of(SILENT, False), good, found.n),
        not_yet_due,
        not_asked,
        days,
    )


def _dropout(silent_good: int, silent: int, good: int, n: int) -> Dropout | None:
    first, second = _share(silent_good, silent), _share(good, n)
    difference = newcombe(silent_good, silent, good, n)
    if first is None or second is None or difference is None:
        return None
    return Dropout(first, second, difference)


def _share(good: int, n: int) -> Share | None:
    interval = wilson(good, n, LEVEL)
    return None if interval is None else Share(good, n, good / n, *interval)


def _written(share: Share | None) -> dict[str, Any] | None:
    if share is None:
        return None
    digits = {name: round(getattr(share, name), _DIGITS) for name in ("value", "low", "high")}
    return {"good": share.good, "n": share.n, **digits}
