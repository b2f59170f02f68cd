"""Lines and words for the tests of charts, and readers of the pictures that come out."""

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from feedback.reports.chart_points import (
    ChartEvent,
    ChartLine,
    ChartPoint,
    ChartScale,
    ChartWords,
    ControlLine,
    ControlWords,
    FunnelWords,
    TrendPoint,
)

CSAT = ChartScale(0, 1, "percent")
NPS = ChartScale(-1, 1, "points")
CES = ChartScale(1, 7, "mean")
SCALES = (CSAT, NPS, CES)

ENGLISH = ChartWords(
    n="n",
    no_answers="No answers",
    too_few="Too few answers to show",
    provisional="Provisional: answers still arriving",
    band="Shaded: 95% interval",
    whisker="Line: 95% interval",
    axis="Axis from {low} to {high}",
)
CHINESE = ChartWords(
    n="份数",
    no_answers="没有答复",
    too_few="答复太少，不予显示",
    provisional="暂定：答复仍在到达",
    band="阴影：95% 区间",
    whisker="细线：95% 区间",
    axis="纵轴从 {low} 到 {high}",
)

CONTROL_ENGLISH = ControlWords(
    ENGLISH,
    centre="Line across: the baseline, {value}",
    limits="Dashed: the limits",
    outside="In a ring: outside the limits",
    run="In a square: one of 8 in a row on one side",
    breaks="Interrupted: a new baseline begins",
)
CONTROL_CHINESE = ControlWords(
    CHINESE,
    centre="横线：基线，{value}",
    limits="虚线：界限",
    outside="圆圈：超出界限",
    run="方框：连续 8 个点在同一侧之一",
    breaks="线中断处重新建立基线",
)
FUNNEL_ENGLISH = FunnelWords(
    answers="Answers",
    nobody="Nobody to show",
    centre="Line across: all together, {value}",
    inner="Dashed: 95 of 100",
    outer="Solid: 998 of 1,000",
    wider="Dotted: wider limits",
    dot="One dot is one person",
    own="You",
    marked="Chosen",
    outside="Ringed: outside",
    more="{number} more are outside",
    axis="Axis from {low} to {high}",
)

_SVG = "{http://www.w3.org/2000/svg}"


def months(count: int) -> list[str]:
    """Return the labels of so many months, from July 2024 on."""
    return [f"{2024 + (6 + i) // 12}-{(6 + i) % 12 + 1:02d}" for i in range(count)]


def weeks(count: int) -> list[str]:
    """Return the labels of so many weeks, from the 27th of 2024 on."""
    return [f"{2024 + (26 + i) // 52}-W{(26 + i) % 52 + 1:02d}" for i in range(count)]


def point(
    label: str = "2026-07",
    value: float | None = 0.8,
    n: int | None = 40,
    *,
    provisional: bool = False,
) -> ChartPoint:
    """Return a point with an interval a tenth to either side."""
    if value is None:
        return ChartPoint(label, n, None, None, None, provisional)
    return ChartPoint(label, n, value, value - 0.1, value + 0.1, provisional)


def gap(label: str) -> ChartPoint:
    """Return a point without answers."""
    return ChartPoint(label, 0, None, None, None)


def hidden(label: str) -> ChartPoint:
    """Return a point this viewer may not see."""
    return ChartPoint(label, None, None, None, None)


def line(
    label: str, labels: list[str], *, scale: ChartScale = CSAT, shift: float = 0.0
) -> ChartLine:
    """Return a line that goes gently up and down within the scale, its last point provisional."""
    wide = scale.highest - scale.lowest
    points = []
    for i, name in enumerate(labels):
        value = round(scale.lowest + wide * (0.7 + shift + 0.1 * math.sin(i)), 6)
        ends = (round(value - wide * 0.08, 6), round(value + wide * 0.06, 6))
        points.append(ChartPoint(name, 30 + i, value, *ends, i == len(labels) - 1))
    return ChartLine(label, tuple(points))


def controlled(
    points: Sequence[ChartPoint], *events: str, limits: float = 0.15, centre: float = 0.8
) -> ControlLine:
    """Return a control chart of these points about one middle, with something in each period."""
    held = tuple(
        TrendPoint(one, centre, None if one.value is None else (centre - limits, centre + limits))
        for one in points
    )
    return ControlLine(
        held, tuple(ChartEvent(place + 0.5, text) for place, text in enumerate(events))
    )


def tree(svg: bytes) -> ET.Element:
    """Return the picture as XML, which it must be."""
    return ET.fromstring(svg)  # noqa: S314


def part(svg: bytes, name: str) -> ET.Element | None:
    """Return the group of that name, or None."""
    return tree(svg).find(f".//{_SVG}g[@id='{name}']")


def strokes(svg: bytes, name: str) -> int:
    """Return in how many strokes the line of that name is drawn: one more for each gap."""
    found = part(svg, name)
    assert found is not None, f"no {name} in the picture"
    return sum(path.get("d", "").count("M") for path in found.iter(f"{_SVG}path"))


def marks(svg: bytes, name: str) -> int:
    """Return how many marks the group of that name has."""
    found = part(svg, name)
    return 0 if found is None else len([*found.iter(f"{_SVG}use")])


def styles(svg: bytes, name: str) -> str:
    """Return every style in the group of that name."""
    found = part(svg, name)
    assert found is not None, f"no {name} in the picture"
    return " ".join(element.get("style", "") for element in found.iter())


def texts(svg: bytes) -> list[str]:
    """Return what is written; matplotlib keeps each text as a comment before its outlines."""
    found = re.findall(r"<!-- (.*?) -->", svg.decode())
    return [text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for text in found]
