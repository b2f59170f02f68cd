"""The thirty-day answer comes late: which interactions may be counted yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from feedback.measures.wilson import wilson


@dataclass(frozen=True)
class Matured:
    """The share of matured interactions that answered, and how many are not yet due."""

    answered: int
    matured: int
    not_yet_due: int
    value: float | None
    low: float | None
    high: float | None


def matured_share(
    interactions: Iterable[tuple[date, bool]],
    as_of: date,
    *,
    follow_up_days: int = 30,
    answer_window: int = 7,
) -> Matured:
    """Return how many of the matured interactions answered, given (day, answered) of each.

    An interaction is in the denominator only once its follow-up and the days to answer it are over:
    as_of ≥ day + follow_up_days + answer_window. Counting younger ones would make every recent
    month look bad for being recent. The value is None where nothing has matured.
    """
    ripe = as_of - timedelta(days=follow_up_days + answer_window)
    answered = matured = waiting = 0
    for day, has_answered in interactions:
        if day > ripe:
            waiting += 1
        else:
            matured += 1
            answered += has_answered
    interval = wilson(answered, matured)
    if interval is None:
        return Matured(0, 0, waiting, None, None, None)
    return Matured(answered, matured, waiting, answered / matured, *interval)


def settling_days(delays: Iterable[int], share: float = 0.95) -> int | None:
    """Return within how many days that share of answers had come, at least; None for no answers.

    A month stays provisional until its end plus so many days, since late answers are other answers.
    """
    known = sorted(delays)
    if not known:
        return None
    # The smallest delay that at least the share of all answers does not exceed.
    place = -(-len(known) * share // 1)
    return known[min(len(known), int(place)) - 1]
