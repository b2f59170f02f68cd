"""What somebody asks `scores()` for, with all that is needed to answer it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from feedback.reports.periods import between, next_start
from feedback.reports.request import ScoreRequest
from feedback.reports.spans import Span
from feedback.reports.subjects import named

Group = dict[str, Any]


@dataclass(frozen=True)
class Asking:
    """Who asks for what: a request with both its days, what it filters by, and how much is seen.

    `is_told` says of a part whether the whole of it may be known; `history` gives the groups of all
    periods since the first contact, and the first days of these; `everybody` those of all people
    who are compared, over all days where it is given no period.
    """

    session: Session
    request: ScoreRequest
    span: Span
    where: Mapping[str, int]
    today: date
    follow_up_days: int
    min_group: int
    sees_all: bool
    own: int | None
    guards_days: bool
    # Kinds and statuses of contacts that mark trouble (`TROUBLE_WORDS`).
    trouble_words: tuple[str, ...]
    locale: str
    is_told: Callable[[Mapping[str, int]], bool]
    history: Callable[[], tuple[list[Group], Sequence[date]]]
    everybody: Callable[[str | None], list[Group]]

    def wave(self, group: Group) -> int:
        """Return the wave a group's figures are of."""
        return int(group["key"].get("wave") or self.request.wave or 1)

    @property
    def ids(self) -> dict[str | None, int]:
        """Return the inner id of each group's public key; zero stands for nobody named."""
        if self.request.by in (None, "wave"):
            return {}
        found = named(self.session, self.request.by, "")
        return {None: 0} | {key: id_ for id_, (key, _name) in found.items()}

    @property
    def starts(self) -> list[date | None]:
        """Return the first day of each point's period; None is the one point of no periods."""
        return self._starts(self.request.period)

    @property
    def of_all(self) -> dict[str, int]:
        """Return what is filtered by besides a person."""
        return {subject: id_ for subject, id_ in self.where.items() if subject != "staff"}

    def days_from(self, start: date | None) -> Span:
        """Return the days of the period that begins then, so far as they were asked for."""
        if start is None or self.request.period is None:
            return self.span
        last = next_start(start, self.request.period) - timedelta(days=1)
        return Span(max(start, self.span.first), min(last, self.span.last))

    def _starts(self, period: str | None) -> list[date | None]:
        return [None] if period is None else [*between(self.span.first, self.span.last, period)]

    def gives_away(self, period: str | None) -> set[date | None]:
        """Return the periods in which what people have in common tells about some of them.

        How much they scatter and what is expected of them are computed from everybody's answers.
        Where fewer than `min_group` people are hidden, it can be tried out which answers of theirs
        give just these digits.
        """
        hidden: Counter[date | None] = Counter()
        for group in () if self.sees_all else self.everybody(period):
            if group["key"]["staff"] is not None:
                points = zip(self._starts(period), group["points"], strict=True)
                hidden.update(start for start, point in points if point["n"] is None)
        return {start for start, people in hidden.items() if people < self.min_group}

    def about(self, group: Group, ids: Mapping[str | None, int]) -> dict[str, int]:
        """Return the ids of what a group is about."""
        by = self.request.by
        return dict(self.where) | ({str(by): ids[group["key"][by]]} if ids else {})
