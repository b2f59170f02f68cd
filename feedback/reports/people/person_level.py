"""Where one person stands: level, best estimate, expectation and change, in each wave."""

from collections.abc import Mapping
from dataclasses import dataclass

from feedback.measures.people import Compared
from feedback.measures.standing import RATED_FROM
from feedback.reports.aims.outcomes import outcome_words
from feedback.reports.board import where_ids
from feedback.reports.change_words import ChangeInWords, change_in_words
from feedback.reports.figures import Figure
from feedback.reports.filters import Filters
from feedback.reports.gather import WAVES, Headline
from feedback.reports.people.carried import Carried, carried
from feedback.reports.people.comparison import METRIC
from feedback.reports.reader import Reader


@dataclass(frozen=True)
class Level:
    """One wave of one person: their own level, what it can carry, and how it has changed."""

    figure: Figure
    carried: Carried | None
    change: ChangeInWords | None
    # Whether the team's target is met; empty where there is none, or too little to say so by.
    outcome: str = ""

    @property
    def strip(self) -> list[tuple[str, float, float, float]]:
        """Return what to draw on a scale of 0 to 100: a name, low, value and high of each."""
        figure, one = self.figure, self.carried
        found = []
        if figure.has_value and None not in (figure.low, figure.value, figure.high):
            found.append(("own", figure.low, figure.value, figure.high))
        if one and one.differs and one.one.best:
            best = one.one.best
            found.append(("best", best.low, best.mean, best.high))
        return [(name, 100 * a, 100 * b, 100 * c) for name, a, b, c in found]  # type: ignore[operator]

    @property
    def expected(self) -> float | None:
        """Return where the mark of the expectation stands on that scale."""
        one = self.carried
        return 100 * one.one.mix.expected_rate if one and one.differs and one.one.mix else None


def levels_of(
    reader: Reader,
    filters: Filters,
    staff_id: int,
    headlines: Mapping[str, list[Headline]],
    compared: Mapping[int, Compared[int] | None],
) -> list[Level]:
    """Return the person's level in each wave with answers, from what the page shows already."""
    found = []
    where = where_ids(reader, filters)
    for wave, line in zip(WAVES, headlines[METRIC], strict=True):
        figure = line.figure
        if not figure.n:
            continue
        if figure.value is None or figure.n < RATED_FROM:
            found.append(Level(figure, None, None))
            continue
        beside = carried(compared.get(wave), staff_id)
        outcome = outcome_words(
            reader.session,
            figure,
            where,
            filters.span,
            person=True,
            reliability=beside.one.reliability if beside else None,
        )
        found.append(Level(figure, beside, change_in_words(line), outcome))
    return found
