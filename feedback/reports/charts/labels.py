"""Finds places for names beside their dots, so that no name lies on another."""

from collections.abc import Sequence
from dataclasses import dataclass

# Right, left, above and below, then further off, where a line leads to the dot.
_DISTANCES = (0, 16, 32, 48)


@dataclass(frozen=True)
class Box:
    """An upright rectangle, y growing downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Tell whether the two have a point in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: "Box") -> bool:
        """Tell whether all of it lies in the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


def around(x: float, y: float, reach: float) -> Box:
    """Return the square about a dot."""
    return Box(x - reach, y - reach, x + reach, y + reach)


def placed(
    anchors: Sequence[tuple[float, float]],
    widths: Sequence[float],
    height: float,
    room: Box,
    dots: Sequence[tuple[float, float]],
    reach: float,
) -> list[tuple[Box, bool] | None]:
    """Return where each name goes and whether it lies far off from its anchor; None without room.

    There is a width for each name, and an anchor besides for each dot that must stay free. Names
    keep clear of each other and of all anchors, and of the other dots where they can. The
    first anchors choose first.
    """
    named = [around(x, y, reach + 1) for x, y in anchors]
    others = [around(x, y, reach / 2) for x, y in dots]
    taken: list[Box] = []
    found: list[tuple[Box, bool] | None] = []
    for (x, y), width in zip(anchors, widths, strict=False):
        best: tuple[int, int, Box] | None = None
        for number, box in enumerate(_places(x, y, width, height, reach)):
            if not box.within(room) or any(box.meets(one) for one in (*taken, *named)):
                continue
            covered = sum(1 for dot in others if box.meets(dot))
            if best is None or covered < best[0]:
                best = (covered, number, box)
            if covered == 0:
                break
        if best is None:
            found.append(None)
            continue
        taken.append(best[2])
        found.append((best[2], best[1] >= _NEAR))
    return found


_NEAR = 4


def _places(x: float, y: float, width: float, height: float, reach: float) -> list[Box]:
    aside = reach + 3
    places = []
    for further in _DISTANCES:
        near = aside + further * 0.5
        for left, top in (
            (x + near, y - height / 2),
            (x - near - width, y - height / 2),
            (x - width / 2, y - aside - height - further),
            (x - width / 2, y + aside + further),
            *(
                (x + side, y + up)
                for side in (near, -near - width)
                for up in (-height - further, further)
                if further
            ),
        ):
            places.append(Box(left, top, left + width, top + height))
    return places
