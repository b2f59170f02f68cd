"""Says on a person's page what the work they shared adds to their own, wave by wave."""

from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _

from feedback.measures.standing import RATED_FROM
from feedback.reports.board import where_ids
from feedback.reports.figures import interval_words, value_words
from feedback.reports.filters import Filters
from feedback.reports.gather import WAVES
from feedback.reports.people.crews import crews
from feedback.reports.people.shared import METRIC, Shared, shared_answers, shared_of
from feedback.reports.reader import Reader


@dataclass(frozen=True)
class SharedLine:
    """Own and shared answers of one wave together."""

    wave: int
    one: Shared
    provisional: bool

    @property
    def value_words(self) -> str:
        """Return the share satisfied, "85 %"; nothing where there are too few to judge."""
        return value_words(METRIC, self.one.value) if self.one.is_enough else ""

    @property
    def interval_words(self) -> str:
        """Return its interval, "47–97 %"; nothing where there are too few to judge."""
        return interval_words(METRIC, self.one.low, self.one.high) if self.one.is_enough else ""

    @property
    def answers_words(self) -> str:
        """Return how many answers there are of either kind."""
        own, shared = format_decimal(self.one.whole), format_decimal(self.one.n)
        return str(_("own answers: %(own)s, shared: %(shared)s", own=own, shared=shared))

    @property
    def worth_words(self) -> str:
        """Return what they are worth, or why no value is shown."""
        if not self.one.is_enough:
            n = format_decimal(self.one.n + self.one.whole)
            words = _("Too few answers to judge (%(n)s of %(least)s).", n=n, least=RATED_FROM)
            return str(words)
        worth = format_decimal(round(self.one.effective_n, 1))
        return str(_("Worth %(worth)s whole answers.", worth=worth))


def shared_lines(reader: Reader, filters: Filters, staff_id: int) -> list[SharedLine]:
    """Return a line for each wave with answers to shared contacts that this reader may know of."""
    found = []
    where = where_ids(reader, filters)
    of_all = {subject: id_ for subject, id_ in where.items() if subject != "staff"}
    groups = reader.ask(METRIC, filters.span, filters.where, by="wave")
    for wave, group in zip(WAVES, groups, strict=True):
        answers = shared_answers(reader.session, where, wave, filters.span)
        (point,) = group["points"]
        counts = point["counts"]
        one = shared_of(
            {int(k): n for k, n in (counts or {}).items()}, answers.get((staff_id, None), ())
        )
        if one is None or counts is None:
            continue
        if not reader.sees_all and staff_id != reader.own:
            known = crews(reader.session, wave, reader.min_group, reader.own)
            is_hidden = known.hides(staff_id, of_all, filters.span.first, filters.span.last)
            if is_hidden or not one.is_enough:
                continue
        found.append(SharedLine(wave, one, point["provisional"]))
    return found
