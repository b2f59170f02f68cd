"""What one person's answers can carry, in words: estimate, expectation, and what is not said."""

from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _

from feedback.measures.people import Compared, Individual
from feedback.measures.standing import DECISIVE, RATED_FROM, may_be_compared
from feedback.reports.figures import interval_words, percentage_words, value_words
from feedback.reports.people.comparison import METRIC

# With fewer colleagues in the comparison, what all have in common would tell about each of them.
LEAST_OTHERS, LEAST_OF_OTHERS = 3, 20


@dataclass(frozen=True)
class Carried:
    """One person beside everybody; made only where their own figure may be seen.

    `differs` tells whether people differ beyond chance at all: if not, nobody is compared.
    """

    one: Individual
    differs: bool
    rank: tuple[int, int] | None = None
    ranked: int = 0

    @property
    def best_words(self) -> str:
        """Return the best estimate: "85 %"; nothing where nobody differs."""
        return value_words(METRIC, self.one.best.mean) if self.one.best and self.differs else ""

    @property
    def best_interval_words(self) -> str:
        """Return the interval of the best estimate."""
        best = self.one.best
        return interval_words(METRIC, best.low, best.high) if best and self.differs else ""

    @property
    def own_share_words(self) -> str:
        """Return how much of the best estimate rests on one's own answers."""
        return percentage_words(self.one.best.own_weight) if self.one.best else ""

    @property
    def expected_words(self) -> str:
        """Return what the mix of work would lead one to expect; nothing where nobody differs."""
        mix = self.one.mix
        return value_words(METRIC, mix.expected_rate) if mix and self.differs else ""

    @property
    def reliability_words(self) -> str:
        """Return the reliability with two digits, cut and not rounded: 0.699 is not 0.70."""
        return f"{int(self.one.reliability * 100) / 100:.2f}"

    @property
    def use_words(self) -> str:
        """Return what the answers may be used for."""
        if may_be_compared(self.one.standing):
            if self.one.reliability >= DECISIVE:
                return str(
                    _(
                        "May be one piece of evidence in a review, never the only one;"
                        " reliability %(reliability)s.",
                        reliability=self.reliability_words,
                    )
                )
            return str(
                _(
                    "May be compared, but does not decide about a person; reliability"
                    " %(reliability)s.",
                    reliability=self.reliability_words,
                )
            )
        return str(
            _(
                "Not to be used alone for pay or discipline; reliability %(reliability)s.",
                reliability=self.reliability_words,
            )
        )

    @property
    def flag_words(self) -> str:
        """Return that somebody clearly differs from what their work leads one to expect."""
        if self.one.mark is None:
            return ""
        if self.one.mark == "low":
            return str(_("Clearly below what this work leads one to expect"))
        return str(_("Clearly above what this work leads one to expect"))

    @property
    def rank_words(self) -> str:
        """Return between which ranks somebody can be meant to stand, where that says anything."""
        if self.rank is None or not may_be_compared(self.one.standing):
            return str(_("No order can be given."))
        first, last = (format_decimal(number) for number in self.rank)
        return str(
            _(
                "%(first)s to %(last)s of %(all)s",
                first=first,
                last=last,
                all=format_decimal(self.ranked),
            )
        )


def carried(
    compared: Compared[int] | None, staff_id: int, rank: tuple[int, int] | None = None
) -> Carried | None:
    """Return one person beside the others; None where there are too few answers or too few others.

    The caller has seen to it that their figure may be seen.
    """
    one = compared.people.get(staff_id) if compared else None
    if compared is None or one is None or one.n < RATED_FROM:
        return None
    # Everybody compared has answers.
    others = len(compared.people) - 1
    if others < LEAST_OTHERS or compared.n - one.n < LEAST_OF_OTHERS:
        return None
    return Carried(one, compared.spread.weight is not None, rank, others + 1)
