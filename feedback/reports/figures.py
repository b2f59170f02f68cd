"""Turns points into words: a value with its count and interval, or why there is none. No sums."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import format_decimal, get_locale, ngettext
from flask_babel import gettext as _

from feedback.measures.between_people import reliability
from feedback.measures.secondary import secondary
from feedback.measures.standing import RATED_FROM, SHOWN_FROM, may_be_compared, standing
from feedback.measures.wilson import wilson
from feedback.surveys.scales import SCALES

# What the answers about one person can carry (docs/definitions.md, "Few answers").
NONE, HIDDEN, COMMENTS, COUNT, GREY, FULL = "none", "hidden", "comments", "count", "grey", "full"
_MINUS = "−"


@dataclass(frozen=True)
class Figure:
    """One figure as its reader may see it, and the address of the answers behind it."""

    metric: str
    wave: int
    grade: str
    n: int | None
    value: float | None
    low: float | None
    high: float | None
    counts: Mapping[int, int]
    provisional: bool
    answers: str

    @property
    def has_value(self) -> bool:
        """Tell whether the value itself may be shown."""
        return self.grade in (GREY, FULL)

    @property
    def value_words(self) -> str:
        """Return "82 %", "+19" or "5.4"; nothing where no value may be shown."""
        if not self.has_value or self.value is None:
            return ""
        return value_words(self.metric, self.value)

    @property
    def interval_words(self) -> str:
        """Return "71–90 %" or "−7 to +43"; nothing where no value may be shown."""
        if not self.has_value or self.low is None or self.high is None:
            return ""
        return interval_words(self.metric, self.low, self.high)

    @property
    def second_words(self) -> str:
        """Return what stands second: the mean of a CSAT, the share of easy answers of a CES."""
        if not self.has_value or not self.counts:
            return ""
        found = secondary(self.metric, self.counts)
        if one := found.get("mean"):
            interval = interval_words("ces", one.low, one.high)
            return str(
                _(
                    "Mean %(mean)s (%(interval)s)",
                    mean=value_words("ces", one.value),
                    interval=interval,
                )
            )
        if one := found.get("share"):
            interval = interval_words("csat", one.low, one.high)
            return str(
                _(
                    "Easy (5–7): %(share)s (%(interval)s)",
                    share=percentage_words(one.value),
                    interval=interval,
                )
            )
        return ""

    @property
    def n_words(self) -> str:
        """Return how many answers there are, or that there are none, or too few to say."""
        if self.n is None:
            return str(_("too few answers to show"))
        return answers_words(self.n)

    @property
    def why_not(self) -> str:
        """Return why no value is shown, beside the count; nothing where one is."""
        if self.grade == COMMENTS:
            return str(_("too few for a score"))
        if self.grade == COUNT:
            words = _("Too few answers to judge (%(n)s of %(least)s).", n=self.n, least=RATED_FROM)
            return str(words)
        return ""

    @property
    def line(self) -> str:
        """Return all of it in one line: "82 % · 64 answers · 71–90 %"."""
        parts = (self.value_words, self.n_words, self.why_not, self.interval_words)
        return " · ".join(part for part in parts if part)

    @property
    def spread(self) -> list[tuple[str, str, int, float]]:
        """Return how the scores are spread: filter value, label, answers, share; best first."""
        if self.grade in (NONE, HIDDEN, COMMENTS) or not self.counts:
            return []
        n = sum(self.counts.values())
        if self.metric == "nps":
            sides = {"high": 0, "middle": 0, "low": 0}
            for score, times in self.counts.items():
                sides[SCALES["nps"].side(score) or "middle"] += times
            return [(side, side_words("nps", side), k, k / n) for side, k in sides.items()]
        scale = SCALES[self.metric]
        scores = range(scale.highest, scale.lowest - 1, -1)
        pairs = ((score, self.counts.get(score, 0)) for score in scores)
        return [(str(score), str(score), times, times / n) for score, times in pairs]


def figure_of(
    metric: str,
    wave: int,
    point: Mapping[str, Any],
    answers: str,
    *,
    person: bool = False,
    own: bool = False,
    in_trend: bool = False,
    weight: float | None = None,
) -> Figure:
    """Return the figure of a point of `scores()`; `person` where it is about one, `own` oneself.

    `weight` says how much people differ (`Spread.weight`), and so what n answers of one are worth;
    None where they do not, or where nobody can say.
    """
    n = point["n"]
    grade = FULL
    if n is None:
        grade = HIDDEN
    elif n == 0:
        grade = NONE
    elif person:
        # A line is no headline: there the interval says how little such a point carries.
        shows_few = in_trend and point["value"] is not None
        grade = _grade_of_person(n, own, shows_few, weight)
    return Figure(
        metric=metric,
        wave=wave,
        grade=grade,
        n=n,
        value=point["value"],
        low=point["low"],
        high=point["high"],
        counts={int(score): times for score, times in (point["counts"] or {}).items()},
        provisional=point["provisional"],
        answers=answers,
    )


def _grade_of_person(n: int, own: bool, shows_few: bool, weight: float | None) -> str:
    if own and n < SHOWN_FROM:
        return COMMENTS
    if n < RATED_FROM and not shows_few:
        return COUNT
    return FULL if may_be_compared(standing(n, reliability(n, weight))) else GREY


def no_answers(metric: str, wave: int) -> Figure:
    """Return the figure of nobody having answered."""
    return Figure(metric, wave, NONE, 0, None, None, None, {}, provisional=False, answers="")


def value_words(metric: str, value: float) -> str:
    """Return a value as it is written: a percentage, points with their sign, or a mean."""
    if metric == "csat":
        return _percent(_percentage(value))
    if metric == "nps":
        return _signed(value)
    return _rounded(value, "0.1")


def interval_words(metric: str, low: float, high: float) -> str:
    """Return an interval as it is written."""
    if metric == "csat":
        return _percent(f"{_percentage(low)}–{_percentage(high)}")
    if metric == "nps":
        return str(_("%(low)s to %(high)s", low=_signed(low), high=_signed(high)))
    return f"{_rounded(low, '0.1')}–{_rounded(high, '0.1')}"


def answers_words(n: int) -> str:
    """Return "64 answers"; none are "no answers", not 0."""
    if n == 0:
        return str(_("no answers"))
    count = format_decimal(n)
    return str(ngettext("%(count)s answer", "%(count)s answers", n, count=count))


def metric_words(metric: str) -> str:
    """Return the metric's name."""
    return {"csat": "CSAT", "nps": "NPS", "ces": "CES"}[metric]


def wave_words(wave: int) -> str:
    """Return the wave's name."""
    return str(_("Right after") if wave == 1 else _("30 days later"))


def has_side(metric: str, side: str) -> bool:
    """Tell whether a metric has scores on that side; CSAT has none in the middle."""
    scale = SCALES[metric]
    whole = range(scale.lowest, scale.highest + 1)
    return any((scale.side(score) or "middle") == side for score in whole)


def side_words(metric: str, side: str) -> str:
    """Return the name of a group of scores."""
    names = {
        ("csat", "high"): _("Satisfied (4–5)"),
        ("csat", "low"): _("Not satisfied (1–3)"),
        ("nps", "high"): _("Promoters (9–10)"),
        ("nps", "middle"): _("Passives (7–8)"),
        ("nps", "low"): _("Detractors (0–6)"),
        ("ces", "high"): _("Easy (5–7)"),
        ("ces", "middle"): _("Neither (4)"),
        ("ces", "low"): _("Hard (1–3)"),
    }
    return str(names[metric, side])


def signed_words(metric: str, difference: float) -> str:
    """Return a difference with its sign, in points or in the steps of the scale."""
    if metric != "ces":
        return _signed(difference)
    steps = _rounded(difference, "0.1").replace("-", _MINUS)
    return steps if difference < 0 or steps == "0.0" else f"+{steps}"


def percentage_words(share: float) -> str:
    """Return a share in 0 … 1 as a percentage."""
    return _percent(_percentage(share))


def rate_words(part: int, whole: int) -> str:
    """Return a share with its interval, "32 % (28–36 %)"; nothing of nothing."""
    interval = wilson(part, whole)
    if interval is None:
        return "–"
    value, around = percentage_words(part / whole), interval_words("csat", *interval)
    return str(_("%(value)s (%(interval)s)", value=value, interval=around))


def share_words(part: int, whole: int) -> str:
    """Return what part of the whole that is, as a percentage; nothing of nothing."""
    return _percent(_percentage(part / whole)) if whole else "–"


def _percentage(share: float) -> str:
    rounded = _rounded(100 * share, "1")
    # All and none are said of all and none only.
    if rounded in ("0", "100") and share not in (0, 1):
        return _rounded(min(max(100 * share, 0.1), 99.9), "0.1")
    return rounded


def _percent(number: str) -> str:
    return f"{number}%" if str(get_locale()).startswith("zh") else f"{number} %"


def _signed(share: float) -> str:
    points = int(_rounded(100 * share, "1"))
    if points == 0:
        return "0"
    return f"+{points}" if points > 0 else f"{_MINUS}{-points}"


def _rounded(value: float, step: str) -> str:
    # From the digits as they are shown elsewhere, halves away from zero: as the charts write them.
    return str(Decimal(f"{value:.6f}").quantize(Decimal(step), ROUND_HALF_UP))
