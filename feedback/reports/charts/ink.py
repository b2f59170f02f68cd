"""The colours and the looks of lines, in either theme."""

from dataclasses import dataclass

_MARKERS = ("o", "D", "s", "^", "v", "P")
_DASHES: tuple[tuple[float, ...], ...] = ((), (5, 2.5), (1.5, 2), (8, 2.5, 1.5, 2.5), (3, 1.5), ())


@dataclass(frozen=True)
class Style:
    """How a line looks: never by its colour alone."""

    color: str
    marker: str
    dashes: tuple[float, ...]


@dataclass(frozen=True)
class Ink:
    """The colours of one theme, as static/style.css has them; series are told apart by all."""

    surface: str
    ink: str
    soft: str
    line: str
    strong: str
    series: tuple[str, ...]

    @property
    def plain(self) -> Style:
        """Return the look of a sign that is no line's own."""
        return Style(self.soft, _MARKERS[0], ())

    def style(self, number: int) -> Style:
        """Return the look of the line of this number, from 0; the seventh looks as the first."""
        return Style(
            self.series[number % len(self.series)],
            _MARKERS[number % len(_MARKERS)],
            _DASHES[number % len(_DASHES)],
        )


LIGHT = Ink(
    surface="#fffefb",
    ink="#1b2526",
    soft="#4f5a5a",
    line="#ddd8cd",
    strong="#8d8a80",
    series=("#0d5c63", "#b4530a", "#6a4a98", "#2563a8", "#a3265b", "#5f6b12"),
)
DARK = Ink(
    surface="#182021",
    ink="#e8ebe7",
    soft="#aab4b1",
    line="#313c3d",
    strong="#7d8887",
    series=("#7cc9c2", "#f0a860", "#bda4e6", "#86b6f0", "#f09ab8", "#c3cc7a"),
)
