"""Spreadsheet formulas that give a figure and its interval from the scores in the same sheet."""

from collections.abc import Iterator
from dataclasses import dataclass

from feedback.measures.tango import tango
from feedback.measures.wilson import quantile

Z = "NORMSINV(0.975)"
# Each step halves the interval: after so many, what is left is beyond the digits a cell holds.
STEPS = 45


@dataclass(frozen=True)
class Formula:
    """A formula of ours, and what it gives: some programs show that until they calculate."""

    text: str
    value: float


@dataclass(frozen=True)
class Ranges:
    """Where the rows are: of each its score, whether it counts (1 or 0), and what it counts for.

    Spreadsheet ranges, such as "C21:C40". With `struck` the struck ones are taken in as well.
    """

    scores: str
    counts: str
    worth: str
    struck: bool = False

    @property
    def n(self) -> str:
        """Return the number of answers."""
        return f"COUNT({self.scores})" if self.struck else f"SUM({self.counts})"

    @property
    def total(self) -> str:
        """Return the sum of what the answers count for."""
        return f"SUM({self.worth})" if self.struck else f"SUMPRODUCT({self.counts},{self.worth})"

    @property
    def squares(self) -> str:
        """Return the sum of the squares of the scores."""
        weights = "" if self.struck else f"{self.counts},"
        return f"SUMPRODUCT({weights}{self.scores},{self.scores})"

    def times(self, worth: int) -> str:
        """Return how many answers count for just so much."""
        if self.struck:
            return f"COUNTIF({self.worth},{worth})"
        return f"COUNTIFS({self.counts},1,{self.worth},{worth})"


def wilson_end(good: str, n: str, z: str, *, upper: bool) -> str:
    """Return Wilson's end for the cells of the good answers, of all, and of z."""
    sign, end = ("+", 1) if upper else ("-", 0)
    edge = f"{good}={n}" if upper else f"{good}=0"
    p = f"{good}/{n}"
    inner = f"{z}*SQRT({p}*(1-{p})/{n}+{z}^2/(4*{n}^2))"
    return f"IF({edge},{end},({p}+{z}^2/(2*{n}){sign}{inner})/(1+{z}^2/{n}))"


def endpoint_adjusted_end(total: str, squares: str, n: str, z: str, *, upper: bool) -> str:
    """Return the end for a mean on 1–7, from the cells of the scores' sum and sum of squares.

    Half an answer of 1 and half an answer of 7 are added: 4 to the sum, 25 to that of the squares.
    """
    mean = f"({total}+4)/({n}+1)"
    half = f"{z}*SQRT((({squares}+25)/({n}+1)-({mean})^2)/({n}+1))"
    return f"MIN(7,{mean}+{half})" if upper else f"MAX(1,{mean}-{half})"


@dataclass(frozen=True)
class Bisection:
    """The search for one end of Tango's interval, as rows of a sheet."""

    plus: int
    minus: int
    n: int
    # The cells that hold these three, z, and the figure itself.
    cells: tuple[str, str, str, str, str]
    upper: bool

    @property
    def end(self) -> float:
        """Return the end as it is computed elsewhere."""
        interval = tango(self.plus, self.minus, self.n)
        assert interval is not None  # noqa: S101 — there are answers where there are rows.
        return interval[self.upper]

    def result(self, first_row: int) -> str:
        """Return the formula of the end, where the first step stands in this row."""
        plus, minus, n, _z, _value = self.cells
        last = f"D{first_row + STEPS - 1}"
        return f"IF({plus}={n},1,{last})" if self.upper else f"IF({minus}={n},-1,{last})"

    def rows(self, first_row: int) -> Iterator[tuple[int | Formula, ...]]:
        """Yield the steps: number, low, high, middle, B, q, variance, and the statistic there."""
        plus, minus, n, z, value = self.cells
        figure = (self.plus - self.minus) / self.n
        low, high = (figure, 1.0) if self.upper else (-1.0, figure)
        target = -quantile(0.95) if self.upper else quantile(0.95)
        wanted = f"0-{z}" if self.upper else z
        starts = (value, "1") if self.upper else ("0-1", value)
        for step in range(STEPS):
            row = first_row + step
            if step == 0:
                texts = starts
            else:
                too_low = f"H{row - 1}>{wanted}"
                texts = (
                    f"IF({too_low},D{row - 1},B{row - 1})",
                    f"IF({too_low},C{row - 1},D{row - 1})",
                )
            middle = (low + high) / 2
            b, q, variance, statistic = self._at(middle)
            away = f"({plus}-{minus}-{n}*D{row})"
            yield (
                step + 1,
                Formula(texts[0], low),
                Formula(texts[1], high),
                Formula(f"(B{row}+C{row})/2", middle),
                Formula(f"(2*{n}-{plus}+{minus})*D{row}-{plus}-{minus}", b),
                Formula(
                    f"(SQRT(MAX(0,E{row}^2+8*{n}*{minus}*D{row}*(1-D{row})))-E{row})/(4*{n})", q
                ),
                Formula(f"{n}*(2*F{row}+D{row}*(1-D{row}))", variance),
                Formula(f"IF(G{row}>0,{away}/SQRT(MAX(G{row},1E-300)),{away}*1E+9)", statistic),
            )
            if statistic > target:
                low = middle
            else:
                high = middle

    def _at(self, delta: float) -> tuple[float, float, float, float]:
        plus, minus, n = self.plus, self.minus, self.n
        b = (2 * n - plus + minus) * delta - plus - minus
        root = max(0.0, b * b + 8 * n * minus * delta * (1 - delta)) ** 0.5
        q = (root - b) / (4 * n)
        variance = n * (2 * q + delta * (1 - delta))
        away = plus - minus - n * delta
        return b, q, variance, away / variance**0.5 if variance > 0 else away * 1e9
