"""A sheet to draw on, in pixels and the house's colours; what comes out of it is SVG."""

import io
import threading
from collections.abc import Sequence
from math import nan
from typing import Any, Literal

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from feedback.reports.charts.ink import Ink, Style
from feedback.reports.charts.text import legible

# matplotlib's fonts and settings are shared by all threads; one chart is drawn at a time.
LOCK = threading.Lock()

_PIXELS_PER_INCH = 96
_POINT = 72 / _PIXELS_PER_INCH
_HALF_CAPITAL = 0.36


def box(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    """Return the corners of an upright rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


class Sheet:
    """One picture being drawn; every length and place is in CSS pixels, y growing downwards."""

    def __init__(self, width: float, height: float, ink: Ink) -> None:
        self.width, self.height, self.ink = width, height, ink
        inches = (width / _PIXELS_PER_INCH, height / _PIXELS_PER_INCH)
        self.figure = Figure(figsize=inches)
        # The card behind the picture is its ground, in either theme.
        self.figure.patch.set_visible(False)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set(xlim=(0, width), ylim=(height, 0))
        self._drawn = 0

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        color: str,
        align: Literal["left", "center", "right"] = "left",
        *,
        middle: bool = False,
    ) -> None:
        """Write the text with its baseline at y, or with the middle of its capitals there."""
        baseline = y + size * _HALF_CAPITAL if middle else y
        self.axes.text(
            x, baseline, legible(text), fontsize=size * _POINT, color=color,
            horizontalalignment=align, verticalalignment="baseline", **self._on_top(None),
        )  # fmt: skip

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        color: str,
        width: float,
        *,
        dashes: Sequence[float] = (),
        alpha: float = 1,
        name: str | None = None,
    ) -> None:
        """Draw a line through the places; nan interrupts it."""
        line = Line2D(
            xs, ys, color=color, linewidth=width * _POINT, alpha=alpha, solid_capstyle="butt",
            dash_capstyle="butt", solid_joinstyle="round", **self._on_top(name),
        )  # fmt: skip
        if dashes:
            # matplotlib measures dashes in widths of the line.
            line.set_dashes([length / width for length in dashes])
        self.axes.add_line(line)

    def strokes(
        self, ends: Sequence[tuple[float, float, float, float]], color: str, width: float,
        *, alpha: float = 1, name: str | None = None,
    ) -> None:  # fmt: skip
        """Draw straight strokes (x, y, x, y) in one path."""
        xs = [x for x1, _y1, x2, _y2 in ends for x in (x1, x2, nan)]
        ys = [y for _x1, y1, _x2, y2 in ends for y in (y1, y2, nan)]
        if ends:
            self.line(xs, ys, color, width, alpha=alpha, name=name)

    def area(
        self, corners: Sequence[tuple[float, float]], color: str, name: str, *, alpha: float = 0.15
    ) -> None:
        """Fill the area softly, so that what lies beneath stays visible."""
        area = Polygon(
            corners, facecolor=color, edgecolor="none", alpha=alpha, **self._on_top(name)
        )
        self.axes.add_patch(area)

    def marks(
        self, places: Sequence[tuple[float, float]], style: Style, size: float,
        *, hollow: bool, name: str,
    ) -> None:  # fmt: skip
        """Set the style's mark at each place; hollow ones show the card's colour inside."""
        if not places:
            return
        marks = Line2D(
            [x for x, _y in places],
            [y for _x, y in places],
            linestyle="none",
            marker=style.marker,
            # Squares look larger than circles as wide.
            markersize=size * (0.82 if style.marker in "Ds" else 1) * _POINT,
            markerfacecolor=self.ink.surface if hollow else style.color,
            markeredgecolor=style.color,
            markeredgewidth=(1.5 if hollow else 0.5) * _POINT,
            **self._on_top(name),
        )
        self.axes.add_line(marks)

    def dots(
        self, places: Sequence[tuple[float, float]], color: str, size: float,
        *, name: str, alpha: float = 1,
    ) -> None:  # fmt: skip
        """Set round dots as one path of strokes without length: a third of the bytes of marks."""
        xs = [x for x, _y in places for x in (x, x, nan)]
        ys = [y for _x, y in places for y in (y, y, nan)]
        if places:
            line = Line2D(
                xs, ys, color=color, linewidth=size * _POINT, alpha=alpha,
                solid_capstyle="round", **self._on_top(name),
            )  # fmt: skip
            self.axes.add_line(line)

    def svg(self) -> bytes:
        """Return the picture; the same drawing gives the same bytes, whoever draws it and when."""
        out = io.BytesIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        self.figure.savefig(out, format="svg", metadata=nothing)
        return out.getvalue()

    def _on_top(self, name: str | None) -> dict[str, Any]:
        # matplotlib would sort by kind, all lines over all areas. Here the later lies above.
        self._drawn += 1
        return {"zorder": self._drawn, "clip_on": False, "gid": name}
