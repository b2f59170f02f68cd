"""What a chart is given: points, lines, a scale and words; no drawing library is needed here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Literal

# Why a point of a control chart is news: beyond its limits, or one of many on one side.
Mark = Literal["outside", "run"]


@dataclass(frozen=True)
class ChartPoint:
    """One period's or group's figure.

    `n` is None where this viewer may not know it; `value` is None without answers and where it is
    hidden: then there is a gap, never a zero. Provisional points are drawn hollow.
    """

    label: str
    n: int | None
    value: float | None
    low: float | None
    high: float | None
    provisional: bool = False


@dataclass(frozen=True)
class ChartLine:
    """A named row of points; in one chart every line has the same labels in the same order."""

    label: str
    points: tuple[ChartPoint, ...]


@dataclass(frozen=True)
class ChartScale:
    """The range of a figure and how it is written: as "percent", "points" or "mean".

    CSAT is `ChartScale(0, 1, "percent")`, NPS `ChartScale(-1, 1, "points")` and CES
    `ChartScale(1, 7, "mean")`; values are given as `scores()` gives them. `sign` follows a
    percentage: English texts of ours set a space before it, Chinese ones none.
    """

    lowest: float
    highest: float
    unit: str
    sign: str = "%"

    def write(self, value: float) -> str:
        """Return the value as people write it: 86%, +40, 5.3; halves are rounded away from zero."""
        # From the six digits every surface shows, so that all of them round alike.
        exact = Decimal(f"{value:.6f}")
        if self.unit == "mean":
            return _rounded(exact, "0.1")
        whole = _rounded(exact * 100, "1")
        if self.unit == "points":
            return f"{int(whole):+d}".replace("-", "−") if int(whole) else "0"
        if whole in ("0", "100") and exact not in (0, 1):
            # All and none are said of all and none only.
            whole = _rounded(min(max(exact * 100, Decimal("0.1")), Decimal("99.9")), "0.1")
        return f"{whole}{self.sign}"

    def name(self, tick: float) -> str:
        """Return how the axis names a value: as people write it, without an idle .0."""
        return f"{tick:g}" if self.unit == "mean" else self.write(tick)

    def span(self, points: Iterable[ChartPoint]) -> tuple[float, float]:
        """Return the axis: the whole scale, or the one half that holds every interval entirely.

        There is no third range, so that two charts differ in it rarely and never by a little.
        """
        ends = [end for p in points for end in (p.value, p.low, p.high) if end is not None]
        middle = (self.lowest + self.highest) / 2
        if ends and min(ends) >= middle:
            return middle, self.highest
        if ends and max(ends) <= middle:
            return self.lowest, middle
        return self.lowest, self.highest

    def ticks(self, span: tuple[float, float]) -> list[float]:
        """Return the values the axis names: both ends, and even steps between them."""
        low, high = span
        is_whole = (low, high) == (self.lowest, self.highest)
        step = {"percent": (0.1, 0.25), "points": (0.25, 0.5)}.get(self.unit, (1, 1))[is_whole]
        return [round(low + step * i, 9) for i in range(round((high - low) / step) + 1)]


@dataclass(frozen=True)
class ChartWords:
    """The words written into charts, already in the reader's language.

    English: n "n"; no_answers "No answers"; too_few "Too few answers to show"; provisional
    "Provisional: answers still arriving"; band "Shaded: 95% interval"; whisker "Line: 95%
    interval"; axis "Axis from {low} to {high}", said where it is not the whole scale.
    """

    n: str
    no_answers: str
    too_few: str
    provisional: str
    band: str
    whisker: str
    axis: str

    def why_nothing(self, points: Iterable[ChartPoint]) -> str:
        """Return why these points show nothing: nobody answered, or it is not for this viewer."""
        return self.no_answers if all(point.n == 0 for point in points) else self.too_few


@dataclass(frozen=True)
class TrendPoint:
    """A period's figure with the middle and the limits that hold for its number of answers.

    `centre` and `limits` are None where no baseline holds; a gap has a centre and no limits.
    `after_break` where something lies between it and the point before that makes them no one line.
    """

    point: ChartPoint
    centre: float | None = None
    limits: tuple[float, float] | None = None
    mark: Mark | None = None
    after_break: bool = False


@dataclass(frozen=True)
class ChartEvent:
    """What happened, so many periods from the left edge; one that `breaks` begins a baseline."""

    place: float
    text: str
    breaks: bool = False


@dataclass(frozen=True)
class ChartTarget:
    """A target from one place to another, in periods from the left edge, and what it is called."""

    first: float
    last: float
    value: float
    label: str


@dataclass(frozen=True)
class ControlLine:
    """One line of a control chart, and what is said about it in words.

    `instead` stands in for limits where there are none yet; `remarks` stand under the chart.
    """

    points: tuple[TrendPoint, ...]
    events: tuple[ChartEvent, ...] = ()
    targets: tuple[ChartTarget, ...] = ()
    instead: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ControlWords:
    """The words written into control charts beside those of all charts.

    `centre` ({value}) and `limits` say what those lines are, `outside` and `run` what the marks
    are, and `breaks` what the interruption of the line is.
    """

    chart: ChartWords
    centre: str
    limits: str
    outside: str
    run: str
    breaks: str


@dataclass(frozen=True)
class FunnelDot:
    """One person in a funnel: how many answers, and the score those give.

    `own` is the reader, `marked` whomever the caller points out; `outside` lies beyond the outer
    limits. Only these have their names written, everybody else is a dot like any other.
    """

    name: str
    n: int
    value: float
    own: bool = False
    marked: bool = False
    outside: bool = False


@dataclass(frozen=True)
class FunnelLimits:
    """How far chance alone carries somebody with `n` answers: at 95 % and at 99.8 %."""

    n: float
    inner: tuple[float, float]
    outer: tuple[float, float]


@dataclass(frozen=True)
class Funnel:
    """People by their answers about their common rate, and the limits from few answers to many.

    `wider` are the limits that allow for people truly differing a little (over-dispersion).
    """

    dots: tuple[FunnelDot, ...]
    centre: float
    limits: tuple[FunnelLimits, ...]
    wider: tuple[FunnelLimits, ...] = ()


@dataclass(frozen=True)
class FunnelWords:
    """The words written into a funnel, already in the reader's language.

    `answers` names the axis below and says that its steps shrink; `centre`, `inner`, `outer` and
    `wider` say what the lines are, `dot` what a dot is, `own`, `marked` and `outside` what the
    emphasised ones are; `more` ({number}) stands for names without room; `axis` as in ChartWords.
    """

    answers: str
    nobody: str
    centre: str
    inner: str
    outer: str
    wider: str
    dot: str
    own: str
    marked: str
    outside: str
    more: str
    axis: str


def runs(points: Sequence[ChartPoint]) -> list[range]:
    """Return the stretches of neighbouring points that have a value, as ranges of places."""
    edges = [-1, *(i for i, point in enumerate(points) if point.value is None), len(points)]
    return [range(before + 1, after) for before, after in pairwise(edges) if after - before > 1]


def _rounded(number: Decimal, step: str) -> str:
    return str(number.quantize(Decimal(step), ROUND_HALF_UP))


def check_same_labels(lines: Sequence[ChartLine]) -> None:
    """Refuse lines that do not share their axis: drawn together they would lie.

    Raises:
        ValueError: two lines differ in their labels.

    """
    if len({tuple(point.label for point in line.points) for line in lines}) > 1:
        raise ValueError("every line of a chart has the same labels in the same order")
