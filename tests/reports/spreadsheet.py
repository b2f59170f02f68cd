"""A spreadsheet small enough to be read: it calculates what our own formulas are made of."""

import math
import re
from collections.abc import Callable, Sequence
from statistics import NormalDist
from string import ascii_uppercase

Value = float | str | None

_CELL = re.compile(r"[A-Z][0-9]+")
_TOKEN = re.compile(
    r"[A-Z]+[0-9]*(?=\()|[A-Z][0-9]+:[A-Z][0-9]+|[A-Z][0-9]+|[0-9.]+(?:E[+-]?[0-9]+)?|\^|=|<>|."
)


class _NotYet(Exception):
    """A cell that is still to be calculated."""


def _plain(raw: object) -> Value:
    try:
        return float(str(raw))
    except ValueError:
        return str(raw)


class Spreadsheet:
    """Rows of cells, of which those beginning with "=" are formulas."""

    def __init__(self, rows: Sequence[Sequence[object]]) -> None:
        self._known: dict[str, Value] = {}
        waiting: dict[str, str] = {}
        for number, row in enumerate(rows, start=1):
            for column, raw in zip(ascii_uppercase, row, strict=False):
                if str(raw).startswith("="):
                    waiting[f"{column}{number}"] = str(raw)[1:]
                elif raw is not None and raw != "":
                    self._known[f"{column}{number}"] = _plain(raw)
        self._waiting = waiting
        while waiting:
            still = dict(waiting)
            for name, formula in still.items():
                try:
                    self._known[name] = self._formula(formula)
                except _NotYet:
                    continue
                del waiting[name]
            assert len(waiting) < len(still), "the formulas go round in a circle"

    def cell(self, name: str) -> Value:
        """Return what a cell shows: a number, a text, or None where it is empty."""
        if name in self._waiting:
            raise _NotYet
        return self._known.get(name)

    def _formula(self, text: str) -> float:
        python = []
        for token in _TOKEN.findall(text):
            if ":" in token:
                python.append(f'span("{token}")')
            elif _CELL.fullmatch(token):
                python.append(f'cell("{token}")')
            elif token in ("^", "=", "<>"):
                python.append({"^": "**", "=": "==", "<>": "!="}[token])
            else:
                python.append(token)
        named: dict[str, object] = {**FUNCTIONS, "cell": self.cell, "span": self.span}
        # Only what our own templates wrote is ever evaluated here, in a test.
        return float(eval("".join(python), {"__builtins__": {}}, named))  # noqa: S307

    def span(self, names: str) -> list[Value]:
        """Return the cells of a column, from the one named first to the one named last."""
        first, last = names.split(":")
        assert first[0] == last[0]
        return [self.cell(f"{first[0]}{row}") for row in range(int(first[1:]), int(last[1:]) + 1)]


def numbers(values: Sequence[Value]) -> list[float]:
    return [value for value in values if isinstance(value, float)]


def sumproduct(*columns: Sequence[Value]) -> float:
    rows = zip(*columns, strict=True)
    return math.fsum(math.prod(v if isinstance(v, float) else 0.0 for v in row) for row in rows)


def countifs(*pairs: Sequence[Value] | float) -> int:
    columns, wanted = pairs[::2], pairs[1::2]
    rows = zip(*columns, strict=True)  # type: ignore[arg-type]
    return sum(1 for row in rows if tuple(row) == tuple(wanted))


FUNCTIONS: dict[str, Callable[..., float]] = {
    "SUM": lambda values: math.fsum(numbers(values)),
    "COUNT": lambda values: len(numbers(values)),
    "SUMPRODUCT": sumproduct,
    "COUNTIF": countifs,
    "COUNTIFS": countifs,
    "SQRT": math.sqrt,
    "MIN": min,
    "MAX": max,
    "NORMSINV": NormalDist().inv_cdf,
    # A spreadsheet works out only the side it takes; here neither side may be impossible.
    "IF": lambda condition, yes, no: yes if condition else no,
}
