"""The charts have the house's colours, and they can be told from their ground."""

import re
from pathlib import Path

import pytest

from feedback.reports.charts.ink import DARK, LIGHT, Ink

CSS = (Path(__file__).parents[3] / "static" / "style.css").read_text(encoding="utf-8")


def _declared(theme: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", theme))


def _luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "place"), [(LIGHT, 0), (DARK, 1)], ids=["light", "dark"])
def test_the_charts_have_the_colours_of_the_pages(ink: Ink, place: int) -> None:
    declared = _declared(CSS.split(":root {")[place + 1].split("}")[0])
    assert ink.surface == declared["surface"]
    assert ink.ink == declared["ink"]
    assert ink.soft == declared["ink-soft"]
    assert ink.line == declared["line"]
    assert ink.strong == declared["line-strong"]
    assert ink.series[0] == declared["accent"]


@pytest.mark.parametrize("ink", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_and_lines_stand_out_from_the_card(ink: Ink) -> None:
    # Names are written in the colour of their line, so lines are held to the measure of texts.
    for color in (ink.ink, ink.soft, *ink.series):
        assert _contrast(color, ink.surface) >= 4.5, color
    assert _contrast(ink.strong, ink.surface) >= 3


@pytest.mark.parametrize("ink", [LIGHT, DARK], ids=["light", "dark"])
def test_a_seventh_line_looks_like_the_first_and_no_two_before_it_alike(ink: Ink) -> None:
    looks = [ink.style(number) for number in range(6)]
    assert len({look.color for look in looks}) == 6
    assert len({look.marker for look in looks}) == 6
    assert ink.style(6) == ink.style(0)
